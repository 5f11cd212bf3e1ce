using System.Collections.Immutable;

namespace Pawl.Core.Metrics;

/// <summary>What the samples of one name and one set of labels have come to.</summary>
/// <param name="Value">Of a counter the sum, of a gauge what it stands at, of a histogram the sum of what was observed.</param>
/// <param name="Count">Samples.</param>
/// <param name="Counts">Of a histogram, by bucket: samples not above its bound.</param>
public sealed record MetricSeries(
    string Name, string Help, MetricKind Kind, ImmutableArray<MetricLabel> Labels, double Value, long Count, ImmutableArray<double> Buckets, ImmutableArray<long> Counts)
{
    /// <summary>Two samples with the same key belong to one series.</summary>
    public static string KeyOf(MetricSample sample) =>
        string.Join('\n', sample.Labels.OrderBy(l => l.Key, StringComparer.Ordinal).Select(l => $"{l.Key}={l.Value}").Prepend(sample.Name));

    /// <param name="before">Null of the first sample.</param>
    public static MetricSeries After(MetricSeries? before, MetricSample sample)
    {
        var last = before ?? new(sample.Name, sample.Help, sample.Kind, sample.Labels, 0, 0, sample.Buckets, [.. sample.Buckets.Select(_ => 0L)]);
        return last with
        {
            Value = (sample.Kind, sample.Operation) switch
            {
                (MetricKind.Gauge, GaugeOperation.Set) => sample.Value,
                (MetricKind.Gauge, GaugeOperation.Sub) => last.Value - sample.Value,
                _ => last.Value + sample.Value,
            },
            Count = last.Count + 1,
            Counts = [.. last.Buckets.Zip(last.Counts, (bound, count) => sample.Value <= bound ? count + 1 : count)],
        };
    }
}
