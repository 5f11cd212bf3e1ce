namespace Pawl.Core.Preemption;

/// <summary>What is known when a notice arrives.</summary>
/// <param name="CheckpointSeconds">p99 of what a checkpoint takes from asking until it is whole on the local disk; null where none was seen yet.</param>
/// <param name="DirtyBytes">What the store would still need after one more checkpoint.</param>
/// <param name="BytesPerSecond">Measured bandwidth to the store; null where nothing was sent yet.</param>
public readonly record struct GraceNeeds(
    DateTimeOffset Now, DateTimeOffset Deadline, double? CheckpointSeconds, long DirtyBytes, double? BytesPerSecond);

/// <summary>How the time until a deadline is spent. All of it lies before the deadline, or at now where that is past.</summary>
/// <param name="AskAt">The trainer is asked to save and leave.</param>
/// <param name="StopBy">At the latest then the stop signal is sent: what is left is just enough for a checkpoint and its upload.</param>
/// <param name="KillBy">At the latest then nothing of the attempt may run any more: what is left is for the upload.</param>
/// <param name="EndBy">Uploads are broken off and the attempt's outcome is written; from here to the deadline is the reserve.</param>
/// <param name="FitsCheckpoint">One more checkpoint can be made and sent in time; else only what is whole already is worth sending.</param>
public sealed record GraceBudget(
    DateTimeOffset AskAt, DateTimeOffset StopBy, DateTimeOffset KillBy, DateTimeOffset EndBy, bool FitsCheckpoint)
{
    /// <summary>Kept free before a deadline: clocks differ, and the last entry and the outcome need their flushes.</summary>
    public static TimeSpan Reserve { get; } = TimeSpan.FromSeconds(15);

    // Of a short notice the reserve is no more than this part: of the usual 30 s there are 22 to work with.
    private const int LeastPart = 4;

    // Guesses for a first checkpoint: a slow disk and a slow link, so that what was never measured is rather begun too early.
    private const double AssumedCheckpointSeconds = 5;
    private const double AssumedBytesPerSecond = 50e6;

    public static GraceBudget Plan(GraceNeeds needs)
    {
        var now = needs.Now;
        var window = needs.Deadline > now ? needs.Deadline - now : TimeSpan.Zero;
        var end = now + (window - Least(Reserve, window / LeastPart));
        var upload = Within(window, Math.Max(0, needs.DirtyBytes) / Positive(needs.BytesPerSecond ?? AssumedBytesPerSecond));
        var checkpoint = Within(window, needs.CheckpointSeconds ?? AssumedCheckpointSeconds);
        return new GraceBudget(
            AskAt: now,
            StopBy: Latest(now, end - upload - checkpoint),
            KillBy: Latest(now, end - upload),
            EndBy: end,
            FitsCheckpoint: window > TimeSpan.Zero && end - upload - checkpoint >= now);
    }

    private static double Positive(double rate) => rate > 0 ? rate : double.Epsilon;

    // What takes longer than there is time takes all of it, and a little more: it does not fit.
    private static TimeSpan Within(TimeSpan window, double seconds) =>
        seconds >= 0 && seconds <= window.TotalSeconds ? TimeSpan.FromSeconds(seconds) : seconds < 0 ? TimeSpan.Zero : window + TimeSpan.FromTicks(1);

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static DateTimeOffset Latest(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;
}
