using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Flow;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>Steps that others go on beside once they are ready.</summary>
public sealed class DaemonTests
{
    private static Template Server => Leaf("server") with { IsDaemon = true };

    private static Workflow Beside(Template? server = null) =>
        Of(Dag("dag", Call("a", "server"), Call("b", "client", "a").Given("p", "{{tasks.a.ip}}")), server ?? Server, Leaf("client").Needs("p", "none"));

    [Fact]
    public void What_depends_on_a_daemon_goes_on_when_it_is_ready_and_knows_its_address() =>
        Given(Beside()).Sees(s => Assert.Null(s.Run.Find(new NodeId("wf.b"))))
            .IsReady("wf.a", "10.0.0.7")
            .Sees(s =>
            {
                Assert.Equal("10.0.0.7", s.Node("wf.b").Inputs.Parameters["p"]);
                Assert.Equal((Phase.Running, true), (s.Node("wf.a").Phase, s.Node("wf.a").IsFulfilled));
            });

    [Fact]
    public void It_is_stopped_when_what_is_around_it_is_through_and_has_succeeded_however_it_ends() =>
        Given(Beside()).IsReady("wf.a").Succeeds("wf.b")
            .Sees(s =>
            {
                Assert.Equal((Phase.Succeeded, false), (s.Node("wf").Phase, s.Run.IsDone));
                Assert.IsType<Want.Stop>(Scheduler.Wanted(s.Run, s.Now).Single());
            })
            .Fails("wf.a", 143)
            .Sees(s => Assert.Equal((Phase.Succeeded, Phase.Succeeded), (s.Node("wf.a").Phase, s.Run.Phase)));

    [Fact]
    public void Ready_news_that_comes_twice_is_heard_once() =>
        Given(Beside()).IsReady("wf.a").IsReady("wf.a").Sees(s => Assert.Empty(s.Turn));

    [Fact]
    public void One_that_fails_before_it_is_ready_fails_its_dag() =>
        Given(Beside()).Fails("wf.a").Sees(s => Assert.Equal((Phase.Omitted, Phase.Failed), (s.Node("wf.b").Phase, s.Run.Phase)));

    [Fact]
    public void One_that_dies_early_has_failed_and_what_runs_beside_it_goes_on() =>
        Given(Beside()).IsReady("wf.a").Fails("wf.a").Sees(s => Assert.Equal((Phase.Failed, Phase.Running), (s.Node("wf.a").Phase, s.Node("wf.b").Phase)));

    [Fact]
    public void In_steps_one_that_dies_early_fails_its_group_where_that_still_goes_on() =>
        Given(Of(Steps("steps", [[Call("a", "server"), Call("b", "client")]]), Server, Leaf("client")))
            .IsReady("wf[0].a").Fails("wf[0].a").Succeeds("wf[0].b")
            .Sees(s => Assert.Equal((Phase.Failed, Phase.Failed), (s.Node("wf[0]").Phase, s.Run.Phase)));

    [Fact]
    public void The_next_group_begins_when_it_is_ready() =>
        Given(Of(Steps("steps", [[Call("a", "server")], [Call("b", "client")]]), Server, Leaf("client")))
            .IsReady("wf[0].a").Succeeds("wf[1].b").Fails("wf[0].a", 143)
            .Sees(s => Assert.Equal(Phase.Succeeded, s.Run.Phase));

    [Fact]
    public void One_that_is_retried_runs_again_while_others_go_on() =>
        Given(Beside(Server.Retried(Retry("2")))).IsReady("wf.a(0)").Fails("wf.a(0)")
            .Sees(s => Assert.Equal((Phase.Failed, Phase.Running, Phase.Running), (s.Node("wf.a(0)").Phase, s.Node("wf.a(1)").Phase, s.Node("wf.b").Phase)))
            .Succeeds("wf.b").Fails("wf.a(1)", 143)
            .Sees(s => Assert.Equal((Phase.Succeeded, Phase.Succeeded, Phase.Succeeded), (s.Node("wf.a(1)").Phase, s.Node("wf.a").Phase, s.Run.Phase)));

    [Fact]
    public void One_that_is_preempted_is_started_again_though_others_built_upon_it() =>
        Given(Beside()).IsReady("wf.a").IsPreempted("wf.a").Sees(s => Assert.Equal((2, true), (s.Node("wf.a").Attempt, s.Node("wf.a").AttemptRuns)));

    [Fact]
    public void A_run_that_is_a_daemon_is_through_when_it_is_ready() =>
        Given(Of(Server)).IsReady("wf").Sees(s => Assert.IsType<Want.Stop>(Scheduler.Wanted(s.Run, s.Now).Single()))
            .Fails("wf", 143).Sees(s => Assert.Equal(Phase.Succeeded, s.Run.Phase));

    [Fact]
    public void It_holds_no_slot() =>
        Given(Beside(), Limits(1)).IsReady("wf.a").Sees(s => Assert.True(s.Node("wf.b").AttemptRuns));

    [Fact]
    public void A_stop_ends_it_as_failed() =>
        Given(Beside()).IsReady("wf.a").Ask(new Request.Stop(null)).Fails("wf.b").Fails("wf.a")
            .Sees(s => Assert.Equal((Phase.Failed, Phase.Failed), (s.Node("wf.a").Phase, s.Run.Phase)));

    [Fact]
    public void Depends_may_ask_for_a_daemon() =>
        Given(Of(Dag("dag", Call("a", "server"), Call("b", "client").Depends("a.Daemoned")), Server, Leaf("client")))
            .IsReady("wf.a").Sees(s => Assert.Equal(Phase.Running, s.Node("wf.b").Phase));

    [Fact]
    public void A_manual_retry_starts_the_daemons_of_its_dag_again() =>
        Given(Beside()).IsReady("wf.a").Fails("wf.b").Fails("wf.a", 143).Ask(new Request.Retry()).Opened()
            .Sees(s => Assert.Equal((Phase.Running, true), (s.Node("wf.a").Phase, s.Run.Find(new NodeId("wf.b")) is null)));

    [Fact]
    public void What_had_succeeded_beside_a_daemon_is_not_run_again_with_it() =>
        Given(Of(Dag("dag", Call("a", "server"), Call("b", "client", "a"), Call("c", "client", "b")), Server, Leaf("client")))
            .IsReady("wf.a").Succeeds("wf.b").Fails("wf.c").Fails("wf.a", 143).Ask(new Request.Retry()).Opened()
            .IsReady("wf.a").Has("wf.b", Phase.Succeeded).Succeeds("wf.c").Fails("wf.a", 143)
            .Sees(s => Assert.Equal((Phase.Succeeded, 1), (s.Run.Phase, s.Node("wf").Children.Count(c => c.Value == "wf.b"))));
}
