using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>A parameter and where it stands.</summary>
/// <param name="HasSource">It has a <c>valueFrom</c>, supported or not.</param>
internal sealed record ParameterSource(Parameter Parameter, YamlNode At, bool HasSource)
{
    public string Name => Parameter.Name;

    public bool HasValue => Parameter.Value is not null || HasSource;
}

/// <param name="HasLocation">It names where its bytes come from or go to: raw, s3 and the like, supported or not.</param>
/// <param name="FromAt">Its <c>from</c> or <c>fromExpression</c>.</param>
internal sealed record ArtifactSource(Artifact Artifact, YamlNode At, bool HasLocation, YamlNode? FromAt)
{
    public string Name => Artifact.Name;
}

internal sealed record ArgumentsSource(ImmutableArray<ParameterSource> Parameters, ImmutableArray<ArtifactSource> Artifacts)
{
    public static ArgumentsSource None { get; } = new([], []);

    public ImmutableArray<Parameter> PlainParameters => [.. Parameters.Select(p => p.Parameter)];

    public ImmutableArray<Artifact> PlainArtifacts => [.. Artifacts.Select(a => a.Artifact)];
}

/// <summary>A step or dag task with the places that checks point at.</summary>
internal sealed record CallSource
{
    public required YamlNode Node { get; init; }

    /// <summary>Empty when it has none, which is reported.</summary>
    public required string Name { get; init; }

    public required YamlNode NameAt { get; init; }

    /// <summary>Null for templateRef, or a name that is a tag: what is called is not known here.</summary>
    public string? Template { get; init; }

    public YamlNode? TemplateAt { get; init; }

    /// <summary>The template that is written inside the call.</summary>
    public TemplateSource? Inline { get; init; }

    public bool HasInline { get; init; }

    public ArgumentsSource Arguments { get; init; } = ArgumentsSource.None;

    public bool Loops { get; init; }

    /// <summary>What <c>item.KEY</c> may name; null when the items are only known at run time.</summary>
    public ImmutableHashSet<string>? ItemKeys { get; init; } = [];

    public ImmutableArray<YamlNode> Dependencies { get; init; } = [];

    public YamlNode? Depends { get; init; }

    /// <summary>What <see cref="Depends"/> says; null also where it is wrong, which is reported.</summary>
    public DependsExpr? DependsOn { get; init; }

    public YamlNode? ContinueOnAt { get; init; }

    public YamlNode? OnExit { get; init; }

    public ImmutableArray<HookSource> Hooks { get; init; } = [];

    /// <summary>Null where it calls something that is not supported.</summary>
    public Call? Call { get; init; }
}

internal sealed record TemplateSource
{
    public required YamlNode Node { get; init; }

    /// <summary>By which it is called; of a template of another document its key, see <see cref="TemplateKey"/>.</summary>
    public required string Name { get; init; }

    public required YamlNode NameAt { get; init; }

    /// <summary>One of <see cref="Tables.TemplateTypes"/>; empty when that is missing or ambiguous, which is reported.</summary>
    public required string Type { get; init; }

    public ArgumentsSource Inputs { get; init; } = ArgumentsSource.None;

    public ArgumentsSource Outputs { get; init; } = ArgumentsSource.None;

    public YamlNode? OutputsAt { get; init; }

    public bool IsDaemon { get; init; }

    /// <summary>Of steps, group by group; of a dag, all tasks as one group.</summary>
    public ImmutableArray<ImmutableArray<CallSource>> Calls { get; init; } = [];

    public YamlNode? DagTarget { get; init; }

    /// <summary>It stands inside a call, under a name made from where that is.</summary>
    public bool IsInline { get; init; }

    /// <summary>Null where its kind is not supported.</summary>
    public Template? Template { get; init; }

    public bool IsLeaf => Type is not ("steps" or "dag" or "suspend" or "");

    /// <summary>It has a result and an exit code.</summary>
    public bool HasResult => Type is "container" or "script" or "containerSet" or "http" or "data" or "plugin";
}

internal sealed record WorkflowSource
{
    public required YamlNode Node { get; init; }

    public required YamlNode SpecAt { get; init; }

    public ArgumentsSource Arguments { get; init; } = ArgumentsSource.None;

    public YamlNode? Entrypoint { get; init; }

    public YamlNode? OnExit { get; init; }

    /// <summary>Templates, arguments and entrypoint may come from elsewhere.</summary>
    public bool HasTemplateRef { get; init; }

    /// <summary>Nobody runs it as it is: what it leaves open, those that refer to it may say.</summary>
    public bool IsTemplate { get; init; }

    public ImmutableArray<HookSource> Hooks { get; init; } = [];

    public bool HasPriority { get; init; }

    public ImmutableArray<TemplateSource> Templates { get; init; } = [];

    public required Workflow Workflow { get; init; }
}
