using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Manifests.Argo;
using Pawl.Manifests.Linking;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests;

/// <summary>Reads an Argo manifest into the model, and says everything that is wrong with it.</summary>
public static class ManifestReader
{
    /// <param name="fileName">As it is to stand in messages.</param>
    /// <param name="utf8">YAML or JSON, one or more documents. Beyond 4 MiB it is refused unread.</param>
    /// <returns>The Workflow that the options name, and the problems of all documents.</returns>
    public static ManifestResult Read(string fileName, ReadOnlySpan<byte> utf8, ManifestOptions? options = null)
    {
        var problems = new Problems(fileName, options);
        var documents = YamlTree.Read(utf8, problems).RemoveAll(d => d.IsNull);
        if (documents.IsEmpty && !problems.HasErrors) { problems.Error(1, 1, "no Workflow found; write a document with `kind: Workflow`"); }
        ImmutableArray<Reading> read = [.. documents.Select(d => Reading.Of(d, documents, fileName, options))];
        var workflows = read.Where(r => r.Kind == Kinds.Workflow).ToArray();
        var asked = workflows.ElementAtOrDefault(options?.Number ?? 0);
        var hasErrors = problems.HasErrors || read.Any(r => r.Problems.HasErrors);
        return new ManifestResult(
            hasErrors || asked?.Source is null ? null : WithConfigMaps(asked, documents, options?.Library),
            Problems.Together([problems, .. read.Select(r => r.Problems)]))
        {
            IsSupported = asked?.Problems.InFileOrder().All(p => p.Severity is not Severity.Unsupported) ?? false,
            Documents = [.. read.Select(r => new DocumentName(r.Kind, r.Name))],
            References = asked?.Reader.References ?? [],
            Number = options?.Number ?? 0,
            Places = asked?.Source is null ? null : Places(asked.Source, fileName),
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
            Severity.Error, r.At.File, r.At.Line, r.At.Column,
            $"inputs.parameters.{r.Parameter} of template {r.Template.Quoted()} was not supplied; give it with -p {r.Parameter}=VALUE, or write it under spec.arguments.parameters"));
        var unset = WorkflowParameters.Unset(workflow).Select(u => Problem(read, u.Name, u.Why));
        return [.. missing.Concat(unbound).Concat(unset).OrderBy(p => p.Line).ThenBy(p => p.Column)];
    }

    private static Problem Problem(ManifestResult read, string parameter, string message) =>
        read.Places?.Declared.GetValueOrDefault(parameter) is { } at
            ? new Problem(Severity.Error, at.File, at.Line, at.Column, message)
            : new Problem(Severity.Error, read.Places?.File ?? "", 1, 1, message);

    // A workflow that looks into none carries none: what does not matter to a run is not kept with it.
    private static Workflow WithConfigMaps(Reading asked, ImmutableArray<YamlNode> documents, Library? library)
    {
        var workflow = asked.Source!.Workflow;
        if (!asked.Reader.Nodes.Any(UsesConfigMaps)) { return workflow; }
        var here = ConfigMapFile.Read(documents, new Problems(""));
        workflow = workflow with { ConfigMaps = (library?.ConfigMaps ?? ConfigMaps.None).Or(here).Or(library?.OtherConfigMaps ?? ConfigMaps.None) };
        return asked.Source.Node.Field("spec")?.Field("artifactRepositoryRef") is { } reference
            ? workflow with { KeyFormat = ArtifactRepositories.KeyFormat(reference, workflow.ConfigMaps) }
            : workflow;
    }

    private static bool UsesConfigMaps(YamlNode node) =>
        node.Entries.Any(e => e.Key.Text is "configMapKeyRef" or "configMapRef" or "artifactRepositoryRef" || (e.Key.Text == "configMap" && e.Value.Kind is YamlKind.Mapping) || UsesConfigMaps(e.Value)) || node.Items.Any(UsesConfigMaps);

    private static ArgumentPlaces Places(WorkflowSource source, string file)
    {
        var required = ImmutableArray.CreateBuilder<(string, string, YamlNode)>();
        foreach (var at in (YamlNode?[])[source.Entrypoint, source.OnExit ?? source.Hooks.FirstOrDefault(h => h.Hook is { IsExit: true, Arguments: null })?.TemplateAt])
        {
            if (at is null || source.Templates.FirstOrDefault(t => t.Name == at.Text) is not { } template) { continue; }
            foreach (var input in template.Inputs.Parameters.Where(p => !p.HasValue && p.Parameter.Default is null))
            {
                required.Add((template.Name, input.Name, at));
            }
        }
        return new ArgumentPlaces(
            file,
            source.Arguments.Parameters.DistinctBy(p => p.Name).ToImmutableDictionary(p => p.Name, p => p.At, StringComparer.Ordinal),
            required.ToImmutable());
    }

    /// <summary>One document of the file, read.</summary>
    private sealed record Reading(string Kind, string Name, DocumentReader Reader, WorkflowSource? Source, Problems Problems)
    {
        public static Reading Of(YamlNode document, ImmutableArray<YamlNode> own, string fileName, ManifestOptions? options)
        {
            var problems = new Problems(fileName, options);
            var kind = KindOf(document, problems);
            var metadata = document.Field("metadata");
            var reader = new DocumentReader(own, problems);
            return new Reading(kind, (metadata?.Field("name") ?? metadata?.Field("generateName"))?.Text ?? "", reader, reader.Read(document, kind), problems);
        }

        private static string KindOf(YamlNode document, Problems problems)
        {
            if (document.Field("kind") is { } kind)
            {
                if (!Kinds.Argo.Contains(kind.Text) && !Kinds.Beside.Contains(kind.Text))
                {
                    var hint = Kinds.OfController.Contains(kind.Text) ? "" : Wording.DidYouMean(kind.Text, Kinds.Argo);
                    problems.Unsupported(kind, $"kind {kind.Text.Quoted()} is not supported{hint}; only `kind: Workflow` is run");
                }
                return kind.Text;
            }
            if (document.Kind is YamlKind.Mapping && !problems.Options.Strict)
            {
                problems.Notice(document, "a document without kind, read as a Workflow");
                return Kinds.Workflow;
            }
            problems.Error(document, $"{(document.Kind is YamlKind.Mapping ? "a document without kind" : $"the document is {document.Name}")}; write `kind: Workflow`");
            return "";
        }
    }
}
