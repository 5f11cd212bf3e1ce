using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

public sealed class MemosTests
{
    private static readonly NodeOutputs Kept = NodeOutputs.None with { Result = "kept" };

    [Fact]
    public void What_was_made_before_is_not_made_again()
    {
        var story = Given(Flow.Of(Flow.Leaf().Memoized("k"))).Has("wf", Phase.Pending).Runs();
        Assert.Equal([new Want.Recall(new NodeId("wf"), new MemoKey("cache", "k", null))], Scheduler.Wanted(story.Run, Noon));
        story.Recalls("wf", Kept).Then<RunEvent.AttemptStarted>().Ended(Phase.Succeeded);
        Assert.Equal("kept", story.Node("wf").Outputs.Result);
        Assert.True(story.Node("wf").MemoHit);
    }

    [Fact]
    public void What_was_not_is_made_kept_and_then_ended()
    {
        var story = Given(Flow.Of(Flow.Leaf().Memoized("k"))).Recalls("wf").Runs("wf#1").Succeeds("wf", "made").Has("wf", Phase.Running);
        var want = Assert.IsType<Want.Remember>(Assert.Single(Scheduler.Wanted(story.Run, Noon)));
        Assert.Equal("made", want.Outputs.Result);
        story.Remembers("wf").Ended(Phase.Succeeded).Has("wf", Phase.Succeeded);
        Assert.Equal("made", story.Node("wf").Outputs.Result);
        Assert.False(story.Node("wf").MemoHit);
    }

    [Fact]
    public void What_cannot_be_kept_is_an_error() =>
        Given(Flow.Of(Flow.Leaf().Memoized("k"))).Recalls("wf").Succeeds("wf").Remembers("wf", "full").Ended(Phase.Error, "full");

    [Fact]
    public void A_failure_is_not_kept() =>
        Given(Flow.Of(Flow.Leaf().Memoized("k"))).Recalls("wf").Fails("wf").Ended(Phase.Failed);

    [Fact]
    public void Steps_and_dags_are_kept_as_a_whole()
    {
        Given(Flow.Of(Flow.Dag("main", Flow.Call("a")).Memoized("k"), Flow.Leaf()))
            .Recalls("wf", Kept).HasNo("wf.a").Ended(Phase.Succeeded);
        Given(Flow.Of(Flow.Steps("main", [Flow.Call("a")]).Memoized("k"), Flow.Leaf()))
            .Recalls("wf").Succeeds("wf[0].a").Has("wf", Phase.Running).Remembers("wf").Ended(Phase.Succeeded);
    }

    [Fact]
    public void It_is_looked_up_once_before_the_first_try()
    {
        Given(Flow.Of(Flow.Leaf().Memoized("k").Retried()))
            .Has("wf", Phase.Pending).Recalls("wf").Runs("wf(0)#1").Fails("wf(0)").Runs("wf(1)#1").Succeeds("wf(1)")
            .Has("wf(1)", Phase.Succeeded).Has("wf", Phase.Running).Remembers("wf").Ended(Phase.Succeeded);
    }

    [Fact]
    public void It_is_looked_up_when_the_locks_are_there()
    {
        var story = Given(Flow.Of(Flow.Leaf().Locked("m").Memoized("k"))).Recalls("wf", Kept).ThenNothing();
        story.TakesLocks("wf").Has("wf", Phase.Pending).Recalls("wf").Runs("wf#1");
    }

    [Fact]
    public void A_key_is_made_of_tags_and_must_be_one_that_Argo_takes()
    {
        Given(Flow.Of(Flow.Leaf().Memoized("a_b"))).Ended(Phase.Error, "invalid cache key: a_b");
        Given(Flow.Of(Flow.Leaf().Memoized("k-{{workflow.parameters.p}}")), parameters: ("p", "a/b")).Ended(Phase.Error, "invalid cache key: k-a/b");
        Given(Flow.Of(Flow.Leaf().Memoized("k", "10"))).Ended(Phase.Error, "invalid maxAge: '10' is not a duration with a unit; write 10s, or 24h");
    }

    [Fact]
    public void A_stop_ends_what_has_not_begun_and_keeps_what_is_made()
    {
        Given(Flow.Of(Flow.Leaf().Memoized("k"))).Ask(new Request.Stop(null)).Ended(Phase.Failed);
        Given(Flow.Of(Flow.Leaf().Memoized("k"))).Recalls("wf").Succeeds("wf").Ask(new Request.Stop(null)).Has("wf", Phase.Running)
            .Remembers("wf").Has("wf", Phase.Succeeded);
    }
}
