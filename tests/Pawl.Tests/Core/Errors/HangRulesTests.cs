using Pawl.Core.Errors;
using Xunit;

namespace Pawl.Tests.Core.Errors;

public class HangRulesTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_trainer_that_never_spoke_is_never_hung() => Assert.Null(new HangRules(TimeSpan.FromSeconds(1)).Due);

    [Fact]
    public void A_limit_of_the_manifest_counts_from_the_last_word() =>
        Assert.Equal(Start.AddSeconds(70), new HangRules(TimeSpan.FromSeconds(60)).Heard(Start, false).Heard(Start.AddSeconds(10), true).Due);

    [Fact]
    public void A_trainer_whose_last_step_is_done_is_not_hung_whatever_it_does_after()
    {
        var rules = new HangRules(TimeSpan.FromSeconds(60)).Heard(Start, isStep: true).Reached(39, 40);
        Assert.NotNull(rules.Due);
        Assert.NotNull(rules.Reached(40, null).Due);
        Assert.Null(rules.Reached(40, 40).Due);
        Assert.NotNull(rules.Reached(40, 40).Heard(Start, isStep: true).Reached(41, 80).Due);
    }

    [Fact]
    public void A_limit_is_learnt_from_enough_steps()
    {
        var rules = new HangRules(null).Heard(Start, isStep: false);
        for (var i = 1; i < 20; i++) { rules = rules.Heard(Start.AddMinutes(i), isStep: true); }
        Assert.Null(rules.Due);
        rules = rules.Heard(Start.AddMinutes(20), isStep: true);
        Assert.Equal(Start.AddMinutes(40), rules.Due);
        Assert.Contains("20 times the longest of 20 pauses", rules.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fast_steps_do_not_make_it_impatient()
    {
        var rules = new HangRules(null).Heard(Start, isStep: false);
        for (var i = 1; i <= 1000; i++) { rules = rules.Heard(Start.AddMilliseconds(i), isStep: true); }
        Assert.Equal(HangRules.Floor, rules.Limit);
    }
}
