using Pawl.Core.Attempts;
using Pawl.Core.Expressions;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Engine.Homes;
using Pawl.Storage.Files;
using Pawl.Storage.Repositories;

namespace Pawl.Engine;

/// <summary>The copies of outputs under keys of their own, and when they go: Argo's <c>artifactGC</c>.</summary>
/// <remarks>What pawl keeps for itself is not touched: the run can still be retried, and its lineage checked.</remarks>
internal static class Copies
{
    /// <summary>Removes those whose time has come. One that several steps wrote is removed once.</summary>
    /// <exception cref="IOException">One cannot be removed.</exception>
    public static async Task RemoveAsync(IDisk disk, Home home, RunState run, Func<ArtifactGc, bool> isDue)
    {
        foreach (var node in run.Nodes.Values.Where(n => n.Type == NodeType.Pod && !n.Outputs.Artifacts.IsEmpty))
        {
            var due = run.Workflow.Templates[node.Template].Outputs.Artifacts
                .Where(a => isDue(a.Gc ?? run.Workflow.ArtifactGc) && node.Outputs.Artifacts.ContainsKey(a.Name)).Select(a => a.Name).ToHashSet(StringComparer.Ordinal);
            if (due.Count == 0 || SpecOf(run, node) is not { } spec) { continue; }
            foreach (var output in spec.OutputArtifacts)
            {
                if (due.Contains(output.Name) && output.Location is ArtifactLocation.InRepository place)
                {
                    await Trees.RemoveAsync(disk, await Repository.PlaceAsync(disk, home.Folder, place));
                }
            }
        }
    }

    // What could not be rendered never ran and left nothing.
    private static AttemptSpec? SpecOf(RunState run, Node node)
    {
        try { return Specs.Render(run, node); }
        catch (ExpressionException) { return null; }
    }
}
