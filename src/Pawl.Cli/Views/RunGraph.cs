using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;

namespace Pawl.Cli.Views;

/// <summary>
/// The edges of a run as Argo draws them: what follows hangs off the last nodes of what was before. The run itself knows only who contains whom.
/// </summary>
public sealed class RunGraph
{
    private readonly RunState _run;
    private readonly Dictionary<NodeId, List<NodeId>> _children = [];
    private readonly Dictionary<NodeId, IReadOnlyList<NodeId>> _outbound = [];

    public RunGraph(RunState run)
    {
        _run = run;
        foreach (var node in run.Nodes.Values)
        {
            Connect(node);
            foreach (var hook in node.Hooks) { Add(node.Id, hook); }
            if (node is { Hook: not null, Owner: null } && node.Id != run.ExitId) { Add(run.EntryId, node.Id); }
        }
    }

    /// <summary>Argo's <c>children</c>.</summary>
    public IReadOnlyList<NodeId> ChildrenOf(NodeId node) => _children.TryGetValue(node, out var children) ? children : [];

    /// <summary>The last nodes of a node: what comes after it hangs off them.</summary>
    public IReadOnlyList<NodeId> OutboundOf(NodeId id)
    {
        if (_outbound.TryGetValue(id, out var known)) { return known; }
        var node = _run.Nodes[id];
        IReadOnlyList<NodeId> ends = (node.Children.IsEmpty, node.Type) switch
        {
            (true, _) => [id],
            (_, NodeType.Steps or NodeType.Retry) => OutboundOf(node.Children[^1]),
            (_, NodeType.DAG) => Targets(node),
            _ => [.. node.Children.SelectMany(OutboundOf).Distinct()],
        };
        return _outbound[id] = ends;
    }

    private void Connect(Node node)
    {
        switch (node.Type)
        {
            case NodeType.Steps:
                for (var i = 0; i < node.Children.Count; i++)
                {
                    if (i == 0) { Add(node.Id, node.Children[i]); }
                    else
                    {
                        foreach (var end in OutboundOf(node.Children[i - 1])) { Add(end, node.Children[i]); }
                    }
                }
                break;
            case NodeType.DAG:
                var tasks = Tasks(node);
                foreach (var (name, task) in tasks)
                {
                    var before = _run.PlanOf(node).Before(name);
                    if (before.IsEmpty) { Add(node.Id, task); }
                    foreach (var dependency in before)
                    {
                        if (!tasks.TryGetValue(dependency, out var from)) { continue; }
                        foreach (var end in OutboundOf(from)) { Add(end, task); }
                    }
                }
                break;
            default:
                foreach (var child in node.Children) { Add(node.Id, child); }
                break;
        }
    }

    private List<NodeId> Targets(Node dag)
    {
        var tasks = Tasks(dag);
        return [.. _run.PlanOf(dag).Targets.Where(tasks.ContainsKey).SelectMany(t => OutboundOf(tasks[t])).Distinct()];
    }

    private Dictionary<string, NodeId> Tasks(Node dag)
    {
        var tasks = new Dictionary<string, NodeId>(StringComparer.Ordinal);
        foreach (var child in dag.Children) { tasks[_run.Nodes[child].Call] = child; }
        return tasks;
    }

    private void Add(NodeId from, NodeId to)
    {
        if (!_children.TryGetValue(from, out var list)) { _children[from] = list = []; }
        list.Add(to);
    }
}
