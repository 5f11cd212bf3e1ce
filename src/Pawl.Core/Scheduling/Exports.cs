using System.Collections.Immutable;
using Pawl.Core.Attempts;
using Pawl.Core.Expressions;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>Outputs that the whole workflow knows, under their <c>globalName</c>.</summary>
internal static class Exports
{
    /// <summary>How an output is called among both kinds.</summary>
    public static string Key(string name, bool isArtifact) => $"{(isArtifact ? "artifacts" : "parameters")}.{name}";

    /// <summary>The names that a node's outputs get.</summary>
    /// <returns>By <see cref="Key"/>; null where no tag is in them.</returns>
    /// <exception cref="ExpressionException">A name is none.</exception>
    public static ImmutableSortedDictionary<string, string>? Of(RunState run, Node node)
    {
        if (!run.Workflow.Templates.TryGetValue(node.Template, out var template) || !Written(template).Any(w => HasTag(w.Name) || HasTag(w.Global))) { return null; }
        var scope = Scopes.Inside(run, node, template);
        var names = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        // Two names may become the same one.
        foreach (var (name, global, isArtifact) in Written(template)) { names[Key(Substitution.Apply(name, scope), isArtifact)] = Substitution.Apply(global, scope); }
        return names.ToImmutable();
    }

    /// <summary>What the workflow knows when a node has ended.</summary>
    /// <param name="names">By <see cref="Key"/>; null is as the template writes them.</param>
    public static NodeOutputs With(RunState run, Node node, ImmutableSortedDictionary<string, string>? names)
    {
        if (!run.Workflow.Templates.TryGetValue(node.Template, out var template) || node.Type is NodeType.Skipped) { return run.Globals; }
        var globals = run.Globals;
        foreach (var (key, global) in names ?? Written(template).Select(w => KeyValuePair.Create(Key(w.Name, w.IsArtifact), w.Global)))
        {
            var name = key[(key.IndexOf('.', StringComparison.Ordinal) + 1)..];
            if (key == Key(name, isArtifact: true) && node.Outputs.Artifacts.TryGetValue(name, out var stored))
            {
                globals = globals with { Artifacts = globals.Artifacts.SetItem(global, stored) };
            }
            else if (key == Key(name, isArtifact: false) && node.Outputs.Parameters.TryGetValue(name, out var value))
            {
                globals = globals with { Parameters = globals.Parameters.SetItem(global, value) };
            }
        }
        return globals;
    }

    private static IEnumerable<(string Name, string Global, bool IsArtifact)> Written(Template template) =>
        template.Outputs.Parameters.Where(p => p.GlobalName is not null).Select(p => (p.Name, p.GlobalName!, false))
            .Concat(template.Outputs.Artifacts.Where(a => a.GlobalName is not null).Select(a => (a.Name, a.GlobalName!, true)));

    private static bool HasTag(string text) => text.Contains("{{", StringComparison.Ordinal);
}
