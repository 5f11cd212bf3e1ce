using Pawl.Core.Scheduling;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Flow;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

public sealed class DagTests
{
    [Fact]
    public void A_task_starts_when_all_it_depends_on_is_through() =>
        Given(Of(Dag("main", Call("c", "leaf", "a", "b"), Call("a"), Call("b")), Leaf()))
            .Runs("wf.a#1", "wf.b#1")
            .Succeeds("wf.a").HasNo("wf.c")
            .Succeeds("wf.b").Runs("wf.c#1")
            .Succeeds("wf.c").Has("wf", Phase.Succeeded).Ended(Phase.Succeeded, "");

    [Fact]
    public void A_failed_task_omits_all_below_it_and_the_rest_goes_on() =>
        Given(Of(Dag("main", Call("a"), Call("b", "leaf", "a"), Call("c", "leaf", "b"), Call("d"), Call("e", "leaf", "d")), Leaf()))
            .Fails("wf.a")
            .Has("wf.b", Phase.Omitted, "omitted: depends condition not met").Has("wf.c", Phase.Omitted)
            .GoesOn().Succeeds("wf.d").Runs("wf.e#1").Succeeds("wf.e")
            .Ended(Phase.Failed, "");

    [Theory]
    [InlineData(true, Phase.Failed)]
    [InlineData(false, Phase.Error)]
    public void A_dag_keeps_the_phase_of_its_leaf(bool fails, Phase phase)
    {
        var story = Given(Of(Dag("main", Call("a")), Leaf()));
        (fails ? story.Fails("wf.a") : story.Errs("wf.a")).Ended(phase);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public void Dependents_of_a_failure_run_where_its_own_continueOn_allows(bool failed, bool error)
    {
        var story = Given(Of(Dag("main", Call("a").Continues(failed, error), Call("b", "leaf", "a")), Leaf())).Fails("wf.a");
        if (failed) { story.Runs("wf.b#1").Succeeds("wf.b").Ended(Phase.Succeeded); } else { story.Has("wf.b", Phase.Omitted).Ended(Phase.Failed); }
    }

    [Fact]
    public void ContinueOn_excuses_a_leaf_of_the_dag() =>
        Given(Of(Dag("main", Call("a").Continues(error: true)), Leaf())).Errs("wf.a").Ended(Phase.Succeeded);

    [Fact]
    public void A_leaf_that_did_not_run_counts_as_what_came_before_it() =>
        Given(Of(Dag("main", Call("a").Continues(failed: true), Call("b", "leaf", "a").When("no == yes")), Leaf()))
            .Fails("wf.a").Has("wf.b", Phase.Skipped).Ended(Phase.Failed);

    [Fact]
    public void A_failure_that_a_succeeded_leaf_built_on_is_forgotten() =>
        Given(Of(Dag("main", Call("a").Continues(failed: true), Call("b", "leaf", "a"), Call("c", "leaf", "b").When("no == yes")), Leaf()))
            .Fails("wf.a").Succeeds("wf.b").Has("wf.c", Phase.Skipped).Ended(Phase.Succeeded);

    [Fact]
    public void A_skipped_task_counts_as_done() =>
        Given(Of(Dag("main", Call("a").When("no == yes"), Call("b", "leaf", "a")), Leaf()))
            .Has("wf.a", Phase.Skipped, "when 'no == yes' evaluated false").Runs("wf.b#1");

    [Fact]
    public void A_bad_condition_is_an_Error_of_the_task() =>
        Given(Of(Dag("main", Call("a").When("1 ==")), Leaf())).Has("wf.a", Phase.Error).Ended(Phase.Error);

    [Fact]
    public void Only_targets_and_what_they_need_are_made() =>
        Given(Of(Dag("main", Call("a"), Call("b", "leaf", "a"), Call("c", "leaf", "a"), Call("d")).Target("b"), Leaf()))
            .Runs("wf.a#1").Succeeds("wf.a").Runs("wf.b#1").HasNo("wf.c").HasNo("wf.d")
            .Succeeds("wf.b").Ended(Phase.Succeeded);

    [Fact]
    public void A_loop_is_a_group_whose_last_bad_child_decides() =>
        Given(Of(Dag("main", Call("a").Items("x", "y", "z"), Call("b", "leaf", "a")), Leaf()))
            .Has("wf.a", Phase.Running).Runs("wf.a(0:x)#1", "wf.a(1:y)#1", "wf.a(2:z)#1")
            .Errs("wf.a(0:x)").Fails("wf.a(1:y)").Succeeds("wf.a(2:z)")
            .Has("wf.a", Phase.Failed).Has("wf.b", Phase.Omitted).Ended(Phase.Failed);

    [Fact]
    public void An_empty_list_of_items_is_no_loop() =>
        Given(Of(Dag("main", Call("a").Items()), Leaf())).Has("wf.a", Phase.Running).Runs("wf.a#1");

    [Fact]
    public void Dags_and_steps_stand_in_each_other() =>
        Given(Of(Dag("main", Call("a", "inner"), Call("b", "leaf", "a")), Steps("inner", [Call("s", "deep")]), Dag("deep", Call("t")), Leaf()))
            .Runs("wf.a[0].s.t#1").Succeeds("wf.a[0].s.t")
            .Has("wf.a[0].s", Phase.Succeeded).Has("wf.a", Phase.Succeeded).Runs("wf.b#1");
}
