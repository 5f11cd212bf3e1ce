using Pawl.Core.Attempts;

namespace Pawl.Core.Goodput;

/// <summary>What a supervisor measured of one attempt on its own clock.</summary>
public sealed record AttemptTime
{
    /// <summary>Until the machine had room for it.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>From the supervisor's start until the command's, wait and restore not counted.</summary>
    public TimeSpan Before { get; init; }

    public TimeSpan Restore { get; init; }

    /// <summary>From the command's start until the attempt's outcome.</summary>
    public TimeSpan Command { get; init; }

    /// <summary>Into <see cref="Command"/>: when the trainer said that it is ready, or first reported a step; null where it never spoke.</summary>
    public TimeSpan? ReadyAfter { get; init; }

    /// <summary>Into <see cref="Command"/>: when the last step that an attempt before had done was reported; null where none was repeated.</summary>
    public TimeSpan? ReplayedUntil { get; init; }

    /// <summary>Into <see cref="Command"/>: when the last committed checkpoint was made, or the last step reported, whichever is later; null where neither was.</summary>
    public TimeSpan? SavedUntil { get; init; }

    /// <summary>The trainer's own sum of the times it stood still for checkpoints.</summary>
    public TimeSpan Stalled { get; init; }

    /// <summary>Of those the part before <see cref="ReplayedUntil"/>.</summary>
    public TimeSpan StalledInReplay { get; init; }

    /// <summary>The last checkpoint went to the store after the trainer had ended.</summary>
    public TimeSpan Saving { get; init; }

    /// <summary>From the last report until it was taken for hung; zero of others.</summary>
    public TimeSpan Hung { get; init; }

    /// <summary>Every moment in one bucket.</summary>
    public Ledger Split(OutcomeKind kind)
    {
        var ready = Least(ReadyAfter ?? TimeSpan.Zero, Command);
        var rest = Command - ready;
        var saving = Taken(Saving, ref rest);
        var hung = Taken(Hung, ref rest);
        var stalled = Taken(Stalled, ref rest);
        var replayed = Taken((ReplayedUntil ?? ready) - ready - StalledInReplay, ref rest);

        // What ended well kept all; of what did not, only what was saved or what the next attempt will be seen to repeat.
        var kept = kind is OutcomeKind.Succeeded ? rest : Least((SavedUntil ?? TimeSpan.Zero) - ready - replayed - stalled, rest);
        return new Ledger
        {
            Waiting = Waited,
            StartUp = Before + ready,
            Restore = Restore,
            CheckpointStall = stalled + saving,
            Hung = hung,
            Replayed = replayed,
            Productive = kept,
            Lost = rest - kept,
        };
    }

    private static TimeSpan Taken(TimeSpan wanted, ref TimeSpan rest)
    {
        var taken = Least(wanted, rest);
        rest -= taken;
        return taken;
    }

    // Sums of another clock may exceed the whole, and a difference may fall below nothing.
    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < TimeSpan.Zero ? TimeSpan.Zero : a < b ? a : b;
}
