using System.Collections.Immutable;
using Pawl.Manifests.Argo;
using Pawl.Manifests.Checks;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Linking;

/// <summary>Reads and checks one document of a file, whatever its kind.</summary>
/// <param name="own">All documents of the file.</param>
/// <param name="problems">Of this document alone.</param>
internal sealed class DocumentReader(ImmutableArray<YamlNode> own, Problems problems)
{
    /// <summary>The files that the document refers to, once it is read.</summary>
    public ImmutableArray<ManifestText> References { get; private set; } = [];

    /// <summary>The document and what it reaches, as they were read; nothing before.</summary>
    public IEnumerable<YamlNode> Nodes { get; private set; } = [];

    /// <returns>Null unless it holds a workflow that can be read.</returns>
    public WorkflowSource? Read(YamlNode document, string kind)
    {
        switch (kind)
        {
            case Kinds.Workflow or Kinds.WorkflowTemplate or Kinds.ClusterWorkflowTemplate:
                return Workflow(document, kind);
            case Kinds.CronWorkflow:
                new CronReader(problems).Read(document);
                return document.Field("spec")?.Field("workflowSpec") is { } spec ? Workflow(document.With("spec", spec), kind) : null;
            case Kinds.WorkflowEventBinding:
                new EventBindingReader(problems).Read(document);
                return null;
            case Kinds.ConfigMap:
                ConfigMapFile.Read([document], problems);
                return null;
            default:
                return null;
        }
    }

    private WorkflowSource? Workflow(YamlNode document, string kind)
    {
        var linker = new Linker(own, problems);
        var linked = linker.Link(document);
        References = linker.Used;
        Nodes = [linked.Document, .. linked.Elsewhere.Select(e => e.Template)];
        var source = new WorkflowReader(problems, kind).Read(linked);
        if (source is not null) { new WorkflowChecks(source, problems).Run(); }
        return source;
    }
}
