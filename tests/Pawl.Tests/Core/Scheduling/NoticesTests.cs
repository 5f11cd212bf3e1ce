using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Flow;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>A host that goes, one that may go, and a rehearsal on one that stays.</summary>
public sealed class NoticesTests
{
    private const string Reason = "this machine goes by 2024-05-01 12:00:30Z (file: told so); the run can go on after its reboot, or elsewhere";

    private static readonly AttemptId A = new(new NodeId("wf.a"), 1);

    private static Workflow Two => Of(Dag("main", Call("a"), Call("b", "leaf", "a")), Leaf());

    [Fact]
    public void On_a_host_that_goes_nothing_new_starts_and_the_run_pauses_with_the_last_of_its_attempts() =>
        Given(Two)
            .Noticed(30).Then(new RunEvent.Leaving(Noon, "n120030", "file", Noon.AddSeconds(30), "told so")).Wants(new Want.Run(A))
            .Succeeds("wf.a").HasNo("wf.b").Then<RunEvent.Paused>("Paused")
            .Sees(s => Assert.Equal(Reason, s.Run.Paused!.Reason)).Sees(s => Assert.True(s.Run.IsAtRest)).GoesOn();

    [Fact]
    public void What_a_notice_preempted_is_not_started_again_there_but_by_the_next_engine() =>
        Given(Two).Noticed(30).IsPreempted("wf.a").Runs().Then<RunEvent.Paused>("Paused").After(3600).ThenNothing()
            .Noticed().Then<RunEvent.Stays>("Stays").Runs().Opened().Runs("wf.a#2");

    [Fact]
    public void What_was_lost_there_waits_too() => Given(Two).Noticed(30).IsLost("wf.a").Runs().Then<RunEvent.Paused>("Paused");

    [Fact]
    public void A_notice_that_is_cancelled_before_the_attempts_end_is_lifted() =>
        Given(Two).Noticed(30).Noticed().Then<RunEvent.Stays>("Stays").Succeeds("wf.a").Runs("wf.b#1");

    [Fact]
    public void What_waited_for_a_cancelled_notice_starts_with_its_end() =>
        Given(Of(Dag("main", Call("a"), Call("b")), Leaf())).Noticed(30).IsPreempted("wf.a").Runs("wf.b#1").Noticed().Runs("wf.a#2", "wf.b#1");

    [Fact]
    public void A_hint_is_noted_once_and_changes_nothing() =>
        Given(Two).Noticed([null]).Then(new RunEvent.Hinted(Noon, "hint", "aws-rebalance", "moves are recommended"))
            .Noticed([null]).ThenNothing().Succeeds("wf.a").Runs("wf.b#1").Noticed().ThenNothing();

    [Fact]
    public void Of_several_notices_the_first_deadline_counts() =>
        Given(Two).Noticed(120, 30).Sees(s => Assert.Equal(Noon.AddSeconds(30), s.Run.Leaving!.Deadline))
            .Noticed(120).Sees(s => Assert.Equal(Noon.AddSeconds(120), s.Run.Leaving!.Deadline))
            .Noticed(120).ThenNothing();

    [Fact]
    public void A_run_opened_under_a_notice_starts_nothing_and_says_why() =>
        Submitted(Two).Noticed(30).Runs().Then<RunEvent.Paused>("Paused")
            .Opened().Runs().Sees(s => Assert.Equal(Reason, s.Run.Paused!.Reason)).Sees(s => Assert.True(s.Run.IsAtRest));

    [Fact]
    public void A_run_can_be_stopped_on_a_host_that_goes() =>
        Given(Two).Noticed(30).Ask(new Request.Stop(null)).Fails("wf.a").Ended(Phase.Failed);

    [Fact]
    public void A_run_at_a_gate_pauses_at_once() => Given(Of(Gate())).Noticed(30).Then<RunEvent.Paused>("Paused").Sees(s => Assert.True(s.Run.IsAtRest));

    [Fact]
    public void A_third_preemption_by_notices_pauses_for_the_notice()
    {
        var story = Given(Of(Leaf()));
        for (var times = 0; times < 3; times++) { story.Noticed(30).IsPreempted("wf").Noticed().Opened(); }
        story.Runs("wf#4").IsPreempted("wf").Sees(s => Assert.StartsWith("wf: preempted 4 times", s.Run.Paused!.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void A_third_preemption_by_a_notice_that_is_then_lifted_pauses_too() =>
        Given(Of(Dag("main", Call("a"), Call("b")), Leaf())).IsPreempted("wf.a").IsPreempted("wf.a").Noticed(30).IsPreempted("wf.a").Runs("wf.b#1")
            .Noticed().Then<RunEvent.Paused>("Paused").Runs("wf.b#1")
            .Sees(s => Assert.StartsWith("wf.a: preempted 3 times", s.Run.Paused!.Reason, StringComparison.Ordinal))
            .IsPreempted("wf.b").Opened().Runs("wf.a#4", "wf.b#2");

    [Fact]
    public void A_rehearsal_stops_with_a_deadline_and_starts_again_at_once() =>
        Given(Two)
            .Ask(new Request.Preempt([], TimeSpan.FromSeconds(30)))
            .Wants(new Want.Stop(A, Kill: false, Preempt: true, "preempted by the user with a notice of 30 s", Noon.AddSeconds(30)))
            .Ask(new Request.Preempt([], TimeSpan.FromSeconds(40))).Then<RunEvent.PreemptionBegan>()
            .Ask(new Request.Preempt([new NodeId("wf.b")], TimeSpan.Zero)).Then<RunEvent.PreemptionBegan>()
            .Ask(new Request.Preempt([new NodeId("wf.a")], TimeSpan.Zero)).Then<RunEvent.PreemptionBegan>("wf.a#1")
            .IsPreempted("wf.a").Runs("wf.a#2").Wants(new Want.Run(A with { Number = 2 }));

    [Fact]
    public void A_rehearsal_counts_as_a_preemption() =>
        Given(Of(Leaf())).Ask(Now).IsPreempted("wf").Ask(Now).IsPreempted("wf").Ask(Now).IsPreempted("wf").Then<RunEvent.Paused>("Paused");

    [Fact]
    public void A_step_that_succeeds_in_a_rehearsal_is_done() => Given(Two).Ask(Now).Succeeds("wf.a").Runs("wf.b#1");

    [Fact]
    public void Progress_begins_the_row_of_preemptions_anew() =>
        Given(Of(Leaf())).IsPreempted("wf").IsPreempted("wf").IsPreempted("wf", progressed: true).Runs("wf#4").IsPreempted("wf").Runs("wf#5")
            .IsPreempted("wf").Then<RunEvent.Paused>("Paused");

    [Fact]
    public void Progress_begins_the_row_of_losses_anew() =>
        Given(Of(Leaf())).IsLost("wf").IsLost("wf").After(1).IsLost("wf", progressed: true).Runs("wf#4")
            .Sees(s => Assert.True(s.Node("wf").Last!.Progressed));

    [Fact]
    public void Progress_of_another_end_begins_both_anew() =>
        Given(Of(Leaf())).IsLost("wf").IsPreempted("wf", progressed: true).Sees(s => Assert.Equal((0, 1), (s.Node("wf").LostInARow, s.Node("wf").PreemptedInARow)));

    private static Request.Preempt Now => new([], TimeSpan.Zero);
}
