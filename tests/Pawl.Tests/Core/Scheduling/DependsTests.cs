using Pawl.Core.Scheduling;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Flow;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>Tasks that start by what became of others.</summary>
public sealed class DependsTests
{
    private static Story After(string depends) => Given(Of(Dag("main", Call("a"), Call("b").Depends(depends)), Leaf()));

    [Theory]
    [InlineData("a", true)]
    [InlineData("a.Succeeded", true)]
    [InlineData("a.Failed", false)]
    [InlineData("!a.Failed", true)]
    [InlineData("a.Errored || a.Omitted || a.Skipped || a.Daemoned", false)]
    [InlineData("a && not (a.Failed or a.Errored)", true)]
    [InlineData("true", true)]
    [InlineData("a.AnySucceeded || a.AllFailed", false)]
    public void What_holds_of_a_success_starts_a_task(string depends, bool starts)
    {
        var story = After(depends).Succeeds("wf.a");
        if (starts) { story.Runs("wf.b#1"); } else { story.Has("wf.b", Phase.Omitted, "omitted: depends condition not met").Ended(Phase.Succeeded); }
    }

    [Theory]
    [InlineData("a", false)]
    [InlineData("a.Failed", true)]
    [InlineData("a || a.Failed", true)]
    [InlineData("!a", true)]
    [InlineData("a.Errored", false)]
    public void What_holds_of_a_failure_starts_a_task(string depends, bool starts)
    {
        var story = After(depends).Fails("wf.a");
        if (starts) { story.Runs("wf.b#1").Succeeds("wf.b").Ended(Phase.Succeeded); } else { story.Has("wf.b", Phase.Omitted).Ended(Phase.Failed); }
    }

    [Fact]
    public void An_expression_is_asked_when_every_task_in_it_is_through() =>
        Given(Of(Dag("main", Call("a"), Call("b"), Call("c").Depends("a || b")), Leaf()))
            .Succeeds("wf.a").HasNo("wf.c").Fails("wf.b").Runs("wf.c#1").Succeeds("wf.c").Ended(Phase.Succeeded);

    [Fact]
    public void A_bare_name_does_not_accept_an_omitted_task() =>
        Given(Of(Dag("main", Call("a"), Call("b").Depends("a.Failed"), Call("c").Depends("b"), Call("d").Depends("b.Omitted")), Leaf()))
            .Succeeds("wf.a").Has("wf.b", Phase.Omitted).Has("wf.c", Phase.Omitted).Runs("wf.d#1");

    [Fact]
    public void A_skipped_task_is_accepted_by_its_bare_name() =>
        Given(Of(Dag("main", Call("a").When("no == yes"), Call("b").Depends("a"), Call("c").Depends("a.Skipped"), Call("d").Depends("a.Succeeded")), Leaf()))
            .Runs("wf.b#1", "wf.c#1").Has("wf.d", Phase.Omitted);

    [Fact]
    public void An_omitted_leaf_counts_as_what_came_before_it() =>
        Given(Of(Dag("main", Call("a"), Call("b").Depends("a"), Call("h").Depends("a.Failed")), Leaf()))
            .Fails("wf.a").Has("wf.b", Phase.Omitted).Succeeds("wf.h").Ended(Phase.Failed);

    [Theory]
    [InlineData("a.AnySucceeded", true)]
    [InlineData("a.AllFailed", false)]
    [InlineData("a.Failed", true)]
    public void Results_of_items_are_asked_of_the_loop(string depends, bool starts)
    {
        var story = Given(Of(Dag("main", Call("a").Items("x", "y"), Call("b").Depends(depends)), Leaf())).Succeeds("wf.a(0:x)").Fails("wf.a(1:y)");
        if (starts) { story.Runs("wf.b#1"); } else { story.Has("wf.b", Phase.Omitted); }
    }

    [Fact]
    public void All_failed_means_Failed_every_one()
    {
        Story Loop() => Given(Of(Dag("main", Call("a").Items("x", "y"), Call("b").Depends("a.AllFailed")), Leaf())).Fails("wf.a(0:x)");
        Loop().Fails("wf.a(1:y)").Runs("wf.b#1");
        Loop().Errs("wf.a(1:y)").Has("wf.b", Phase.Omitted);
    }

    [Fact]
    public void A_retry_decides_again_what_depended_on_a_failure() =>
        Given(Of(Dag("main", Call("a"), Call("b").Depends("a"), Call("c").Depends("a.Failed")), Leaf()))
            .Fails("wf.a").Fails("wf.c").Ended(Phase.Failed)
            .Ask(new Request.Retry()).HasNo("wf.b").HasNo("wf.c").Succeeds("wf.a").Has("wf.c", Phase.Omitted).Succeeds("wf.b").Ended(Phase.Succeeded);

    [Fact]
    public void A_target_may_be_named_by_a_tag() =>
        Given(Of(Dag("main", Call("a"), Call("b", "leaf", "a"), Call("c")).Target("{{workflow.parameters.t}}"), Leaf()), null, ("t", "b"))
            .Runs("wf.a#1").HasNo("wf.c").Succeeds("wf.a").Succeeds("wf.b").Ended(Phase.Succeeded);

    [Fact]
    public void A_tag_that_gives_no_task_is_an_Error_of_the_dag() =>
        Given(Of(Dag("main", Call("a")).Target("{{workflow.parameters.t}}"), Leaf()), null, ("t", "a z")).Ended(Phase.Error, "target 'z' is not defined");
}
