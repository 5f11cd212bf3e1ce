using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>Reads a document of kind Workflow. What concerns more than one place of it is for the checks.</summary>
internal sealed class WorkflowReader(Problems problems)
{
    public const string ApiVersion = "argoproj.io/v1alpha1";

    private readonly RetryReader _retry = new(problems);

    public WorkflowSource? Read(YamlNode document)
    {
        if (Fields.Of(document, Tables.Document, problems) is not { } fields) { return null; }
        if (fields.Text("apiVersion") is var version && version != ApiVersion)
        {
            problems.Error(fields.Value("apiVersion") ?? document, $"apiVersion is {(version ?? "").Quoted()}; write `apiVersion: {ApiVersion}`");
        }
        var metadata = fields.Map("metadata", Tables.Metadata);
        if (metadata is null || !(metadata.Has("name") || metadata.Has("generateName")))
        {
            problems.Error(fields.Key("metadata") ?? document, "a Workflow without a name; write `metadata: {generateName: NAME-}`");
        }
        if (fields.Map("spec", Tables.Spec) is not { } spec)
        {
            if (!fields.Has("spec")) { problems.Error(document, "a Workflow without spec; write `spec:` with entrypoint and templates"); }
            return null;
        }
        var hasTemplateRef = spec.Has("workflowTemplateRef");
        var arguments = new ArgumentReader(problems).Read(spec.Value("arguments"), ArgumentPlace.Workflow);
        var grace = _retry.GracePeriod(spec);
        var reader = new TemplateReader(problems, hasDefaults: spec.Has("templateDefaults") || hasTemplateRef, hasGrace: grace is not null);
        ImmutableArray<TemplateSource> templates = [.. spec.List("templates").Select(reader.Read).OfType<TemplateSource>()];
        templates = templates.AddRange(reader.Inline);
        if (hasTemplateRef && spec.Key("templates") is { } key)
        {
            problems.Error(key, "templates is an invalid field in spec if the workflow has a workflowTemplateRef; write one of the two");
        }
        return new WorkflowSource
        {
            Node = document,
            SpecAt = fields.Key("spec")!,
            Arguments = arguments,
            Entrypoint = spec.Value("entrypoint"),
            OnExit = spec.Value("onExit"),
            HasTemplateRef = hasTemplateRef,
            HasHooks = spec.Has("hooks"),
            HasPriority = spec.Has("priority"),
            Templates = templates,
            Workflow = Model(spec, metadata, arguments, templates, grace),
        };
    }

    private Workflow Model(Fields spec, Fields? metadata, ArgumentsSource arguments, ImmutableArray<TemplateSource> templates, TimeSpan? grace)
    {
        var workflow = new Workflow
        {
            Name = Name(metadata, "name"),
            GenerateName = Name(metadata, "generateName"),
            Entrypoint = spec.Text("entrypoint") ?? "",
            Arguments = new(arguments.PlainParameters, arguments.PlainArtifacts),
            Templates = templates.Where(t => t.Template is not null).DistinctBy(t => t.Name)
                .ToImmutableSortedDictionary(t => t.Name, t => t.Template!, StringComparer.Ordinal),
            OnExit = spec.Text("onExit"),
            RetryStrategy = _retry.Retry(spec),
            Parallelism = TemplateReader.ReadParallelism(spec, problems),
            ActiveDeadlineSeconds = spec.Whole("activeDeadlineSeconds"),
            Suspend = spec.Flag("suspend") ?? false,
            GracePeriod = grace,
        };
        if (workflow.ActiveDeadlineSeconds < 0)
        {
            problems.Error(spec.Value("activeDeadlineSeconds")!, $"activeDeadlineSeconds {workflow.ActiveDeadlineSeconds} is negative; write a number of seconds");
        }
        return metadata is null ? workflow : workflow with { Labels = metadata.TextMap("labels"), Annotations = metadata.TextMap("annotations") };
    }

    private string? Name(Fields? metadata, string field)
    {
        if (metadata?.Text(field) is not { Length: > 0 } name) { return null; }
        NameRules.CheckObjectName(name, metadata.Value(field)!, isPrefix: field == "generateName", problems);
        return name;
    }
}
