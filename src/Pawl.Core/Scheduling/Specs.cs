using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Pawl.Core.Attempts;
using Pawl.Core.Checkpoints;
using Pawl.Core.Errors;
using Pawl.Core.Expressions;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>Renders the spec of an attempt from the state alone, so that a lost one can be written again, byte for byte.</summary>
public static class Specs
{
    /// <exception cref="ExpressionException">A field that must be a number is none after substitution.</exception>
    public static AttemptSpec Render(RunState run, Node node)
    {
        var template = run.Workflow.Templates[node.Template];
        var leaf = (TemplateBody.Leaf)template.Body;
        var scope = Scopes.Inside(run, node, template);
        var spec = Plain(run, node, template, leaf, scope);
        // What differs from try to try is left as written, so that every try of a step has the same fingerprint.
        var alike = Plain(run, node, template, leaf, name => DiffersByTry(name) ? null : scope(name));
        return spec with
        {
            Fingerprint = Fingerprint(alike, run.Anew.GetValueOrDefault(run.StepOf(node))),
            Deadline = Shorter(Seconds(template, scope), TimeLeft(run, node)),
        };
    }

    private static bool DiffersByTry(string name) => name is "retries" or "pod.name" or "node.name" or "workflow.duration"
        || name.StartsWith("lastRetry.", StringComparison.Ordinal);

    private static AttemptSpec Plain(RunState run, Node node, Template template, TemplateBody.Leaf leaf, Scope scope)
    {
        string Text(string text) => Substitution.Apply(text, scope);
        var container = leaf.Container;
        return new AttemptSpec
        {
            RunId = run.RunId,
            RunName = run.Name,
            Node = node.Id.Value,
            Step = run.StepOf(node).Value,
            Attempt = node.Attempt,
            Sequence = node.AttemptSequence,
            Template = template.Name,
            Fingerprint = "",
            Image = container.Image is { } image ? Text(image) : null,
            Command = [.. container.Command.Select(Text)],
            Args = [.. container.Args.Select(Text)],
            Source = leaf.Source is { } source ? Text(source) : null,
            Env = [.. container.Env.Select(e => new EnvVar(e.Name, Text(e.Value)))],
            WorkingDir = container.WorkingDir is { } folder ? Text(folder) : null,
            Inputs = [.. Inputs(node, template, Text)],
            OutputParameters = [.. template.Outputs.Parameters
                .Where(p => p.ValueFrom?.Path is not null)
                .Select(p => new OutputParameter(p.Name, Text(p.ValueFrom!.Path!), p.ValueFrom.Default ?? p.Default))],
            OutputArtifacts = [.. template.Outputs.Artifacts
                .Where(a => a.Path is not null)
                .Select(a => new OutputFile(a.Name, Text(a.Path!), a.Optional, a.Mode))],
            GracePeriod = template.GracePeriod ?? run.Workflow.GracePeriod ?? run.Submitted!.Limits.GracePeriod,
            PreStop = [.. container.PreStop.Select(Text)],
            MemoryLimit = container.Resources.MemoryLimit,
            CpuLimit = container.Resources.CpuLimit,
            Checkpoints = CheckpointAnnotations.Read(template.Annotations.ToDictionary(a => a.Key, a => Text(a.Value))),
            Snapshot = run.Submitted!.Snapshot,
        };
    }

    private static IEnumerable<InputFile> Inputs(Node node, Template template, Func<string, string> text)
    {
        foreach (var input in template.Inputs.Artifacts)
        {
            if (input.Path is { } path && node.Inputs.Artifacts.TryGetValue(input.Name, out var bound))
            {
                yield return new InputFile(input.Name, text(path), bound.Stored, bound.RawData, input.Mode);
            }
        }
    }

    private static TimeSpan? Seconds(Template template, Scope scope)
    {
        if (template.ActiveDeadlineSeconds is not { } written) { return null; }
        var text = Substitution.Apply(written, scope);
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, 3_155_760_000))
            : throw new ExpressionException($"activeDeadlineSeconds '{text}' is not a whole number above 0", 1);
    }

    // From the second try on a retry's maxDuration ends the try itself.
    private static TimeSpan? TimeLeft(RunState run, Node node) =>
        node.Parent is { } id && run.Find(id) is { Type: NodeType.Retry, Children.Count: > 1 } retry
        && RetryRules.Deadline(Scopes.StrategyOf(run, retry), run.Nodes[retry.Children[0]].StartedAt) is { } end
            ? end - (node.AttemptStartedAt ?? node.StartedAt) is var left && left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1)
            : null;

    private static TimeSpan? Shorter(TimeSpan? a, TimeSpan? b) => a is null || b < a ? b : a;

    // Everything that decides the outputs and nothing else: names of files count, limits and times do not.
    private static string Fingerprint(AttemptSpec spec, int anew)
    {
        using var stream = new MemoryStream();
        using (var w = new Utf8JsonWriter(stream))
        {
            w.WriteStartObject();
            w.WriteString("image", spec.Image);
            Strings(w, "command", spec.Command);
            Strings(w, "args", spec.Args);
            w.WriteString("source", spec.Source);
            w.WriteString("workingDir", spec.WorkingDir);
            Strings(w, "env", spec.Env.Select(e => $"{e.Name}={e.Value}"));
            Strings(w, "inputs", spec.Inputs.Select(i => $"{i.Name}\n{i.Path}\n{i.Mode}\n{i.Stored?.Sha256}\n{i.RawData}"));
            Strings(w, "parameters", spec.OutputParameters.Select(p => $"{p.Name}\n{p.Path}\n{p.Default}"));
            Strings(w, "artifacts", spec.OutputArtifacts.Select(a => $"{a.Name}\n{a.Path}\n{a.Mode}"));
            w.WriteString("snapshot", spec.Snapshot?.Sha256);
            if (anew > 0) { w.WriteNumber("anew", anew); }
            w.WriteEndObject();
        }
        return Convert.ToHexStringLower(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
    }

    private static void Strings(Utf8JsonWriter w, string name, IEnumerable<string> values)
    {
        w.WriteStartArray(name);
        foreach (var value in values) { w.WriteStringValue(value); }
        w.WriteEndArray();
    }
}
