namespace Pawl.Core.Errors;

/// <summary>How long to wait before a retry.</summary>
public static class BackoffRules
{
    /// <summary>No wait is longer; Argo's arithmetic saturates far above any run's life.</summary>
    public static TimeSpan LongestDelay { get; } = TimeSpan.FromDays(365);

    /// <param name="factor">0 or less, or not a number: every wait is <paramref name="duration"/>.</param>
    /// <param name="retry">1 for the first retry, not the first attempt.</param>
    /// <returns>Duration × factor^(retry − 1), at most <paramref name="cap"/> and <see cref="LongestDelay"/>; never negative.</returns>
    public static TimeSpan Delay(TimeSpan duration, double factor, TimeSpan? cap, int retry)
    {
        if (duration <= TimeSpan.Zero) { return TimeSpan.Zero; }
        var growth = factor > 0 ? Math.Pow(factor, Math.Max(0, retry - 1)) : 1;
        var ticks = duration.Ticks * growth;
        var longest = cap is { } c && c < LongestDelay ? c : LongestDelay;
        if (longest <= TimeSpan.Zero) { return TimeSpan.Zero; }
        return ticks < longest.Ticks ? TimeSpan.FromTicks((long)ticks) : longest;
    }
}
