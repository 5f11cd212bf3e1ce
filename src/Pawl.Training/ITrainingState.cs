namespace Pawl.Training;

/// <summary>What the steps still to come depend on: weights, moments of the optimizer, counters. The step number is kept by the run.</summary>
public interface ITrainingState
{
    /// <summary>Copies everything out. Called between two steps, on the loop's thread; what it costs is time the loop stands still.</summary>
    void Write(StateWriter to);

    /// <summary>Takes everything back, bit for bit, in any order.</summary>
    /// <exception cref="InvalidDataException">A part is missing or has another shape: the program changed since it was saved.</exception>
    void Read(StateReader from);
}
