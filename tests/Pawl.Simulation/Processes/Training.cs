namespace Pawl.Simulation.Processes;

/// <summary>How a step's program trains.</summary>
public sealed record Training
{
    public required int Steps { get; init; }

    public required TimeSpan StepTakes { get; init; }

    /// <summary>Training steps from one checkpoint to the next.</summary>
    public required int Every { get; init; }

    public required WayOfSaving Way { get; init; }

    /// <summary>Says what it does, and hears what it is told; else it is a program that knows nothing of pawl.</summary>
    public bool Reports { get; init; }

    /// <summary>Older ones it removes itself.</summary>
    public int Keeps { get; init; } = 2;

    /// <summary>The limit of silence in its manifest; null is none.</summary>
    public TimeSpan? HangAfter { get; init; }
}

public enum WayOfSaving
{
    /// <summary>Beside, then renamed into place.</summary>
    Renames,

    /// <summary>A new file each time, written where it lies.</summary>
    InPlace,

    /// <summary>The same file each time.</summary>
    Overwrites,
}
