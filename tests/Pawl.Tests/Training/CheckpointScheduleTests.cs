using Pawl.Training;
using Pawl.Training.Checkpoints;
using Xunit;

namespace Pawl.Tests.Training;

public sealed class CheckpointScheduleTests
{
    private readonly Hand _clock = new();

    [Fact]
    public void The_first_automatic_one_comes_at_once_and_the_next_by_Young_and_Daly()
    {
        var schedule = Schedule(new CheckpointEvery.Auto());
        Assert.False(schedule.IsDue(0));
        Assert.True(schedule.IsDue(1));
        schedule.Passed(1);
        schedule.Cost(TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1));
        // sqrt(2 × 0.5 s × 3600 s)
        Assert.Equal(60, schedule.Interval!.Value.TotalSeconds, 3);
        _clock.Forward(59);
        Assert.False(schedule.IsDue(900));
        _clock.Forward(1);
        Assert.True(schedule.IsDue(900));
    }

    [Theory]
    [InlineData(1e-6, 0.001, 2)]
    [InlineData(1e-6, 3, 30)]
    [InlineData(300, 1, 600)]
    public void The_automatic_interval_is_clamped(double blocked, double writing, double seconds)
    {
        var schedule = Schedule(new CheckpointEvery.Auto());
        schedule.Cost(TimeSpan.FromSeconds(blocked), TimeSpan.FromSeconds(writing));
        Assert.Equal(seconds, schedule.Interval!.Value.TotalSeconds, 3);
    }

    [Fact]
    public void What_pawl_says_holds_over_what_was_measured()
    {
        var schedule = Schedule(new CheckpointEvery.Auto());
        schedule.Told(TimeSpan.FromSeconds(7));
        schedule.Cost(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        Assert.Equal(7, schedule.Interval!.Value.TotalSeconds);
    }

    [Fact]
    public void A_fixed_number_of_steps_is_counted_from_the_last_one()
    {
        var schedule = Schedule(CheckpointEvery.Parse("steps:10"));
        schedule.Passed(3);
        schedule.Told(TimeSpan.Zero);
        Assert.False(schedule.IsDue(12));
        Assert.True(schedule.IsDue(13));
    }

    [Fact]
    public void A_fixed_time_is_measured_from_the_last_one()
    {
        var schedule = Schedule(CheckpointEvery.Parse("seconds:2.5"));
        schedule.Passed(1);
        _clock.Forward(2.4);
        Assert.False(schedule.IsDue(2));
        _clock.Forward(0.1);
        Assert.True(schedule.IsDue(2));
        Assert.False(schedule.IsDue(1));
    }

    [Theory]
    [InlineData("")]
    [InlineData("steps:0")]
    [InlineData("steps:-1")]
    [InlineData("seconds:0")]
    [InlineData("seconds:x")]
    [InlineData("10")]
    public void Anything_else_is_no_interval(string text) => Assert.Throws<FormatException>(() => CheckpointEvery.Parse(text));

    private CheckpointSchedule Schedule(CheckpointEvery every)
    {
        var schedule = new CheckpointSchedule(every, TimeSpan.FromHours(1), _clock);
        schedule.Passed(0);
        return schedule;
    }

    private sealed class Hand : TimeProvider
    {
        private long _ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Forward(double seconds) => _ticks += TimeSpan.FromSeconds(seconds).Ticks;
    }
}
