using Pawl.Core.Checkpoints;
using Xunit;

namespace Pawl.Tests.Core.Checkpoints;

public class CheckpointIntervalTests
{
    [Theory]
    [InlineData(1, 3600)]
    [InlineData(0.05, 600)]
    [InlineData(30, 7200)]
    [InlineData(300, 3600)]
    public void The_optimum_wastes_less_than_its_neighbours(double blocked, double between)
    {
        var (cost, mean) = (TimeSpan.FromSeconds(blocked), TimeSpan.FromSeconds(between));
        var best = CheckpointInterval.Optimum(cost, mean);

        // Daly's exact model of the total time: M·e^(R/M)·(e^((T+δ)/M) − 1)/T for a unit of work; its minimum is what the formula approximates.
        double Time(double t) => mean.TotalSeconds * (Math.Exp((t + blocked) / mean.TotalSeconds) - 1) / t;
        Assert.True(Time(best.TotalSeconds) <= Time(best.TotalSeconds * 1.2), $"{best}");
        Assert.True(Time(best.TotalSeconds) <= Time(best.TotalSeconds / 1.2), $"{best}");
    }

    [Fact]
    public void A_checkpoint_dearer_than_two_interruptions_is_made_once_between_them() =>
        Assert.Equal(TimeSpan.FromSeconds(60), CheckpointInterval.Optimum(TimeSpan.FromSeconds(200), TimeSpan.FromSeconds(60)));

    [Fact]
    public void No_interval_is_shorter_than_a_checkpoint_needs_to_become_durable() =>
        Assert.Equal(TimeSpan.FromSeconds(90), CheckpointInterval.Choose(TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(90), TimeSpan.FromMinutes(10)));

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(1, 1, 1e9)]
    [InlineData(1e8, 0, 1e9)]
    public void Every_interval_is_between_the_shortest_and_the_longest(double blocked, double durable, double between)
    {
        var chosen = CheckpointInterval.Choose(TimeSpan.FromSeconds(blocked), TimeSpan.FromSeconds(durable), TimeSpan.FromSeconds(between));
        Assert.InRange(chosen, CheckpointInterval.Shortest, CheckpointInterval.Longest);
    }

    [Fact]
    public void What_was_seen_weighs_more_the_longer_it_was_seen()
    {
        Assert.Equal(CheckpointInterval.AssumedBetweenInterruptions, CheckpointInterval.BetweenInterruptions(TimeSpan.Zero, 0));
        var stormy = CheckpointInterval.BetweenInterruptions(TimeSpan.FromMinutes(10), 20);
        Assert.InRange(stormy, TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1));
        Assert.True(CheckpointInterval.BetweenInterruptions(TimeSpan.FromHours(100), 1) > TimeSpan.FromHours(50));
    }
}
