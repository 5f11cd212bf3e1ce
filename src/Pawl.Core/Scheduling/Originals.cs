using System.Collections.Immutable;
using Pawl.Core.Attempts;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>A leaf of a run that a later run repeats without running it again.</summary>
/// <param name="Id">Argo's id of the node that succeeded.</param>
public sealed record OriginalLeaf(string Id, NodeOutputs Outputs, int? ExitCode);

/// <summary>What a memoized run takes over from the run it repeats.</summary>
public static class Originals
{
    /// <summary>Leaves that succeeded, by the name of their step without the run's. Exit handlers run again.</summary>
    public static ImmutableSortedDictionary<string, OriginalLeaf> Of(RunState run)
    {
        var leaves = ImmutableSortedDictionary.CreateBuilder<string, OriginalLeaf>(StringComparer.Ordinal);
        foreach (var node in run.Nodes.Values.Where(n => n is { Type: NodeType.Pod, Hooked: false, Hook: null } && (n.Phase is Phase.Succeeded || IsTakenOver(n))))
        {
            leaves[Key(run, node)] = new OriginalLeaf(Names.ArgoId(run.Name, node.Id), node.Outputs, node.ExitCode);
        }
        return leaves.ToImmutable();
    }

    /// <summary>What a node that is about to run was in the run before; null where it was nothing that succeeded.</summary>
    public static OriginalLeaf? Find(RunState run, Node node) =>
        node.Hooked || node.Hook is not null ? null : run.Submitted!.Originals?.GetValueOrDefault(Key(run, node));

    /// <summary>A leaf that was taken over, in a run that is repeated in its turn.</summary>
    public static bool IsTakenOver(Node node) => node is { Type: NodeType.Pod, Phase: Phase.Skipped };

    private static string Key(RunState run, Node node) => run.StepOf(node).Value[run.Name.Length..];
}
