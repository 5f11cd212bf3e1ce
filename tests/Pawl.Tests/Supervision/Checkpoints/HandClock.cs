namespace Pawl.Tests.Supervision.Checkpoints;

/// <summary>A clock that moves only by hand. It has no timers: whoever looks is told when to look again, and does.</summary>
internal sealed class HandClock : TimeProvider
{
    private long _ticks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => _ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(_ticks);

    public void Move(double seconds) => _ticks += TimeSpan.FromSeconds(seconds).Ticks;
}
