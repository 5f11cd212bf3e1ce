using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Flow;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>A retry of a finished run, as <c>argo retry</c>.</summary>
public sealed class ManualRetryTests
{
    private static readonly Request Again = new Request.Retry();

    [Fact]
    public void Only_what_failed_runs_again_and_its_attempts_go_on_counting() =>
        Given(Of(Steps("main", [Call("a"), Call("b")], [Call("c")]), Leaf()))
            .Succeeds("wf[0].a").Fails("wf[0].b").Ended(Phase.Failed)
            .Asleep(60).Ask(Again).GoesOn().Has("wf[0].a", Phase.Succeeded).Runs("wf[0].b#2")
            .Sees(s => Assert.Equal(Noon.AddSeconds(60), s.Run.StartedAt))
            .Fails("wf[0].b").Ended(Phase.Failed).Ask(Again).Runs("wf[0].b#3")
            .Succeeds("wf[0].b").Runs("wf[1].c#1").Succeeds("wf[1].c").Ended(Phase.Succeeded);

    [Fact]
    public void Tasks_below_a_failed_one_are_decided_again() =>
        Given(Of(Dag("main", Call("a"), Call("b", "leaf", "a"), Call("c", "leaf", "b"), Call("d")), Leaf()))
            .Fails("wf.a").Succeeds("wf.d").Ended(Phase.Failed)
            .Ask(Again).HasNo("wf.b").HasNo("wf.c").Has("wf.d", Phase.Succeeded).Runs("wf.a#2")
            .Succeeds("wf.a").Runs("wf.b#1").Succeeds("wf.b").Succeeds("wf.c").Ended(Phase.Succeeded);

    [Fact]
    public void Failures_deep_inside_open_all_that_encloses_them() =>
        Given(Of(Dag("main", Call("a", "inner"), Call("z", "leaf", "a")), Steps("inner", [Call("x")], [Call("y", "deep")]), Dag("deep", Call("p"), Call("q", "leaf", "p")), Leaf()))
            .Succeeds("wf.a[0].x").Succeeds("wf.a[1].y.p").Fails("wf.a[1].y.q").Ended(Phase.Failed).Has("wf.z", Phase.Omitted)
            .Ask(Again).Runs("wf.a[1].y.q#2").HasNo("wf.z").Has("wf.a[0].x", Phase.Succeeded)
            .Succeeds("wf.a[1].y.q").Runs("wf.z#1").Succeeds("wf.z").Ended(Phase.Succeeded);

    [Fact]
    public void Tries_count_from_the_first_again() =>
        Given(Of(Steps("main", [Call("a"), Call("b")]), Leaf().Retried(Retry("1"))))
            .Succeeds("wf[0].b(0)").Fails("wf[0].a(0)").Fails("wf[0].a(1)").Ended(Phase.Failed)
            .Ask(Again).Runs("wf[0].a(0)#2").HasNo("wf[0].a(1)")
            .Fails("wf[0].a(0)").Runs("wf[0].a(1)#2").Succeeds("wf[0].a(1)").Ended(Phase.Succeeded);

    [Fact]
    public void A_failed_item_runs_again_and_the_others_keep_their_results() =>
        Given(Of(Dag("main", Call("a").Items("x", "y"), Call("b", "leaf", "a")), Leaf()))
            .Succeeds("wf.a(0:x)").Fails("wf.a(1:y)").Ended(Phase.Failed)
            .Ask(Again).Runs("wf.a(1:y)#2").Succeeds("wf.a(1:y)").Has("wf.a", Phase.Succeeded).Runs("wf.b#1");

    [Fact]
    public void An_exit_handler_always_runs_again_and_a_task_of_a_like_name_does_not() =>
        Given(Of(Dag("main", Call("onExitLike"), Call("a")), Leaf(), Steps("bye", [Call("x")])) with { OnExit = "bye" })
            .Succeeds("wf.onExitLike").Fails("wf.a").Succeeds("wf.onExit[0].x").Ended(Phase.Failed)
            .Ask(Again).Runs("wf.a#2").HasNo("wf.onExit").HasNo("wf.onExit[0].x").Has("wf.onExitLike", Phase.Succeeded)
            .Succeeds("wf.a").Runs("wf.onExit[0].x#2").Succeeds("wf.onExit[0].x").Ended(Phase.Succeeded);

    [Fact]
    public void A_failing_exit_handler_alone_runs_again() =>
        Given(Of(Leaf(), Leaf("bye")) with { OnExit = "bye" })
            .Succeeds("wf").Fails("wf.onExit").Ended(Phase.Failed).Ask(Again).Runs("wf.onExit#2").Succeeds("wf.onExit").Ended(Phase.Succeeded);

    [Fact]
    public void A_stopped_run_goes_on_where_it_was() =>
        Given(Of(Steps("main", [Call("a")], [Call("b")]), Leaf()))
            .Ask(new Request.Stop(null)).Succeeds("wf[0].a").Ended(Phase.Failed)
            .Ask(Again).Sees(s => Assert.Null(s.Run.ShutDown)).Runs("wf[1].b#1").Succeeds("wf[1].b").Ended(Phase.Succeeded);

    [Fact]
    public void What_succeeded_runs_again_only_where_it_is_named_and_then_for_good()
    {
        var print = "";
        Given(Of(Steps("main", [Call("a"), Call("b")], [Call("c")]), Leaf().Retried(Retry("1"))))
            .Sees(s => print = Specs.Render(s.Run, s.Node("wf[0].a(0)")).Fingerprint)
            .Succeeds("wf[0].a(0)").Succeeds("wf[0].b(0)").Succeeds("wf[1].c(0)").Ended(Phase.Succeeded)
            .Ask(Again).Ended(Phase.Succeeded)
            .Ask(new Request.Retry(false, "displayName=a")).Ended(Phase.Succeeded)
            .Ask(new Request.Retry(true, "displayName=nothing")).Ended(Phase.Succeeded)
            .Ask(new Request.Retry(true, "displayName=a")).HasNo("wf[1].c").Has("wf[0].b", Phase.Succeeded).Runs("wf[0].a(0)#2")
            .Sees(s => Assert.NotEqual(print, Specs.Render(s.Run, s.Node("wf[0].a(0)")).Fingerprint))
            .Succeeds("wf[0].a(0)").Runs("wf[1].c(0)#2").Succeeds("wf[1].c(0)").Ended(Phase.Succeeded);
    }

    [Fact]
    public void A_gate_that_a_stop_ended_waits_again() =>
        Given(Of(Dag("main", Call("a"), Call("g", "gate", "a")), Leaf(), Gate()))
            .Succeeds("wf.a").Ask(new Request.Terminate()).Ended(Phase.Failed).Ask(Again).Has("wf.g", Phase.Running).GoesOn();

    [Fact]
    public void A_run_stopped_before_it_began_begins() =>
        Given(Of(Leaf()) with { Suspend = true }).Ask(new Request.Stop(null)).Ended(Phase.Failed).Ask(new Request.Resume(null)).Ask(Again).HasNo("wf").Ask(new Request.Resume(null)).Runs("wf#1");

    [Fact]
    public void An_excused_failure_that_others_built_on_is_kept() =>
        Given(Of(Dag("main", Call("a").Continues(failed: true), Call("b", "leaf", "a"), Call("c")), Leaf()))
            .Fails("wf.a").Succeeds("wf.b").Fails("wf.c").Ended(Phase.Failed)
            .Ask(Again).Has("wf.a", Phase.Failed).Has("wf.b", Phase.Succeeded).Runs("wf.c#2").Succeeds("wf.c").Ended(Phase.Succeeded);

    [Fact]
    public void A_failure_that_is_the_only_reason_runs_again_even_so() =>
        Given(Of(Dag("main", Call("a").Continues(failed: true), Call("b", "leaf", "a"), Call("c", "leaf", "a").When("no == yes")), Leaf()))
            .Fails("wf.a").Succeeds("wf.b").Ended(Phase.Failed).Ask(Again).Runs("wf.a#2");

    [Fact]
    public void An_excused_step_of_an_earlier_group_is_kept() =>
        Given(Of(Steps("main", [Call("a").Continues(failed: true)], [Call("b")]), Leaf()))
            .Fails("wf[0].a").Fails("wf[1].b").Ended(Phase.Failed).Ask(Again).Has("wf[0].a", Phase.Failed).Runs("wf[1].b#2").Succeeds("wf[1].b").Ended(Phase.Succeeded);

    [Fact]
    public void Outputs_that_could_not_be_made_are_tried_again() =>
        Given(Of(Steps("main", [Call("a")]).Gives("o", new ValueFrom { Parameter = "steps.a.outputs.parameters.o" }), Leaf()))
            .Succeeds("wf[0].a").Ended(Phase.Error).Ask(Again).Has("wf[0].a", Phase.Succeeded).Ended(Phase.Error);

    [Fact]
    public void The_deadline_counts_from_the_retry() =>
        Given(Of(Leaf()) with { ActiveDeadlineSeconds = 60 })
            .After(60).Fails("wf").Ended(Phase.Failed).Asleep(100).Ask(Again)
            .Wants(new Want.Run(new AttemptId(new NodeId("wf"), 2)), new Want.WakeAt(Noon.AddSeconds(220)));

    [Fact]
    public void A_run_that_goes_on_or_succeeded_cannot_be_retried() =>
        Given(Of(Leaf())).Ask(Again).Then(new RunEvent.Requested(Noon, "r0", Again)).Succeeds("wf").Ask(Again).Ended(Phase.Succeeded);

    [Fact]
    public void A_request_of_the_same_name_is_answered_once() =>
        Given(Of(Leaf())).Fails("wf").When(new Observation.Asked(Noon, "x", Again)).Runs("wf#2")
            .Fails("wf").When(new Observation.Asked(Noon, "x", Again)).ThenNothing().Ended(Phase.Failed);
}
