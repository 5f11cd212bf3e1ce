namespace Pawl.Core.Checkpoints;

/// <summary>How often to save: Young (1974) and Daly (2006), from the time a checkpoint blocks the trainer and the time between interruptions.</summary>
public static class CheckpointInterval
{
    /// <summary>More often than this the bookkeeping costs more than what is lost.</summary>
    public static TimeSpan Shortest { get; } = TimeSpan.FromSeconds(1);

    public static TimeSpan Longest { get; } = TimeSpan.FromHours(1);

    /// <summary>What is assumed of a step that was never interrupted.</summary>
    public static TimeSpan AssumedBetweenInterruptions { get; } = TimeSpan.FromHours(1);

    // Of an interruption. In a storm each one costs half an interval, so a few must be enough to believe in it; a calm step that was hit
    // once, early, saves too often for a while, which costs next to nothing.
    private const double AssumptionWeight = 0.1;

    /// <summary>Mean time between interruptions, from what was seen, and a little from the assumption.</summary>
    public static TimeSpan BetweenInterruptions(TimeSpan seen, int interruptions) => interruptions <= 0
        ? AssumedBetweenInterruptions + seen
        : ((AssumptionWeight * AssumedBetweenInterruptions) + seen) / (AssumptionWeight + interruptions);

    /// <summary>Daly's higher order optimum.</summary>
    /// <param name="blocked">δ, the time one checkpoint keeps the trainer from training.</param>
    /// <param name="between">M, mean time between interruptions.</param>
    public static TimeSpan Optimum(TimeSpan blocked, TimeSpan between)
    {
        var (cost, mean) = (blocked.TotalSeconds, between.TotalSeconds);
        if (cost <= 0) { return TimeSpan.Zero; }
        if (cost >= 2 * mean) { return between; }
        var ratio = cost / (2 * mean);
        return TimeSpan.FromSeconds((Math.Sqrt(2 * cost * mean) * (1 + (Math.Sqrt(ratio) / 3) + (ratio / 9))) - cost);
    }

    /// <summary>The optimum, kept between <see cref="Shortest"/> and <see cref="Longest"/>, and never shorter than a checkpoint needs to become durable.</summary>
    /// <param name="durable">From the trainer's call until the checkpoint is committed in the store.</param>
    public static TimeSpan Choose(TimeSpan blocked, TimeSpan durable, TimeSpan between)
    {
        var least = durable > Shortest ? durable : Shortest;
        var best = Optimum(blocked, between);
        if (best > Longest) { best = Longest; }
        return best > least ? best : least;
    }

    /// <summary>The share of the time that checkpoints and work done again will cost, to first order: δ/T + T/2M.</summary>
    public static double Waste(TimeSpan interval, TimeSpan blocked, TimeSpan between) =>
        Math.Min(1, (blocked / interval) + (interval / (2 * between)));
}
