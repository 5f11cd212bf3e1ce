namespace Pawl.Simulation;

/// <summary>The world's time: it moves only when nothing else can happen, to the next thing that is due.</summary>
public sealed class Timeline
{
    private readonly PriorityQueue<Action, (long Due, long Order)> _due = new();
    private long _order;

    /// <summary>The same in every world, so that traces are.</summary>
    public static DateTimeOffset Epoch { get; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>In ticks of 100 ns since <see cref="Epoch"/>.</summary>
    public long Ticks { get; private set; }

    public DateTimeOffset Now => Epoch.AddTicks(Ticks);

    public void At(long ticks, Action go) => _due.Enqueue(go, (Math.Max(ticks, Ticks), _order++));

    public void In(TimeSpan wait, Action go) => At(Ticks + Math.Max(0, wait.Ticks), go);

    /// <summary>Moves to the next thing due and does it.</summary>
    /// <returns>False where nothing is due ever.</returns>
    public bool Advance()
    {
        if (!_due.TryDequeue(out var go, out var at)) { return false; }
        Ticks = at.Due;
        go();
        return true;
    }
}

/// <summary>The clock as one process sees it; its timers end with it.</summary>
public sealed class SimClock(SimProcess process) : TimeProvider
{
    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => process.World.Timeline.Now;

    public override long GetTimestamp() => process.World.Timeline.Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimTimer(process, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class SimTimer(SimProcess process, Action callback) : ITimer
    {
        private int _version;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var version = ++_version;
            if (dueTime == Timeout.InfiniteTimeSpan) { return true; }
            process.World.Timeline.In(dueTime, () => Ring(version, period));
            return true;
        }

        public void Dispose() => _version++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Ring(int version, TimeSpan period)
        {
            if (version != _version || process.IsDead) { return; }
            process.World.Ready(new Parked(process, () =>
            {
                if (version != _version) { return; }
                if (period > TimeSpan.Zero) { Change(period, period); }
                callback();
            }));
        }
    }
}
