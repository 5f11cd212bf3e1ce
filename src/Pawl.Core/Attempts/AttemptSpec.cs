using System.Collections.Immutable;
using Pawl.Core.Checkpoints;
using Pawl.Core.Workflows;

namespace Pawl.Core.Attempts;

/// <summary>All that a supervisor needs to run one attempt: the content of <c>spec.json</c>. Nothing in it is a recipe but the command.</summary>
public sealed record AttemptSpec
{
    /// <summary>The newest layout this program writes; a reader refuses a higher one.</summary>
    public const int CurrentSchema = 2;

    /// <summary>Of a step with one process, which every pawl can run.</summary>
    public const int PlainSchema = 1;

    /// <summary>The name of the container whose outputs and result are the step's.</summary>
    public const string Main = "main";

    public const string PauseBefore = "ARGO_DEBUG_PAUSE_BEFORE";

    public const string PauseAfter = "ARGO_DEBUG_PAUSE_AFTER";

    public int Schema { get; init; } = PlainSchema;

    /// <summary>The run's uid: the one id through everything.</summary>
    public required string RunId { get; init; }

    /// <summary>The run's name, a label for people.</summary>
    public required string RunName { get; init; }

    /// <summary>Full node name, retry suffix included.</summary>
    public required string Node { get; init; }

    /// <summary>The step key: the node's name without its own retry suffix. Its chain belongs to all its retries and attempts.</summary>
    public required string Step { get; init; }

    /// <summary>From 1.</summary>
    public required int Attempt { get; init; }

    /// <summary>Sequence number of the journal event that caused this attempt.</summary>
    public required long Sequence { get; init; }

    public required string Template { get; init; }

    /// <summary>SHA-256 in hex over what decides the outputs; entries of another fingerprint are not reused.</summary>
    public required string Fingerprint { get; init; }

    public string? Image { get; init; }

    /// <summary>Null is a process of this machine; else what starts the image.</summary>
    public string? Executor { get; init; }

    /// <summary>Kubernetes' word for when an image is fetched; null is when it is missing.</summary>
    public string? PullPolicy { get; init; }

    public ImmutableArray<string> Command { get; init; } = [];

    public ImmutableArray<string> Args { get; init; } = [];

    /// <summary>Absolute folders searched for programs before the inherited PATH: what stands for the image's own.</summary>
    public ImmutableArray<string> Path { get; init; } = [];

    /// <summary>A script's text; it is written to a file whose path is appended to the command.</summary>
    public string? Source { get; init; }

    public ImmutableArray<EnvVar> Env { get; init; } = [];

    /// <summary>Variables whose values the supervisor looks up itself; the spec has their names only.</summary>
    public ImmutableArray<EnvSource> Secrets { get; init; } = [];

    public string? WorkingDir { get; init; }

    public ImmutableArray<InputFile> Inputs { get; init; } = [];

    public ImmutableArray<OutputParameter> OutputParameters { get; init; } = [];

    public ImmutableArray<OutputFile> OutputArtifacts { get; init; } = [];

    /// <summary>Counted from the start of the process; null is none.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>From stop signal to kill.</summary>
    public required TimeSpan GracePeriod { get; init; }

    /// <summary>Done before the stop signal, inside the grace period; null is none.</summary>
    public ContainerAction? PreStop { get; init; }

    /// <summary>Bytes; null is none.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>Thousandths of a core; null is none.</summary>
    public long? CpuLimit { get; init; }

    /// <summary>What all its containers together ask of the machine.</summary>
    public Needs Needs { get; init; }

    /// <summary>What the template's <c>timeout</c> left when the attempt began: to be spent on the wait for what it asks as well. Null is no limit.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>Numbers of the GPUs that it has, from 0; empty where it asks for none. Known only when it starts, and so not in <c>spec.json</c>.</summary>
    public ImmutableArray<int> Gpus { get; init; } = [];

    public CheckpointPolicy Checkpoints { get; init; } = CheckpointPolicy.Default;

    /// <summary>The manifest's folder as submitted, laid out in the working folder; null is none.</summary>
    public ArtifactRef? Snapshot { get; init; }

    /// <summary>Volumes that the command sees; empty is none.</summary>
    public ImmutableArray<Mount> Mounts { get; init; } = [];

    /// <summary>Done as soon as the command runs; null is none.</summary>
    public ContainerAction? PostStart { get; init; }

    /// <summary>When a daemon is ready; null is as soon as it runs.</summary>
    public Probe? Ready { get; init; }

    /// <summary>The standard streams of the command are a terminal.</summary>
    public bool HasTerminal { get; init; }

    /// <summary>Those who wait for it go on as soon as it is ready.</summary>
    public bool IsDaemon { get; init; }

    /// <summary>Run one after another before the command.</summary>
    public ImmutableArray<ContainerSpec> Init { get; init; } = [];

    /// <summary>Run in place of the command, which is empty then; the one named <see cref="Main"/> stands for the step.</summary>
    public ImmutableArray<ContainerSpec> Set { get; init; } = [];

    /// <summary>Runs of a member of the set in all; null is one.</summary>
    public SetRuns? SetRuns { get; init; }

    /// <summary>Run beside the command, and stopped when it has ended.</summary>
    public ImmutableArray<ContainerSpec> Sidecars { get; init; } = [];

    public ImmutableArray<HostAlias> HostAliases { get; init; } = [];

    /// <summary>It needs more than to start one process and wait for its end.</summary>
    public bool IsPod => IsDaemon || PostStart is not null || !Init.IsEmpty || !Set.IsEmpty || !Sidecars.IsEmpty || Env.Any(IsPause);

    /// <summary>Argo's variables that hold a container before its start and after its end.</summary>
    public static bool IsPause(EnvVar variable) => variable.Name is PauseBefore or PauseAfter && variable.Value == "true";

    /// <summary>The step as its main container is told of it; of a set without one, as it is.</summary>
    public AttemptSpec OfMain => Set.FirstOrDefault(c => c.Name == Main) is { } main ? Of(main) : this;

    /// <summary>The step as one of its containers is told of it: with its command, and with the step's inputs and outputs only where it is the main one.</summary>
    public AttemptSpec Of(ContainerSpec container) => this with
    {
        Image = container.Image,
        PullPolicy = container.PullPolicy,
        Command = container.Command,
        Args = container.Args,
        Path = container.Path,
        Source = null,
        Env = container.Env,
        Secrets = container.Secrets,
        WorkingDir = container.WorkingDir,
        MemoryLimit = container.MemoryLimit,
        CpuLimit = container.CpuLimit,
        Mounts = container.Mounts,
        PostStart = container.PostStart,
        PreStop = container.PreStop,
        Ready = container.Ready,
        HasTerminal = container.HasTerminal,
        Inputs = container.Name == Main ? Inputs : [],
        OutputParameters = container.Name == Main ? OutputParameters : [],
        OutputArtifacts = container.Name == Main ? OutputArtifacts : [],
    };

    /// <summary>A request that the supervisor makes in place of the command; null is none.</summary>
    public HttpCall? Http { get; init; }

    /// <summary>Keys that the supervisor lists in place of the command; null is none.</summary>
    public KeyListing? Keys { get; init; }
}

/// <summary>One of several containers of a step.</summary>
public sealed record ContainerSpec
{
    public required string Name { get; init; }

    public string? Image { get; init; }

    public string? PullPolicy { get; init; }

    public ImmutableArray<string> Command { get; init; } = [];

    public ImmutableArray<string> Args { get; init; } = [];

    public ImmutableArray<string> Path { get; init; } = [];

    public ImmutableArray<EnvVar> Env { get; init; } = [];

    public ImmutableArray<EnvSource> Secrets { get; init; } = [];

    public string? WorkingDir { get; init; }

    /// <summary>Bytes; null is none.</summary>
    public long? MemoryLimit { get; init; }

    /// <summary>Thousandths of a core; null is none.</summary>
    public long? CpuLimit { get; init; }

    public ImmutableArray<Mount> Mounts { get; init; } = [];

    public ContainerAction? PostStart { get; init; }

    public ContainerAction? PreStop { get; init; }

    public Probe? Ready { get; init; }

    public bool HasTerminal { get; init; }

    /// <summary>Members of the same set that must have ended with 0 before.</summary>
    public ImmutableArray<string> Dependencies { get; init; } = [];
}

/// <param name="Most">Runs in all, from 1.</param>
/// <param name="Wait">Before each but the first.</param>
public sealed record SetRuns(int Most, TimeSpan Wait);

/// <summary>A volume that the command sees at <paramref name="Path"/>.</summary>
/// <param name="Volume">Its name in the manifest.</param>
/// <param name="From">The path of a <see cref="MountKind.HostPath"/>, the name of a claim; else empty.</param>
/// <param name="SubPath">What of the volume is seen there; null is all.</param>
public sealed record Mount(string Volume, MountKind Kind, string From, string Path, string? SubPath, bool ReadOnly)
{
    /// <summary>Of <see cref="MountKind.Files"/>: what is in it.</summary>
    public ImmutableArray<MountedFile> Files { get; init; } = [];
}

/// <summary>A file that is made for a mount; its text is given, or is that of a secret.</summary>
/// <param name="Path">Relative to the volume; of all keys of a secret the folder they are in.</param>
/// <param name="Secret">Name of a secret, in place of a text.</param>
/// <param name="Key">Of the secret; null is every key.</param>
/// <param name="Optional">A secret that is not there is no error.</param>
public sealed record MountedFile(string Path, string? Text, string? Secret, string? Key, bool Optional, int? Mode);

public enum MountKind
{
    EmptyDir,

    /// <summary>A file or folder of the machine that must be there.</summary>
    HostPath,

    /// <summary>What is there on the machine; a folder, made, where nothing is.</summary>
    HostFolder,

    /// <summary>A folder of the home, for all runs.</summary>
    Claim,

    /// <summary>A folder of the run, for all its steps.</summary>
    RunClaim,

    /// <summary>Texts, each a file.</summary>
    Files,
}

/// <summary>An input to lay out at <paramref name="Path"/>: a stored artifact, or the text of a raw one.</summary>
public sealed record InputFile(string Name, string Path, ArtifactRef? Stored, string? RawData, int? Mode)
{
    /// <summary>Where it is loaded from, in place of <see cref="Stored"/> and <see cref="RawData"/>.</summary>
    public ArtifactLocation? Location { get; init; }

    /// <summary>Of what lies at <see cref="Location"/>; null unpacks what is a tarball and leaves the rest.</summary>
    public Archive? Archive { get; init; }

    /// <summary>What of it is laid out; null is all.</summary>
    public string? SubPath { get; init; }

    /// <summary>The mode holds for all below the path.</summary>
    public bool RecurseMode { get; init; }
}

/// <summary>A file whose text is an output parameter.</summary>
public sealed record OutputParameter(string Name, string Path, string? Default);

public sealed record OutputFile(string Name, string Path, bool Optional, int? Mode)
{
    /// <summary>Where a copy is written for others to read; null is nowhere.</summary>
    public ArtifactLocation? Location { get; init; }

    /// <summary>How that copy is packed; null is a tarball.</summary>
    public Archive? Archive { get; init; }
}

/// <summary>A promoted file or folder: where it is and what its bytes must hash to.</summary>
/// <param name="Key">Key in the artifact repository; for a folder the prefix of its files.</param>
/// <param name="Sha256">Lower-case hex; of a file its bytes, of a folder its listing (paths, modes, digests, in order).</param>
/// <param name="Size">Bytes, summed over a folder.</param>
/// <param name="Mode">Permission bits of a file.</param>
public sealed record ArtifactRef(string Key, string Sha256, long Size, ArtifactKind Kind, int Mode);

public enum ArtifactKind
{
    File,
    Folder,
}
