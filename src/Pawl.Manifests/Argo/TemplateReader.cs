using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Manifests.Checks;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>Reads one entry of <c>spec.templates</c>.</summary>
/// <param name="hasDefaults">Template defaults may supply what is missing here.</param>
/// <param name="hasGrace">The spec sets a grace period for every template.</param>
internal sealed class TemplateReader(Problems problems, bool hasDefaults, bool hasGrace)
{
    private readonly ArgumentReader _arguments = new(problems);
    private readonly RetryReader _retry = new(problems);
    private readonly ContainerReader _containers = new(problems, hasDefaults);
    private readonly List<TemplateSource> _inline = [];

    /// <summary>The templates found inside the calls of those read so far.</summary>
    public IReadOnlyList<TemplateSource> Inline => _inline;

    /// <param name="key">By which the run knows a template of another document; null where its own name does.</param>
    public TemplateSource? Read(YamlNode node, string? key = null) => Read(node, null, key);

    private TemplateSource? ReadInline(YamlNode node, string name)
    {
        if (Read(node, name, null) is not { } source) { return null; }
        source = source with { IsInline = true, Template = source.Template is { } t ? t with { Name = "", CallerTags = [.. InlineTags.In(node)] } : null };
        _inline.Add(source);
        return source;
    }

    private TemplateSource? Read(YamlNode node, string? inlineName, string? key)
    {
        if (Fields.Of(node, Tables.Template, problems) is not { } fields) { return null; }
        var (name, nameAt) = inlineName is null ? NameRules.OfPart(fields, "template", problems) : (inlineName, node);
        var type = Type(fields, name);
        var (inputs, outputs) = (_arguments.Read(fields.Value("inputs"), ArgumentPlace.Inputs), _arguments.Read(fields.Value("outputs"), ArgumentPlace.Outputs));
        var calls = Calls(fields, type, key ?? name);
        var dag = type == "dag" ? fields.Map("dag", Tables.Dag) : null;
        var source = new TemplateSource
        {
            Node = node,
            Name = name,
            NameAt = nameAt,
            Type = type,
            Inputs = inputs,
            Outputs = outputs,
            OutputsAt = fields.Value("outputs"),
            IsDaemon = fields.Flag("daemon") ?? false,
            Calls = calls,
            DagTarget = dag?.Value("target"),
        };
        var patch = new PatchReader(problems).Read(fields);
        if (!patch.SetsGrace && !hasGrace) { _containers.NoticeGrace(fields.Value("container") ?? fields.Value("script")); }
        var pods = new PodReader(problems, _containers);
        var body = Body(fields, source, calls, dag, pods);
        if (body is TemplateBody.Leaf or null && source.IsLeaf) { body = pods.Around(body as TemplateBody.Leaf, fields, name); }
        var (retry, parallelism, deadline) = (_retry.Retry(fields), Parallelism(fields, source), Deadline(fields, source));
        var annotations = new AnnotationReader(problems).Read(fields);
        var volumes = new VolumeReader(problems).Volumes(fields);
        var metrics = new MetricsReader(problems).Read(fields, $"templates.{name}");
        CheckPodFields(fields, source);
        var locks = new LockReader(problems).Locks(fields);
        var memoize = new MemoizeReader(problems).Read(fields);
        var times = new TimeoutReader(problems);
        var (timeout, pendingTimeout) = (times.Read(fields, "timeout", source), times.Read(fields, "pendingTimeout", source));
        return body is null ? source : source with
        {
            Template = new Template
            {
                Name = name,
                Inputs = new(inputs.PlainParameters, inputs.PlainArtifacts),
                Outputs = new(outputs.PlainParameters, outputs.PlainArtifacts),
                RetryStrategy = retry,
                Parallelism = parallelism,
                FailFast = fields.Flag("failFast") ?? false,
                ActiveDeadlineSeconds = deadline,
                GracePeriod = patch.Grace,
                Patch = patch.Patch,
                HostAliases = pods.HostAliases(fields),
                IsDaemon = source.IsDaemon,
                Annotations = annotations,
                Volumes = volumes,
                Metrics = metrics,
                Locks = locks,
                Memoize = memoize,
                Timeout = timeout,
                PendingTimeout = pendingTimeout,
                Body = body,
            },
        };
    }

    // Of a pod that there is not.
    private void CheckPodFields(Fields fields, TemplateSource source)
    {
        var kind = source.Type switch
        {
            "steps" or "suspend" => char.ToUpperInvariant(source.Type[0]) + source.Type[1..],
            "dag" or "http" => source.Type.ToUpperInvariant(),
            "plugin" => "Plugin",
            _ => null,
        };
        if (kind is null) { return; }
        foreach (var field in (string[])["podResources", "resourceClaims"])
        {
            if (fields.Key(field) is not { } key) { continue; }
            var why = source.Type is "http" or "plugin" ? "" : ", which do not create a pod";
            problems.Error(key, $"{field} is of no use in a template that makes no pod; write it where a program runs"
                .InArgo($"templates.{source.Name}.{field} is not supported for {kind} templates{why}"));
        }
    }

    private string Type(Fields fields, string name)
    {
        var types = Tables.TemplateTypes.Where(fields.Has).ToArray();
        if (types.Length == 0)
        {
            problems.Error(fields.Node, $"template {name.Quoted()} does nothing (template type unspecified); write one of container, script, steps, dag, suspend in it");
        }
        if (types.Length > 1)
        {
            problems.Error(fields.Key(types[1])!, $"multiple template types specified in {name.Quoted()}: {string.Join(", ", types)}; write one of them");
        }
        return types is [var only] ? only : "";
    }

    private ImmutableArray<ImmutableArray<CallSource>> Calls(Fields fields, string type, string name)
    {
        var reader = new CallReader(problems, ReadInline);
        if (type == "dag")
        {
            var dag = Fields.Of(fields.Value("dag"), Tables.Dag, problems.Aside());
            if (dag is null) { return []; }
            if (dag.Value("tasks") is null or { Kind: YamlKind.Sequence, Items.IsEmpty: true }) { problems.Error(dag.Node, "a dag must have at least one task; write `tasks:`"); }
            if (dag.Value("tasks") is { Kind: not YamlKind.Sequence } strange) { problems.Error(strange, $"tasks is {strange.Name}; write a list"); return []; }
            return [[.. (dag.Value("tasks")?.Items ?? []).Select(t => reader.Read(t, isTask: true, name)).OfType<CallSource>()]];
        }
        if (type != "steps") { return []; }
        var groups = ImmutableArray.CreateBuilder<ImmutableArray<CallSource>>();
        foreach (var group in fields.List("steps"))
        {
            if (group.Kind is YamlKind.Sequence) { groups.Add([.. group.Items.Select(s => reader.Read(s, isTask: false, name)).OfType<CallSource>()]); }
            else { problems.Error(group, $"a group of steps is {group.Name}; write a list of steps: `- - name: NAME`"); }
        }
        return groups.ToImmutable();
    }

    private TemplateBody? Body(Fields fields, TemplateSource source, ImmutableArray<ImmutableArray<CallSource>> calls, Fields? dag, PodReader pods) => source.Type switch
    {
        "container" => _containers.Read(fields.Value("container"), source.Name, isScript: false),
        "script" => _containers.Read(fields.Value("script"), source.Name, isScript: true),
        "containerSet" => pods.Set(
            fields.Value("containerSet"), source.Name,
            source.Inputs.Artifacts.Length + source.Outputs.Artifacts.Length + source.Outputs.Parameters.Count(p => p.Parameter.ValueFrom?.Path is not null) > 0),
        "http" => new HereReader(problems).Http(fields),
        "data" => new HereReader(problems).Data(fields),
        "steps" => new TemplateBody.Steps([.. calls.Select(Plain)]),
        "dag" => new TemplateBody.Dag([.. calls.SelectMany(g => Plain(g))], dag?.Text("target"), dag?.Flag("failFast") ?? true),
        "suspend" => new TemplateBody.Suspend(fields.Map("suspend", Tables.Suspend) is { } suspend ? _retry.Duration(suspend, "duration") : null),
        _ => null,
    };

    private static ImmutableArray<Call> Plain(ImmutableArray<CallSource> group) => [.. group.Select(c => c.Call).OfType<Call>()];

    private int? Parallelism(Fields fields, TemplateSource source)
    {
        if (source.IsLeaf && fields.Key("parallelism") is { } key)
        {
            problems.Error(key, "parallelism is only valid for steps and dag templates; remove it, or write it there");
        }
        return ReadParallelism(fields, problems);
    }

    public static int? ReadParallelism(Fields fields, Problems problems)
    {
        if (fields.Whole("parallelism") is not { } most) { return null; }
        if (most is > 0 and <= int.MaxValue) { return (int)most; }
        problems.Unsupported(fields.Value("parallelism")!, $"parallelism {most} would start nothing, ever; write a whole number from 1, or remove it");
        return null;
    }

    private string? Deadline(Fields fields, TemplateSource source)
    {
        if (fields.Key("activeDeadlineSeconds") is not { } key) { return null; }
        if (!source.IsLeaf && source.Type.Length > 0)
        {
            problems.Error(key, "activeDeadlineSeconds is only valid for leaf templates; write it in the templates that this one calls, or in spec");
        }
        var text = fields.WholeOrTag("activeDeadlineSeconds");
        if (text is not null && !Tags.AnyIn(text) && !(long.TryParse(text, out var seconds) && seconds > 0))
        {
            problems.Error(fields.Value("activeDeadlineSeconds")!, $"activeDeadlineSeconds is {text}; write a whole number above 0, or a tag"
                .InArgo($"templates.{source.Name}.activeDeadlineSeconds must be a positive integer > 0 or an argo variable"));
        }
        return text;
    }
}
