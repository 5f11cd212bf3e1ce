using System.Collections.Immutable;

namespace Pawl.Core.Metrics;

/// <summary>A metric that a workflow or template gives: Argo's <c>metrics.prometheus</c>. Texts may hold tags.</summary>
/// <param name="Value">A number once its tags are replaced.</param>
public sealed record Metric(string Name, string Help, MetricKind Kind, string Value)
{
    public ImmutableArray<MetricLabel> Labels { get; init; } = [];

    /// <summary>Given only where this holds.</summary>
    public string? When { get; init; }

    /// <summary>Of a gauge: what its value does to the one before.</summary>
    public GaugeOperation Operation { get; init; }

    /// <summary>Of a gauge: also worth knowing before the end.</summary>
    public bool Realtime { get; init; }

    /// <summary>Of a histogram: upper bounds, in ascending order.</summary>
    public ImmutableArray<double> Buckets { get; init; } = [];
}

public sealed record MetricLabel(string Key, string Value);

public enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}

public enum GaugeOperation
{
    Set,
    Add,
    Sub,
}

/// <summary>One value of a metric, as it was when its node or run ended.</summary>
public sealed record MetricSample(
    string Name, string Help, MetricKind Kind, ImmutableArray<MetricLabel> Labels, double Value, GaugeOperation Operation, ImmutableArray<double> Buckets);
