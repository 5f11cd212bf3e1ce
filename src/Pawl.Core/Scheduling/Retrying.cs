using System.Collections.Immutable;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>What a manual retry of a finished run removes and what it opens again, as <c>argo retry</c> does.</summary>
internal static class Retrying
{
    public static (ImmutableArray<NodeId> Removed, ImmutableArray<NodeId> Reset, ImmutableArray<NodeId> Anew) Plan(RunState run, Request.Retry asked)
    {
        var plan = new Reopening(run);
        // A failure that others have already built on stays, unless there is no other.
        if (!plan.Reopen(sparing: true)) { plan.Reopen(sparing: false); }
        if (asked is { RestartSuccessful: true, Selector: { } selector }) { plan.Restart(selector); }
        return plan.Result;
    }

    private sealed class Reopening(RunState run)
    {
        private readonly HashSet<NodeId> _removed = [];
        private readonly HashSet<NodeId> _reset = [];
        private readonly HashSet<NodeId> _anew = [];

        public (ImmutableArray<NodeId> Removed, ImmutableArray<NodeId> Reset, ImmutableArray<NodeId> Anew) Result =>
            ([.. _removed.Order()], [.. _reset.Where(id => !_removed.Contains(id)).Order()], [.. _anew.Order()]);

        public bool Reopen(bool sparing)
        {
            var found = false;
            foreach (var node in run.Nodes.Values.OrderBy(n => n.Id))
            {
                if (node.Hooked) { Remove(node); }
                else if (IsCause(node) && Matters(node, sparing))
                {
                    found = true;
                    Reopen(node);
                }
            }
            return found;
        }

        /// <summary>Whatever matches goes with all that was built on it, though it succeeded.</summary>
        public void Restart(string selector)
        {
            foreach (var node in run.Nodes.Values.Where(n => !n.Hooked && NodeSelector.Matches(selector, run.Name, n)).OrderBy(n => n.Id))
            {
                var before = _removed.ToHashSet();
                Remove(node);
                OpenAround(node);
                _anew.UnionWith(_removed.Except(before).Select(id => run.Nodes[id]).Where(n => n.Type == NodeType.Pod).Select(run.StepOf));
            }
        }

        // Where a failure began: a leaf, or a node that is bad though nothing in it is, such as one that a stop ended.
        private bool IsCause(Node node) =>
            node.Phase.IsBad() && !node.Children.Any(c => run.Nodes[c].Phase.IsBad());

        // What stands inside something that succeeded was excused there, or made good by a later try.
        private bool Matters(Node node, bool sparing)
        {
            for (var child = node; child.Parent is { } id; child = run.Nodes[id])
            {
                var parent = run.Nodes[id];
                if (!parent.Phase.IsBad()) { return false; }
                if (sparing && parent.Type == NodeType.DAG && After(parent, child.Call).Any(n => n.Phase == Phase.Succeeded))
                {
                    return false;
                }
            }
            return true;
        }

        // The failed leaf goes, with what came after it; whatever encloses it runs on. A failed try takes its siblings along, so that
        // counting starts again.
        private void Reopen(Node node)
        {
            if (node.Children.IsEmpty) { Remove(node); } else { _reset.Add(node.Id); }
            OpenAround(node);
        }

        private void OpenAround(Node node)
        {
            for (var child = node; child.Parent is { } id; child = run.Nodes[id])
            {
                var parent = run.Nodes[id];
                _reset.Add(id);
                if (parent.Type == NodeType.Retry)
                {
                    foreach (var sibling in parent.Children) { Remove(run.Nodes[sibling]); }
                }
                else if (parent.Type == NodeType.DAG)
                {
                    foreach (var dependent in After(parent, child.Call)) { Remove(dependent); }
                }
                else if (parent.Type == NodeType.Steps)
                {
                    foreach (var later in parent.Children.SkipWhile(c => c != child.Id).Skip(1)) { Remove(run.Nodes[later]); }
                }
            }
        }

        private void Remove(Node node)
        {
            if (!_removed.Add(node.Id)) { return; }
            foreach (var child in node.Children) { Remove(run.Nodes[child]); }
        }

        // All tasks below a task: what they were decided from has changed.
        private IEnumerable<Node> After(Node dag, string task)
        {
            var plan = run.PlanOf(dag);
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
}
