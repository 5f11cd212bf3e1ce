using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Pawl.Core.Attempts;
using Pawl.Core.Metrics;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>A fact of a run, past tense. Events carry results, never recipes: applying one evaluates nothing.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Submitted), "Submitted")]
[JsonDerivedType(typeof(Opened), "Opened")]
[JsonDerivedType(typeof(NodeStarted), "NodeStarted")]
[JsonDerivedType(typeof(NodeSkipped), "NodeSkipped")]
[JsonDerivedType(typeof(LocksAsked), "LocksAsked")]
[JsonDerivedType(typeof(LocksTaken), "LocksTaken")]
[JsonDerivedType(typeof(LocksBusy), "LocksBusy")]
[JsonDerivedType(typeof(Recalled), "Recalled")]
[JsonDerivedType(typeof(NodeMade), "NodeMade")]
[JsonDerivedType(typeof(AttemptStarted), "AttemptStarted")]
[JsonDerivedType(typeof(AttemptEnded), "AttemptEnded")]
[JsonDerivedType(typeof(AttemptPostponed), "AttemptPostponed")]
[JsonDerivedType(typeof(BackoffBegan), "BackoffBegan")]
[JsonDerivedType(typeof(NodeEnded), "NodeEnded")]
[JsonDerivedType(typeof(NodeSettled), "NodeSettled")]
[JsonDerivedType(typeof(DaemonReady), "DaemonReady")]
[JsonDerivedType(typeof(Requested), "Requested")]
[JsonDerivedType(typeof(Paused), "Paused")]
[JsonDerivedType(typeof(Leaving), "Leaving")]
[JsonDerivedType(typeof(Stays), "Stays")]
[JsonDerivedType(typeof(Hinted), "Hinted")]
[JsonDerivedType(typeof(PreemptionBegan), "PreemptionBegan")]
[JsonDerivedType(typeof(Suspended), "Suspended")]
[JsonDerivedType(typeof(Resumed), "Resumed")]
[JsonDerivedType(typeof(ShutdownBegan), "ShutdownBegan")]
[JsonDerivedType(typeof(GateSupplied), "GateSupplied")]
[JsonDerivedType(typeof(Retried), "Retried")]
[JsonDerivedType(typeof(MetricsEmitted), "MetricsEmitted")]
[JsonDerivedType(typeof(RunEnded), "RunEnded")]
public abstract record RunEvent(DateTimeOffset At)
{
    /// <summary>The run exists. Everything a later engine on another machine must know that the manifest does not say.</summary>
    /// <param name="ManifestSha256">Of <c>manifest.yaml</c> as submitted, lower-case hex.</param>
    /// <param name="Parameters">The workflow's parameters, defaults and overrides resolved.</param>
    /// <param name="Snapshot">The manifest's folder; null where there was nothing to take.</param>
    public sealed record Submitted(
        DateTimeOffset At,
        string RunId,
        string Name,
        string File,
        string ManifestSha256,
        ImmutableSortedDictionary<string, string> Parameters,
        ArtifactRef? Snapshot,
        RunLimits Limits,
        string Executor) : RunEvent(At)
    {
        /// <summary>What stands for container images, by <see cref="LocalImages.Key"/>; null is nothing.</summary>
        public ImmutableSortedDictionary<string, LocalImage>? Images { get; init; }

        /// <summary>Of what the run refers to beside its manifest, frozen in <c>references.json</c>, lower-case hex; null where it refers to nothing.</summary>
        public string? ReferencesSha256 { get; init; }

        /// <summary>Which of the Workflows in the manifest it is, from 0; null is the first.</summary>
        public int? Document { get; init; }

        /// <summary>False where the manifest was read as Argo's <c>--strict=false</c> reads it; null is true.</summary>
        public bool? Strict { get; init; }

        /// <summary>Names of the parameters as they were declared, those of the command line first; null in journals that did not keep it.</summary>
        public ImmutableArray<string>? ParameterOrder { get; init; }

        /// <summary>Labels beside those of the manifest; null is none.</summary>
        public ImmutableSortedDictionary<string, string>? Labels { get; init; }

        /// <summary>True where nothing is taken from what earlier runs kept; null is false.</summary>
        public bool? NoCache { get; init; }

        /// <summary>Uid of the run that this one repeats; null of any other.</summary>
        public string? Parent { get; init; }

        /// <summary>By step without the run's name: leaves that are not run again; null is none.</summary>
        public ImmutableSortedDictionary<string, OriginalLeaf>? Originals { get; init; }
    }

    /// <summary>An engine took the run and goes on with it; a pause is over.</summary>
    public sealed record Opened(DateTimeOffset At, string Host, string Version) : RunEvent(At);

    /// <param name="Fanouts">Of a group: what it is to start; null of everything else.</param>
    public sealed record NodeStarted(
        DateTimeOffset At,
        NodeId Id,
        string DisplayName,
        NodeType Kind,
        string Template,
        NodeId? Parent,
        NodeId? Boundary,
        string Call,
        Bound Inputs,
        ImmutableArray<Fanout>? Fanouts,
        DateTimeOffset? WakeAt,
        bool Hooked) : RunEvent(At)
    {
        /// <summary>Of a group in journals of before there were fan-outs: every child by itself.</summary>
        public ImmutableArray<Start>? Starts { get; init; }

        /// <summary>Of a dag whose target held tags: what they gave.</summary>
        public string? Target { get; init; }

        /// <summary>Of a hook: its name.</summary>
        public string? Hook { get; init; }

        /// <summary>Of a hook of a node: that node.</summary>
        public NodeId? Owner { get; init; }

        /// <summary>True where the call has hooks: its parent is then told by <see cref="NodeSettled"/>.</summary>
        public bool? HasHooks { get; init; }

        /// <summary>True where one of its hooks asks about other calls.</summary>
        public bool? Watches { get; init; }

        /// <summary>It is Pending until it has these; null is none.</summary>
        public ImmutableArray<LockKey>? Locks { get; init; }

        /// <summary>It is Pending until somebody has looked whether its outputs are there; null is nowhere.</summary>
        public MemoKey? Memo { get; init; }
    }

    /// <summary>A node that never ran: Skipped, Omitted, or Error where its inputs could not be resolved.</summary>
    public sealed record NodeSkipped(
        DateTimeOffset At,
        NodeId Id,
        string DisplayName,
        string Template,
        NodeId? Parent,
        NodeId? Boundary,
        string Call,
        Phase Phase,
        string Message,
        bool Hooked) : RunEvent(At)
    {
        /// <summary>Of a hook: its name.</summary>
        public string? Hook { get; init; }

        /// <summary>Of a hook of a node: that node.</summary>
        public NodeId? Owner { get; init; }
    }

    /// <summary>The run itself asks for locks, and is Pending until it has them.</summary>
    public sealed record LocksAsked(DateTimeOffset At, ImmutableArray<LockKey> Locks) : RunEvent(At);

    /// <summary>All the locks that were asked for were given.</summary>
    /// <param name="Node">Null where the run itself is the holder.</param>
    /// <param name="WakeAt">Of a suspend node: when it goes on by itself.</param>
    public sealed record LocksTaken(DateTimeOffset At, NodeId? Node, DateTimeOffset? WakeAt) : RunEvent(At);

    /// <summary>They were not, and why; only where that is something new.</summary>
    /// <param name="Node">Null where the run itself is the holder.</param>
    public sealed record LocksBusy(DateTimeOffset At, NodeId? Node, string Message) : RunEvent(At);

    /// <summary>Somebody has looked for the outputs of a node that are kept.</summary>
    /// <param name="Hit">They are there, and the node ends with them.</param>
    /// <param name="WakeAt">Of a suspend node: when it goes on by itself.</param>
    public sealed record Recalled(DateTimeOffset At, NodeId Id, bool Hit, DateTimeOffset? WakeAt) : RunEvent(At)
    {
        /// <summary>Of a cache by content: under what the outputs are kept; null where nothing of the node is.</summary>
        public string? Key { get; init; }

        /// <summary>Why what is kept was of no use; null where nothing is wrong.</summary>
        public string? Problem { get; init; }
    }

    /// <summary>A node has succeeded, and ends when its outputs are kept for later calls.</summary>
    public sealed record NodeMade(DateTimeOffset At, NodeId Id, NodeOutputs Outputs, int? ExitCode) : RunEvent(At);

    public sealed record AttemptStarted(DateTimeOffset At, NodeId Node, int Number) : RunEvent(At)
    {
        /// <summary>The chance that expressions of its spec see; null is 0, as in journals of before there was any.</summary>
        public ulong? Seed { get; init; }
    }

    public sealed record AttemptEnded(DateTimeOffset At, NodeId Node, int Number, Outcome Outcome) : RunEvent(At);

    /// <summary>The node waits before its next attempt, which spends no retry.</summary>
    public sealed record AttemptPostponed(DateTimeOffset At, NodeId Node, DateTimeOffset Until, string Message) : RunEvent(At);

    /// <summary>A Retry node waits before its next try.</summary>
    public sealed record BackoffBegan(DateTimeOffset At, NodeId Node, DateTimeOffset Until, string Message) : RunEvent(At);

    public sealed record NodeEnded(DateTimeOffset At, NodeId Id, Phase Phase, string Message, NodeOutputs Outputs, int? ExitCode)
        : RunEvent(At)
    {
        /// <summary>Names in the whole workflow, by <see cref="Exports.Key"/>; null is as the template writes them.</summary>
        public ImmutableSortedDictionary<string, string>? Exports { get; init; }
    }

    /// <summary>A daemon runs and is ready: what waits for it goes on, and it runs until what is around it is through.</summary>
    /// <param name="Address">Where others reach it.</param>
    public sealed record DaemonReady(DateTimeOffset At, NodeId Node, int Number, string Address) : RunEvent(At);

    /// <summary>A node with hooks is fulfilled and none of them is open: what waits for it goes on.</summary>
    public sealed record NodeSettled(DateTimeOffset At, NodeId Id) : RunEvent(At);

    /// <summary>A request was read from the inbox; its file may go. What it changed follows in events of its own.</summary>
    public sealed record Requested(DateTimeOffset At, string Name, Request Request) : RunEvent(At);

    /// <summary>Nothing new starts, what runs is stopped and goes on at the next <see cref="Opened"/>.</summary>
    /// <param name="Kill">Without a grace period.</param>
    public sealed record Paused(DateTimeOffset At, bool Kill, string Reason) : RunEvent(At);

    /// <summary>The engine's host goes: nothing new starts, what runs is ended by its own supervisor, and then the run pauses.</summary>
    /// <param name="Notice">Id of the preemption notice.</param>
    /// <param name="Deadline">By then the host may be gone.</param>
    public sealed record Leaving(DateTimeOffset At, string Notice, string Source, DateTimeOffset Deadline, string Message) : RunEvent(At);

    /// <summary>The notice was cancelled, or another engine took the run where there is none.</summary>
    public sealed record Stays(DateTimeOffset At, string Message) : RunEvent(At);

    /// <summary>The host may go, nobody knows when; nothing follows for what is started.</summary>
    public sealed record Hinted(DateTimeOffset At, string Notice, string Source, string Message) : RunEvent(At);

    /// <summary>An attempt was told to go although its host stays: a rehearsal of a preemption.</summary>
    /// <param name="Deadline">By then it is killed.</param>
    public sealed record PreemptionBegan(DateTimeOffset At, NodeId Node, int Number, DateTimeOffset Deadline, string Message) : RunEvent(At);

    /// <summary>Nothing new starts; what runs goes on (Argo's <c>spec.suspend</c>).</summary>
    public sealed record Suspended(DateTimeOffset At) : RunEvent(At);

    public sealed record Resumed(DateTimeOffset At) : RunEvent(At);

    /// <summary>A suspend node was given outputs, or a message, and waits on.</summary>
    public sealed record GateSupplied(DateTimeOffset At, NodeId Id, ImmutableSortedDictionary<string, string> Outputs, string? Message) : RunEvent(At);

    public sealed record ShutdownBegan(DateTimeOffset At, Shutdown Strategy, string Message) : RunEvent(At);

    /// <summary>A finished run was opened again: some nodes are gone, those around them run on.</summary>
    /// <param name="Anew">Steps that run again although they had succeeded; null is none.</param>
    public sealed record Retried(DateTimeOffset At, ImmutableArray<NodeId> Removed, ImmutableArray<NodeId> Reset, ImmutableArray<NodeId>? Anew = null) : RunEvent(At);

    /// <summary>A node, or the run, gave its metrics.</summary>
    /// <param name="Node">Null of the run itself.</param>
    /// <param name="Problems">Why others could not be given; null is none.</param>
    public sealed record MetricsEmitted(DateTimeOffset At, NodeId? Node, ImmutableArray<MetricSample> Samples, ImmutableArray<string>? Problems) : RunEvent(At);

    public sealed record RunEnded(DateTimeOffset At, Phase Phase, string Message) : RunEvent(At);
}

public enum Shutdown
{
    /// <summary>Exit handlers still run.</summary>
    Stop,

    /// <summary>Exit handlers do not run.</summary>
    Terminate,

    /// <summary>The workflow's deadline passed; exit handlers still run.</summary>
    Deadline,
}

/// <summary>What the machine and the command line allow a run.</summary>
/// <param name="Slots">Most attempts at once.</param>
/// <param name="CpuMillis">Thousandths of a core to share out among requests.</param>
/// <param name="MemoryBytes">Bytes to share out among requests.</param>
/// <param name="GracePeriod">From stop signal to kill, where the manifest names none.</param>
/// <param name="TransientPattern">A regular expression that makes a message transient; null is Argo's list alone.</param>
public sealed record RunLimits(int Slots, long CpuMillis, long MemoryBytes, TimeSpan GracePeriod, string? TransientPattern)
{
    /// <summary>GPUs to share out among requests; null is none.</summary>
    public int? Gpus { get; init; }
}
