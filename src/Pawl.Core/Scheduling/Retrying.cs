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
        private bool _isAnew;

        public (ImmutableArray<NodeId> Removed, ImmutableArray<NodeId> Reset, ImmutableArray<NodeId> Anew) Result =>
            ([.. _removed.Order()], [.. _reset.Where(id => !_removed.Contains(id)).Order()], [.. _anew.Order()]);

        public bool Reopen(bool sparing)
        {
            var found = false;
            foreach (var node in run.Nodes.Values.OrderBy(n => n.Id))
            {
                if (IsAside(node)) { continue; }
                if (IsCause(node) && Matters(node, sparing))
                {
                    found = true;
                    Reopen(node);
                }
            }
            // Those of the run are called anew (Argo); those of nodes go and stay with them.
            foreach (var hook in run.Nodes.Values.Where(n => n is { Parent: null, Owner: null } && n.Id != run.EntryId)) { Remove(hook, anew: true); }
            return found;
        }

        // A hook, or inside one: its failure is nobody's.
        private bool IsAside(Node node)
        {
            while (node.Parent is { } parent) { node = run.Nodes[parent]; }
            return node.Id != run.EntryId;
        }

        /// <summary>Whatever matches goes with all that was built on it, though it succeeded.</summary>
        public void Restart(string selector)
        {
            _isAnew = true;
            foreach (var node in run.Nodes.Values.Where(n => !IsAside(n) && NodeSelector.Matches(selector, run.Name, n)).OrderBy(n => n.Id))
            {
                Remove(node);
                OpenAround(node);
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
            if (node.Children.IsEmpty) { Remove(node); } else { Reset(node); }
            OpenAround(node);
        }

        // What it will come to is not known yet, so its hooks are to come too.
        private void Reset(Node node)
        {
            if (!_reset.Add(node.Id)) { return; }
            foreach (var hook in node.Hooks) { Remove(run.Nodes[hook], anew: true); }
        }

        private void OpenAround(Node node)
        {
            for (var child = node; child.Parent is { } id; child = run.Nodes[id])
            {
                var parent = run.Nodes[id];
                Reset(parent);
                if (parent.Type == NodeType.Retry)
                {
                    foreach (var sibling in parent.Children) { Remove(run.Nodes[sibling]); }
                }
                else if (parent.Type == NodeType.DAG)
                {
                    foreach (var dependent in After(parent, child.Call)) { Remove(dependent); }

                    // What runs again may need them, and they were stopped with the dag.
                    foreach (var daemon in parent.Children.Select(c => run.Nodes[c]).Where(n => n.Daemoned)) { Remove(daemon); }
                }
                else if (parent.Type == NodeType.Steps)
                {
                    foreach (var later in parent.Children.SkipWhile(c => c != child.Id).Skip(1)) { Remove(run.Nodes[later]); }
                }
            }
        }

        // A hook runs again though it had succeeded: what it told of is so again.
        private void Remove(Node node, bool anew = false)
        {
            if (!_removed.Add(node.Id)) { return; }
            if ((anew || _isAnew) && node.Type == NodeType.Pod) { _anew.Add(run.StepOf(node)); }
            foreach (var child in node.Children) { Remove(run.Nodes[child], anew); }
            foreach (var hook in node.Hooks) { Remove(run.Nodes[hook], anew: true); }
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
