namespace Pawl.Core.Errors;

/// <summary>What follows an attempt that ended through no doing of its own.</summary>
public abstract record RestartVerdict
{
    private RestartVerdict() { }

    /// <summary>Start the next attempt at <paramref name="At"/>; it spends no retry.</summary>
    public sealed record Restart(DateTimeOffset At) : RestartVerdict;

    /// <summary>The node is Error with this message.</summary>
    public sealed record GiveUp(string Message) : RestartVerdict;

    /// <summary>The run pauses and shows this message; resuming it starts the next attempt.</summary>
    public sealed record Pause(string Message) : RestartVerdict;
}

/// <summary>The budgets of preempted and lost attempts. Progress (a newer checkpoint, a reported step) starts a row anew.</summary>
public static class RestartRules
{
    /// <summary>Restarts of lost attempts in a row without progress.</summary>
    public static int MostLost => LostWaits.Length;

    /// <summary>Preemptions in a row without progress at which a run pauses instead of losing the same work again.</summary>
    public const int MostPreempted = 3;

    // One loss is chance and costs nothing; more of them in a row are a host or a program that dies of itself.
    private static readonly TimeSpan[] LostWaits =
        [TimeSpan.Zero, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(60)];

    /// <param name="lostInARow">The one just lost included, so at least 1.</param>
    public static RestartVerdict AfterLost(int lostInARow, DateTimeOffset now) => lostInARow <= MostLost
        ? new RestartVerdict.Restart(now + LostWaits[Math.Max(1, lostInARow) - 1])
        : new RestartVerdict.GiveUp(
            $"lost {lostInARow} times in a row without progress: each attempt ended without an outcome; not started again");

    /// <summary>Only for a host that stays; on one that leaves, the run pauses whatever the count.</summary>
    /// <param name="preemptedInARow">The one just preempted included, so at least 1.</param>
    public static RestartVerdict AfterPreempted(int preemptedInARow, DateTimeOffset now) => preemptedInARow < MostPreempted
        ? new RestartVerdict.Restart(now)
        : new RestartVerdict.Pause(
            $"preempted {preemptedInARow} times in a row without progress; paused, because the next attempt would lose the same work. "
            + "It would take a checkpoint within the time between two preemptions: write them more often, "
            + "or resume where it is not preempted.");
}
