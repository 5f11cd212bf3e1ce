using System.Collections.Immutable;
using System.Globalization;
using Pawl.Core.Expressions;
using Pawl.Core.Metrics;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>The metrics that the end of a node or of a run gives. What is wrong with one is told, and fails nothing.</summary>
internal static class MetricRules
{
    private const double MemoryUnit = 100 << 20;

    /// <summary>After a node has ended.</summary>
    /// <returns>Null where its template gives none.</returns>
    public static RunEvent.MetricsEmitted? Of(RunState run, RunEvent.NodeEnded ended)
    {
        var node = run.Nodes[ended.Id];
        if (node.Type is NodeType.StepGroup or NodeType.TaskGroup or NodeType.Skipped) { return null; }
        if (!run.Workflow.Templates.TryGetValue(node.Template, out var template) || template.Metrics.IsEmpty) { return null; }
        // Of tries each that failed, and the node around them for the last.
        if (!node.Phase.IsBad() && node.Parent is { } parent && run.Find(parent) is { Type: NodeType.Retry }) { return null; }
        var inside = Scopes.Inside(run, node, template);
        var seconds = ((node.FinishedAt ?? ended.At) - node.StartedAt).TotalSeconds;
        return Emitted(ended.At, node.Id, template.Metrics, name => OfNode(node, template, seconds, name) ?? inside(name));
    }

    /// <summary>Before a run ends.</summary>
    /// <returns>Null where the workflow gives none.</returns>
    public static RunEvent.MetricsEmitted? Of(RunState run, RunEvent.RunEnded ended)
    {
        if (run.Workflow.Metrics.IsEmpty) { return null; }
        var globals = Scopes.Globals(run);
        var seconds = (ended.At - run.StartedAt).TotalSeconds;
        return Emitted(ended.At, null, run.Workflow.Metrics, name => name switch
        {
            "workflow.status" => ended.Phase.ToString(),
            "workflow.duration" or "duration" => Seconds(seconds),
            "workflow.failures" => Scopes.Failures(run),
            _ => globals(name),
        });
    }

    private static string? OfNode(Node node, Template template, double seconds, string name) => name switch
    {
        "status" => node.Phase.ToString(),
        "duration" => Seconds(seconds),
        "exitCode" => node.ExitCode?.ToString(CultureInfo.InvariantCulture),
        "outputs.result" => node.Outputs.Result,
        "resourcesDuration.cpu" => Whole(seconds * (ResourcesOf(template)?.CpuRequest ?? 1000) / 1000),
        "resourcesDuration.memory" => Whole(seconds * (ResourcesOf(template)?.MemoryRequest ?? MemoryUnit) / MemoryUnit),
        _ when name.StartsWith("outputs.parameters.", StringComparison.Ordinal) => node.Outputs.Parameters.GetValueOrDefault(name["outputs.parameters.".Length..]),
        _ => null,
    };

    private static Resources? ResourcesOf(Template template) => (template.Body as TemplateBody.Leaf)?.Container.Resources;

    private static RunEvent.MetricsEmitted Emitted(DateTimeOffset at, NodeId? node, ImmutableArray<Metric> metrics, Scope scope)
    {
        var samples = ImmutableArray.CreateBuilder<MetricSample>();
        var problems = ImmutableArray.CreateBuilder<string>();
        foreach (var metric in metrics)
        {
            try
            {
                if (metric.When is { } when && !When.Evaluate(Substitution.Apply(when, scope))) { continue; }
                samples.Add(Sample(metric, scope));
            }
            catch (ExpressionException e) { problems.Add($"metric '{metric.Name}': {e.Message}"); }
        }
        return new RunEvent.MetricsEmitted(at, node, samples.ToImmutable(), problems.Count == 0 ? null : problems.ToImmutable());
    }

    private static MetricSample Sample(Metric metric, Scope scope)
    {
        string Text(string text) => Substitution.Unresolved(text, scope) is [var tag, ..]
            ? throw new ExpressionException($"failed to resolve {{{{{tag}}}}}", 1)
            : Substitution.Apply(text, scope);
        var value = Text(metric.Value);
        // A JSON number can be neither of the others that Go reads.
        if (!double.TryParse(value.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
        {
            throw new ExpressionException($"its value '{(value.Length <= 80 ? value : value[..80] + "…")}' is no number", 1);
        }
        return metric.Kind == MetricKind.Counter && number < 0
            ? throw new ExpressionException("a counter cannot go down", 1)
            : new MetricSample(
                metric.Name, metric.Help, metric.Kind, [.. metric.Labels.Select(l => l with { Value = Text(l.Value) })], number, metric.Operation, metric.Buckets);
    }

    private static string Seconds(double seconds) => seconds.ToString("F6", CultureInfo.InvariantCulture);

    private static string Whole(double seconds) => Math.Round(seconds).ToString(CultureInfo.InvariantCulture);
}
