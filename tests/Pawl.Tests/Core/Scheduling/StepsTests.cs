using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Flow;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

public sealed class StepsTests
{
    private static string Id(string node) => Names.ArgoId("wf", new NodeId(node));

    [Fact]
    public void An_entry_leaf_is_the_workflows_own_node() =>
        Given(Of(Leaf()))
            .Then(
                new RunEvent.Opened(Noon, "host", "1"),
                new RunEvent.NodeStarted(Noon, new NodeId("wf"), "wf", NodeType.Pod, "leaf", null, null, "", Bound.Nothing, null, null, false),
                new RunEvent.AttemptStarted(Noon, new NodeId("wf"), 1))
            .Wants(new Want.Run(new AttemptId(new NodeId("wf"), 1)))
            .Succeeds("wf").Then<RunEvent.RunEnded>("RunEnded").Ended(Phase.Succeeded, "");

    [Fact]
    public void Groups_run_one_after_another_and_the_steps_of_a_group_together() =>
        Given(Of(Steps("main", [Call("a"), Call("b")], [Call("c")]), Leaf()))
            .Runs("wf[0].a#1", "wf[0].b#1")
            .Succeeds("wf[0].b").Runs("wf[0].a#1").HasNo("wf[1]")
            .Succeeds("wf[0].a").Has("wf[0]", Phase.Succeeded).Runs("wf[1].c#1")
            .Succeeds("wf[1].c").Has("wf", Phase.Succeeded).Ended(Phase.Succeeded);

    [Fact]
    public void A_failed_step_fails_its_group_and_later_groups_are_never_made() =>
        Given(Of(Steps("main", [Call("a"), Call("b")], [Call("c")]), Leaf()))
            .Fails("wf[0].a").Runs("wf[0].b#1").GoesOn()
            .Succeeds("wf[0].b")
            .Has("wf[0]", Phase.Failed, $"child '{Id("wf[0].a")}' failed")
            .HasNo("wf[1]")
            .Ended(Phase.Failed, $"child '{Id("wf[0].a")}' failed");

    [Fact]
    public void Steps_are_Failed_even_where_the_child_was_Error() =>
        Given(Of(Steps("main", [Call("a")]), Leaf()))
            .Errs("wf[0].a").Has("wf[0].a", Phase.Error).Has("wf[0]", Phase.Failed).Ended(Phase.Failed, $"child '{Id("wf[0].a")}' failed");

    [Theory]
    [InlineData(true, false, true, true)]
    [InlineData(true, false, false, false)]
    [InlineData(false, true, true, false)]
    [InlineData(false, true, false, true)]
    public void ContinueOn_excuses_the_phase_it_names(bool onFailed, bool onError, bool fails, bool excused)
    {
        var story = Given(Of(Steps("main", [Call("a").Continues(onFailed, onError)], [Call("b")]), Leaf()));
        (fails ? story.Fails("wf[0].a") : story.Errs("wf[0].a")).Has("wf[0]", excused ? Phase.Succeeded : Phase.Failed);
        if (excused) { story.Succeeds("wf[1].b").Ended(Phase.Succeeded); } else { story.Ended(Phase.Failed); }
    }

    [Fact]
    public void ContinueOn_covers_every_item_of_a_loop() =>
        Given(Of(Steps("main", [Call("a").Items("x", "y").Continues(failed: true)]), Leaf()))
            .Fails("wf[0].a(0:x)").Fails("wf[0].a(1:y)").Ended(Phase.Succeeded);

    [Fact]
    public void A_step_whose_condition_is_false_is_skipped_and_counts_as_done() =>
        Given(Of(Steps("main", [Call("a").When("1 == 2")], [Call("b")]), Leaf()))
            .Has("wf[0].a", Phase.Skipped, "when '1 == 2' evaluated false").Runs("wf[1].b#1");

    [Fact]
    public void A_bad_condition_makes_the_group_Error_and_the_steps_Failed() =>
        Given(Of(Steps("main", [Call("a").When("1 ==").Continues(true, true)], [Call("b")]), Leaf()))
            .Has("wf[0].a", Phase.Error).Has("wf[0]", Phase.Error, "Invalid 'when' expression '1 ==': Unexpected end of expression")
            .Ended(Phase.Failed, "Invalid 'when' expression '1 ==': Unexpected end of expression");

    [Fact]
    public void A_reference_to_nothing_makes_the_group_Error_and_the_steps_Failed() =>
        Given(Of(Steps("main", [Call("a")], [Call("b").Given("p", "x {{steps.a.outputs.parameters.p}}")]), Leaf().Needs("p", "none")))
            .Succeeds("wf[0].a")
            .Has("wf[1]", Phase.Error).Ended(Phase.Failed, "failed to resolve {{steps.a.outputs.parameters.p}}");

    [Fact]
    public void Items_are_named_by_index_and_label() =>
        Given(Of(Steps("main", [Call("a").Items("x", "x", "z")]), Leaf()))
            .Runs("wf[0].a(0:x)#1", "wf[0].a(1:x)#1", "wf[0].a(2:z)#1")
            .Succeeds("wf[0].a(0:x)").Succeeds("wf[0].a(1:x)").GoesOn().Succeeds("wf[0].a(2:z)").Ended(Phase.Succeeded);

    [Fact]
    public void An_empty_list_of_items_is_no_loop() =>
        Given(Of(Steps("main", [Call("a").Items()]), Leaf())).Runs("wf[0].a#1");

    [Fact]
    public void A_condition_of_a_loop_is_asked_for_each_item() =>
        Given(Of(Steps("main", [Call("a").Items("1", "2", "3").When("{{item}} != 2")]), Leaf()))
            .Has("wf[0].a(1:2)", Phase.Skipped).Runs("wf[0].a(0:1)#1", "wf[0].a(2:3)#1");

    [Fact]
    public void A_template_that_calls_itself_without_end_is_stopped_at_its_depth() =>
        Given(Of(Steps("main", [Call("a", "main")])))
            .Ended(Phase.Failed)
            .Sees(s => Assert.Contains(s.Run.Nodes.Values, n => n.Message.StartsWith("Maximum recursion depth exceeded", StringComparison.Ordinal)));
}
