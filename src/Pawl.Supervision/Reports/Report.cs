using System.Collections.Immutable;
using System.Text.Json;

namespace Pawl.Supervision.Reports;

/// <summary>What a trainer says of itself; the lines are those of docs/trainer.md.</summary>
public abstract record Report
{
    private Report() { }

    /// <summary>The longest line, in bytes.</summary>
    public const int LongestLine = 64 << 10;

    private const int MostMetrics = 256;
    private const int LongestName = 256;

    /// <summary>The trainer is ready to train.</summary>
    /// <param name="Step">The last step done, as restored.</param>
    public sealed record Hello(string Sdk, long? Step, long? Total) : Report;

    /// <param name="Step">The last step done.</param>
    public sealed record StepDone(long Step, long? Total, ImmutableSortedDictionary<string, double> Metrics) : Report
    {
        /// <summary>The two in one: the newer figure of each metric, of no more metrics than one report may have.</summary>
        public StepDone Then(StepDone next)
        {
            var metrics = Metrics.SetItems(next.Metrics);
            return next with { Total = next.Total ?? Total, Metrics = metrics.Count <= MostMetrics ? metrics : next.Metrics };
        }
    }

    /// <summary>A checkpoint is in place and flushed.</summary>
    /// <param name="Path">Below the checkpoint folder; null is all of it.</param>
    /// <param name="Blocked">The training loop stood still.</param>
    /// <param name="Written">From the trainer's call until it was in place.</param>
    public sealed record CheckpointMade(long? Step, string? Path, TimeSpan? Blocked, TimeSpan? Written) : Report;

    /// <summary>Reads a line from a stranger.</summary>
    /// <param name="report">Null where its kind is not known here: a newer SDK may say more.</param>
    /// <returns>False where it is no report.</returns>
    public static bool TryRead(ReadOnlySpan<byte> line, out Report? report)
    {
        report = null;
        if (line.Length > LongestLine) { return false; }
        var reader = new Utf8JsonReader(line);
        try
        {
            if (!JsonDocument.TryParseValue(ref reader, out var document)) { return false; }
            using (document)
            {
                if (reader.BytesConsumed != line.TrimEnd((byte)' ').Length || document.RootElement.ValueKind is not JsonValueKind.Object) { return false; }
                return TryRead(document.RootElement, out report);
            }
        }
        // Not UTF-8 inside a text, or not JSON at all.
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException) { return false; }
    }

    private static bool TryRead(JsonElement json, out Report? report)
    {
        report = null;
        if (Text(json, "kind") is not { } kind) { return false; }
        switch (kind)
        {
            case "hello":
                report = new Hello(Text(json, "sdk") ?? "", Whole(json, "step"), Whole(json, "total"));
                return true;
            case "step":
                if (Whole(json, "step") is not { } step) { return false; }
                report = new StepDone(step, Whole(json, "total"), MetricsOf(json));
                return true;
            case "checkpoint":
                report = new CheckpointMade(Whole(json, "step"), Text(json, "path"), Seconds(json, "blockedSeconds"), Seconds(json, "writeSeconds"));
                return true;
            default:
                return true;
        }
    }

    private static ImmutableSortedDictionary<string, double> MetricsOf(JsonElement json)
    {
        var metrics = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        if (json.TryGetProperty("metrics", out var all) && all.ValueKind is JsonValueKind.Object)
        {
            foreach (var metric in all.EnumerateObject())
            {
                if (metrics.Count == MostMetrics) { break; }
                if (metric.Value.ValueKind is JsonValueKind.Number && metric.Value.TryGetDouble(out var value) && double.IsFinite(value)
                    && metric.Name.Length <= LongestName)
                {
                    metrics[metric.Name] = value;
                }
            }
        }
        return metrics.ToImmutable();
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    private static long? Whole(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0 ? number : null;

    private static TimeSpan? Seconds(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and < 1e9
            ? TimeSpan.FromSeconds(seconds)
            : null;
}
