using FsCheck;
using FsCheck.Fluent;
using Pawl.Core.Preemption;
using Xunit;

namespace Pawl.Tests.Core.Preemption;

public sealed class GraceBudgetTests
{
    private static readonly DateTimeOffset Noon = new(2024, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly Arbitrary<(double Window, double Grace, double? Checkpoint, long Bytes, double Rate)> Cases = Arb.From(
        from window in Gen.Choose(-100, 4_000)
        from grace in Gen.Choose(0, 2_000)
        from checkpoint in Gen.OneOf(Gen.Constant(-1), Gen.Choose(0, 2_000))
        from bytes in Gen.OneOf(Gen.Constant(0), Gen.Choose(0, int.MaxValue))
        from rate in Gen.OneOf(Gen.Constant(0), Gen.Choose(0, 1_000_000_000))
        select (window / 10.0, grace / 10.0, checkpoint < 0 ? (double?)null : checkpoint / 10.0, 16L * bytes, (double)rate));

    [Fact]
    public void Of_two_minutes_fifteen_seconds_are_kept_free_and_the_upload_comes_after_the_grace_period() =>
        Assert.Equal((0, 65, 95, 105, true), Seconds(Plan(120, 30, checkpoint: 20, bytes: 100, rate: 10)));

    [Fact]
    public void Of_a_short_notice_a_quarter_is_kept_free() => Assert.Equal((0, 2.5, 17.5, 22.5, true), Seconds(Plan(30, 15, 10, 50, 10)));

    [Fact]
    public void A_trainer_that_nobody_measured_has_its_whole_grace_period() => Assert.Equal((0, 15, 45, 45, true), Seconds(Plan(60, 30, null, 0, 10)));

    [Fact]
    public void The_grace_period_comes_before_an_upload_that_has_no_room_beside_it() => Assert.Equal((0, 0, 20, 22.5, false), Seconds(Plan(30, 20, 10, 500, 10)));

    [Fact]
    public void Where_not_even_the_grace_period_fits_the_upload_has_no_more_than_a_quarter()
    {
        Assert.Equal((0, 0, 16.875, 22.5, false), Seconds(Plan(30, 30, 10, 500, 10)));
        Assert.Equal((0, 0, 21.5, 22.5, true), Seconds(Plan(30, 30, 10, 10, 10)));
    }

    [Fact]
    public void Without_any_time_all_is_now() => Assert.Equal((0, 0, 0, 0, false), Seconds(Plan(0, 30, 0, 0, 10)));

    [Fact]
    public void A_link_that_was_never_measured_is_guessed_slow()
    {
        var plan = GraceBudget.Plan(new GraceNeeds(Noon, Noon.AddSeconds(120), TimeSpan.FromSeconds(5), null, 500_000_000, null));
        Assert.Equal((0, 90, 95, 105, true), Seconds(plan));
    }

    [Theory]
    [InlineData(long.MaxValue, 0)]
    [InlineData(1, double.NaN)]
    [InlineData(long.MinValue, double.NegativeInfinity)]
    public void Absurd_numbers_are_planned_too(long bytes, double rate) => Plan(30, 30, double.MaxValue, bytes, rate);

    [Fact]
    public void Nothing_is_planned_past_the_deadline_nor_before_now() => Prop.ForAll(Cases, c =>
    {
        var plan = Plan(c.Window, c.Grace, c.Checkpoint, c.Bytes, c.Rate);
        var deadline = Noon.AddSeconds(Math.Max(0, c.Window));
        DateTimeOffset[] order = [Noon, plan.AskAt, plan.StopBy, plan.KillBy, plan.EndBy, deadline];
        Assert.Equal(order.Order(), order);
        if (c.Window > 0) { Assert.True(plan.EndBy < deadline); }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void What_fits_has_its_time() => Prop.ForAll(Cases, c =>
    {
        var plan = Plan(c.Window, c.Grace, c.Checkpoint, c.Bytes, c.Rate);
        if (!plan.FitsCheckpoint) { return; }
        var checkpoint = c.Checkpoint ?? c.Grace;
        Assert.True((plan.KillBy - plan.StopBy).TotalSeconds >= Math.Min(checkpoint, c.Grace) - 1e-3);
        Assert.True(((plan.EndBy - plan.AskAt).TotalSeconds - checkpoint) * c.Rate >= c.Bytes * 0.999 - c.Rate * 1e-3);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_grace_period_is_whole_where_there_is_the_time_for_it() => Prop.ForAll(Cases, c =>
    {
        var plan = Plan(c.Window, c.Grace, c.Checkpoint, c.Bytes, c.Rate);
        Assert.True((plan.KillBy - plan.StopBy).TotalSeconds <= c.Grace + 1e-3);
        if ((plan.EndBy - plan.AskAt).TotalSeconds >= c.Grace) { Assert.Equal(c.Grace, (plan.KillBy - plan.StopBy).TotalSeconds, 1e-3); }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void More_time_less_to_send_and_more_bandwidth_never_make_it_worse() => Prop.ForAll(Cases, c =>
    {
        var plan = Plan(c.Window, c.Grace, c.Checkpoint, c.Bytes, c.Rate);
        foreach (var better in (GraceBudget[])
            [
                Plan(c.Window + 7, c.Grace, c.Checkpoint, c.Bytes, c.Rate),
                Plan(c.Window, c.Grace, c.Checkpoint / 2, c.Bytes, c.Rate),
                Plan(c.Window, c.Grace, c.Checkpoint, c.Bytes / 2, c.Rate),
                Plan(c.Window, c.Grace, c.Checkpoint, c.Bytes, (c.Rate * 2) + 1),
            ])
        {
            Assert.True(better.StopBy >= plan.StopBy && better.KillBy >= plan.KillBy && better.EndBy >= plan.EndBy);
            Assert.True(better.FitsCheckpoint || !plan.FitsCheckpoint);
        }
    }).QuickCheckThrowOnFailure();

    private static GraceBudget Plan(double window, double grace, double? checkpoint, long bytes, double rate) =>
        GraceBudget.Plan(new GraceNeeds(Noon, Noon.AddSeconds(window), TimeSpan.FromSeconds(grace), checkpoint, bytes, rate));

    private static (double Ask, double Stop, double Kill, double End, bool Fits) Seconds(GraceBudget plan) => (
        (plan.AskAt - Noon).TotalSeconds, (plan.StopBy - Noon).TotalSeconds, (plan.KillBy - Noon).TotalSeconds, (plan.EndBy - Noon).TotalSeconds, plan.FitsCheckpoint);
}

public sealed class GraceAdviceTests
{
    [Fact]
    public void A_grace_period_that_fits_needs_no_advice() => Assert.Null(GraceAdvice.Warning("train", TimeSpan.FromSeconds(48), 20.5, 12.1));

    [Fact]
    public void One_that_does_not_is_told_the_number_to_set() => Assert.Equal(
        "train: the grace period of 30 s is too short: a checkpoint (p99 20.5 s), its upload (p99 12.1 s) and 15 s to spare take 48 s, so a preemption would lose "
        + "the steps since the last one. Set podSpecPatch: '{\"terminationGracePeriodSeconds\": 48}' on the template",
        GraceAdvice.Warning("train", TimeSpan.FromSeconds(30), 20.5, 12.1));
}
