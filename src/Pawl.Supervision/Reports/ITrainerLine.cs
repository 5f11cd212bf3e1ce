namespace Pawl.Supervision.Reports;

/// <summary>Opens the line between a trainer and its supervisor, one for each attempt.</summary>
public interface ITrainerLines
{
    /// <exception cref="IOException">There can be none; the trainer does without.</exception>
    ITrainerLine Open(string attemptFolder);
}

/// <summary>A line between a trainer and its supervisor. Neither ever waits for the other.</summary>
public interface ITrainerLine : IDisposable
{
    /// <summary>Of the socket, for <c>PAWL_REPORT</c>.</summary>
    string Path { get; }

    /// <summary>Lines that were no report.</summary>
    long Malformed { get; }

    /// <summary>Completes when <see cref="Take"/> has something; for steps a moment later, so that many of them wake nobody many times.</summary>
    Task Arrived { get; }

    /// <summary>Reports since the last call, oldest first; of steps the newest, with the newest figure of each metric, where they came faster than they were taken.</summary>
    IReadOnlyList<Report> Take();

    /// <summary>Says it to all who listen; what does not fit into their buffers is lost to them.</summary>
    void Tell(Word word);
}
