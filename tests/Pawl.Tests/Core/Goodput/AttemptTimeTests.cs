using FsCheck;
using FsCheck.Fluent;
using Pawl.Core.Attempts;
using Pawl.Core.Goodput;
using Xunit;

namespace Pawl.Tests.Core.Goodput;

public class AttemptTimeTests
{
    [Fact]
    public void Every_moment_is_in_one_bucket_whatever_the_clocks_say()
    {
        var spans = Gen.Choose(-2000, 100_000).Select(ms => TimeSpan.FromMilliseconds(ms));
        var some = Gen.Frequency((1, Gen.Constant((TimeSpan?)null)), (4, spans.Select(s => (TimeSpan?)s)));
        var attempts =
            from waited in spans.Where(s => s >= TimeSpan.Zero)
            from before in spans.Where(s => s >= TimeSpan.Zero)
            from command in spans.Where(s => s >= TimeSpan.Zero)
            from ready in some
            from replayed in some
            from saved in some
            from stalled in spans
            from inReplay in spans
            from saving in spans
            from hung in spans
            from kind in Gen.Elements(Enum.GetValues<OutcomeKind>())
            select (Time: new AttemptTime
            {
                Waited = waited, Before = before, Restore = TimeSpan.FromSeconds(1), Command = command, ReadyAfter = ready, ReplayedUntil = replayed,
                SavedUntil = saved, Stalled = stalled, StalledInReplay = inReplay, Saving = saving, Hung = hung,
            }, Kind: kind);
        Prop.ForAll(attempts.ToArbitrary(), a =>
        {
            var ledger = a.Time.Split(a.Kind);
            return ledger.Waiting == a.Time.Waited && ledger.Total == a.Time.Waited + a.Time.Before + a.Time.Restore + a.Time.Command && Buckets(ledger).All(b => b >= TimeSpan.Zero);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Two_clocks_still_add_up()
    {
        var all = Gen.Choose(0, 10_000).Select(ms => TimeSpan.FromMilliseconds(ms)).ArrayOf(10);
        Prop.ForAll(all.ToArbitrary(), s =>
        {
            var ledger = new Ledger
            {
                Productive = s[0], Replayed = s[1], CheckpointStall = s[2], Restore = s[3], StartUp = s[4], Backoff = s[5], Waiting = s[6], Hung = s[7], Lost = s[8],
            };
            var within = ledger.Within(s[9] * 9);
            return within.Total == s[9] * 9 && Buckets(within).All(b => b >= TimeSpan.Zero);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_step_that_reports_nothing_was_productive_if_it_succeeded_and_lost_if_not()
    {
        var time = new AttemptTime { Before = Seconds(1), Command = Seconds(10) };
        Assert.Equal(Seconds(10), time.Split(OutcomeKind.Succeeded).Productive);
        Assert.Equal(Seconds(10), time.Split(OutcomeKind.Failed).Lost);
    }

    [Fact]
    public void What_follows_the_last_saved_step_of_a_bad_end_is_lost()
    {
        var ledger = new AttemptTime { Command = Seconds(100), ReadyAfter = Seconds(5), SavedUntil = Seconds(80), Stalled = Seconds(2) }.Split(OutcomeKind.Preempted);
        Assert.Equal((Seconds(5), Seconds(2), Seconds(73), Seconds(20)), (ledger.StartUp, ledger.CheckpointStall, ledger.Productive, ledger.Lost));
    }

    [Fact]
    public void Steps_done_before_are_replayed()
    {
        var ledger = new AttemptTime { Command = Seconds(100), ReadyAfter = Seconds(5), ReplayedUntil = Seconds(25), Stalled = Seconds(3), StalledInReplay = Seconds(1) }
            .Split(OutcomeKind.Succeeded);
        Assert.Equal((Seconds(19), Seconds(73)), (ledger.Replayed, ledger.Productive));
    }

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    private static TimeSpan[] Buckets(Ledger l) =>
        [l.Productive, l.Replayed, l.CheckpointStall, l.Restore, l.StartUp, l.Backoff, l.Waiting, l.Hung, l.Lost];
}
