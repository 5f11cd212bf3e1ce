using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Engine.Loop;
using Xunit;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>What is so of every run after every turn.</summary>
internal static class Laws
{
    public static void Hold(Story story, Observation seen)
    {
        Settled(story);
        IndicesAreWhatAWalkFinds(story.Run);
        Counts(story.Run);
        TimeAddsUp(story.Run);
        // The whole journal each time: not after every turn of a long story.
        if (story.Journal.Count < 40 || story.Run.IsDone || story.Journal.Count % 7 == 0) { ReplaysFromJson(story); }
        Repeats(story, seen);
    }

    // Decide leaves nothing due.
    public static void Settled(Story story) =>
        Assert.Empty(Scheduler.Decide(story.Run, new Observation.Tick(story.Now)).Select(Print.Event));

    /// <summary>After a crash: events read back one by one give the same run, and nothing is due in it.</summary>
    public static void ReplaysFromJson(Story story)
    {
        var again = story.Journal.Select(e => EventJson.ReadEvent(EventJson.Write(e))).Aggregate(RunState.Begin(story.Run.Workflow), Scheduler.Apply);
        Assert.Equal(Print.State(story.Run), Print.State(again));
        Assert.Empty(Scheduler.Decide(again, new Observation.Tick(story.Now)).Select(Print.Event));
    }

    // News that was heard before, or of another attempt, is none.
    private static void Repeats(Story story, Observation seen)
    {
        if (seen is Observation.Opened) { return; }
        Assert.Empty(Scheduler.Decide(story.Run, seen).Select(Print.Event));
        foreach (var node in story.Run.Nodes.Values.Where(n => n.Type == NodeType.Pod))
        {
            var stale = node.AttemptRuns && !node.IsEnded ? node.Attempt - 1 : node.Attempt;
            Assert.Empty(Scheduler.Decide(story.Run, new Observation.Lost(story.Now, new AttemptId(node.Id, stale), "late", null)).Select(Print.Event));
        }
    }

    /// <summary>Every moment of a leaf or a Retry node is in one bucket.</summary>
    public static void TimeAddsUp(RunState run)
    {
        foreach (var node in run.Nodes.Values.Where(n => Scheduler.HasLedger(run, n)))
        {
            Assert.True(node.SpentUntil - node.StartedAt == node.Spent.Total, $"{node.Id} {node.Type} {node.Phase}: {node.StartedAt:T} to {node.SpentUntil:T}, but {node.Spent}");
            if (node.FinishedAt is { } end) { Assert.Equal(end, node.SpentUntil); }
        }
    }

    public static void IndicesAreWhatAWalkFinds(RunState run)
    {
        var nodes = run.Nodes.Values.OrderBy(n => n.Id).ToList();
        var live = run.IsDone ? [] : nodes.Where(n => !n.IsEnded).ToList();
        Same("running", live.Where(n => n.AttemptRuns), run.Running);
        Assert.Equal(nodes.Sum(n => n.Id.Value.Length + n.DisplayName.Length + n.Inputs.Parameters.Values.Concat(n.Inputs.Variables.Values).Sum(v => (long)v.Length)), run.Characters);
        Same("stalled", live.Where(n => n.Type == NodeType.DAG && run.Workflow.Parallelism is not null && ((TemplateBody.Dag)run.Workflow.Templates[n.Template].Body).FailFast
            && n.Failures > 0 && !n.Ready.IsEmpty && n.Children.All(c => IsSettled(run, run.Nodes[c]))), run.Stalled);
        Assert.Equal(nodes.Count(n => !n.IsEnded), run.Live);
        Same("watchers", nodes.Where(n => n is { Watches: true, IsSettled: false }), run.Watchers.Values.SelectMany(w => w).Order());
        Same("gates", live.Where(n => n.Type == NodeType.Suspend && n.Phase == Phase.Running), run.Gates);
        // A daemon gives its locks back once it is ready (Argo).
        Same("lock holders", live.Where(n => n is { HasLocks: true, Daemoned: false }), run.LockHolders);
        Same("lock queues", live.Where(n => n is { Phase: Phase.Pending, HasLocks: false, Locks.IsEmpty: false }), Of(run.LockQueues));
        Same("memos", live.Where(n => n.IsRemembering || (n.Phase == Phase.Pending && (n.HasLocks || n.Locks.IsEmpty))), run.Memos);
        Same("fertile", live.Where(n => n.Phase == Phase.Running && !n.Ready.IsEmpty), Of(run.Fertile));
        Same("waiting", live.Where(n => n is { Phase: Phase.Running, IsRemembering: false }).Where(n => (n.Type == NodeType.Pod && !n.AttemptRuns)
            || (n.Type == NodeType.Retry && n.Children.All(c => run.Nodes[c].IsEnded && IsSettled(run, run.Nodes[c])))).Where(n => n.WakeAt is null), Of(run.Waiting));
        foreach (var (template, ids) in run.Fertile.ByTemplate)
        {
            Assert.All(ids, id => Assert.Equal(template, run.CallOf(run.Nodes[id], run.Nodes[id].Ready.Peek().Call).Template));
        }
        foreach (var (template, ids) in run.Waiting.ByTemplate) { Assert.All(ids, id => Assert.Equal(template, run.Nodes[id].Template)); }
        Assert.Equal(live.Where(n => n.WakeAt is not null).Select(n => new Wake(n.WakeAt!.Value, n.Id)).Order().ToList(), run.Wakes.ToList());
        foreach (var node in nodes)
        {
            Assert.True(node.IsSettled == IsSettled(run, node), $"{node.Id} {node.Phase} is {(node.IsSettled ? "" : "not ")}settled");
            var hooks = nodes.Where(n => n.Owner == node.Id).ToList();
            Assert.True(hooks.Select(h => h.Id).ToHashSet().SetEquals(node.Hooks) && hooks.Count(h => !h.IsEnded) == node.OpenHooks, $"hooks of {node.Id}");
            var children = nodes.Where(n => n.Parent == node.Id).Select(n => n.Id).ToHashSet();
            Assert.True(children.SetEquals(node.Children) && node.Children.Count == children.Count, $"children of {node.Id}");
            var done = node.Children.Count(c => IsSettled(run, run.Nodes[c]));
            var active = nodes.Count(n => n.Boundary == node.Id && !n.IsFulfilled && n.Type is NodeType.Pod or NodeType.Steps or NodeType.DAG);
            Assert.True(active == node.Active, $"{node.Id} has {active} active, not {node.Active}");
            var failures = nodes.Count(n => n.Boundary == node.Id && n.Phase.IsBad() && n.Type is NodeType.Pod or NodeType.Steps or NodeType.DAG
                && n.Hook is null && (n.Parent is null || run.Nodes[n.Parent.Value] is not { Type: NodeType.Retry, Hook: not null }));
            Assert.True(failures == node.Failures, $"{node.Id} has {failures} failures, not {node.Failures}");
            if (node.Type is NodeType.StepGroup or NodeType.TaskGroup)
            {
                Assert.Equal(node.Fanouts.Sum(f => f.Count), node.Total);
                Assert.Equal(node.Total - done, node.Open);
                if (!node.IsEnded) { Assert.Equal(node.Total - node.Children.Count, node.Ready.Count()); }
            }
            if (node.Type == NodeType.DAG)
            {
                var plan = run.PlanOf(node);
                Assert.Equal(plan.Tasks.Length, node.Total);
                Assert.Equal(plan.Tasks.Length - done, node.Open);
                foreach (var task in plan.Tasks)
                {
                    Assert.Equal((task.Depends?.Tasks ?? task.Dependencies).Distinct().Count(d => run.Find(new NodeId($"{node.Id}.{d}")) is not { } task || !IsSettled(run, task)), node.Awaited[task.Name]);
                }
                if (!node.IsEnded)
                {
                    Assert.Equal(
                        plan.Tasks.Where(t => node.Awaited[t.Name] == 0 && run.Find(new NodeId($"{node.Id}.{t.Name}")) is null).Select(t => t.Name).Order(StringComparer.Ordinal),
                        node.Ready.Select(s => s.Call).Order(StringComparer.Ordinal));
                }
            }
        }
    }

    // What parents and dependents wait for.
    private static bool IsSettled(RunState run, Node node) =>
        // The exit handler of a daemon comes when nobody waits for it any more.
        node is { Daemoned: true, HasHooks: true } ? node.IsSettled
        : (node.Phase.IsFulfilled() || node.Daemoned) && run.Nodes.Values.All(n => n.Owner != node.Id || n.Phase.IsFulfilled());

    private static IEnumerable<NodeId> Of(Queues queues) => queues.ByTemplate.Values.SelectMany(ids => ids).Order();

    private static void Same(string what, IEnumerable<Node> expected, IEnumerable<NodeId> actual) =>
        Assert.Equal($"{what}: {string.Join(' ', expected.Select(n => n.Id))}", $"{what}: {string.Join(' ', actual)}");

    private static void Counts(RunState run)
    {
        Assert.True(run.Running.Count(id => !run.Nodes[id].Daemoned) <= run.Slots, "more attempts than slots");
        Assert.All(Scheduler.Wanted(run, DateTimeOffset.MinValue).OfType<Want.Run>(), w => Assert.False(run.Nodes[w.Attempt.Node].IsEnded));
        if (!run.IsDone) { return; }
        Assert.DoesNotContain(run.Nodes.Values, n => !n.IsEnded);
    }
}
