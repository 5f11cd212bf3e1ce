using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Flow;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>What is called beside a step, a task or a run.</summary>
public sealed class HookTests
{
    private static Template Bye => Leaf("bye");

    [Fact]
    public void An_exit_handler_begins_when_its_step_ends_and_what_follows_waits_for_it() =>
        Given(Of(Steps("main", [Call("a").Exits()], [Call("b")]), Leaf(), Bye))
            .Succeeds("wf[0].a").Runs("wf[0].a.onExit#1").HasNo("wf[1]")
            .Sees(s => Assert.Equal(("a.onExit", "exit", true), (s.Node("wf[0].a.onExit").DisplayName, s.Node("wf[0].a.onExit").Hook, s.Node("wf[0].a.onExit").Hooked)))
            .Succeeds("wf[0].a.onExit").Then<RunEvent.NodeSettled>("wf[0].a").Runs("wf[1].b#1").Succeeds("wf[1].b").Ended(Phase.Succeeded);

    [Fact]
    public void A_task_waits_for_the_exit_handlers_of_those_it_depends_on() =>
        Given(Of(Dag("main", Call("a").Exits(), Call("b", "leaf", "a")), Leaf(), Bye))
            .Succeeds("wf.a").Runs("wf.a.onExit#1").HasNo("wf.b").Fails("wf.a.onExit").Runs("wf.b#1").Succeeds("wf.b").Ended(Phase.Succeeded);

    [Fact]
    public void It_runs_after_a_failure_too_and_its_own_failure_is_nobodys() =>
        Given(Of(Steps("main", [Call("a").Continues(failed: true).Exits()], [Call("b").Exits()]), Leaf(), Bye))
            .Fails("wf[0].a").Fails("wf[0].a.onExit").Has("wf[0]", Phase.Succeeded)
            .Errs("wf[1].b").Succeeds("wf[1].b.onExit").Has("wf[1]", Phase.Failed).Ended(Phase.Failed);

    [Fact]
    public void It_runs_once_after_the_last_try() =>
        Given(Of(Steps("main", [Call("a").Exits()]), Leaf().Retried(Retry("1")), Bye))
            .Fails("wf[0].a(0)").HasNo("wf[0].a.onExit").Fails("wf[0].a(1)").Runs("wf[0].a.onExit#1");

    [Fact]
    public void Nothing_exits_that_was_skipped() =>
        Given(Of(Steps("main", [Call("a").When("1 == 2").Exits()]), Leaf(), Bye)).HasNo("wf[0].a.onExit").Ended(Phase.Succeeded);

    [Fact]
    public void Every_item_has_its_own_and_knows_its_own_outputs() =>
        Given(Of(Steps("main", [Call("a").Items("x", "y").Exits("bye", null, ("p", "{{item}}: {{steps.a.outputs.parameters.o}} {{steps.a.status}}"))]), Leaf().Gives("o"), Bye.Needs("p")))
            .Succeeds("wf[0].a(1:y)", null, ("o", "1")).Runs("wf[0].a(0:x)#1", "wf[0].a(1:y).onExit#1")
            .Sees(s => Assert.Equal("y: 1 Succeeded", s.Node("wf[0].a(1:y).onExit").Inputs.Parameters["p"]))
            .Succeeds("wf[0].a(0:x)", null, ("o", "2")).Succeeds("wf[0].a(1:y).onExit")
            .Sees(s => Assert.Equal("x: 2 Succeeded", s.Node("wf[0].a(0:x).onExit").Inputs.Parameters["p"]))
            .GoesOn().Succeeds("wf[0].a(0:x).onExit").Ended(Phase.Succeeded);

    [Fact]
    public void An_item_of_a_task_has_its_own() =>
        Given(Of(Dag("main", Call("a").Items("x").Exits("bye", null, ("p", "{{item}} {{tasks.a.exitCode}}"))), Leaf(), Bye.Needs("p")))
            .Succeeds("wf.a(0:x)").Sees(s => Assert.Equal("x 0", s.Node("wf.a(0:x).onExit").Inputs.Parameters["p"])).Succeeds("wf.a(0:x).onExit").Ended(Phase.Succeeded);

    [Fact]
    public void An_exit_handler_without_arguments_gets_those_of_the_workflow() =>
        Given(Of(Steps("main", [Call("a").Exits()]), Leaf(), Bye.Needs("p")), null, ("p", "1"))
            .Succeeds("wf[0].a").Sees(s => Assert.Equal("1", s.Node("wf[0].a.onExit").Inputs.Parameters["p"]));

    [Fact]
    public void An_output_file_goes_to_the_exit_handler()
    {
        var call = Call("a").Exits();
        call = call with { Hooks = [call.Hooks[0] with { Arguments = new([], [new Artifact("f") { From = "{{steps.a.outputs.artifacts.f}}" }]) }] };
        Given(Of(Steps("main", [call]), Leaf().GivesFile("f"), Bye.NeedsFile("f")))
            .SucceedsWithFile("wf[0].a", "f").Sees(s => Assert.Equal(File("f"), s.Node("wf[0].a.onExit").Inputs.Artifacts["f"].Stored));
    }

    [Fact]
    public void With_an_expression_an_exit_handler_may_stay_away() =>
        Given(Of(Dag("main", Call("a").Exits(expression: "tasks['a'].status == 'Failed'"), Call("b").Exits(expression: "tasks.b.status == 'Failed'")), Leaf(), Bye))
            .Succeeds("wf.a").HasNo("wf.a.onExit").Fails("wf.b").Runs("wf.b.onExit#1").Succeeds("wf.b.onExit").Ended(Phase.Failed);

    [Fact]
    public void A_hook_begins_once_when_its_condition_is_first_true() =>
        Given(Of(Steps("main", [Call("a").Hooked("running", "steps[\"a\"].status == \"Running\"").Hooked("good", "steps.a.status == 'Succeeded'").Hooked("bad", "steps.a.status == 'Failed'")]), Leaf(), Bye))
            .Runs("wf[0].a#1", "wf[0].a.hooks.running#1").Fails("wf[0].a.hooks.running")
            .Succeeds("wf[0].a").HasNo("wf[0].a.hooks.bad").Runs("wf[0].a.hooks.good#1").GoesOn().Succeeds("wf[0].a.hooks.good").Ended(Phase.Succeeded);

    [Fact]
    public void A_hook_may_ask_about_another_call() =>
        Given(Of(Dag("main", Call("a").Hooked("late", "tasks.b.status == 'Succeeded'"), Call("b")), Leaf(), Bye))
            .Runs("wf.a#1", "wf.b#1").Succeeds("wf.b").Runs("wf.a#1", "wf.a.hooks.late#1").Succeeds("wf.a").GoesOn().Succeeds("wf.a.hooks.late").Ended(Phase.Succeeded);

    [Fact]
    public void A_hook_waits_for_room_like_any_step() =>
        Given(Of(Steps("main", [Call("a").Hooked("running", "steps.a.status == 'Running'")]), Leaf(), Bye), Limits(slots: 1))
            .Runs("wf[0].a#1").Has("wf[0].a.hooks.running", Phase.Running).Succeeds("wf[0].a").Runs("wf[0].a.hooks.running#1");

    [Fact]
    public void A_hook_may_be_steps_and_may_be_retried() =>
        Given(Of(Steps("main", [Call("a").Exits("more")]), Leaf(), Bye.Retried(), Steps("more", [Call("x", "bye")])))
            .Succeeds("wf[0].a").Runs("wf[0].a.onExit[0].x(0)#1").Fails("wf[0].a.onExit[0].x(0)").Succeeds("wf[0].a.onExit[0].x(1)").Ended(Phase.Succeeded);

    [Fact]
    public void What_a_hook_cannot_resolve_is_its_owners_error() =>
        Given(Of(Dag("main", Call("a").Exits("bye", null, ("p", "{{tasks.a.outputs.parameters.none}} x"))), Leaf(), Bye.Needs("p")))
            .Succeeds("wf.a").Has("wf.a", Phase.Error, "hook exit: failed to resolve {{tasks.a.outputs.parameters.none}}").Ended(Phase.Error);

    [Fact]
    public void A_stop_lets_exit_handlers_begin_and_ends_other_hooks() =>
        Given(Of(Steps("main", [Call("a").Exits().Hooked("running", "true")]), Leaf(), Bye))
            .Runs("wf[0].a#1", "wf[0].a.hooks.running#1").Ask(new Request.Stop(null))
            .Ends("wf[0].a", Stopped).Ends("wf[0].a.hooks.running", Stopped).Runs("wf[0].a.onExit#1").Succeeds("wf[0].a.onExit").Ended(Phase.Failed, "Stopped with strategy 'Stop'");

    [Fact]
    public void A_terminate_lets_nothing_begin_and_ends_what_runs() =>
        Given(Of(Steps("main", [Call("a").Exits(), Call("b").Exits()]), Leaf(), Bye))
            .Succeeds("wf[0].a").Runs("wf[0].a.onExit#1", "wf[0].b#1").Ask(new Request.Terminate())
            .Ends("wf[0].b", Stopped).Ends("wf[0].a.onExit", Stopped).HasNo("wf[0].b.onExit").Ended(Phase.Failed);

    [Fact]
    public void Fail_fast_waits_for_the_hooks_of_what_failed() =>
        Given(Of(Steps("main", [Call("a").Exits(), Call("g", "gate").Exits()]).FailsFast(), Leaf(), Bye, Gate()))
            .Fails("wf[0].a").Has("wf[0].g", Phase.Failed).Runs("wf[0].a.onExit#1", "wf[0].g.onExit#1").Succeeds("wf[0].a.onExit").GoesOn().Succeeds("wf[0].g.onExit").Ended(Phase.Failed);

    [Fact]
    public void A_task_of_the_name_that_a_hook_would_get_is_an_error() =>
        Given(Of(Dag("main", Call("a", "inner").Exits()), Dag("inner", Call("onExit")), Leaf(), Bye))
            .Succeeds("wf.a.onExit").Has("wf.a", Phase.Error, "hook exit was not run: its name wf.a.onExit is that of a task; rename the task").Ended(Phase.Error);

    [Fact]
    public void The_runs_own_hooks_see_its_status_change() =>
        Given(Of(Steps("main", [Call("a")]), Leaf(), Bye, Leaf("end")) with
        {
            Hooks = Pawl.Core.Workflows.Hook.Ordered([Hook("running", "workflow.status == \"Running\""), Hook("failed", "workflow.status == \"Failed\""), Hook("good", "workflow.status == 'Succeeded'"), Hook("exit", "false", "end")]),
        })
            .Runs("wf[0].a#1", "wf.hooks.running#1").Fails("wf[0].a").Runs("wf.hooks.running#1", "wf.hooks.failed#1")
            .Succeeds("wf.hooks.failed").HasNo("wf.onExit").Fails("wf.hooks.running").Runs("wf.onExit#1").Succeeds("wf.onExit").HasNo("wf.hooks.good").Ended(Phase.Failed);

    [Fact]
    public void The_runs_exit_handler_takes_arguments_that_know_how_it_went() =>
        Given(Of(Leaf(), Bye.Needs("p")) with { Hooks = [Hook("exit", null, "bye", ("p", "{{workflow.status}} {{workflow.name}}"))] })
            .Fails("wf").Sees(s => Assert.Equal("Failed wf", s.Node("wf.onExit").Inputs.Parameters["p"])).Succeeds("wf.onExit").Ended(Phase.Failed);

    [Fact]
    public void A_failing_hook_of_the_run_is_nobodys_and_a_failing_exit_handler_is_the_runs() =>
        Given(Of(Leaf(), Bye) with { Hooks = [Hook("exit", null), Hook("running", "workflow.status == 'Running'")] })
            .Fails("wf.hooks.running").Succeeds("wf").Fails("wf.onExit").Ended(Phase.Failed);

    [Fact]
    public void A_retry_calls_the_hooks_of_all_that_runs_again() =>
        Given(Of(Steps("main", [Call("a").Exits(), Call("b").Exits()]), Leaf(), Bye) with { Hooks = [Hook("exit", null), Hook("bad", "workflow.status == 'Failed'")] })
            .Succeeds("wf[0].a").Succeeds("wf[0].a.onExit").Fails("wf[0].b").Succeeds("wf[0].b.onExit").Succeeds("wf.hooks.bad").Succeeds("wf.onExit").Ended(Phase.Failed)
            .Ask(new Request.Retry()).Runs("wf[0].b#2").Has("wf[0].a.onExit", Phase.Succeeded).HasNo("wf[0].b.onExit").HasNo("wf.onExit").HasNo("wf.hooks.bad")
            .Sees(s => Assert.Equal(1, s.Run.Anew[new NodeId("wf[0].b.onExit")]))
            .Succeeds("wf[0].b").Runs("wf[0].b.onExit#2").Succeeds("wf[0].b.onExit").Runs("wf.onExit#2").Succeeds("wf.onExit").Ended(Phase.Succeeded);

    [Fact]
    public void A_failed_hook_is_no_reason_to_run_its_owner_again() =>
        Given(Of(Steps("main", [Call("a").Exits(), Call("b")]), Leaf(), Bye))
            .Succeeds("wf[0].a").Fails("wf[0].a.onExit").Fails("wf[0].b").Ended(Phase.Failed)
            .Ask(new Request.Retry()).Runs("wf[0].b#2").Has("wf[0].a.onExit", Phase.Failed).Succeeds("wf[0].b").Ended(Phase.Succeeded);

    private static Pawl.Core.Attempts.Outcome Stopped =>
        new() { Kind = Pawl.Core.Attempts.OutcomeKind.Failed, ExitCode = 143, Message = "workflow shutdown with strategy:  Stop" };
}
