using System.Collections.Immutable;
using System.Text.Json;
using Pawl.Core.Attempts;
using Pawl.Core.Goodput;

namespace Pawl.Cli.Views;

/// <summary>Training and ledgers under <c>status.pawl</c>: all times in seconds, all shares from 0 to 1.</summary>
internal static class TrainingJson
{
    public static void Write(Utf8JsonWriter w, TrainingRecord record, Ledger? spent)
    {
        w.WriteStartObject("training");
        Number(w, "step", record.Step);
        Number(w, "total", record.Total);
        Number(w, "restoredEntry", record.RestoredEntry);
        w.WriteNumber("checkpoints", record.Checkpoints);
        w.WriteNumber("bytesWritten", record.BytesWritten);
        Number(w, "stepsSinceCheckpoint", record.StepsSinceCheckpoint);
        Spread(w, "blocked", record.Blocked);
        Spread(w, "written", record.Written);
        Spread(w, "uploaded", record.Uploaded);
        Number(w, "interval", record.Interval);
        Number(w, "predictedWaste", record.PredictedWaste);
        Number(w, "measuredWaste", spent is null ? null : 1 - spent.Goodput);
        w.WriteNumber("malformedReports", record.MalformedReports);
        w.WriteStartObject("metrics");
        foreach (var (name, value) in record.Metrics)
        {
            // JSON has no other numbers.
            if (double.IsFinite(value)) { w.WriteNumber(name, value); }
            else { w.WriteNull(name); }
        }
        w.WriteEndObject();
        w.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter w, Ledger spent)
    {
        w.WriteStartObject("spent");
        foreach (var (name, _, time) in Ledgers.Buckets) { w.WriteNumber(name, time(spent).TotalSeconds); }
        w.WriteNumber("total", spent.Total.TotalSeconds);
        w.WriteNumber("goodput", spent.Goodput);
        w.WriteEndObject();
    }

    public static void Warnings(Utf8JsonWriter w, ImmutableArray<string> warnings)
    {
        if (warnings.IsEmpty) { return; }
        w.WriteStartArray("warnings");
        foreach (var warning in warnings) { w.WriteStringValue(warning); }
        w.WriteEndArray();
    }

    private static void Spread(Utf8JsonWriter w, string name, Spread spread)
    {
        w.WriteStartObject(name);
        w.WriteNumber("count", spread.Count);
        w.WriteNumber("median", spread.Median);
        w.WriteNumber("p99", spread.P99);
        w.WriteNumber("longest", spread.Longest);
        w.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter w, string name, double? number)
    {
        if (number is { } value && double.IsFinite(value)) { w.WriteNumber(name, value); }
        else { w.WriteNull(name); }
    }

    private static void Number(Utf8JsonWriter w, string name, long? number)
    {
        if (number is { } value) { w.WriteNumber(name, value); }
        else { w.WriteNull(name); }
    }
}
