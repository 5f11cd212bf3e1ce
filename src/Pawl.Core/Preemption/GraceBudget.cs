namespace Pawl.Core.Preemption;

/// <summary>What is known when a notice arrives.</summary>
/// <param name="Grace">What the trainer was promised, from the stop signal until it is killed.</param>
/// <param name="CheckpointSeconds">p99 of what a checkpoint takes from asking until it is whole on the local disk; null where none was measured.</param>
/// <param name="DirtyBytes">What the store would still need after one more checkpoint.</param>
/// <param name="BytesPerSecond">Measured bandwidth to the store; null where nothing was sent yet.</param>
public readonly record struct GraceNeeds(
    DateTimeOffset Now, DateTimeOffset Deadline, TimeSpan Grace, double? CheckpointSeconds, long DirtyBytes, double? BytesPerSecond);

/// <summary>How the time until a deadline is spent. All of it lies before the deadline, or at now where that is past.</summary>
/// <param name="AskAt">The trainer is asked to save and leave.</param>
/// <param name="StopBy">At the latest then the stop signal is sent: the grace period lies between it and the kill, or as much of it as there is.</param>
/// <param name="KillBy">At the latest then nothing of the attempt may run any more: what is left is for the upload, where that has room beside the grace period.</param>
/// <param name="EndBy">Uploads are broken off and the attempt's outcome is written; from here to the deadline is the reserve.</param>
/// <param name="FitsCheckpoint">One more checkpoint can be made and sent in time; else only what is whole already is worth sending.</param>
public sealed record GraceBudget(
    DateTimeOffset AskAt, DateTimeOffset StopBy, DateTimeOffset KillBy, DateTimeOffset EndBy, bool FitsCheckpoint)
{
    /// <summary>Kept free before a deadline: clocks differ, and the last entry and the outcome need their flushes.</summary>
    public static TimeSpan Reserve { get; } = TimeSpan.FromSeconds(15);

    // Of a short notice the reserve is no more than this part: of the usual 30 s there are 22 to work with.
    private const int LeastPart = 4;

    // A guess for a first upload: a slow link, so that what was never measured is rather begun too early.
    private const double AssumedBytesPerSecond = 50e6;

    public static GraceBudget Plan(GraceNeeds needs)
    {
        var now = needs.Now;
        var window = needs.Deadline > now ? needs.Deadline - now : TimeSpan.Zero;
        var left = window - Least(Reserve, window / LeastPart);
        var end = now + left;
        var upload = Within(window, Math.Max(0, needs.DirtyBytes) / Positive(needs.BytesPerSecond ?? AssumedBytesPerSecond));
        var grace = Within(window, needs.Grace.TotalSeconds);
        // A trainer that nobody measured may need all that it was promised.
        var checkpoint = needs.CheckpointSeconds is { } seconds ? Within(window, seconds) : grace;

        // Who saves and leaves sooner leaves the more to the upload, and without a save there is nothing to send: the grace period
        // comes first. Where it does not fit in any case, the upload has a part too.
        var kill = grace <= left ? Latest(end - upload, now + grace) : end - Least(upload, left / LeastPart);
        return new GraceBudget(
            AskAt: now,
            StopBy: Latest(now, kill - grace),
            KillBy: kill,
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
