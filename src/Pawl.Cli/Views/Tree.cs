using Pawl.Core.Scheduling;

namespace Pawl.Cli.Views;

/// <summary>One node with the lines that stand before it.</summary>
public readonly record struct TreeRow(string Prefix, Node Node);

/// <summary>The nodes of a run as a tree, drawn as <c>argo get</c> draws it; those of its hooks follow after it.</summary>
public static class Tree
{
    public static IReadOnlyList<TreeRow> Rows(RunState run)
    {
        var rows = new List<TreeRow>(run.Nodes.Count);
        foreach (var root in Roots(run))
        {
            rows.Add(new TreeRow("", root));
            Below(run, root, "", rows);
        }
        return rows;
    }

    /// <summary>It stands beside the entry node: the exit handler, or another hook of the run.</summary>
    public static bool IsApart(RunState run, Node node) => node is { Parent: null, Owner: null } && node.Id != run.EntryId;

    // In the order in which they come: the exit handler is last.
    private static IEnumerable<Node> Roots(RunState run) => ((Core.Workflows.NodeId[])
    [
        run.EntryId,
        .. run.Workflow.Hooks.Where(h => !h.IsExit).Select(h => RunState.HookId(run.EntryId, h)),
        run.ExitId,
    ]).Select(run.Find).OfType<Node>().Where(n => n is { Parent: null, Owner: null });

    /// <summary>At most so many rows: those of what runs, waits or went wrong, with what encloses them; the newest last.</summary>
    /// <param name="left">Rows left out.</param>
    public static IReadOnlyList<TreeRow> Bounded(IReadOnlyList<TreeRow> rows, int most, out int left)
    {
        left = 0;
        if (rows.Count <= most) { return rows; }
        var kept = new bool[rows.Count];
        var count = 0;
        // Two passes: what is going on comes before what went wrong.
        foreach (var wanted in (Func<Node, bool>[])[n => n is { Type: NodeType.Pod or NodeType.Suspend, IsEnded: false }, n => n.Phase.IsBad() && n.Children.IsEmpty])
        {
            var open = new Stack<int>();
            for (var i = 0; i < rows.Count; i++)
            {
                while (open.TryPeek(out var above) && rows[above].Prefix.Length >= rows[i].Prefix.Length) { open.Pop(); }
                if (wanted(rows[i].Node) && !kept[i])
                {
                    var needed = 1 + open.Count(above => !kept[above]);
                    if (count + needed <= most)
                    {
                        foreach (var above in open) { kept[above] = true; }
                        kept[i] = true;
                        count += needed;
                    }
                }
                open.Push(i);
            }
        }
        left = rows.Count - count;
        return [.. rows.Where((_, i) => kept[i])];
    }

    private static void Below(RunState run, Node node, string indent, List<TreeRow> rows)
    {
        IEnumerable<Node> inside = node.Type == NodeType.Pod ? SetMembers.Of(run, node) : node.Children.Select(run.Find).OfType<Node>();
        var children = inside.Concat(node.Hooks.Select(run.Find).OfType<Node>()).ToList();
        for (var i = 0; i < children.Count; i++)
        {
            var last = i == children.Count - 1;
            if (node.Type == NodeType.Steps && children[i].Type == NodeType.StepGroup) { Group(run, children[i], indent, last, rows); }
            else { Add(run, children[i], indent + (last ? "└─" : "├─"), indent + (last ? "  " : "│ "), rows); }
        }
    }

    // A group has no row of its own: its steps hang together where they are several.
    private static void Group(RunState run, Node group, string indent, bool last, List<TreeRow> rows)
    {
        var steps = group.Children.Select(run.Find).OfType<Node>().ToList();
        var (corner, below) = last ? ("└", " ") : ("├", "│");
        for (var i = 0; i < steps.Count; i++)
        {
            var lastStep = i == steps.Count - 1;
            var prefix = (steps.Count, i) switch
            {
                (1, _) => corner + "───",
                (_, 0) => corner + "─┬─",
                _ => below + (lastStep ? " └─" : " ├─"),
            };
            Add(run, steps[i], indent + prefix, indent + below + (lastStep ? "   " : " │ "), rows);
        }
    }

    private static void Add(RunState run, Node node, string prefix, string indent, List<TreeRow> rows)
    {
        rows.Add(new TreeRow(prefix, node));
        Below(run, node, indent, rows);
    }
}
