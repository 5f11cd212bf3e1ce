using System.Collections.Immutable;
using System.Globalization;
using Pawl.Core.Metrics;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>Reads <c>metrics</c> of the spec and of templates.</summary>
internal sealed class MetricsReader(Problems problems)
{
    private static readonly string[] Kinds = ["counter", "gauge", "histogram"];

    /// <param name="place">As Argo names the owner in its messages.</param>
    public ImmutableArray<Metric> Read(Fields owner, string place)
    {
        if (owner.Map("metrics", KindTables.Metrics) is not { } fields) { return []; }
        return [.. fields.List("prometheus").Select(m => Fields.Of(m, KindTables.Metric, problems)).OfType<Fields>().Select(m => One(m, place)).OfType<Metric>()];
    }

    private Metric? One(Fields fields, string place)
    {
        var (name, help) = (fields.Text("name") ?? "", fields.Text("help") ?? "");
        if (!IsName(name))
        {
            problems.Error(fields.Value("name") ?? fields.Node, $"metric name {name.Quoted()} is no name for a metric; write letters, digits and _, no digit first"
                .InArgo($"{place} metric name '{name}' is invalid. Metric names must contain alphanumeric characters or '_'"));
        }
        if (help.Length == 0)
        {
            problems.Error(fields.Node, $"metric {name.Quoted()} without help; write `help: TEXT`".InArgo($"{place} metric '{name}' must contain a help string under 'help: ' field"));
        }
        var kinds = Kinds.Where(fields.Has).ToArray();
        if (kinds.Length != 1)
        {
            problems.Error(fields.Node, $"metric {name.Quoted()} has {(kinds.Length == 0 ? "no type" : $"{kinds.Length} types")}; write one of counter, gauge, histogram");
            return null;
        }
        var labels = Labels(fields);
        var metric = kinds[0] switch
        {
            "counter" => Valued(fields.Map("counter", KindTables.Counter), name, help, MetricKind.Counter),
            "histogram" => Histogram(fields.Map("histogram", KindTables.Histogram), name, help),
            _ => Gauge(fields.Map("gauge", KindTables.Gauge), name, help, place),
        };
        return metric is null ? null : metric with { Labels = labels, When = fields.Text("when") };
    }

    private Metric? Valued(Fields? fields, string name, string help, MetricKind kind)
    {
        if (fields is null) { return null; }
        if (fields.AnyText("value") is { Length: > 0 } value) { return new Metric(name, help, kind, value); }
        problems.Error(fields.Node, $"metric {name.Quoted()} without a value; write `value: NUMBER`".InArgo($"missing {fields.Table.Place}.value"));
        return null;
    }

    private Metric? Gauge(Fields? fields, string name, string help, string place)
    {
        var metric = Valued(fields, name, help, MetricKind.Gauge);
        if (metric is null) { return null; }
        var realtime = fields!.Flag("realtime") ?? false;
        if (realtime && metric.Value.Contains("resourcesDuration.", StringComparison.Ordinal))
        {
            problems.Error(fields.Value("value")!, $"metric {name.Quoted()} is wanted in real time, and what it used is only known at the end; write `realtime: false`"
                .InArgo($"{place} metric '{name}' error: 'resourcesDuration.*' metrics cannot be used in real-time"));
        }
        var operation = fields.Text("operation") is { Length: > 0 } text ? text : nameof(GaugeOperation.Set);
        if (!Enum.GetNames<GaugeOperation>().Contains(operation))
        {
            problems.Error(fields.Value("operation")!, $"unknown operation {operation.Quoted()} of a gauge; write Set, Add or Sub");
            return null;
        }
        return metric with { Realtime = realtime, Operation = Enum.Parse<GaugeOperation>(operation) };
    }

    private Metric? Histogram(Fields? fields, string name, string help)
    {
        var metric = Valued(fields, name, help, MetricKind.Histogram);
        if (metric is null) { return null; }
        var buckets = ImmutableArray.CreateBuilder<double>();
        foreach (var bound in fields!.List("buckets"))
        {
            if (bound.Kind is YamlKind.Scalar && double.TryParse(bound.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)) { buckets.Add(number); }
            else { problems.Error(bound, $"bucket {bound.Text.Quoted()} is not a number; write an upper bound"); }
        }
        buckets.Sort();
        return metric with { Buckets = buckets.ToImmutable() };
    }

    private ImmutableArray<MetricLabel> Labels(Fields metric)
    {
        var labels = ImmutableArray.CreateBuilder<MetricLabel>();
        foreach (var node in metric.List("labels"))
        {
            if (Fields.Of(node, KindTables.MetricLabel, problems) is not { } fields) { continue; }
            var key = fields.Text("key") ?? "";
            if (!IsName(key))
            {
                problems.Error(fields.Value("key") ?? node, $"label {key.Quoted()} is no name for a label; write letters, digits and _, no digit first"
                    .InArgo($"metric label '{key}' is invalid: keys may only contain alphanumeric characters or '_'"));
            }
            labels.Add(new MetricLabel(key, fields.Text("value") ?? ""));
        }
        return labels.ToImmutable();
    }

    private static bool IsName(string name) => name.Length > 0 && !char.IsAsciiDigit(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');
}
