using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Manifests.Linking;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests;

public enum Severity
{
    /// <summary>Argo refuses it too: lint fails, run refuses.</summary>
    Error,

    /// <summary>Valid Argo that pawl cannot do yet: a notice in lint, refused by run.</summary>
    Unsupported,

    /// <summary>Worth knowing; nothing is refused.</summary>
    Notice,
}

/// <summary>Something that the author of a manifest should know.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 units.</param>
/// <param name="Message">What is wrong and what to write instead, in one line.</param>
public sealed record Problem(Severity Severity, string File, int Line, int Column, string Message)
{
    public override string ToString() => $"{File}:{Line}:{Column}: {Word}: {Message}";

    private string Word => Severity switch
    {
        Severity.Error => "error",
        Severity.Unsupported => "unsupported",
        _ => "notice",
    };
}

/// <summary>What came out of a manifest.</summary>
/// <param name="Workflow">Null when there is an error, or only documents of other kinds. Where something is unsupported, that part is left out of it.</param>
/// <param name="Problems">All of them, in the order of the file.</param>
public sealed record ManifestResult(Workflow? Workflow, ImmutableArray<Problem> Problems)
{
    public bool HasErrors => Problems.Any(p => p.Severity is Severity.Error);

    public bool CanRun => Workflow is not null && IsSupported && !HasErrors;

    /// <summary>Nothing in the Workflow itself is beyond pawl; other documents of the file do not count.</summary>
    internal bool IsSupported { get; init; } = true;

    /// <summary>What the file holds, in its order.</summary>
    public ImmutableArray<DocumentName> Documents { get; init; } = [];

    /// <summary>The files that something was taken from to which the Workflow refers: with them alone it is read again as it was.</summary>
    public ImmutableArray<ManifestText> References { get; init; } = [];

    /// <summary>Which of the Workflows in the file it is, from 0.</summary>
    public int Number { get; init; }

    /// <summary>Where the arguments stand, for problems that are only found when a run is asked for.</summary>
    internal ArgumentPlaces? Places { get; init; }
}

/// <param name="Name">Its name or generateName; empty where it has none.</param>
public sealed record DocumentName(string Kind, string Name);

/// <param name="Declared">Position of each entry of <c>spec.arguments.parameters</c>.</param>
/// <param name="Required">Inputs of the entrypoint and exit template that only the workflow's arguments can fill.</param>
internal sealed record ArgumentPlaces(
    string File,
    ImmutableDictionary<string, YamlNode> Declared,
    ImmutableArray<(string Template, string Parameter, YamlNode At)> Required);
