using System.Collections.Immutable;
using System.Globalization;
using Pawl.Core.Attempts;
using Pawl.Core.Goodput;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Engine.Homes;
using Pawl.Storage.Files;
using Pawl.Supervision;

namespace Pawl.Cli.Views;

/// <summary>What the steps of a run that train have told: of a running attempt as its supervisor shows it, else as its outcome says.</summary>
public static class Trainings
{
    private const int MostMetrics = 3;

    /// <summary>By leaf; leaves that do not train are absent.</summary>
    public static async Task<ImmutableDictionary<NodeId, TrainingRecord>> ReadAsync(IDisk disk, Home home, RunState run)
    {
        var all = ImmutableDictionary.CreateBuilder<NodeId, TrainingRecord>();
        foreach (var node in run.Nodes.Values.Where(n => n.Attempt > 0))
        {
            if ((await RunningAsync(disk, home, run, node) ?? node.Last?.Training) is { } record) { all[node.Id] = record; }
        }
        return all.ToImmutable();
    }

    /// <returns>Null where the leaf does not run, or its attempt has told nothing yet.</returns>
    public static async ValueTask<TrainingRecord?> RunningAsync(IDisk disk, Home home, RunState run, Node node) => IsRunning(node)
        ? await AttemptFiles.ReadProgressAsync(disk, home.Run(run.RunId).AttemptFolder(run.StepOf(node).Value, node.CurrentAttempt))
        : null;

    /// <summary>Of each leaf that runs, what it wrote to <c>ARGO_PROGRESS_FILE</c>; those that wrote nothing are absent.</summary>
    public static async Task<ImmutableDictionary<NodeId, (long Done, long All)>> ReachedAsync(IDisk disk, Home home, RunState run)
    {
        var all = ImmutableDictionary.CreateBuilder<NodeId, (long Done, long All)>();
        foreach (var node in run.Nodes.Values.Where(IsRunning))
        {
            try
            {
                if (await AttemptFiles.ReadReachedAsync(disk, home.Run(run.RunId).AttemptFolder(run.StepOf(node).Value, node.CurrentAttempt)) is { } told) { all[node.Id] = told; }
            }
            catch (Exception e) when (e is IOException or UnsafePathException)
            {
                // The step made something else of its file; then it says nothing.
            }
        }
        return all.ToImmutable();
    }

    public static bool IsRunning(Node node) => node is { Type: NodeType.Pod, AttemptRuns: true, IsEnded: false };

    /// <summary><c>step 120/1000 loss=0.31</c>; empty where no step was reported.</summary>
    public static string Line(TrainingRecord record)
    {
        if (record.Step is not { } step) { return ""; }
        var total = record.Total is { } all ? string.Create(CultureInfo.InvariantCulture, $"/{all}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"step {step}{total}{Metrics(record, MostMetrics)}");
    }

    /// <summary>Label and value of each line that <c>pawl get</c> has of a training step.</summary>
    /// <param name="spent">Of the whole step; null where nothing of it has ended yet.</param>
    public static IEnumerable<(string Label, string Value)> Facts(TrainingRecord record, Ledger? spent)
    {
        if (Line(record) is { Length: > 0 } line) { yield return ("Trained", line); }
        yield return ("Checkpoints", Checkpoints(record));
        if (record.Blocked.Count + record.Written.Count + record.Uploaded.Count > 0)
        {
            yield return ("Checkpoint p99", $"blocked {Seconds(record.Blocked.P99)}, written {Seconds(record.Written.P99)}, uploaded {Seconds(record.Uploaded.P99)}");
        }
        if (record.Interval is { } interval) { yield return ("Interval", Seconds(interval)); }
        if (record.PredictedWaste is { } predicted)
        {
            var measured = spent is null ? "" : $", measured {Percent(1 - spent.Goodput)}";
            yield return ("Waste", $"predicted {Percent(predicted)}{measured}");
        }
        if (record.MalformedReports > 0) { yield return ("Malformed reports", record.MalformedReports.ToString(CultureInfo.InvariantCulture)); }
    }

    public static string Percent(double share) => share.ToString(share < 0.1 ? "0.0 %" : "0 %", CultureInfo.InvariantCulture);

    private static string Checkpoints(TrainingRecord record)
    {
        var from = record.RestoredEntry is { } entry ? string.Create(CultureInfo.InvariantCulture, $", restored from entry {entry}") : "";
        var since = record.StepsSinceCheckpoint is { } steps
            ? string.Create(CultureInfo.InvariantCulture, $", {steps} {(steps == 1 ? "step" : "steps")} since the last")
            : "";
        return string.Create(CultureInfo.InvariantCulture, $"{record.Checkpoints} ({Text.Size(record.BytesWritten)} new){from}{since}");
    }

    // Losses first: of many metrics these are looked for.
    private static string Metrics(TrainingRecord record, int most) => string.Concat(record.Metrics
        .OrderBy(m => m.Key.Contains("loss", StringComparison.OrdinalIgnoreCase) ? 0 : 1).ThenBy(m => m.Key, StringComparer.Ordinal).Take(most)
        .Select(m => $" {Text.Cut(Text.Clean(m.Key), 30)}={m.Value.ToString("G4", CultureInfo.InvariantCulture)}"));

    private static string Seconds(double seconds) => seconds < 0.9995
        ? $"{(seconds * 1000).ToString("0.#", CultureInfo.InvariantCulture)} ms"
        : $"{seconds.ToString("0.##", CultureInfo.InvariantCulture)} s";
}
