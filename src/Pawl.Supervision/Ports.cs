using System.Collections.Immutable;
using Pawl.Core.Attempts;
using Pawl.Core.Workflows;
using Pawl.Supervision.Mounts;

namespace Pawl.Supervision;

/// <summary>Starts the main process of an attempt inside a container that can be emptied whole, whoever started it.</summary>
public interface IContainment
{
    /// <summary>Ends every process of one attempt, also when its supervisor is long dead, and returns when none is left.</summary>
    /// <param name="attemptFolder">Identifies the container; the folder of the attempt.</param>
    ValueTask EmptyAsync(string attemptFolder);

    /// <summary>Finds out whether a program can be started in a view of its own.</summary>
    /// <returns>Null where it can; else why not, in a few words.</returns>
    ValueTask<string?> WhyNoViewAsync(MountView view) => new("there are no mount views here");

    /// <summary>Starts the program; its output goes to the log and the result buffer.</summary>
    /// <exception cref="StepStartException">The program cannot be started; the message says why.</exception>
    ValueTask<IStepProcess> StartAsync(StepStart start);

    /// <summary>Where other steps reach the containers of an attempt.</summary>
    string Address => "127.0.0.1";

    /// <summary>Does what asks a container over the network.</summary>
    /// <returns>Null of a success; else what went wrong, in a few words.</returns>
    ValueTask<string?> CallAsync(ContainerAction action, CancellationToken stop) => new($"nothing can be asked here: {action.GetType().Name}");
}

/// <summary>What to start.</summary>
/// <param name="Command">Program and arguments, not empty; the program is looked up in the PATH of <paramref name="Environment"/>.</param>
/// <param name="Environment">All of it; nothing else is inherited.</param>
/// <param name="View">What it sees as its file system; null is this machine's. <paramref name="WorkingFolder"/> and <paramref name="Command"/> are in it.</param>
public sealed record StepStart(
    string AttemptFolder,
    string WorkingFolder,
    ImmutableArray<string> Command,
    ImmutableArray<EnvVar> Environment,
    long? MemoryLimit,
    long? CpuLimit,
    LogLabels Labels,
    MountView? View = null)
{
    /// <summary>Its name among the containers of the step; names its log.</summary>
    public string Container { get; init; } = AttemptSpec.Main;

    /// <summary>Its standard streams are a terminal.</summary>
    public bool HasTerminal { get; init; }

    /// <summary>The step has more than one container, each held together by itself.</summary>
    public bool HasOthers { get; init; }

    /// <summary>Started by a container engine, from an image; null is a process of this machine.</summary>
    public ImageStart? Image { get; init; }

    /// <summary>Identifies the container among those of all steps; holds its own files.</summary>
    public string Folder => AttemptFiles.ContainerFolder(AttemptFolder, Container);
}

/// <summary>What every log line of an attempt is about.</summary>
public sealed record LogLabels(string RunId, string Node, int Attempt);

public interface IStepProcess : IAsyncDisposable
{
    int Pid { get; }

    /// <summary>What holds its processes together, such as <c>cgroup2</c>.</summary>
    string Containment { get; }

    /// <summary>Completes when the main process has ended, whatever still runs beside it.</summary>
    Task<ProcessEnd> Ended { get; }

    /// <summary>How the containers of a step that has several ended; empty of one process.</summary>
    ImmutableArray<ContainerEnd> Containers => [];

    /// <summary>Adds a line of pawl's own to the log.</summary>
    void Note(string text);

    /// <summary>SIGTERM to the main process, and through a shell to its child.</summary>
    ValueTask TerminateAsync();

    /// <summary>Runs a program beside the main process, in the same container and environment.</summary>
    /// <returns>Its exit code; 128 + signal when killed. Cancelled, it is killed.</returns>
    ValueTask<int> RunBesideAsync(ImmutableArray<string> command, CancellationToken stop);

    /// <summary>SIGKILL to everything in the container, until it is empty; drains the output for at most a second and closes the log.</summary>
    ValueTask<StepOutput> CloseAsync();
}

/// <param name="ExitCode">The code, or 128 + signal.</param>
/// <param name="Signal">The signal's number when it was killed, else null; <c>exit(137)</c> is not SIGKILL.</param>
/// <param name="OutOfMemory">The container's out-of-memory count was raised.</param>
public sealed record ProcessEnd(int ExitCode, int? Signal, bool OutOfMemory)
{
    /// <summary>What it means, where that is known already: of a step with several containers.</summary>
    public Verdict? Judged { get; init; }
}

/// <param name="Result">The end of stdout, at most 256 KiB, one trailing newline removed.</param>
/// <param name="LogTail">The end of stdout and stderr together, at most 8 KiB.</param>
/// <param name="DroppedLines">Lines not written because the disk was full or too slow.</param>
public sealed record StepOutput(string Result, string LogTail, long DroppedLines);

/// <summary>A program cannot be started.</summary>
/// <param name="exitCode">As Argo reports it: 64 where the command is not found.</param>
public sealed class StepStartException(string message, int exitCode) : Exception(message)
{
    public int ExitCode { get; } = exitCode;
}

/// <summary>Where requests to stop this attempt arrive: SIGTERM to the supervisor, or the file <c>stop.json</c> in its folder.</summary>
public interface IStopRequests
{
    /// <summary>The next request that asks for more than the last one; Kill after Terminate counts, and an earlier deadline; a repeat does not.</summary>
    ValueTask<StopRequest> NextAsync(CancellationToken stop);
}

/// <param name="Reason">Decides the class of the outcome.</param>
/// <param name="Deadline">By then everything is killed, even where the grace period is longer; null leaves it that.</param>
public sealed record StopRequest(StopKind Kind, StopReason Reason, string Message, DateTimeOffset? Deadline = null);

public enum StopKind
{
    /// <summary>Stop signal, then kill after the grace period.</summary>
    Terminate,

    /// <summary>Kill at once.</summary>
    Kill,
}

public enum StopReason
{
    /// <summary>Preempted: a pause, a notice, SIGTERM to the supervisor.</summary>
    Preemption,

    /// <summary>The run was stopped or terminated, or its deadline passed: the attempt is Failed with the message given.</summary>
    Shutdown,
}
