namespace Pawl.Training.Checkpoints;

/// <summary>When the next checkpoint is due.</summary>
internal sealed class CheckpointSchedule(CheckpointEvery every, TimeSpan meanTimeBetweenInterruptions, TimeProvider clock)
{
    // Below, the folder is flushed and read by pawl more often than anybody gains from; above, a guess of the interruption rate is trusted too far.
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    // The writer takes a core of the trainer's machine, and pawl reads the file after it.
    private const double WriterShare = 0.1;

    private readonly Lock _gate = new();
    private long _step;
    private long _at;
    private TimeSpan _writing;
    private TimeSpan? _blocked;
    private TimeSpan? _told;

    /// <summary>The trainer is at a step that is safe, or that has just been taken as a checkpoint.</summary>
    public void Passed(long step)
    {
        lock (_gate) { (_step, _at) = (step, clock.GetTimestamp()); }
    }

    /// <summary>What the newest checkpoint cost.</summary>
    public void Cost(TimeSpan blocked, TimeSpan writing)
    {
        lock (_gate) { (_blocked, _writing) = (blocked, writing); }
    }

    /// <summary>Pawl, which sees uploads and other attempts as well, says how often from now on.</summary>
    public void Told(TimeSpan interval)
    {
        lock (_gate) { _told = interval; }
    }

    public bool IsDue(long step)
    {
        lock (_gate)
        {
            return step > _step && every switch
            {
                CheckpointEvery.Steps steps => step - _step >= steps.Count,
                CheckpointEvery.Time time => clock.GetElapsedTime(_at) >= time.Span,
                // The first comes early: only a checkpoint tells what one costs.
                _ => Interval is not { } interval || clock.GetElapsedTime(_at) >= interval,
            };
        }
    }

    /// <summary>Of an automatic schedule; null before the first checkpoint.</summary>
    public TimeSpan? Interval => _told ?? (_blocked is { } blocked ? Young(blocked) : null);

    // Young (1974), the first-order optimum: sqrt(2 × cost × mean time between interruptions).
    private TimeSpan Young(TimeSpan blocked)
    {
        var best = TimeSpan.FromSeconds(Math.Sqrt(2 * blocked.TotalSeconds * meanTimeBetweenInterruptions.TotalSeconds));
        var least = TimeSpan.FromTicks(Math.Max(Shortest.Ticks, (long)(_writing.Ticks / WriterShare)));
        return best < least ? least : best > Longest ? Longest : best;
    }
}
