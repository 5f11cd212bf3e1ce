using System.Globalization;
using System.Text.Json;
using Pawl.Core.Metrics;
using Pawl.Core.Scheduling;

namespace Pawl.Cli.Views;

public static partial class RunJson
{
    // Recorded for whoever cleans up: nothing is deleted by itself.
    private static void Expiry(Utf8JsonWriter w, RunState run)
    {
        if (run is { FinishedAt: { } end, Workflow.TimeToLive: { } kept } && kept.After(run.Phase) is { } seconds)
        {
            Time(w, "expiresAt", end.AddSeconds(Math.Clamp(seconds, 0, int.MaxValue)));
        }
    }

    private static void Metrics(Utf8JsonWriter w, RunState run)
    {
        if (run.Metrics.IsEmpty && run.MetricProblems.IsEmpty) { return; }
        w.WriteStartArray("metrics");
        foreach (var series in run.Metrics.Values)
        {
            w.WriteStartObject();
            w.WriteString("name", series.Name);
            w.WriteString("help", series.Help);
            w.WriteString("type", series.Kind.ToString().ToLowerInvariant());
            w.WriteStartObject("labels");
            foreach (var (key, value) in series.Labels.DistinctBy(l => l.Key)) { w.WriteString(key, value); }
            w.WriteEndObject();
            w.WriteNumber(series.Kind is MetricKind.Histogram ? "sum" : "value", series.Value);
            if (series.Kind is MetricKind.Histogram) { Buckets(w, series); }
            w.WriteEndObject();
        }
        w.WriteEndArray();
        if (run.MetricProblems.IsEmpty) { return; }
        w.WriteStartArray("metricsErrors");
        foreach (var problem in run.MetricProblems) { w.WriteStringValue(problem); }
        w.WriteEndArray();
    }

    private static void Buckets(Utf8JsonWriter w, MetricSeries series)
    {
        w.WriteNumber("count", series.Count);
        w.WriteStartObject("buckets");
        foreach (var (bound, count) in series.Buckets.Zip(series.Counts).DistinctBy(b => b.First))
        {
            w.WriteNumber(bound.ToString(CultureInfo.InvariantCulture), count);
        }
        w.WriteEndObject();
    }
}
