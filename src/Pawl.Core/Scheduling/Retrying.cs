using System.Collections.Immutable;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>What a manual retry of a finished run removes and what it opens again, as <c>argo retry</c> does.</summary>
internal static class Retrying
{
    public static (ImmutableArray<NodeId> Removed, ImmutableArray<NodeId> Reset) Plan(RunState run)
    {
        var removed = new HashSet<NodeId>();
        var reset = new HashSet<NodeId>();
        foreach (var node in run.Nodes.Values.OrderBy(n => n.Id))
        {
            if (node.Id.Value.StartsWith(run.ExitId.Value, StringComparison.Ordinal)) { removed.Add(node.Id); }
            else if (node.Phase.IsBad() && node.Children.IsEmpty) { Reopen(run, node, removed, reset); }
        }
        reset.ExceptWith(removed);
        return ([.. removed.Order()], [.. reset.Order()]);
    }

    // The failed node goes, with what came after it; whatever encloses it runs on. A failed try takes its siblings along, so that counting starts again.
    private static void Reopen(RunState run, Node node, HashSet<NodeId> removed, HashSet<NodeId> reset)
    {
        Remove(run, node, removed);
        for (var child = node; child.Parent is { } id && run.Find(id) is { } parent; child = parent)
        {
            reset.Add(id);
            switch (parent.Type)
            {
                case NodeType.Retry:
                    foreach (var sibling in parent.Children) { Remove(run, run.Nodes[sibling], removed); }
                    break;
                case NodeType.Steps:
                    // Later groups cannot exist: a bad group ends its steps.
                    break;
                case NodeType.DAG:
                    foreach (var dependent in After(run, parent, child.Call)) { Remove(run, dependent, removed); }
                    break;
            }
        }
    }

    private static void Remove(RunState run, Node node, HashSet<NodeId> removed)
    {
        if (!removed.Add(node.Id)) { return; }
        foreach (var child in node.Children) { Remove(run, run.Nodes[child], removed); }
    }

    // All tasks below a task: what they were decided from has changed.
    private static IEnumerable<Node> After(RunState run, Node dag, string task)
    {
        var plan = ((TemplateBody.Dag)run.Workflow.Templates[dag.Template].Body).Plan;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(plan.DependentsOf(task));
        while (open.TryPop(out var name))
        {
            if (!seen.Add(name)) { continue; }
            foreach (var next in plan.DependentsOf(name)) { open.Push(next); }
            if (run.Find(new NodeId($"{dag.Id.Value}.{name}")) is { } node) { yield return node; }
        }
    }
}
