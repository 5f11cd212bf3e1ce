using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Flow;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>Stop, terminate, the workflow's deadline, and the exit handler.</summary>
public sealed class StoppingTests
{
    private static readonly AttemptId A = new(new NodeId("wf.a"), 1);

    private static Workflow Two => Of(Dag("main", Call("a"), Call("b", "leaf", "a"), Call("g", "gate")), Leaf(), Gate(), Leaf("bye")) with { OnExit = "bye" };

    [Fact]
    public void A_stop_ends_processes_and_gates_and_the_exit_handler_still_runs() =>
        Given(Two)
            .Ask(new Request.Stop(null))
            .Has("wf.g", Phase.Failed, "Stopped with strategy 'Stop'")
            .Wants(new Want.Stop(A, Kill: false, Preempt: false, "workflow shutdown with strategy:  Stop"))
            .Fails("wf.a", 143, "workflow shutdown with strategy:  Stop").HasNo("wf.b").Has("wf", Phase.Failed)
            .Runs("wf.onExit#1").Succeeds("wf.onExit")
            .Ended(Phase.Failed, "Stopped with strategy 'Stop'");

    [Fact]
    public void A_message_of_the_user_is_the_processes_message() =>
        Given(Two).Ask(new Request.Stop("lunch")).Wants(new Want.Stop(A, false, false, "lunch")).IsPreempted("wf.a").Has("wf.a", Phase.Failed, "lunch");

    [Fact]
    public void Terminate_runs_no_exit_handler() =>
        Given(Two)
            .Ask(new Request.Terminate()).IsLost("wf.a").Has("wf.a", Phase.Failed, "workflow shutdown with strategy:  Terminate")
            .HasNo("wf.onExit").Ended(Phase.Failed, "Stopped with strategy 'Terminate'");

    [Fact]
    public void Terminate_after_stop_ends_the_exit_handler_too() =>
        Given(Two).Ask(new Request.Stop(null)).Fails("wf.a").Runs("wf.onExit#1").Wants(new Want.Run(new AttemptId(new NodeId("wf.onExit"), 1)))
            .Ask(new Request.Terminate())
            .Wants(new Want.Stop(new AttemptId(new NodeId("wf.onExit"), 1), false, false, "workflow shutdown with strategy:  Terminate"))
            .Fails("wf.onExit").Ended(Phase.Failed);

    [Fact]
    public void Nothing_is_retried_or_restarted_in_a_shutdown() =>
        Given(Of(Leaf().Retried())).Ask(new Request.Stop(null)).IsPreempted("wf(0)").Has("wf(0)", Phase.Failed).HasNo("wf(1)")
            .Has("wf", Phase.Failed, "Stopped with strategy 'Stop'").Ended(Phase.Failed);

    [Fact]
    public void A_wait_ends_with_the_run() =>
        Given(Of(Leaf().Retried(Retry(wait: "100")))).Fails("wf(0)").Ask(new Request.Stop(null)).Ended(Phase.Failed, "Stopped with strategy 'Stop'").Wants();

    [Fact]
    public void What_succeeded_before_the_stop_stays_so() =>
        Given(Of(Steps("main", [Call("a")]), Leaf())).Ask(new Request.Stop(null)).Succeeds("wf[0].a").Ended(Phase.Succeeded);

    [Fact]
    public void A_run_stopped_before_it_began_fails() =>
        Given(Of(Leaf()) with { Suspend = true }).Ask(new Request.Stop(null)).Ended(Phase.Failed, "Stopped with strategy 'Stop'");

    [Fact]
    public void A_stop_of_a_run_that_has_ended_is_only_noted() =>
        Given(Of(Leaf())).Succeeds("wf").Ask(new Request.Stop(null)).Then(new RunEvent.Requested(Noon, "r0", new Request.Stop(null))).Ended(Phase.Succeeded);

    [Fact]
    public void The_deadline_ends_all_but_the_exit_handler() =>
        Given(Two with { ActiveDeadlineSeconds = 60 })
            .Wants(new Want.Run(A), new Want.WakeAt(Noon.AddSeconds(60)))
            .After(60).Has("wf.g", Phase.Failed, "Step exceeded its deadline")
            .Wants(new Want.Stop(A, Kill: false, Preempt: false, "Step exceeded its deadline"))
            .Fails("wf.a", 143, "Step exceeded its deadline")
            .Runs("wf.onExit#1").After(1000).Wants(new Want.Run(new AttemptId(new NodeId("wf.onExit"), 1)))
            .Succeeds("wf.onExit").Ended(Phase.Failed, "Step exceeded its deadline");

    [Fact]
    public void The_deadline_is_none_of_an_exit_handlers_business() =>
        Given(Of(Leaf(), Leaf("bye")) with { OnExit = "bye", ActiveDeadlineSeconds = 60 })
            .Succeeds("wf").Wants(new Want.Run(new AttemptId(new NodeId("wf.onExit"), 1)))
            .After(100).Wants(new Want.Run(new AttemptId(new NodeId("wf.onExit"), 1))).Succeeds("wf.onExit").Ended(Phase.Succeeded);

    [Fact]
    public void A_deadline_beyond_the_calendar_is_none() =>
        Given(Of(Leaf()) with { ActiveDeadlineSeconds = long.MaxValue }).Runs("wf#1").After(1e9).Runs("wf#1");

    [Theory]
    [InlineData(true, true, Phase.Succeeded)]
    [InlineData(true, false, Phase.Failed)]
    [InlineData(false, true, Phase.Failed)]
    public void A_failing_exit_handler_spoils_a_success_and_a_good_one_mends_nothing(bool main, bool handler, Phase phase)
    {
        var story = Given(Of(Leaf(), Leaf("bye")) with { OnExit = "bye" });
        story = main ? story.Succeeds("wf") : story.Fails("wf");
        (handler ? story.Succeeds("wf.onExit") : story.Fails("wf.onExit")).Ended(phase);
    }

    [Fact]
    public void The_exit_handler_is_told_how_the_run_ended() =>
        Given(Of(Dag("main", Call("a")), Leaf(), Steps("bye", [Call("tell", "say").When("{{workflow.status}} != Succeeded")]),
                Leaf("say", "{{workflow.status}} {{workflow.duration}} {{workflow.failures}}")) with
        { OnExit = "bye" })
            .Asleep(2).Fails("wf.a")
            .Sees(s =>
            {
                var text = Specs.Render(s.Run, s.Node("wf.onExit[0].tell")).Args[0];
                Assert.StartsWith("Failed 2.000000 \"[{\\\"displayName\\\":\\\"a\\\",\\\"message\\\":\\\"main: Error (exit code 1)\\\",\\\"templateName\\\":\\\"leaf\\\",\\\"phase\\\":\\\"Failed\\\"", text, StringComparison.Ordinal);
            });

    [Fact]
    public void Nothing_failed_is_null_in_quotes() =>
        Given(Of(Leaf(), Leaf("bye", "{{workflow.failures}}")) with { OnExit = "bye" })
            .Succeeds("wf").Sees(s => Assert.Equal("\"null\"", Specs.Render(s.Run, s.Node("wf.onExit")).Args[0]));

    [Fact]
    public void A_task_that_has_the_exit_handlers_name_is_not_taken_for_it() =>
        Given(Of(Dag("main", Call("onExit")), Leaf(), Leaf("bye")) with { OnExit = "bye" })
            .Runs("wf.onExit#1").Succeeds("wf.onExit").Ended(Phase.Error);
}
