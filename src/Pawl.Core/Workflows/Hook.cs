using System.Collections.Immutable;

namespace Pawl.Core.Workflows;

/// <summary>A template called beside a step, a task or a whole run: at its end, or once a condition is first true.</summary>
public sealed record Hook
{
    /// <summary>The name that makes it an exit handler; any other is only a label (Argo).</summary>
    public const string Exit = "exit";

    public required string Name { get; init; }

    public required string Template { get; init; }

    /// <summary>When to begin. Of an exit handler a condition beside the end; null is always.</summary>
    public string? Expression { get; init; }

    /// <summary>Null where none are written: an exit handler then gets those of the workflow.</summary>
    public Arguments? Arguments { get; init; }

    public bool IsExit => Name == Exit;

    /// <summary>The exit handler first, as Argo looks at them.</summary>
    public static ImmutableArray<Hook> Ordered(IEnumerable<Hook> hooks) =>
        [.. hooks.OrderByDescending(h => h.IsExit).ThenBy(h => h.Name, StringComparer.Ordinal)];
}
