using Pawl.Cli.Views;
using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;

namespace Pawl.Cli.LogReading;

/// <summary>Which attempts of a run are meant.</summary>
/// <param name="Node">A display name, a node's name, its pod's name, or the start of its id; null is all. Of an inner node, all below it.</param>
/// <param name="Attempt">Null is all.</param>
/// <param name="Container">Of steps that have several; null is all.</param>
public sealed record LogSelection(string? Node, int? Attempt, string? Container = null)
{
    private const int MinPrefix = 4;

    /// <summary>Leaves and attempts, in the order in which they were started.</summary>
    public IEnumerable<(Node Node, int Attempt, string Container)> Of(RunState run)
    {
        var meant = Meant(run);
        foreach (var node in run.Nodes.Values.Where(n => n.Type == NodeType.Pod).OrderBy(n => n.StartedAt).ThenBy(n => n.Id))
        {
            if (meant is not null && !IsBelow(run, node, meant)) { continue; }
            for (var n = 1; n <= node.Attempt; n++)
            {
                if (Attempt is not null && Attempt != n) { continue; }
                foreach (var container in Containers(run, node)) { yield return (node, n, container); }
            }
        }
    }

    /// <summary>The containers of a leaf that are meant, in the order in which they run.</summary>
    private IEnumerable<string> Containers(RunState run, Node node)
    {
        var leaf = (TemplateBody.Leaf)run.Workflow.Templates[node.Template].Body;
        var all = leaf.Init.Select(c => c.Name).Concat(leaf.Set?.Members.Select(m => m.Name) ?? [AttemptSpec.Main]).Concat(leaf.Sidecars.Select(c => c.Name));
        return Container is null ? all : all.Where(c => c == Container);
    }

    /// <summary>Null is everything.</summary>
    public IReadOnlySet<NodeId>? Meant(RunState run)
    {
        if (Node is null) { return null; }
        var exact = run.Nodes.Values.Where(n => n.DisplayName == Node || n.Id.Value == Node || RunText.PodName(run, n) == Node).Select(n => n.Id).ToHashSet();
        return exact.Count > 0 || Node.Length < MinPrefix
            ? exact
            : run.Nodes.Keys.Where(id => Names.ArgoId(run.Name, id).StartsWith(Node, StringComparison.Ordinal)).ToHashSet();
    }

    private static bool IsBelow(RunState run, Node node, IReadOnlySet<NodeId> above)
    {
        for (var at = node; at is not null; at = (at.Parent ?? at.Owner) is { } around ? run.Find(around) : null)
        {
            if (above.Contains(at.Id)) { return true; }
        }
        return false;
    }
}
