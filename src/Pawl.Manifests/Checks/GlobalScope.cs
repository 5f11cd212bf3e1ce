using System.Collections.Immutable;
using Pawl.Manifests.Argo;

namespace Pawl.Manifests.Checks;

/// <summary>What is known in the whole workflow.</summary>
internal sealed class GlobalScope
{
    private readonly WorkflowSource _source;
    private readonly Dictionary<string, TemplateSource> _templates;
    private readonly ImmutableHashSet<string> _parameters;
    private readonly ImmutableHashSet<string> _outputParameters;
    private readonly ImmutableHashSet<string> _outputArtifacts;

    public GlobalScope(WorkflowSource source)
    {
        _source = source;
        _templates = source.Templates.Where(t => t.Name.Length > 0).DistinctBy(t => t.Name).ToDictionary(t => t.Name, StringComparer.Ordinal);
        _parameters = [.. source.Arguments.Parameters.Select(p => p.Name)];
        _outputParameters = [.. source.Templates.SelectMany(t => t.Outputs.Parameters).Select(p => p.Parameter.GlobalName).OfType<string>()];
        _outputArtifacts = [.. source.Templates.SelectMany(t => t.Outputs.Artifacts).Select(a => a.Artifact.GlobalName).OfType<string>()];
    }

    public TemplateSource? Template(string name) => _templates.GetValueOrDefault(name);

    public IEnumerable<string> TemplateNames => _templates.Values.Where(t => !t.IsInline).Select(t => t.Name);

    /// <summary>Why a <c>workflow.</c> name does not exist; null when it does.</summary>
    public string? Complaint(string tag)
    {
        if (_source.HasTemplateRef) { return null; }
        // The workflow that refers to it may have parameters of its own.
        if (_source.IsTemplate && tag.StartsWith("workflow.parameters.", StringComparison.Ordinal)) { return null; }
        if (Rest(tag, "workflow.parameters.") is { } parameter)
        {
            return _parameters.Contains(parameter)
                ? null
                : Scope.Unresolved(tag, Wording.DidYouMean(parameter, _parameters) is { Length: > 0 } hint ? hint : $"; declare {parameter.Quoted()} under spec.arguments.parameters");
        }
        if (Rest(tag, "workflow.outputs.parameters.") is { } output) { return Output(tag, output, _outputParameters); }
        if (Rest(tag, "workflow.outputs.artifacts.") is { } artifact) { return Output(tag, artifact, _outputArtifacts); }
        if (Rest(tag, "workflow.labels.") is { } label) { return _source.Workflow.LabelsFrom.ContainsKey(label) ? null : Text(tag, label, _source.Workflow.Labels, "label"); }
        if (Rest(tag, "workflow.annotations.") is { } annotation) { return Text(tag, annotation, _source.Workflow.Annotations, "annotation"); }
        if (tag == "workflow.priority" && _source.HasPriority) { return null; }
        return Scope.Unresolved(tag, "; the workflow has no such variable");
    }

    private static string? Output(string tag, string name, ImmutableHashSet<string> known) => known.Contains(name) || known.Any(Tags.AnyIn)
        ? null
        : Scope.Unresolved(tag, $"; no output has globalName {name.Quoted()}{Wording.DidYouMean(name, known)}");

    private static string? Text(string tag, string name, ImmutableSortedDictionary<string, string> known, string what) =>
        known.ContainsKey(name) ? null : Scope.Unresolved(tag, $"; metadata has no {what} {name.Quoted()}{Wording.DidYouMean(name, known.Keys)}");

    private static string? Rest(string tag, string prefix) => tag.StartsWith(prefix, StringComparison.Ordinal) ? tag[prefix.Length..] : null;
}
