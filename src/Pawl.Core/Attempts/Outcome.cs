using System.Collections.Immutable;
using Pawl.Core.Errors;
using Pawl.Core.Goodput;

namespace Pawl.Core.Attempts;

/// <summary>How an attempt ended: the content of <c>outcome.json</c>.</summary>
public sealed record Outcome
{
    public const int CurrentSchema = 1;

    public int Schema { get; init; } = CurrentSchema;

    public required OutcomeKind Kind { get; init; }

    /// <summary>Null of a success.</summary>
    public ErrorClass? Class { get; init; }

    /// <summary>Of the main process: its code, or 128 + signal; null where it never ran.</summary>
    public int? ExitCode { get; init; }

    /// <summary>The node's message in Argo's words, such as <c>main: Error (exit code 1)</c>; empty of a success.</summary>
    public string Message { get; init; } = "";

    /// <summary>The end of the log, bounded, for matching transient errors.</summary>
    public string LogTail { get; init; } = "";

    public NodeOutputs Outputs { get; init; } = NodeOutputs.None;

    public DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset FinishedAt { get; init; }

    /// <summary>True where the step was completed before and its outputs verified, so that nothing ran.</summary>
    public bool Reused { get; init; }

    /// <summary>What held the attempt's processes together, such as <c>cgroup2</c> or <c>subreaper</c>.</summary>
    public string Containment { get; init; } = "";

    /// <summary>Log lines that a full disk made the supervisor drop.</summary>
    public long DroppedLines { get; init; }

    /// <summary>Seconds spent in each stage, by name, in the order of the stages.</summary>
    public ImmutableArray<StageTime> Stages { get; init; } = [];

    /// <summary>Where its time went; null where no supervisor measured it.</summary>
    public Ledger? Spent { get; init; }

    /// <summary>Null of an attempt that neither reported a step nor made a checkpoint.</summary>
    public TrainingRecord? Training { get; init; }

    /// <summary>A newer checkpoint was committed, or a further step reported: what was done will not be lost again.</summary>
    public bool Progressed { get; init; }

    /// <summary>What the user should know though the attempt went on: a checkpoint that was corrupt, a grace period that is too short.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>Of a step with several containers, how each that the manifest names ended; empty of one with a single process.</summary>
    public ImmutableArray<ContainerEnd> Containers { get; init; } = [];
}

/// <summary>How one container of a step ended.</summary>
/// <param name="Kind">Succeeded, Failed or Errored.</param>
/// <param name="ExitCode">Null where it was never due.</param>
/// <param name="Message">Empty of a success.</param>
public sealed record ContainerEnd(string Name, OutcomeKind Kind, int? ExitCode, string Message);

public sealed record StageTime(string Stage, double Seconds);

public enum OutcomeKind
{
    Succeeded,

    /// <summary>The program said no.</summary>
    Failed,

    /// <summary>The platform could not run it, or could not load or save for it.</summary>
    Errored,

    /// <summary>Stopped from outside before it was done; spends no retry.</summary>
    Preempted,

    /// <summary>Ended without an outcome.</summary>
    Lost,
}

/// <summary>What a node gives to those after it.</summary>
public sealed record NodeOutputs
{
    public static NodeOutputs None { get; } = new();

    public ImmutableSortedDictionary<string, string> Parameters { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, ArtifactRef> Artifacts { get; init; } =
        ImmutableSortedDictionary.Create<string, ArtifactRef>(StringComparer.Ordinal);

    /// <summary>The end of stdout, at most 256 KiB, one trailing newline removed.</summary>
    public string? Result { get; init; }
}
