using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Flow;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>Retry nodes in the tree; the decision itself is tested as RetryRules.</summary>
public sealed class RetryTests
{
    [Fact]
    public void Every_try_is_a_child_of_a_Retry_node() =>
        Given(Of(Leaf().Retried()))
            .Sees(s => Assert.Equal(NodeType.Retry, s.Node("wf").Type)).Runs("wf(0)#1")
            .Fails("wf(0)").Runs("wf(1)#1").Has("wf(0)", Phase.Failed).Has("wf", Phase.Running)
            .Succeeds("wf(1)", "out").Has("wf", Phase.Succeeded)
            .Sees(s => Assert.Equal("out", s.Node("wf").Outputs.Result)).Ended(Phase.Succeeded);

    [Fact]
    public void After_the_last_try_the_Retry_node_has_its_phase() =>
        Given(Of(Leaf().Retried(Retry("1")))).Fails("wf(0)").Fails("wf(1)", 3).Has("wf", Phase.Failed, "No more retries left").Ended(Phase.Failed)
            .Sees(s => Assert.Equal(3, s.Node("wf").ExitCode));

    [Fact]
    public void The_policy_looks_at_the_phase_of_the_try() =>
        Given(Of(Leaf().Retried(Retry(policy: RetryPolicy.OnFailure)))).Errs("wf(0)", "no disk").Ended(Phase.Error, "no disk");

    [Fact]
    public void A_backoff_is_waited_once_and_announced_once() =>
        Given(Of(Leaf().Retried(Retry(wait: "10", factor: "2"))))
            .After(1).Fails("wf(0)")
            .Then<RunEvent.BackoffBegan>("wf").Has("wf", Phase.Running, "Backoff for 10 seconds").Runs()
            .Wants(new Want.WakeAt(Noon.AddSeconds(11)))
            .After(5).ThenNothing().Wants(new Want.WakeAt(Noon.AddSeconds(11)))
            .After(5).Runs("wf(1)#1").Has("wf", Phase.Running, "").Wants(new Want.Run(new AttemptId(new NodeId("wf(1)"), 1)))
            .Fails("wf(1)").Wants(new Want.WakeAt(Noon.AddSeconds(31)));

    [Fact]
    public void A_backoff_that_ended_while_nobody_watched_is_over() =>
        Given(Of(Leaf().Retried(Retry(wait: "10")))).Fails("wf(0)").Asleep(3600).Opened().Runs("wf(1)#1");

    [Fact]
    public void The_policy_is_asked_after_the_wait() =>
        Given(Of(Leaf().Retried(Retry(policy: RetryPolicy.OnError, wait: "10"))))
            .Fails("wf(0)", 4).GoesOn().After(10).Ended(Phase.Failed, "main: Error (exit code 4)");

    [Fact]
    public void No_try_begins_beyond_the_longest_duration() =>
        Given(Of(Leaf().Retried(Retry(wait: "1", longest: "60"))))
            .Asleep(70).Fails("wf(0)").Ended(Phase.Failed, "Max duration limit exceeded");

    [Fact]
    public void A_retry_that_waited_too_long_for_room_is_not_begun() =>
        Given(Of(Dag("main", Call("a", "retried"), Call("b")), Leaf(), Leaf("retried").Retried(Retry(wait: "10", longest: "60"))), Limits(slots: 1))
            .Fails("wf.a(0)").Runs("wf.b#1").After(10).ThenNothing()
            .Asleep(51).Succeeds("wf.b").Ended(Phase.Failed).Has("wf.a", Phase.Failed, "Max duration limit exceeded");

    [Theory]
    [InlineData("x")]
    [InlineData("{{inputs.parameters.p}}")]
    public void A_limit_that_is_no_number_is_an_Error(string limit) =>
        Given(Of(Leaf().Needs("p", "many").Retried(Retry(limit)))).Fails("wf(0)").Ended(Phase.Error);

    [Fact]
    public void Tags_of_a_strategy_are_replaced() =>
        Given(Of(Leaf().Needs("p", "0").Retried(Retry("{{inputs.parameters.p}}")))).Fails("wf(0)").Ended(Phase.Failed, "No more retries left");

    [Fact]
    public void Retried_steps_begin_anew_under_the_name_of_the_new_try() =>
        Given(Of(Steps("main", [Call("a")], [Call("b")]).Retried(), Leaf()))
            .Runs("wf(0)[0].a#1").Succeeds("wf(0)[0].a").Fails("wf(0)[1].b")
            .Runs("wf(1)[0].a#1").Succeeds("wf(1)[0].a").Succeeds("wf(1)[1].b").Ended(Phase.Succeeded);

    [Fact]
    public void A_retried_dag_begins_anew_too() =>
        Given(Of(Dag("main", Call("a"), Call("b", "leaf", "a")).Retried(), Leaf()))
            .Succeeds("wf(0).a").Fails("wf(0).b").Runs("wf(1).a#1");

    [Fact]
    public void The_workflows_own_strategy_wraps_what_has_none()
    {
        var workflow = Of(Steps("main", [Call("a")]), Leaf()) with { RetryStrategy = Retry("1") };
        Given(workflow).Runs("wf(0)[0].a(0)#1").Fails("wf(0)[0].a(0)").Fails("wf(0)[0].a(1)").Runs("wf(1)[0].a(0)#1");
    }

    [Fact]
    public void A_retried_loop_has_a_Retry_node_for_each_item() =>
        Given(Of(Steps("main", [Call("a").Items("x", "y")]), Leaf().Retried()))
            .Runs("wf[0].a(0:x)(0)#1", "wf[0].a(1:y)(0)#1").Fails("wf[0].a(1:y)(0)").Runs("wf[0].a(0:x)(0)#1", "wf[0].a(1:y)(1)#1");

    [Fact]
    public void A_try_knows_its_number_and_how_the_last_one_ended() =>
        Given(Of(Leaf("leaf", "{{retries}} {{lastRetry.exitCode}} {{lastRetry.status}} {{lastRetry.duration}} {{lastRetry.message}}").Retried()))
            .Sees(s => Assert.Equal("0 0  0 ", Specs.Render(s.Run, s.Node("wf(0)")).Args[0]))
            .Asleep(7).Fails("wf(0)", 5)
            .Sees(s => Assert.Equal("1 5 Failed 7 main: Error (exit code 5)", Specs.Render(s.Run, s.Node("wf(1)")).Args[0]));

    [Fact]
    public void Which_try_of_the_steps_around_it_runs_is_no_variable_of_a_leaf() =>
        Given(Of(Steps("main", [Call("a")]).Retried(), Leaf("leaf", "{{retries}}")))
            .Sees(s => Assert.Equal("{{retries}}", Specs.Render(s.Run, s.Node("wf(0)[0].a")).Args[0]));

    [Fact]
    public void All_tries_of_a_step_share_its_chain_and_its_fingerprint() =>
        Given(Of(Leaf("leaf", "{{retries}}").Retried()))
            .Fails("wf(0)")
            .Sees(s =>
            {
                var (first, second) = (Specs.Render(s.Run, s.Node("wf(0)")), Specs.Render(s.Run, s.Node("wf(1)")));
                Assert.Equal((first.Step, first.Fingerprint), (second.Step, second.Fingerprint));
                Assert.Equal("wf", first.Step);
            });

    [Fact]
    public void From_the_second_try_on_the_longest_duration_ends_the_try_itself() =>
        Given(Of(Leaf().Needs("p", "60").Retried(Retry(wait: "5", longest: "{{inputs.parameters.p}}"))))
            .Sees(s => Assert.Null(Specs.Render(s.Run, s.Node("wf(0)")).Deadline))
            .Asleep(10).Fails("wf(0)").After(5)
            .Sees(s => Assert.Equal(TimeSpan.FromSeconds(45), Specs.Render(s.Run, s.Node("wf(1)")).Deadline));

    [Fact]
    public void A_retried_gate_with_a_bad_duration_is_an_Error_of_its_try() =>
        Given(Of(Gate(duration: "{{inputs.parameters.p}}").Needs("p", "soon").Retried(Retry("1", RetryPolicy.Always))))
            .Has("wf(0)", Phase.Error).Has("wf(1)", Phase.Error).Has("wf", Phase.Error, "No more retries left").Ended(Phase.Error);

    [Fact]
    public void A_strategy_without_end_over_steps_that_cannot_begin_ends_when_its_inputs_take_too_much() =>
        Assert.StartsWith("a run may have 1,000,000 nodes", Endless().Message, StringComparison.Ordinal);

    private static RunState Endless()
    {
        var workflow = Of(Steps("main", [Call("a").When("1 ==")]).Retried(Retry(null, RetryPolicy.Always)).Needs("p", new string('x', 1 << 16)), Leaf());
        var run = Submitted(workflow).Run;
        return Scheduler.ApplyTurn(run, Scheduler.Decide(run, new Observation.Tick(Noon)));
    }
}
