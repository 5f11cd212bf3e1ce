using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;

namespace Pawl.Cli.Views;

/// <summary>What attempts had to warn of, though they went on: a corrupt checkpoint, a grace period that is too short.</summary>
public static class Warnings
{
    /// <summary>A line for each warning of the newest attempt of each leaf, no line twice.</summary>
    public static IReadOnlyList<string> Of(RunState run) => [.. run.Nodes.Values.Where(n => n.Last is not null).OrderBy(n => n.StartedAt).ThenBy(n => n.Id)
        .SelectMany(n => Of(n, n.Last!)).Distinct()];

    public static IEnumerable<string> Of(Node node, Outcome outcome) => outcome.Warnings.Select(w => $"⚠ {Text.Clean(node.DisplayName)}: {Text.Clean(w)}");
}
