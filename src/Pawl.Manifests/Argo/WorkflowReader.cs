using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Manifests.Checks;
using Pawl.Manifests.Linking;

namespace Pawl.Manifests.Argo;

/// <summary>Reads a document that holds a workflow: to run, to refer to, or to be run at times. What concerns more than one place of it is for the checks.</summary>
/// <param name="kind">One of Argo's kinds; a Workflow is to run, the others are for later.</param>
internal sealed class WorkflowReader(Problems problems, string kind = Kinds.Workflow)
{
    public const string ApiVersion = "argoproj.io/v1alpha1";

    private readonly RetryReader _retry = new(problems);

    public WorkflowSource? Read(Linked linked)
    {
        var document = linked.Document;
        if (Fields.Of(document, Tables.Document, problems) is not { } fields) { return null; }
        if (fields.Text("apiVersion") is var version && version != ApiVersion && (version is not null || problems.Options.Strict))
        {
            problems.Error(fields.Value("apiVersion") ?? document, $"apiVersion is {(version ?? "").Quoted()}; write `apiVersion: {ApiVersion}`");
        }
        var metadata = fields.Map("metadata", Tables.Metadata);
        if (metadata is null || !(metadata.Has("name") || metadata.Has("generateName")))
        {
            problems.Error(fields.Key("metadata") ?? document, $"a {kind} without a name; write `metadata: {(kind == Kinds.Workflow ? "{generateName: NAME-}" : "{name: NAME}")}`");
        }
        if (fields.Map("spec", Tables.Spec) is not { } spec)
        {
            if (!fields.Has("spec")) { problems.Error(document, $"a {kind} without spec; write `spec:` with entrypoint and templates"); }
            return null;
        }
        var hasTemplateRef = spec.Has("workflowTemplateRef");
        var arguments = new ArgumentReader(problems).Read(spec.Value("arguments"), ArgumentPlace.Workflow);
        var patch = new PatchReader(problems).Read(spec);
        var reader = new TemplateReader(problems, hasDefaults: hasTemplateRef, hasGrace: patch.SetsGrace);
        ImmutableArray<TemplateSource> templates =
        [
            .. spec.List("templates").Select(t => reader.Read(t)).OfType<TemplateSource>(),
            .. linked.Elsewhere.Select(e => reader.Read(e.Template, e.Key) is { } read ? read with { Name = e.Key } : null).OfType<TemplateSource>(),
        ];
        templates = templates.AddRange(reader.Inline);
        var hooks = new HookReader(problems).Read(spec);
        return new WorkflowSource
        {
            Node = document,
            SpecAt = fields.Key("spec")!,
            Arguments = arguments,
            Entrypoint = spec.Value("entrypoint"),
            OnExit = spec.Value("onExit"),
            HasTemplateRef = hasTemplateRef,
            IsTemplate = kind is Kinds.WorkflowTemplate or Kinds.ClusterWorkflowTemplate,
            Hooks = hooks,
            HasPriority = spec.Has("priority"),
            Templates = templates,
            Workflow = Model(spec, metadata, arguments, templates) with
            {
                Hooks = HookReader.Model(hooks, null),
                GracePeriod = patch.Grace,
                Patch = patch.Patch,
                HostAliases = new PodReader(problems, new ContainerReader(problems, hasTemplateRef)).HostAliases(spec),
            },
        };
    }

    private Workflow Model(Fields spec, Fields? metadata, ArgumentsSource arguments, ImmutableArray<TemplateSource> templates)
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
            Volumes = new VolumeReader(problems).Volumes(spec),
            Metrics = new MetricsReader(problems).Read(spec, "workflow"),
            LabelsFrom = LabelsFrom(spec.Map("workflowMetadata", KindTables.WorkflowMetadata)),
            KeepsFailedClaims = spec.Map("volumeClaimGC", KindTables.VolumeClaimGc)?.Text("strategy") is not "OnWorkflowCompletion",
            TimeToLive = spec.Map("ttlStrategy", KindTables.TtlStrategy) is { } ttl
                ? new TimeToLive(ttl.Whole("secondsAfterCompletion"), ttl.Whole("secondsAfterSuccess"), ttl.Whole("secondsAfterFailure"))
                : null,
            ArtifactGc = LocationReader.Gc(spec, problems) ?? ArtifactGc.Never,
            Locks = new LockReader(problems).Locks(spec),
            Priority = ReadPriority(spec),
        };
        if (workflow.ActiveDeadlineSeconds < 0)
        {
            problems.Error(spec.Value("activeDeadlineSeconds")!, $"activeDeadlineSeconds {workflow.ActiveDeadlineSeconds} is negative; write a number of seconds");
        }
        // The spec has the last word, because it may come from a template that all runs of a sort share.
        var added = spec.Map("workflowMetadata", KindTables.WorkflowMetadata);
        return workflow with { Labels = Merged(metadata, added, "labels"), Annotations = Merged(metadata, added, "annotations") };
    }

    private ImmutableSortedDictionary<string, string> LabelsFrom(Fields? added)
    {
        var labels = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in added?.Value("labelsFrom")?.Entries ?? [])
        {
            if (Fields.Of(value, KindTables.LabelFrom, problems) is not { } from || from.Text("expression") is not { } expression) { continue; }
            ExpressionChecks.CheckBare(from.Value("expression"), problems);
            labels[key.Text] = expression;
        }
        return labels.ToImmutable();
    }

    // Kubernetes' int32.
    private int? ReadPriority(Fields spec)
    {
        if (spec.Whole("priority") is not { } priority) { return null; }
        if (priority is >= int.MinValue and <= int.MaxValue) { return (int)priority; }
        problems.Error(spec.Value("priority")!, $"priority {priority} is out of range; write a whole number of at most {int.MaxValue}");
        return null;
    }

    private static ImmutableSortedDictionary<string, string> Merged(Fields? metadata, Fields? added, string field)
    {
        var own = metadata?.TextMap(field) ?? ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);
        return added is null ? own : own.SetItems(added.TextMap(field));
    }

    private string? Name(Fields? metadata, string field)
    {
        if (metadata?.Text(field) is not { Length: > 0 } name) { return null; }
        NameRules.CheckObjectName(name, metadata.Value(field)!, isPrefix: field == "generateName", problems);
        return name;
    }
}
