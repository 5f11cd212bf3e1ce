using Pawl.Core.Attempts;
using Pawl.Core.Expressions;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

public sealed class LocksTests
{
    private static readonly LockKey M = new("default/Mutex/m", true);

    [Fact]
    public void A_node_with_locks_is_Pending_until_it_has_them()
    {
        Given(Flow.Of(Flow.Leaf().Locked("m")))
            .Has("wf", Phase.Pending).Runs()
            .LocksAreBusy("wf").Has("wf", Phase.Pending, "Waiting for default/Mutex/m lock. Lock status: 0/1")
            .LocksAreBusy("wf").ThenNothing()
            .TakesLocks("wf").Has("wf", Phase.Running, "").Runs("wf#1")
            .Succeeds("wf").Ended(Phase.Succeeded);
    }

    [Fact]
    public void Locks_are_wanted_while_they_are_waited_for_or_held_and_no_longer()
    {
        var story = Given(Flow.Of(Flow.Leaf().Locked("m", "2:s")));
        Assert.Equal(["False default/Mutex/m True default/Database/s False"], Wanted(story));
        Assert.Equal(["True default/Mutex/m True default/Database/s False"], Wanted(story.TakesLocks("wf")));
        Assert.Empty(Wanted(story.Fails("wf")));
    }

    [Fact]
    public void The_Retry_node_holds_the_locks_of_its_tries()
    {
        var story = Given(Flow.Of(Flow.Leaf().Locked("m").Retried(Flow.Retry("1"))))
            .Has("wf", Phase.Pending).HasNo("wf(0)")
            .TakesLocks("wf").Runs("wf(0)#1").Fails("wf(0)").Runs("wf(1)#1");
        Assert.Equal([new NodeId("wf")], story.Run.LockHolders);
        story.Succeeds("wf(1)").Ended(Phase.Succeeded);
    }

    [Fact]
    public void Steps_hold_their_locks_for_all_below_them()
    {
        var story = Given(Flow.Of(Flow.Steps("main", [Flow.Call("a")]).Locked("m"), Flow.Leaf()))
            .Has("wf", Phase.Pending).HasNo("wf[0]")
            .TakesLocks("wf").Runs("wf[0].a#1");
        Assert.Equal([new NodeId("wf")], story.Run.LockHolders);
    }

    [Fact]
    public void A_dag_starts_nothing_before_it_has_its_locks() =>
        Given(Flow.Of(Flow.Dag("main", Flow.Call("a")).Locked("m"), Flow.Leaf())).HasNo("wf.a").TakesLocks("wf").Runs("wf.a#1");

    [Fact]
    public void The_time_of_a_gate_counts_from_when_it_has_its_locks() =>
        Given(Flow.Of(Flow.Gate(duration: "10").Locked("m")))
            .After(20).Has("wf", Phase.Pending)
            .TakesLocks("wf").After(9).Has("wf", Phase.Running).After(1).Ended(Phase.Succeeded);

    [Fact]
    public void A_semaphore_without_a_limit_is_an_error() =>
        Given(Flow.Of(Flow.Leaf().Locked("2:s"))).LocksFail("wf").Ended(Phase.Error, "Failed to get semaphore limit for default/Database/s");

    [Fact]
    public void The_name_of_a_lock_may_hold_tags()
    {
        var story = Given(Flow.Of(Flow.Dag("main", Flow.Call("a").Given("p", "x")), Flow.Leaf().Needs("p").Locked("m-{{inputs.parameters.p}}")));
        Assert.Equal(["False default/Mutex/m-x True"], Wanted(story));
    }

    [Fact]
    public void A_run_with_locks_of_its_own_is_Pending_until_it_has_them()
    {
        var story = Given(Flow.Of(Flow.Leaf()).Locked("m")).Ended(Phase.Pending).HasNo("wf");
        story.Then(new RunEvent.Opened(Noon, "host", "1"), new RunEvent.LocksAsked(Noon, [M]));
        Assert.Equal(["False default/Mutex/m True"], Wanted(story));
        story.LocksAreBusy(null).Ended(Phase.Pending, "Waiting for default/Mutex/m lock. Lock status: 0/1")
            .TakesLocks(null).Ended(Phase.Running, "").Runs("wf#1");
        Assert.Equal(["True default/Mutex/m True"], Wanted(story));
        Assert.Empty(Wanted(story.Succeeds("wf").Ended(Phase.Succeeded)));
    }

    [Fact]
    public void A_run_that_cannot_have_its_locks_has_failed() =>
        Given(Flow.Of(Flow.Leaf()).Locked("2:s")).LocksFail(null)
            .Ended(Phase.Failed, "Failed to acquire the synchronization lock. Failed to get semaphore limit for default/Database/s");

    [Fact]
    public void A_run_that_is_terminated_while_it_waits_leaves_the_queue()
    {
        var story = Given(Flow.Of(Flow.Leaf()).Locked("m")).Ask(new Request.Terminate()).Ended(Phase.Failed, "Stopped with strategy 'Terminate'");
        Assert.Empty(Wanted(story));
    }

    [Fact]
    public void A_stop_ends_a_node_that_waits() =>
        Given(Flow.Of(Flow.Leaf().Locked("m"))).Ask(new Request.Stop(null)).Has("wf", Phase.Failed, "Stopped with strategy 'Stop'");

    [Fact]
    public void Whoever_is_suspended_keeps_what_it_holds_and_does_not_stand_in_the_way()
    {
        var story = Given(Flow.Of(Flow.Dag("main", Flow.Call("a"), Flow.Call("b")), Flow.Leaf().Locked("m"))).TakesLocks("wf.a");
        Assert.Equal(["True default/Mutex/m True", "False default/Mutex/m True"], Wanted(story));
        Assert.Equal(["True default/Mutex/m True"], Wanted(story.Ask(new Request.Suspend())));
        Assert.Equal(["True default/Mutex/m True", "False default/Mutex/m True"], Wanted(story.Ask(new Request.Resume(null))));
    }

    [Fact]
    public void A_run_that_waits_for_locks_is_not_at_rest() =>
        Assert.False(Given(Flow.Of(Flow.Leaf().Locked("m"))).Run.IsAtRest);

    [Fact]
    public void A_retry_takes_the_locks_of_what_it_opens_again()
    {
        var story = Given(Flow.Of(Flow.Steps("main", [Flow.Call("a")], [Flow.Call("b")]).Locked("m"), Flow.Leaf()).Locked("n"))
            .TakesLocks(null).TakesLocks("wf").Succeeds("wf[0].a").Fails("wf[1].b").Ended(Phase.Failed)
            .Ask(new Request.Retry()).Ended(Phase.Pending).Has("wf", Phase.Pending).Runs();
        story.TakesLocks(null).Runs().TakesLocks("wf").Runs("wf[1].b#2").Succeeds("wf[1].b").Ended(Phase.Succeeded);
    }

    [Fact]
    public void Only_the_first_of_a_long_queue_are_offered()
    {
        var story = Given(Flow.Of(Flow.Dag("main", Flow.Call("a").Counts("100")), Flow.Leaf().Locked("m")));
        Assert.Equal(100, story.Run.LockQueues.ByTemplate["default/Mutex/m"].Count);
        Assert.Equal(16, Wanted(story).Count);
    }

    [Fact]
    public void A_node_waits_for_its_locks_no_longer_than_its_timeout() =>
        Given(Flow.Of(Flow.Leaf().Locked("m") with { Timeout = "{{workflow.parameters.t}}" }), parameters: ("t", "10s"))
            .After(9).Has("wf", Phase.Pending).After(1).Has("wf", Phase.Failed, "timeout").Ended(Phase.Failed);

    [Fact]
    public void A_pendingTimeout_ends_with_the_wait() =>
        Given(Flow.Of(Flow.Leaf().Locked("m") with { Timeout = "1h", PendingTimeout = "5s" }))
            .After(4).TakesLocks("wf").After(10).Has("wf", Phase.Running);

    [Fact]
    public void A_timeout_counts_from_the_start_of_the_node_and_the_shortest_time_wins()
    {
        var leaf = Flow.Leaf().Locked("m") with { Timeout = "1m", ActiveDeadlineSeconds = "50" };
        var story = Given(Flow.Of(leaf)).After(5).TakesLocks("wf");
        Assert.Equal(TimeSpan.FromSeconds(50), Render(story).Deadline);
        story = Given(Flow.Of(leaf)).After(20).TakesLocks("wf");
        Assert.Equal(TimeSpan.FromSeconds(40), Render(story).Deadline);
    }

    [Fact]
    public void What_would_be_ended_at_once_is_not_started()
    {
        var story = Given(Flow.Of(Flow.Leaf().Locked("m") with { Timeout = "10s" })).Asleep(9).TakesLocks("wf");
        Assert.Equal("wf exceeded its deadline", Assert.Throws<ExpressionException>(() => Render(story)).Message);
    }

    private static AttemptSpec Render(Story story) => Specs.Render(story.Run, story.Node("wf"));

    private static List<string> Wanted(Story story) => [.. Scheduler.Wanted(story.Run, story.Now).OfType<Want.Lock>()
        .Select(w => $"{w.IsHeld} {string.Join(' ', w.Keys.Select(k => $"{k.Name} {k.IsMutex}"))}")];
}
