using System.Globalization;
using Pawl.Core.Scheduling;
using Pawl.Engine.Homes;

namespace Pawl.Cli.Views;

/// <summary>What is read off a run in more than one view.</summary>
public static class RunViews
{
    /// <summary>What holds an unfinished run: <c>Paused</c>, <c>Suspended</c> (also at a gate), or nothing.</summary>
    public static string StateOf(RunState run) => run switch
    {
        { IsDone: true } => "",
        { Paused: not null } => "Paused",
        { Suspended: true } => "Suspended",
        { Running.IsEmpty: true, Gates.IsEmpty: false } => "Suspended",
        _ => "",
    };

    /// <summary>Leaves done of leaves known, as Argo counts: <c>3/5</c>.</summary>
    public static string Progress(RunState run)
    {
        var (done, all) = (0, 0);
        foreach (var node in run.Nodes.Values)
        {
            if (node.Type != NodeType.Pod) { continue; }
            all++;
            if (node.Phase is Phase.Succeeded) { done++; }
        }
        return string.Create(CultureInfo.InvariantCulture, $"{done}/{all}");
    }

    public static RunRow Row(RunState run) => new(
        run.RunId, run.Name, run.Submitted?.File ?? "", run.Submitted?.At ?? run.StartedAt, run.Phase, StateOf(run), run.FinishedAt, run.Message, Progress(run));

    public static TimeSpan? Duration(Node node, DateTimeOffset now) =>
        node.StartedAt == default || node.Phase is Phase.Skipped or Phase.Omitted ? null : (node.FinishedAt ?? now) - node.StartedAt;

    /// <summary>Which attempt it is, once there was more than one; what a waiting node waits for; that there are warnings; then its own message.</summary>
    public static string Message(Node node, DateTimeOffset now)
    {
        var parts = new List<string>(4);
        if (node.Attempt > 1) { parts.Add(string.Create(CultureInfo.InvariantCulture, $"attempt {node.Attempt}")); }
        if (!node.IsEnded && node.WakeAt is { } wake && wake > now)
        {
            parts.Add($"{(node.Phase == Phase.Pending ? "gives up" : node.Type == NodeType.Suspend ? "goes on" : "tries again")} in {Text.Duration(wake - now)}");
        }
        if (node.Last is { Warnings.Length: > 0 and var count })
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{count} {(count == 1 ? "warning" : "warnings")}"));
        }
        if (node.Message.Length > 0) { parts.Add(Text.Clean(node.Message)); }
        return string.Join("; ", parts);
    }
}
