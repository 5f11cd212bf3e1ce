using System.Text.Json;
using Pawl.Core.Attempts;
using Pawl.Core.Goodput;

namespace Pawl.Storage.Json;

/// <summary>Where an attempt's time went and what its training reported, as fields of its outcome.</summary>
public static class TrainingJson
{
    public static void Write(Utf8JsonWriter json, Ledger ledger)
    {
        json.Write("productive", (TimeSpan?)ledger.Productive);
        json.Write("replayed", (TimeSpan?)ledger.Replayed);
        json.Write("checkpointStall", (TimeSpan?)ledger.CheckpointStall);
        json.Write("restore", (TimeSpan?)ledger.Restore);
        json.Write("startUp", (TimeSpan?)ledger.StartUp);
        json.Write("backoff", (TimeSpan?)ledger.Backoff);
        json.Write("waiting", (TimeSpan?)ledger.Waiting);
        json.Write("hung", (TimeSpan?)ledger.Hung);
        json.Write("lost", (TimeSpan?)ledger.Lost);
    }

    public static Ledger ReadLedger(JsonFields json) => new()
    {
        Productive = json.Span("productive"),
        Replayed = json.Span("replayed"),
        CheckpointStall = json.Span("checkpointStall"),
        Restore = json.Span("restore"),
        StartUp = json.Span("startUp"),
        Backoff = json.Span("backoff"),
        Waiting = json.Span("waiting"),
        Hung = json.Span("hung"),
        Lost = json.Span("lost"),
    };

    public static void Write(Utf8JsonWriter json, TrainingRecord training)
    {
        json.Write("step", training.Step);
        json.Write("total", training.Total);
        json.Write("restoredEntry", training.RestoredEntry);
        json.WriteNumber("checkpoints", training.Checkpoints);
        json.WriteNumber("bytesWritten", training.BytesWritten);
        json.Write("stepsSinceCheckpoint", training.StepsSinceCheckpoint);
        json.Write("blocked", training.Blocked, Write);
        json.Write("written", training.Written, Write);
        json.Write("uploaded", training.Uploaded, Write);
        json.Write("interval", training.Interval);
        json.Write("predictedWaste", training.PredictedWaste);
        json.WriteNumber("malformedReports", training.MalformedReports);
        json.WriteStartObject("metrics");
        foreach (var (name, value) in training.Metrics) { json.WriteNumber(name, value); }
        json.WriteEndObject();
    }

    public static TrainingRecord ReadTraining(JsonFields json)
    {
        var metrics = json.Object("metrics");
        var none = new TrainingRecord();
        return none with
        {
            Step = json.LongOrNull("step"),
            Total = json.LongOrNull("total"),
            RestoredEntry = json.NumberOrNull("restoredEntry"),
            Checkpoints = json.Number("checkpoints"),
            BytesWritten = json.Long("bytesWritten"),
            StepsSinceCheckpoint = json.LongOrNull("stepsSinceCheckpoint"),
            Blocked = ReadSpread(json.Object("blocked")),
            Written = ReadSpread(json.Object("written")),
            Uploaded = ReadSpread(json.Object("uploaded")),
            Interval = json.RealOrNull("interval"),
            PredictedWaste = json.RealOrNull("predictedWaste"),
            MalformedReports = json.Long("malformedReports"),
            Metrics = none.Metrics.AddRange(metrics.Names().Select(name => KeyValuePair.Create(name, metrics.Real(name)))),
        };
    }

    private static void Write(Utf8JsonWriter json, Spread spread)
    {
        json.WriteNumber("count", spread.Count);
        json.WriteNumber("median", spread.Median);
        json.WriteNumber("p99", spread.P99);
        json.WriteNumber("longest", spread.Longest);
    }

    private static Spread ReadSpread(JsonFields json) => new(json.Long("count"), json.Real("median"), json.Real("p99"), json.Real("longest"));
}
