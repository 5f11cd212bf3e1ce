using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text.Json;
using Pawl.Core.Attempts;
using Pawl.Core.Expressions;
using Pawl.Core.Expressions.Expr;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>What decides the outputs of a step in whatever run it stands, as far as the run itself says it.</summary>
/// <param name="Spec">With what only the world can tell still by name: secrets, images, the manifest's folder.</param>
/// <param name="Sha256">Of all else, lower-case hex.</param>
public sealed record StepContent(AttemptSpec Spec, string Sha256);

public static partial class Specs
{
    // Another one makes all that was kept before unknown: raised when something that decides outputs comes to be counted.
    private const int ContentVersion = 1;

    /// <returns>Null of a step that leaves something behind outside the store, or that only this run could make: by its name, by time or by chance.</returns>
    public static StepContent? ContentOf(RunState run, Node node)
    {
        var template = run.Workflow.Templates[node.Template];
        if (template.Body is not TemplateBody.Leaf leaf) { return null; }
        try
        {
            return At(new ExprMoment(DateTimeOffset.UnixEpoch, 0)) is { } content && !LeavesSomething(content.Spec)
                && At(new ExprMoment(DateTimeOffset.UnixEpoch.AddDays(1_000).AddSeconds(12_345), 1))?.Sha256 == content.Sha256
                ? content
                : null;
        }
        catch (ExpressionException)
        {
            // The attempt says so itself.
            return null;
        }

        StepContent? At(ExprMoment moment)
        {
            var isOfThisRun = false;
            var scope = Scopes.Inside(run with { Moment = moment }, node, template);
            string? Still(string name)
            {
                isOfThisRun |= IsOfOneRun(name);
                return DiffersByTry(name) ? null : scope(name);
            }
            var spec = Plain(run, node, template, leaf, Still, isWhole: false);
            return isOfThisRun ? null : new StepContent(spec, Sha256Of(spec, node));
        }
    }

    // No other run would ever find it. What counts tries is no reason to expect other outputs, and stays as written.
    private static bool IsOfOneRun(string name) => name is ['=', .. var expression]
        ? ExpressionTags.Mentions(expression, "pod.name", "node.name", "workflow.name", "workflow.uid", "workflow.duration", "workflow.creationTimestamp")
        : name is "pod.name" or "node.name" or "workflow.name" or "workflow.uid" or "workflow.duration"
        || name.StartsWith("workflow.creationTimestamp", StringComparison.Ordinal);

    private static bool LeavesSomething(AttemptSpec spec) =>
        spec.IsDaemon
        || spec.Http is { Method: not ("GET" or "HEAD") }
        || spec.OutputArtifacts.Any(a => a.Location is not null)
        || All(spec).Any(c => c.Mounts.Any(m => m.Kind is MountKind.HostPath or MountKind.HostFolder or MountKind.Claim or MountKind.RunClaim));

    /// <summary>All containers of a step, the one that is the step itself among them.</summary>
    public static IEnumerable<ContainerSpec> All(AttemptSpec spec) =>
    [
        new ContainerSpec
        {
            Name = AttemptSpec.Main,
            Image = spec.Image,
            Command = spec.Command,
            Args = spec.Args,
            Path = spec.Path,
            Secrets = spec.Secrets,
            Mounts = spec.Mounts,
            PostStart = spec.PostStart,
            PreStop = spec.PreStop,
        },
        .. spec.Init, .. spec.Set, .. spec.Sidecars,
    ];

    private static string Sha256Of(AttemptSpec spec, Node node)
    {
        using var stream = new MemoryStream();
        using (var w = new Utf8JsonWriter(stream))
        {
            w.WriteStartObject();
            w.WriteNumber("version", ContentVersion);
            w.WriteString("step", Fingerprint(spec with { Snapshot = null }, 0));
            w.WriteString("executor", spec.Executor);
            Strings(w, "parameters", node.Inputs.Parameters.SelectMany(p => (string[])[p.Key, p.Value]));
            Strings(w, "outputs", spec.OutputArtifacts.Select(a => $"{a.Name}\n{a.Optional}"));
            w.WriteString("setRuns", spec.SetRuns?.ToString());
            w.WriteStartArray("containers");
            foreach (var container in All(spec))
            {
                w.WriteStartObject();
                w.WriteString("name", container.Name);
                Strings(w, "path", container.Path);
                Strings(w, "optional", container.Secrets.Select(s => $"{s.Optional}"));
                Strings(w, "files", container.Mounts.SelectMany(m => m.Files).Select(f => $"{f}"));
                Strings(w, "postStart", Words(container.PostStart));
                Strings(w, "preStop", Words(container.PreStop));
                w.WriteEndObject();
            }
            w.WriteEndArray();
            w.WriteEndObject();
        }
        return Convert.ToHexStringLower(SHA256.HashData(stream.GetBuffer().AsSpan(0, (int)stream.Length)));
    }

    private static ImmutableArray<string> Words(ContainerAction? action) => action switch
    {
        null => [],
        ContainerAction.Exec exec => exec.Command,
        ContainerAction.HttpGet get => [$"{get with { Headers = [] }}", .. get.Headers.Select(h => $"{h}")],
        _ => [$"{action}"],
    };
}
