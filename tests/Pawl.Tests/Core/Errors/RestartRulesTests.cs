using Pawl.Core.Errors;
using Xunit;

namespace Pawl.Tests.Core.Errors;

public sealed class RestartRulesTests
{
    private static readonly DateTimeOffset Noon = new(2024, 5, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 1)]
    [InlineData(3, 10)]
    [InlineData(4, 60)]
    public void A_lost_attempt_restarts_at_once_and_then_waits_longer(int lostInARow, int seconds) =>
        Assert.Equal(new RestartVerdict.Restart(Noon.AddSeconds(seconds)), RestartRules.AfterLost(lostInARow, Noon));

    [Theory]
    [InlineData(5)]
    [InlineData(int.MaxValue)]
    public void After_four_restarts_without_progress_a_lost_attempt_is_given_up(int lostInARow) =>
        Assert.IsType<RestartVerdict.GiveUp>(RestartRules.AfterLost(lostInARow, Noon));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Preemption_starts_again_at_once(int preemptedInARow) =>
        Assert.Equal(new RestartVerdict.Restart(Noon), RestartRules.AfterPreempted(preemptedInARow, Noon));

    [Fact]
    public void The_third_preemption_without_progress_pauses_and_says_what_it_would_take() => Assert.Contains(
        "It would take a checkpoint", Assert.IsType<RestartVerdict.Pause>(RestartRules.AfterPreempted(3, Noon)).Message);
}
