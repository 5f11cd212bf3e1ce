using Pawl.Core.Scheduling;

namespace Pawl.Cli.Views;

/// <summary>Shows a run while it is driven. Nothing here waits for whoever reads it, until the end.</summary>
public interface IProgressView
{
    /// <summary>The run after a turn, and what the turn wrote.</summary>
    void Turned(RunState run, IReadOnlyList<RunEvent> events);

    /// <summary>A sentence to the user, beside the run.</summary>
    void Say(string line);

    /// <summary>Shows all that is left to show and leaves the screen as it was found.</summary>
    Task EndAsync();
}
