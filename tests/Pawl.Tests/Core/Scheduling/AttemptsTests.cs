using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Flow;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>Attempts of one leaf: what ends without the program's doing spends no retry.</summary>
public sealed class AttemptsTests
{
    private static readonly Workflow One = Of(Leaf().Retried(Retry("0")));

    [Fact]
    public void Preemption_starts_again_at_once_and_spends_no_retry() =>
        Given(One).IsPreempted("wf(0)").Runs("wf(0)#2").HasNo("wf(1)").Succeeds("wf(0)").Ended(Phase.Succeeded);

    [Fact]
    public void A_lost_attempt_starts_again_at_once_and_then_later_and_later() =>
        Given(One)
            .IsLost("wf(0)").Runs("wf(0)#2")
            .IsLost("wf(0)").Then<RunEvent.AttemptPostponed>("wf(0)").Runs().Has("wf(0)", Phase.Running, "lost; next attempt in 1 second").After(1).Runs("wf(0)#3")
            .IsLost("wf(0)").After(9).Runs().After(1).Runs("wf(0)#4")
            .IsLost("wf(0)").After(60).Runs("wf(0)#5")
            .IsLost("wf(0)").Has("wf(0)", Phase.Error).Ended(Phase.Error);

    [Fact]
    public void The_third_preemption_without_progress_pauses_the_run() =>
        Given(One)
            .IsPreempted("wf(0)").IsPreempted("wf(0)").Runs("wf(0)#3")
            .IsPreempted("wf(0)").Then<RunEvent.Paused>("Paused").Runs().GoesOn()
            .Sees(s => Assert.StartsWith("wf(0): preempted 3 times in a row", s.Run.Paused!.Reason, StringComparison.Ordinal))
            .Sees(s => Assert.True(s.Run.IsAtRest)).Wants()
            .Opened().Runs("wf(0)#4").Succeeds("wf(0)").Ended(Phase.Succeeded);

    [Fact]
    public void A_pause_stops_what_runs_and_starts_nothing() =>
        Given(Of(Dag("main", Call("a"), Call("b", "leaf", "a"), Call("c")), Leaf()))
            .Ask(new Request.Pause(false))
            .Wants(
                new Want.Stop(new AttemptId(new NodeId("wf.a"), 1), Kill: false, Preempt: true, "paused by the user"),
                new Want.Stop(new AttemptId(new NodeId("wf.c"), 1), Kill: false, Preempt: true, "paused by the user"))
            .Succeeds("wf.a").HasNo("wf.b")
            .IsPreempted("wf.c").Runs().Sees(s => Assert.True(s.Run.IsAtRest)).Wants()
            .After(3600).ThenNothing()
            .Opened().Runs("wf.b#1", "wf.c#2");

    [Fact]
    public void A_second_pause_kills() =>
        Given(Of(Leaf()))
            .Ask(new Request.Pause(false)).Ask(new Request.Pause(false)).Then(Requested(1, new Request.Pause(false)))
            .Ask(new Request.Pause(true))
            .Wants(new Want.Stop(new AttemptId(new NodeId("wf"), 1), Kill: true, Preempt: true, "paused by the user"))
            .Ask(new Request.Pause(false)).Sees(s => Assert.True(s.Run.Paused!.Kill));

    [Fact]
    public void A_pause_counts_no_preemption() =>
        Given(One)
            .Ask(new Request.Pause(false)).IsPreempted("wf(0)").Opened()
            .Ask(new Request.Pause(false)).IsPreempted("wf(0)").Opened()
            .Ask(new Request.Pause(false)).IsPreempted("wf(0)").Opened()
            .Runs("wf(0)#4").IsPreempted("wf(0)").Runs("wf(0)#5");

    [Fact]
    public void A_failure_during_a_pause_is_one() =>
        Given(Of(Leaf())).Ask(new Request.Pause(false)).Fails("wf").Ended(Phase.Failed);

    [Fact]
    public void An_exit_handler_waits_for_the_end_of_a_pause() =>
        Given(Of(Leaf(), Leaf("bye")) with { OnExit = "bye" })
            .Ask(new Request.Pause(false)).Succeeds("wf").GoesOn().HasNo("wf.onExit").Opened().Runs("wf.onExit#1");

    [Fact]
    public void An_attempt_that_still_runs_is_adopted_by_the_next_engine() =>
        Given(Of(Leaf())).Asleep(100).Opened().Then(new RunEvent.Opened(Noon.AddSeconds(100), "host", "1")).Runs("wf#1");

    [Fact]
    public void A_wait_after_a_loss_goes_on_under_the_next_engine() =>
        Given(One).IsLost("wf(0)").IsLost("wf(0)").Opened().Runs().Wants(new Want.WakeAt(Noon.AddSeconds(1))).After(1).Runs("wf(0)#3");

    [Fact]
    public void What_was_preempted_goes_before_what_was_never_begun() =>
        Given(Of(Steps("main", [Call("a").Items("0", "1", "2")]), Leaf()), Limits(slots: 1))
            .IsPreempted("wf[0].a(0:0)").Runs("wf[0].a(0:0)#2");

    [Fact]
    public void A_spec_names_the_event_that_caused_it() =>
        Given(Of(Leaf())).IsPreempted("wf").Sees(s =>
        {
            var sequence = Specs.Render(s.Run, s.Node("wf")).Sequence;
            Assert.Equal("wf#2", Print.NodeOf(s.Journal[(int)sequence - 1]));
        });

    private static RunEvent.Requested Requested(int number, Request request) => new(Noon, $"r{number}", request);
}
