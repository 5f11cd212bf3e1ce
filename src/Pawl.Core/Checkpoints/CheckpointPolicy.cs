using System.Collections.Immutable;

namespace Pawl.Core.Checkpoints;

/// <summary>How often a step saves and how much of it stays: the annotations <c>pawl.dev/checkpoint-*</c> of its template.</summary>
public sealed record CheckpointPolicy
{
    public const int DefaultKeep = 3;

    public static CheckpointPolicy Default { get; } = new();

    /// <summary>Told to the trainer; its own program decides when nothing of ours reads it.</summary>
    public CheckpointEvery Every { get; init; } = new CheckpointEvery.Auto();

    /// <summary>How many of the newest stay restorable; at least 1.</summary>
    public int Keep { get; init; } = DefaultKeep;

    /// <summary>Every so manyth stays besides; 0 is none.</summary>
    public int KeepEvery { get; init; }

    /// <summary>Globs of files that are never part of a checkpoint, besides temporary ones.</summary>
    public ImmutableArray<string> Ignore { get; init; } = [];

    /// <summary>A step that reports no progress for so long is hung; null is a limit learnt from the steps before.</summary>
    public TimeSpan? HangAfter { get; init; }
}

public abstract record CheckpointEvery
{
    private CheckpointEvery() { }

    /// <summary>Young–Daly, from what a checkpoint costs and how often the step is interrupted.</summary>
    public sealed record Auto : CheckpointEvery;

    public sealed record Steps(long Count) : CheckpointEvery;

    public sealed record Time(TimeSpan Span) : CheckpointEvery;
}
