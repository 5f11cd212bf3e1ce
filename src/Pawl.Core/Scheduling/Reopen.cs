using Pawl.Core.Attempts;
using Pawl.Core.Goodput;

namespace Pawl.Core.Scheduling;

public static partial class Scheduler
{
    private static RunState Reopened(RunState run, RunEvent.Retried r)
    {
        foreach (var step in r.Anew ?? []) { run = run with { Anew = run.Anew.SetItem(step, run.Anew.GetValueOrDefault(step) + 1) }; }
        foreach (var id in r.Removed)
        {
            if (run.Find(id) is { Attempt: > 0 } node) { run = run with { PastAttempts = run.PastAttempts.SetItem(id, node.Attempt) }; }
            run = run.Without(id);
        }
        run = run with { Phase = run.OwnLocks.IsEmpty ? Phase.Running : Phase.Pending, Message = "", StartedAt = r.At, FinishedAt = null, ShutDown = null, Touched = [] };
        foreach (var id in r.Reset)
        {
            run = run.With(id, n => n with
            {
                Phase = n.Locks.IsEmpty ? Phase.Running : Phase.Pending,
                HasLocks = false,
                IsRemembering = false,
                Message = "",
                StartedAt = r.At,
                Spent = Ledger.None,
                SpentUntil = r.At,
                FinishedAt = null,
                IsSettled = false,
                Daemoned = false,
                Ip = null,
                Hooks = [],
                OpenHooks = 0,
                Outputs = NodeOutputs.None,
                ExitCode = null,
                Children = n.Children.RemoveAll(c => run.Find(c) is null),
                Open = 0,
                Active = 0,
                Failures = 0,
                BadChild = null,
            });
        }
        // Once all of them are open again the counters follow from the children.
        var reset = r.Reset.ToHashSet();
        foreach (var id in r.Reset)
        {
            var node = run.Nodes[id];
            run = run.With(Recounted(run, node));
            if (node.Boundary is { } boundary && IsActive(node)) { run = run.With(boundary, b => b with { Active = b.Active + 1 }); }
        }
        foreach (var node in run.Nodes.Values.Where(run.IsFailure))
        {
            if (node.Boundary is { } around && reset.Contains(around)) { run = run.With(around, b => b with { Failures = b.Failures + 1 }); }
        }
        return run with { Touched = run.Touched.Union(r.Reset) };
    }

    private static Node Recounted(RunState run, Node node)
    {
        if (node.Type is not (NodeType.StepGroup or NodeType.TaskGroup or NodeType.DAG)) { return node; }
        node = Filled(run, node);
        var starts = node.Type == NodeType.DAG
            ? run.PlanOf(node).Tasks.Select(t => new Start(t.Name, -1, null))
            : node.Fanouts.SelectMany(f => Enumerable.Range(0, f.Count).Select(f.StartAt));
        foreach (var child in node.Children.Select(c => run.Nodes[c]).Where(c => c.IsSettled))
        {
            node = node.Type == NodeType.DAG
                ? Released(run, node with { Open = node.Open - 1 }, child.Call)
                : node with { Open = node.Open - 1, BadChild = node.BadChild ?? Unexcused(run, node, child) };
        }
        var present = node.Children.ToHashSet();
        return node with
        {
            Ready = ReadyStarts.Of(starts.Where(s => !present.Contains(ChildId(node, s)) && (node.Type != NodeType.DAG || node.Awaited[s.Call] == 0))),
        };
    }
}
