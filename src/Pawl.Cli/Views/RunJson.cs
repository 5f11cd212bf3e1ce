using System.Collections.Immutable;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Engine.Homes;
using Pawl.Manifests;

namespace Pawl.Cli.Views;

/// <summary>What is said of a run beside its journal.</summary>
/// <param name="Spec">The manifest's spec as JSON.</param>
/// <param name="Owner">Who drives it; null is nobody.</param>
/// <param name="Corrupt">A sentence for each corrupt artifact; null where nobody looked.</param>
/// <param name="Training">What training leaves have told; null where nobody looked.</param>
public sealed record RunFacts(
    Home Home, string? Spec, string? Owner, IReadOnlyList<string>? Corrupt, IReadOnlyDictionary<NodeId, TrainingRecord>? Training = null)
{
    /// <summary>How far steps that run say they are, in Argo's way.</summary>
    public IReadOnlyDictionary<NodeId, (long Done, long All)> Reached { get; init; } = ImmutableDictionary<NodeId, (long Done, long All)>.Empty;
}

/// <summary>A run as Argo's own Workflow object, pawl's additions under <c>status.pawl</c>.</summary>
public static partial class RunJson
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task<string> TextAsync(Session session, RunState run, IReadOnlyList<string>? corrupt = null)
    {
        var folder = session.Home.Run(run.RunId);
        var spec = ManifestJson.Field(await File.ReadAllBytesAsync(folder.Manifest), "spec", run.Submitted?.Document ?? 0);
        var facts = new RunFacts(session.Home, spec, await session.Runs.OwnerAsync(folder), corrupt, await Trainings.ReadAsync(session.Disk, session.Home, run))
        {
            Reached = await Trainings.ReachedAsync(session.Disk, session.Home, run),
        };
        return Text(w => Write(w, run, facts));
    }

    /// <summary>One document, indented.</summary>
    public static string Text(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var w = new Utf8JsonWriter(bytes, Indented)) { write(w); }
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    public static void Write(Utf8JsonWriter w, RunState run, RunFacts facts)
    {
        w.WriteStartObject();
        Head(w, run.Name, run.RunId, run.Submitted?.At ?? run.StartedAt, run.Phase, run.Workflow);
        if (facts.Spec is { } spec)
        {
            w.WritePropertyName("spec");
            w.WriteRawValue(spec);
        }
        w.WriteStartObject("status");
        Status(w, run.Phase, run.Message, run.StartedAt, run.FinishedAt, RunViews.Progress(run));
        Nodes(w, run, facts);
        Synchronization(w, run);
        Outputs(w, "outputs", run.Globals, null, null);
        Pawl(w, run, facts);
        w.WriteEndObject();
        w.WriteEndObject();
    }

    /// <summary>A run of a list: without its spec and nodes.</summary>
    public static void Write(Utf8JsonWriter w, RunRow row, Home home, string? owner)
    {
        w.WriteStartObject();
        Head(w, row.Name, row.Uid, row.CreatedAt, row.Phase, null);
        w.WriteStartObject("status");
        Status(w, row.Phase, row.Message, row.CreatedAt, row.FinishedAt, row.Progress);
        w.WriteStartObject("pawl");
        State(w, row.Phase.IsFulfilled(), row.State, row.Uid, home, owner);
        w.WriteString("file", row.Workflow);
        w.WriteEndObject();
        w.WriteEndObject();
        w.WriteEndObject();
    }

    private static void Head(Utf8JsonWriter w, string name, string uid, DateTimeOffset createdAt, Phase phase, Workflow? workflow)
    {
        w.WriteString("apiVersion", "argoproj.io/v1alpha1");
        w.WriteString("kind", "Workflow");
        w.WriteStartObject("metadata");
        w.WriteString("name", name);
        if (workflow?.GenerateName is { } prefix) { w.WriteString("generateName", prefix); }
        w.WriteString("uid", uid);
        w.WriteString("creationTimestamp", Views.Text.Time(createdAt));
        w.WriteStartObject("labels");
        if (workflow is not null)
        {
            foreach (var (key, value) in workflow.Labels) { w.WriteString(key, value); }
        }
        w.WriteString("workflows.argoproj.io/phase", phase.ToString());
        if (phase.IsFulfilled()) { w.WriteString("workflows.argoproj.io/completed", "true"); }
        w.WriteEndObject();
        if (workflow is { Annotations.Count: > 0 })
        {
            w.WriteStartObject("annotations");
            foreach (var (key, value) in workflow.Annotations) { w.WriteString(key, value); }
            w.WriteEndObject();
        }
        w.WriteEndObject();
    }

    private static void Status(Utf8JsonWriter w, Phase phase, string message, DateTimeOffset startedAt, DateTimeOffset? finishedAt, string progress)
    {
        w.WriteString("phase", phase.ToString());
        if (message.Length > 0) { w.WriteString("message", message); }
        Time(w, "startedAt", startedAt);
        Time(w, "finishedAt", finishedAt);
        w.WriteString("progress", progress);
    }

    // As Argo: a name inside the document of the caller, a reference where the caller is elsewhere.
    private static void Template(Utf8JsonWriter w, RunState run, Node node)
    {
        var caller = node.Boundary is { } boundary ? TemplateKey.Of(run.Nodes[boundary].Template) : null;
        if (TemplateKey.Of(node.Template) is { } key && key.Scope != caller?.Scope)
        {
            w.WriteStartObject("templateRef");
            w.WriteString("name", key.Object);
            w.WriteString("template", key.Template);
            if (key.Cluster) { w.WriteBoolean("clusterScope", true); }
            w.WriteEndObject();
        }
        else { w.WriteString("templateName", run.TemplateNameOf(node)); }
        w.WriteString("templateScope", caller?.Scope ?? $"local/{run.Name}");
    }

    // A request is made like any attempt, and called by its own name.
    private static string TypeOf(RunState run, Node node) =>
        Originals.IsTakenOver(node) ? nameof(NodeType.Skipped)
        : node.Type is NodeType.Pod && run.Workflow.Templates.GetValueOrDefault(node.Template)?.Body is TemplateBody.Leaf { Http: not null } ? "HTTP" : node.Type.ToString();

    private static void Nodes(Utf8JsonWriter w, RunState run, RunFacts facts)
    {
        var graph = new RunGraph(run);
        w.WriteStartObject("nodes");
        foreach (var node in run.Nodes.Values.OrderBy(n => n.StartedAt).ThenBy(n => n.Id).SelectMany(n => SetMembers.Of(run, n).Prepend(n)))
        {
            w.WriteStartObject(Id(run, node.Id));
            w.WriteString("id", Id(run, node.Id));
            w.WriteString("name", node.Id.Value);
            w.WriteString("displayName", node.DisplayName);
            w.WriteString("type", TypeOf(run, node));
            Template(w, run, node);
            w.WriteString("phase", Look.Of(node).Word);
            if (node.Boundary is { } boundary) { w.WriteString("boundaryID", Id(run, boundary)); }
            if (node.Message.Length > 0) { w.WriteString("message", node.Message); }
            Time(w, "startedAt", node.StartedAt);
            Time(w, "finishedAt", node.FinishedAt);
            if (node.Type == NodeType.Pod) { w.WriteString("progress", node.Phase == Phase.Succeeded ? "1/1" : facts.Reached.TryGetValue(node.Id, out var told) ? $"{told.Done}/{told.All}" : "0/1"); }
            if (node is { Daemoned: true, IsEnded: false }) { w.WriteBoolean("daemoned", true); }
            if (node.Ip is { } ip) { w.WriteString("podIP", ip); }
            Flags(w, run, node);
            if (node.AwaitsLocks) { Waiting(w, node.Locks); }
            if (node is { Memo: { } memo, MemoHit: { } hit }) { Memoization(w, memo, hit); }
            Inputs(w, run, node);
            Outputs(w, "outputs", node.Outputs, node.ExitCode, run.Workflow.Templates.GetValueOrDefault(node.Template));
            Ids(w, "children", run, node.Type == NodeType.Container ? [.. SetMembers.After(run, node)] : [.. SetMembers.First(run, node), .. graph.ChildrenOf(node.Id)]);
            if (node.Type is NodeType.Steps or NodeType.DAG && !node.Children.IsEmpty) { Ids(w, "outboundNodes", run, graph.OutboundOf(node.Id)); }
            w.WriteEndObject();
        }
        w.WriteEndObject();
    }

    private static void Flags(Utf8JsonWriter w, RunState run, Node node)
    {
        var retried = node.Parent is { } p && run.Find(p) is { Type: NodeType.Retry };
        var hooked = node.Hook is not null || node.Id == run.ExitId;
        if (!hooked && !retried) { return; }
        w.WriteStartObject("nodeFlag");
        if (hooked) { w.WriteBoolean("hooked", true); }
        if (retried) { w.WriteBoolean("retried", true); }
        w.WriteEndObject();
    }

    private static void Inputs(Utf8JsonWriter w, RunState run, Node node)
    {
        if (node.Inputs.Parameters.IsEmpty && node.Inputs.Artifacts.IsEmpty) { return; }
        w.WriteStartObject("inputs");
        Parameters(w, node.Inputs.Parameters);
        if (!node.Inputs.Artifacts.IsEmpty)
        {
            var declared = run.Workflow.Templates.GetValueOrDefault(node.Template)?.Inputs.Artifacts ?? [];
            w.WriteStartArray("artifacts");
            foreach (var (name, artifact) in node.Inputs.Artifacts)
            {
                w.WriteStartObject();
                w.WriteString("name", name);
                if (declared.FirstOrDefault(a => a.Name == name)?.Path is { } path) { w.WriteString("path", path); }
                if (artifact.RawData is { } raw)
                {
                    w.WriteStartObject("raw");
                    w.WriteString("data", raw);
                    w.WriteEndObject();
                }
                w.WriteEndObject();
            }
            w.WriteEndArray();
        }
        w.WriteEndObject();
    }

    private static void Outputs(Utf8JsonWriter w, string property, NodeOutputs outputs, int? exitCode, Template? template)
    {
        if (outputs.Parameters.IsEmpty && outputs.Artifacts.IsEmpty && outputs.Result is null && exitCode is null) { return; }
        w.WriteStartObject(property);
        Parameters(w, outputs.Parameters);
        if (!outputs.Artifacts.IsEmpty)
        {
            w.WriteStartArray("artifacts");
            foreach (var name in outputs.Artifacts.Keys)
            {
                w.WriteStartObject();
                w.WriteString("name", name);
                if (template?.Outputs.Artifacts.FirstOrDefault(a => a.Name == name)?.Path is { } path) { w.WriteString("path", path); }
                w.WriteEndObject();
            }
            w.WriteEndArray();
        }
        if (outputs.Result is { } result) { w.WriteString("result", result); }
        if (exitCode is { } code) { w.WriteString("exitCode", code.ToString(System.Globalization.CultureInfo.InvariantCulture)); }
        w.WriteEndObject();
    }

    private static void Parameters(Utf8JsonWriter w, ImmutableSortedDictionary<string, string> parameters)
    {
        if (parameters.Count == 0) { return; }
        w.WriteStartArray("parameters");
        foreach (var (name, value) in parameters)
        {
            w.WriteStartObject();
            w.WriteString("name", name);
            w.WriteString("value", value);
            w.WriteEndObject();
        }
        w.WriteEndArray();
    }

    private static void Ids(Utf8JsonWriter w, string property, RunState run, IReadOnlyList<NodeId> ids)
    {
        if (ids.Count == 0) { return; }
        w.WriteStartArray(property);
        foreach (var id in ids) { w.WriteStringValue(Id(run, id)); }
        w.WriteEndArray();
    }

    private static void Time(Utf8JsonWriter w, string property, DateTimeOffset? time)
    {
        if (time is { } at && at != default) { w.WriteString(property, Views.Text.Time(at)); }
        else { w.WriteNull(property); }
    }

    private static string Id(RunState run, NodeId node) => Names.ArgoId(run.Name, node);
}
