using System.Collections.Immutable;
using Pawl.Core.Metrics;

namespace Pawl.Core.Workflows;

/// <summary>A workflow as its author wrote it, every reference to a template resolved, no tag substituted yet.</summary>
/// <remarks>Strings that Argo lets hold a <c>{{tag}}</c> are kept as written; numbers that may hold one are strings too.</remarks>
public sealed record Workflow
{
    public string? Name { get; init; }

    public string? GenerateName { get; init; }

    public ImmutableSortedDictionary<string, string> Labels { get; init; } = NoText;

    public ImmutableSortedDictionary<string, string> Annotations { get; init; } = NoText;

    public required string Entrypoint { get; init; }

    public Arguments Arguments { get; init; } = Arguments.None;

    /// <summary>Its own by name; those referred to elsewhere by <c>namespaced/OBJECT/NAME</c> or <c>cluster/OBJECT/NAME</c>.</summary>
    public required ImmutableSortedDictionary<string, Template> Templates { get; init; }

    /// <summary>The template run once when the entry node has ended, whatever its phase.</summary>
    public string? OnExit { get; init; }

    /// <summary>Of the whole run. One that is named exit counts where there is no <see cref="OnExit"/>.</summary>
    public ImmutableArray<Hook> Hooks { get; init; } = [];

    /// <summary>What runs at the end, its condition left out, which Argo ignores there.</summary>
    public Hook? ExitHandler => OnExit is { } template
        ? new Hook { Name = Hook.Exit, Template = template }
        : Hooks.FirstOrDefault(h => h.IsExit) is { } hook ? hook with { Expression = null } : null;

    /// <summary>Wraps every template that has no retry strategy of its own, steps and dag included, as Argo does.</summary>
    public RetryStrategy? RetryStrategy { get; init; }

    /// <summary>Most leaves running at once in the run; null is no limit of the manifest's own.</summary>
    public int? Parallelism { get; init; }

    public long? ActiveDeadlineSeconds { get; init; }

    public bool Suspend { get; init; }

    /// <summary>Held from before the entry node until the run has ended.</summary>
    public ImmutableArray<LockRef> Locks { get; init; } = [];

    /// <summary>Of the runs that wait for a lock the one with the highest goes first; null counts as 0.</summary>
    public int? Priority { get; init; }

    /// <summary>From stop signal to kill, read from <c>podSpecPatch</c>; null is the default of the run.</summary>
    public TimeSpan? GracePeriod { get; init; }

    /// <summary>Laid over what the templates say of their containers; null is none.</summary>
    public PodPatch? Patch { get; init; }

    public ImmutableArray<HostAlias> HostAliases { get; init; } = [];

    /// <summary>Of <c>volumeClaimTemplates</c> too; a template's own of the same name goes before.</summary>
    public ImmutableArray<Volume> Volumes { get; init; } = [];

    public ImmutableArray<Metric> Metrics { get; init; } = [];

    /// <summary>Labels that expressions give when the run is submitted.</summary>
    public ImmutableSortedDictionary<string, string> LabelsFrom { get; init; } = NoText;

    /// <summary>What a claim of its own holds is kept only where the run did not succeed; else it goes with the run's end.</summary>
    public bool KeepsFailedClaims { get; init; } = true;

    /// <summary>Null where it is to be kept until somebody deletes it.</summary>
    public TimeToLive? TimeToLive { get; init; }

    /// <summary>What becomes of copies under keys of their own, where an artifact does not say.</summary>
    public ArtifactGc ArtifactGc { get; init; }

    /// <summary>The key, with tags and without the file's name, of outputs that name none; null gives them no key.</summary>
    public string? KeyFormat { get; init; }

    /// <summary>Those it may refer to; empty where it refers to none.</summary>
    public ConfigMaps ConfigMaps { get; init; } = ConfigMaps.None;

    internal static ImmutableSortedDictionary<string, string> NoText { get; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
}

/// <summary>For how many seconds a run is worth keeping once it has ended, Argo's <c>ttlStrategy</c>; null is for ever.</summary>
public sealed record TimeToLive(long? AfterCompletion, long? AfterSuccess, long? AfterFailure)
{
    /// <summary>Of an Error only the completion counts (Argo).</summary>
    public long? After(Scheduling.Phase phase) => phase switch
    {
        Scheduling.Phase.Succeeded => AfterSuccess ?? AfterCompletion,
        Scheduling.Phase.Failed => AfterFailure ?? AfterCompletion,
        _ => AfterCompletion,
    };
}

/// <summary>Values handed to a workflow or by a caller to a template.</summary>
public sealed record Arguments(ImmutableArray<Parameter> Parameters, ImmutableArray<Artifact> Artifacts)
{
    public static Arguments None { get; } = new([], []);
}

/// <summary>A named text value; where it comes from depends on the place it stands in.</summary>
public sealed record Parameter(string Name)
{
    /// <summary>May hold tags.</summary>
    public string? Value { get; init; }

    public string? Default { get; init; }

    public ValueFrom? ValueFrom { get; init; }

    public string? GlobalName { get; init; }

    public ImmutableArray<string> Enum { get; init; } = [];
}

/// <summary>Where an output parameter gets its value; exactly one of the sources is set.</summary>
public sealed record ValueFrom
{
    /// <summary>A file of a leaf, one trailing newline removed.</summary>
    public string? Path { get; init; }

    /// <summary>A reference inside steps or dag, such as <c>steps.x.outputs.parameters.y</c>; braces optional.</summary>
    public string? Parameter { get; init; }

    /// <summary>An expression inside steps or dag.</summary>
    public string? Expression { get; init; }

    public bool Supplied { get; init; }

    /// <summary>Arguments of the workflow or of a call, and inputs.</summary>
    public KeyRef? ConfigMapKeyRef { get; init; }

    /// <summary>Used when the source fails.</summary>
    public string? Default { get; init; }
}

/// <summary>A named file or folder that goes into or comes out of a template.</summary>
public sealed record Artifact(string Name)
{
    /// <summary>In the step's own view of the file system; relative paths start at its working folder.</summary>
    public string? Path { get; init; }

    /// <summary>A reference such as <c>{{steps.x.outputs.artifacts.y}}</c>.</summary>
    public string? From { get; init; }

    /// <summary>An expression whose value is an artifact.</summary>
    public string? FromExpression { get; init; }

    /// <summary>Text to lay out as the file, of Argo's <c>raw.data</c>.</summary>
    public string? RawData { get; init; }

    public bool Optional { get; init; }

    /// <summary>Permission bits applied after the file is laid out, 0 to 0o777.</summary>
    public int? Mode { get; init; }

    /// <summary>The mode holds for all that is below the path.</summary>
    public bool RecurseMode { get; init; }

    /// <summary>Of an input what it is loaded from, of an output where it is also written; null is pawl's own store alone.</summary>
    public ArtifactLocation? Location { get; init; }

    /// <summary>What of the artifact is meant: a path below it; null is all.</summary>
    public string? SubPath { get; init; }

    /// <summary>Of what lies at <see cref="Location"/>; null is a tarball to write, and to read whatever is found.</summary>
    public Archive? Archive { get; init; }

    /// <summary>Null is what the workflow says of all.</summary>
    public ArtifactGc? Gc { get; init; }

    public string? GlobalName { get; init; }
}

/// <summary>A reusable piece of a workflow.</summary>
public sealed record Template
{
    /// <summary>As its author named it; empty of a template that is written inside a call.</summary>
    public required string Name { get; init; }

    public Inputs Inputs { get; init; } = Inputs.None;

    public Outputs Outputs { get; init; } = Outputs.None;

    public RetryStrategy? RetryStrategy { get; init; }

    /// <summary>Steps and dag only: most direct children active at once.</summary>
    public int? Parallelism { get; init; }

    /// <summary>Steps and dag only: after the first direct child that is Failed or Error nothing new is started in it.</summary>
    public bool FailFast { get; init; }

    /// <summary>Of a template written inside a call: the tags in it that may mean something to its caller, whose values it then has.</summary>
    public ImmutableArray<string> CallerTags { get; init; } = [];

    /// <summary>Leaves only; a whole number of seconds or a tag. Counts for each attempt.</summary>
    public string? ActiveDeadlineSeconds { get; init; }

    /// <summary>Leaves only; a duration that may hold tags. Counts from the start of the node, waiting for a lock included.</summary>
    public string? Timeout { get; init; }

    /// <summary>Leaves only; a duration that may hold tags. Counts while the node is Pending.</summary>
    public string? PendingTimeout { get; init; }

    /// <summary>Held from the start of a node until it is fulfilled, all below it and all its tries included.</summary>
    public ImmutableArray<LockRef> Locks { get; init; } = [];

    /// <summary>Null where nothing of it is kept for later calls.</summary>
    public Memoize? Memoize { get; init; }

    /// <summary>From stop signal to kill, read from <c>podSpecPatch</c>.</summary>
    public TimeSpan? GracePeriod { get; init; }

    /// <summary>Leaves only: laid over that of the workflow.</summary>
    public PodPatch? Patch { get; init; }

    /// <summary>Leaves only; of the same address those of the workflow count too.</summary>
    public ImmutableArray<HostAlias> HostAliases { get; init; } = [];

    public ImmutableSortedDictionary<string, string> Annotations { get; init; } = Workflow.NoText;

    public ImmutableArray<Volume> Volumes { get; init; } = [];

    /// <summary>Leaves only: those who wait for it go on as soon as it is ready, and it is stopped when what encloses it is through.</summary>
    public bool IsDaemon { get; init; }

    public ImmutableArray<Metric> Metrics { get; init; } = [];

    public required TemplateBody Body { get; init; }

    public bool IsLeaf => Body is TemplateBody.Leaf;
}

public sealed record Inputs(ImmutableArray<Parameter> Parameters, ImmutableArray<Artifact> Artifacts)
{
    public static Inputs None { get; } = new([], []);
}

public sealed record Outputs(ImmutableArray<Parameter> Parameters, ImmutableArray<Artifact> Artifacts)
{
    public static Outputs None { get; } = new([], []);
}

/// <summary>What a template does.</summary>
public abstract record TemplateBody
{
    private TemplateBody() { }

    /// <summary>A program: Argo's <c>container</c>, or <c>script</c> when <see cref="Source"/> is set.</summary>
    public sealed record Leaf(Container Container, string? Source) : TemplateBody
    {
        /// <summary>Run in place of <see cref="Container"/>, which is empty then; null of all other leaves.</summary>
        public ContainerSet? Set { get; init; }

        /// <summary>Run one after another before it.</summary>
        public ImmutableArray<NamedContainer> Init { get; init; } = [];

        /// <summary>Run beside it, and stopped when it has ended.</summary>
        public ImmutableArray<NamedContainer> Sidecars { get; init; } = [];

        /// <summary>Those that run at the same time.</summary>
        public IEnumerable<Container> Together => (Set is { } set ? set.Members.Select(m => m.Container) : [Container]).Concat(Sidecars.Select(s => s.Container));

        /// <summary>Kubernetes' rule for what all of it asks for: the sum of those that run at the same time, or the most of one before them.</summary>
        public Resources Resources => Init.Aggregate(
            Together.Select(c => c.Resources).Aggregate((a, b) => a.Plus(b)),
            (most, before) => most.Or(before.Container.Resources));

        /// <summary>Made by the supervisor itself, in place of a program.</summary>
        public HttpCall? Http { get; init; }

        /// <summary>Made by the supervisor itself, in place of a program.</summary>
        public KeyListing? Keys { get; init; }
    }

    /// <summary>Groups one after another; the calls of a group start together.</summary>
    public sealed record Steps(ImmutableArray<ImmutableArray<Call>> Groups) : TemplateBody
    {
        private Dictionary<string, (Call Call, int Group)> ByName => field ??= Groups
            .SelectMany((calls, group) => calls.Select(call => (Call: call, Group: group)))
            .ToDictionary(c => c.Call.Name, StringComparer.Ordinal);

        public Call CallNamed(string name) => ByName[name].Call;

        /// <returns>Index of the group a step belongs to; null where there is no such step.</returns>
        public int? GroupOf(string name) => ByName.TryGetValue(name, out var found) ? found.Group : null;
    }

    /// <param name="Target">May hold tags; a node then says what they gave.</param>
    /// <param name="FailFast">Ends when a target is bad though others, held back by the workflow's parallelism, have not begun.</param>
    public sealed record Dag(ImmutableArray<Call> Tasks, string? Target, bool FailFast) : TemplateBody
    {
        /// <summary>Worked out once: a template is started many times. Of no use where the target holds tags.</summary>
        public DagPlan Plan => field ??= new DagPlan(Tasks, Target);
    }

    /// <summary>Waits for a resume, or for <see cref="Duration"/> (seconds or a Go duration) when given.</summary>
    public sealed record Suspend(string? Duration) : TemplateBody;
}

/// <summary>A step of <c>steps</c> or a task of <c>dag</c>: a template called with arguments.</summary>
public sealed record Call
{
    public required string Name { get; init; }

    public required string Template { get; init; }

    public Arguments Arguments { get; init; } = Arguments.None;

    public string? When { get; init; }

    /// <summary>Null where the call is made once. An empty list of items is no loop (Argo).</summary>
    public Loop? Loop { get; init; }

    public bool ContinueOnFailed { get; init; }

    public bool ContinueOnError { get; init; }

    /// <summary>dag only: names of tasks, each of which must have Succeeded or been Skipped.</summary>
    public ImmutableArray<string> Dependencies { get; init; } = [];

    /// <summary>dag only, in place of dependencies: what must be so of other tasks.</summary>
    public DependsExpr? Depends { get; init; }

    /// <summary>What is called beside each node that the call makes, one for each item.</summary>
    public ImmutableArray<Hook> Hooks { get; init; } = [];
}

/// <summary>A container as far as one machine can honour it.</summary>
public sealed record Container
{
    public string? Image { get; init; }

    /// <summary>Kubernetes' <c>imagePullPolicy</c>; null is to fetch what is missing.</summary>
    public string? PullPolicy { get; init; }

    public ImmutableArray<string> Command { get; init; } = [];

    public ImmutableArray<string> Args { get; init; } = [];

    public ImmutableArray<EnvVar> Env { get; init; } = [];

    /// <summary>Those whose values are kept elsewhere. A variable of <see cref="Env"/> wins over one of the same name.</summary>
    public ImmutableArray<EnvSource> EnvFrom { get; init; } = [];

    public string? WorkingDir { get; init; }

    public Resources Resources { get; init; } = Resources.None;

    /// <summary>Done as soon as it runs; where that fails the container is killed. Null is none.</summary>
    public ContainerAction? PostStart { get; init; }

    /// <summary>Done before the stop signal; its time is part of the grace period. Null is none.</summary>
    public ContainerAction? PreStop { get; init; }

    /// <summary>When a daemon is ready; null is as soon as it runs.</summary>
    public Probe? Ready { get; init; }

    /// <summary>Kubernetes' <c>tty</c>: its standard streams are a terminal, at which nobody types.</summary>
    public bool HasTerminal { get; init; }

    public ImmutableArray<VolumeMount> VolumeMounts { get; init; } = [];
}

public sealed record EnvVar(string Name, string Value);

/// <summary>cpu in thousandths of a core, memory in bytes; null where the manifest sets none.</summary>
public sealed record Resources(long? CpuRequest, long? CpuLimit, long? MemoryRequest, long? MemoryLimit)
{
    public static Resources None { get; } = new(null, null, null, null);

    /// <summary>Of whichever make. What is requested and what is the limit are the same to Kubernetes.</summary>
    public long? Gpus { get; init; }

    // What asks for nothing but has a limit asks for that.
    internal Resources Plus(Resources other) => new(
        Sum(CpuRequest ?? CpuLimit, other.CpuRequest ?? other.CpuLimit), Sum(CpuLimit, other.CpuLimit),
        Sum(MemoryRequest ?? MemoryLimit, other.MemoryRequest ?? other.MemoryLimit), Sum(MemoryLimit, other.MemoryLimit))
    {
        Gpus = Sum(Gpus, other.Gpus),
    };

    internal Resources Or(Resources other) => new(
        Most(CpuRequest ?? CpuLimit, other.CpuRequest ?? other.CpuLimit), Most(CpuLimit, other.CpuLimit),
        Most(MemoryRequest ?? MemoryLimit, other.MemoryRequest ?? other.MemoryLimit), Most(MemoryLimit, other.MemoryLimit))
    {
        Gpus = Most(Gpus, other.Gpus),
    };

    private static long? Sum(long? a, long? b) => a is null ? b : b is null ? a : a > long.MaxValue - b ? long.MaxValue : a + b;

    private static long? Most(long? a, long? b) => a is null || b > a ? b : a;
}

/// <summary>Argo's <c>retryStrategy</c>.</summary>
public sealed record RetryStrategy
{
    /// <summary>Retries after the first attempt: a whole number or a tag; null is no limit.</summary>
    public string? RetryLimit { get; init; }

    public RetryPolicy Policy { get; init; } = RetryPolicy.OnFailure;

    public Backoff? Backoff { get; init; }

    /// <summary>Must hold for another try, after all else has allowed it; may hold tags.</summary>
    public string? Expression { get; init; }
}

public enum RetryPolicy
{
    OnFailure,
    OnError,
    Always,
    OnTransientError,
}

/// <summary>The wait before a retry, as written: durations are whole seconds or Go durations, any may hold a tag.</summary>
/// <param name="Factor">A number; Argo takes whole ones only, pawl fractions too (lint gives a notice).</param>
public sealed record Backoff(string? Duration, string? Factor, string? Cap, string? MaxDuration);
