using System.Collections.Immutable;

namespace Pawl.Core.Attempts;

/// <summary>What one attempt of a training step reported, and what its checkpoints cost.</summary>
public sealed record TrainingRecord
{
    /// <summary>The last training step reported; null where none was.</summary>
    public long? Step { get; init; }

    /// <summary>How many there are to be, where the trainer says so.</summary>
    public long? Total { get; init; }

    /// <summary>Number of the chain entry that was restored before the command started; null where there was none.</summary>
    public int? RestoredEntry { get; init; }

    /// <summary>Checkpoints committed.</summary>
    public int Checkpoints { get; init; }

    /// <summary>Bytes of them that had to be written to the store.</summary>
    public long BytesWritten { get; init; }

    /// <summary>Training steps that were reported after the last checkpoint that was committed; null where that is not known.</summary>
    public long? StepsSinceCheckpoint { get; init; }

    /// <summary>How long the training loop stood still for a checkpoint, in seconds.</summary>
    public Spread Blocked { get; init; } = Spread.None;

    /// <summary>From the trainer's call until its files were in place, in seconds.</summary>
    public Spread Written { get; init; } = Spread.None;

    /// <summary>From finding a checkpoint whole until it was committed in the store, in seconds.</summary>
    public Spread Uploaded { get; init; } = Spread.None;

    /// <summary>Seconds between checkpoints that the trainer was last told; null where the manifest sets them or nobody listened.</summary>
    public double? Interval { get; init; }

    /// <summary>Share of the time that checkpoints and work done again were expected to cost at this interval.</summary>
    public double? PredictedWaste { get; init; }

    /// <summary>Lines of the trainer that were no report.</summary>
    public long MalformedReports { get; init; }

    /// <summary>The last values of the trainer's metrics, by name.</summary>
    public ImmutableSortedDictionary<string, double> Metrics { get; init; } =
        ImmutableSortedDictionary.Create<string, double>(StringComparer.Ordinal);
}

/// <summary>Some figures in short; all zero of none.</summary>
public sealed record Spread(long Count, double Median, double P99, double Longest)
{
    public static Spread None { get; } = new(0, 0, 0, 0);

    /// <param name="figures">Not empty ones are sorted in place; the 99th percentile is the smallest that 99 % do not exceed.</param>
    /// <param name="count">Of all, where these are only the newest.</param>
    public static Spread Of(double[] figures, long? count = null)
    {
        if (figures.Length == 0) { return None; }
        Array.Sort(figures);
        return new(count ?? figures.Length, figures[(figures.Length - 1) / 2], figures[(int)Math.Ceiling(figures.Length * 0.99) - 1], figures[^1]);
    }
}
