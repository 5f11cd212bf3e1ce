using System.Globalization;
using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Engine.Homes;

namespace Pawl.Cli.Views;

/// <summary>A run as <c>argo get</c> prints it: header, tree, outputs.</summary>
public static class RunText
{
    private const int LabelWidth = 21;

    /// <param name="training">What its training leaves have told.</param>
    public static IEnumerable<string> Lines(
        RunState run, Home home, string? owner, Screen screen, DateTimeOffset now, bool wide, IReadOnlyDictionary<NodeId, TrainingRecord> training)
    {
        foreach (var line in Header(run, owner, now)) { yield return line; }
        yield return "";
        foreach (var line in TreeLines(run, screen, now, wide)) { yield return line; }
        foreach (var line in TrainingLines(run, training)) { yield return line; }
        var warnings = Warnings.Of(run);
        if (warnings.Count > 0) { yield return ""; }
        foreach (var line in warnings) { yield return line; }
        var outputs = Ending.Outputs(run, home).ToList();
        if (outputs.Count == 0) { yield break; }
        yield return "";
        yield return "Outputs:";
        foreach (var line in outputs) { yield return $"  {line}"; }
    }

    private static IEnumerable<string> TrainingLines(RunState run, IReadOnlyDictionary<NodeId, TrainingRecord> training)
    {
        // Of the tries of a step the newest speaks for it.
        var steps = training.Keys.Select(run.Find).OfType<Node>().OrderBy(n => n.StartedAt).ThenBy(n => n.Id)
            .GroupBy(run.StepOf).Select(g => (Name: Text.Clean(run.Find(g.Key)?.DisplayName ?? g.Key.Value), Leaf: g.Last())).ToList();
        foreach (var (name, leaf) in steps)
        {
            yield return "";
            yield return $"Training {name}:";
            foreach (var (label, value) in Trainings.Facts(training[leaf.Id], Ledgers.OfStep(run, leaf))) { yield return $"{$"  {label}:",-LabelWidth}{value}"; }
        }
        var spent = steps.Select(s => (s.Name, Spent: Ledgers.OfStep(run, s.Leaf))).Where(s => s.Spent is not null).Select(s => (s.Name, s.Spent!)).ToList();
        if (spent.Count == 0 || Ledgers.OfRun(run) is not { } whole) { yield break; }
        yield return "";
        foreach (var line in Ledgers.Lines(spent, whole)) { yield return line; }
    }

    public static IEnumerable<string> TreeLines(RunState run, Screen screen, DateTimeOffset now, bool wide)
    {
        List<IReadOnlyList<string>> cells = [["STEP", "TEMPLATE", "PODNAME", "DURATION", "MESSAGE"]];
        var looks = new List<Look> { default };
        foreach (var (prefix, node) in Tree.Rows(run))
        {
            if (Tree.IsApart(run, node))
            {
                cells.Add(["", "", "", "", ""]);
                looks.Add(default);
            }
            var duration = RunViews.Duration(node, now) is { } time && node.Type == NodeType.Pod ? Text.Duration(time) : "";
            var attempts = wide && node.Attempt > 0 ? $"[attempt {node.Attempt.ToString(CultureInfo.InvariantCulture)}] " : "";
            cells.Add([
                $" {prefix}{Look.Of(node).Mark} {Text.Clean(node.DisplayName)}", Text.Clean(TemplateKey.Of(node.Template) is { } key ? $"{key.Object}/{key.Template}" : run.TemplateNameOf(node)),
                node.Type == NodeType.Pod ? PodName(run, node) : "", duration, attempts + RunViews.Message(node, now)]);
            looks.Add(Look.Of(node));
        }
        return Table.Lines(cells).Select((line, i) => looks[i].Mark is { } mark && mark != " "
            ? line.Replace(mark, screen.Paint(mark, looks[i].Colour), StringComparison.Ordinal)
            : line);
    }

    /// <summary>The pod that Argo would have made of the node: how people name a leaf.</summary>
    public static string PodName(RunState run, Node node)
    {
        if (node.Id == run.EntryId) { return run.Name; }
        var id = Names.ArgoId(run.Name, node.Id);
        return $"{run.Name}{(run.TemplateNameOf(node) is { Length: > 0 } template ? $"-{template}" : "")}{id[run.Name.Length..]}";
    }

    private static IEnumerable<string> Header(RunState run, string? owner, DateTimeOffset now)
    {
        var ended = run.FinishedAt ?? now;
        var lines = new List<(string Label, string Value)>
        {
            ("Name", run.Name),
            ("Uid", run.RunId),
            ("File", run.Submitted?.File ?? ""),
            ("Status", Look.Status(run)),
            ("Message", run.Message),
            ("Owner", run.IsDone ? "" : owner ?? "nobody"),
            ("Created", Time(run.Submitted?.At ?? run.StartedAt, now)),
            ("Started", Time(run.StartedAt, now)),
            ("Finished", run.FinishedAt is { } at ? Time(at, now) : ""),
            ("Duration", Text.Duration(ended - run.StartedAt)),
            ("Progress", RunViews.Progress(run)),
        };
        foreach (var (label, value) in lines.Where(l => l.Value.Length > 0)) { yield return $"{label + ":",-LabelWidth}{Text.Clean(value)}"; }
        if (run.Submitted is not { Parameters.Count: > 0 } submitted) { yield break; }
        yield return "Parameters:";
        foreach (var (name, value) in submitted.Parameters) { yield return $"{$"  {Text.Clean(name)}:",-LabelWidth}{Text.Clean(value)}"; }
    }

    private static string Time(DateTimeOffset time, DateTimeOffset now) =>
        $"{time.ToLocalTime().ToString("ddd MMM dd HH:mm:ss zzz", CultureInfo.InvariantCulture)} ({Text.Age(now - time)} ago)";
}
