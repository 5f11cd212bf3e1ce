using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;

namespace Pawl.Cli.Views;

/// <summary>What steps had to warn of, though they went on: a corrupt checkpoint or cached artifact, a grace period that is too short.</summary>
public static class Warnings
{
    /// <summary>A line for each warning of the newest attempt of each leaf, and for each kept output that was of no use; no line twice.</summary>
    public static IReadOnlyList<string> Of(RunState run) => [.. run.Nodes.Values.Where(n => n.Last is not null || n.MemoProblem is not null).OrderBy(n => n.StartedAt).ThenBy(n => n.Id)
        .SelectMany(n => (n.MemoProblem is { } problem ? [Line(n, problem)] : Enumerable.Empty<string>()).Concat(n.Last is { } last ? Of(n, last) : [])).Distinct()];

    public static IEnumerable<string> Of(Node node, Outcome outcome) => outcome.Warnings.Select(w => Line(node, w));

    private static string Line(Node node, string warning) => $"⚠ {Text.Clean(node.DisplayName)}: {Text.Clean(warning)}";
}
