using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Manifests.Argo;
using Pawl.Manifests.Checks;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests;

/// <summary>Reads an Argo manifest into the model, and says everything that is wrong with it.</summary>
public static class ManifestReader
{
    private static readonly string[] OtherKinds =
        ["WorkflowTemplate", "ClusterWorkflowTemplate", "CronWorkflow", "WorkflowEventBinding", "WorkflowTaskSet", "WorkflowArtifactGCTask"];

    /// <param name="fileName">As it is to stand in messages.</param>
    /// <param name="utf8">YAML or JSON, one or more documents. Beyond 4 MiB it is refused unread.</param>
    public static ManifestResult Read(string fileName, ReadOnlySpan<byte> utf8, ManifestOptions? options = null)
    {
        var problems = new Problems(fileName, options);
        var documents = YamlTree.Read(utf8, problems);
        var source = Workflows(documents, problems) is [var first, ..] ? new WorkflowReader(problems).Read(first) : null;
        if (source is not null) { new WorkflowChecks(source, problems).Run(); }
        return new ManifestResult(problems.HasErrors ? null : source?.Workflow, problems.InFileOrder())
        {
            Places = source is null ? null : Places(source, fileName),
        };
    }

    /// <summary>The same manifest with parameters given on the command line: they come first, and may have names of their own.</summary>
    public static ManifestResult WithParameters(ManifestResult read, IReadOnlyDictionary<string, string> overrides)
    {
        if (read.Workflow is not { } workflow || overrides.Count == 0) { return read; }
        var declared = workflow.Arguments.Parameters.DistinctBy(p => p.Name).ToDictionary(p => p.Name, StringComparer.Ordinal);
        var problems = new List<Problem>();
        var given = ImmutableArray.CreateBuilder<Parameter>();
        foreach (var (name, value) in overrides.OrderBy(o => o.Key, StringComparer.Ordinal))
        {
            var parameter = (declared.GetValueOrDefault(name) ?? new Parameter(name)) with { Value = value, ValueFrom = null };
            if (!parameter.Enum.IsEmpty && !parameter.Enum.Contains(value))
            {
                problems.Add(Problem(read, name, $"-p {name}={value}: the value should be present in the enum list of {name.Quoted()}; give one of {ArgumentReader.Listed(parameter.Enum)}"));
            }
            given.Add(parameter);
        }
        given.AddRange(workflow.Arguments.Parameters.Where(p => !overrides.ContainsKey(p.Name)));
        var changed = workflow with { Arguments = workflow.Arguments with { Parameters = given.ToImmutable() } };
        return read with { Workflow = problems.Count == 0 ? changed : null, Problems = [.. read.Problems, .. problems] };
    }

    /// <summary>Errors that only matter to a run: lint stays silent, because -p may still give these values.</summary>
    public static ImmutableArray<Problem> MissingArguments(ManifestResult read)
    {
        if (read is not { Workflow: { } workflow, Places: { } places }) { return []; }
        var missing = workflow.Arguments.Parameters
            .Where(p => p is { Value: null, ValueFrom: null or { Supplied: true } })
            .Select(p => Problem(read, p.Name, $"workflow argument {p.Name.Quoted()}: .value or .valueFrom is required; give it with -p {p.Name}=VALUE or write `value:`"));
        var given = workflow.Arguments.Parameters.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        var unbound = places.Required.Where(r => !given.Contains(r.Parameter)).DistinctBy(r => r.Parameter).Select(r => new Problem(
            Severity.Error, places.File, r.Line, r.Column,
            $"inputs.parameters.{r.Parameter} of template {r.Template.Quoted()} was not supplied; give it with -p {r.Parameter}=VALUE, or write it under spec.arguments.parameters"));
        return [.. missing.Concat(unbound).OrderBy(p => p.Line).ThenBy(p => p.Column)];
    }

    private static Problem Problem(ManifestResult read, string parameter, string message)
    {
        var (line, column) = read.Places?.Declared.GetValueOrDefault(parameter, (1, 1)) ?? (1, 1);
        return new Problem(Severity.Error, read.Places?.File ?? "", line, column, message);
    }

    private static List<YamlNode> Workflows(ImmutableArray<YamlNode> documents, Problems problems)
    {
        var workflows = new List<YamlNode>();
        var hasOther = false;
        foreach (var document in documents.Where(d => !d.IsNull))
        {
            var kind = document.Entries.FirstOrDefault(e => e.Key.Text == "kind").Value;
            if (kind is { Kind: YamlKind.Scalar, Text: "Workflow" } || (kind is null && document.Kind is YamlKind.Mapping && !problems.Options.Strict))
            {
                if (kind is null) { problems.Notice(document, "a document without kind, read as a Workflow"); }
                workflows.Add(document);
                if (workflows.Count > 1) { problems.Unsupported(kind ?? document, "a second Workflow in one file is not supported; write it in a file of its own"); }
            }
            else if (kind is null) { problems.Error(document, $"{(document.Kind is YamlKind.Mapping ? "a document without kind" : $"the document is {document.Name}")}; write `kind: Workflow`"); }
            else
            {
                hasOther |= OtherKinds.Contains(kind.Text);
                var hint = OtherKinds.Contains(kind.Text) ? "" : Wording.DidYouMean(kind.Text, ["Workflow"]);
                problems.Unsupported(kind, $"kind {kind.Text.Quoted()} is not supported yet{hint}; only `kind: Workflow` is run");
            }
        }
        if (workflows.Count == 0 && !hasOther && !problems.HasErrors) { problems.Error(1, 1, "no Workflow found; write a document with `kind: Workflow`"); }
        return workflows;
    }

    private static ArgumentPlaces Places(WorkflowSource source, string file)
    {
        var required = ImmutableArray.CreateBuilder<(string, string, int, int)>();
        foreach (var at in (YamlNode?[])[source.Entrypoint, source.OnExit])
        {
            if (at is null || source.Templates.FirstOrDefault(t => t.Name == at.Text) is not { } template) { continue; }
            foreach (var input in template.Inputs.Parameters.Where(p => !p.HasValue && p.Parameter.Default is null))
            {
                required.Add((template.Name, input.Name, at.Line, at.Column));
            }
        }
        return new ArgumentPlaces(
            file,
            source.Arguments.Parameters.DistinctBy(p => p.Name).ToImmutableDictionary(p => p.Name, p => (p.At.Line, p.At.Column), StringComparer.Ordinal),
            required.ToImmutable());
    }
}
