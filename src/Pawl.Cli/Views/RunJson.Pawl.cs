using System.Text.Json;
using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Engine.Homes;
using Pawl.Supervision;

namespace Pawl.Cli.Views;

// What Argo's object has no place for.
public static partial class RunJson
{
    private static void Pawl(Utf8JsonWriter w, RunState run, RunFacts facts)
    {
        w.WriteStartObject("pawl");
        State(w, run.IsDone, RunViews.StateOf(run), run.RunId, facts.Home, facts.Owner);
        if (run.Submitted is { } submitted)
        {
            w.WriteString("file", submitted.File);
            w.WriteString("executor", submitted.Executor);
        }
        if (run.Submitted?.Parent is { } parent) { w.WriteString("parent", parent); }
        Expiry(w, run);
        Metrics(w, run);
        if (run.Paused is { } paused) { w.WriteString("pausedBecause", paused.Reason); }
        w.WriteStartObject("nodes");
        foreach (var node in run.Nodes.Values.Where(n => n.Attempt > 0).OrderBy(n => n.StartedAt).ThenBy(n => n.Id)) { Attempts(w, run, node, facts); }
        foreach (var retry in run.Nodes.Values.Where(n => n.Type == NodeType.Retry).OrderBy(n => n.StartedAt).ThenBy(n => n.Id))
        {
            if (retry.Children.IsEmpty || Ledgers.OfStep(run, run.Nodes[retry.Children[^1]]) is not { } whole) { continue; }
            w.WriteStartObject(Id(run, retry.Id));
            TrainingJson.Write(w, whole);
            w.WriteEndObject();
        }
        w.WriteEndObject();
        if (Ledgers.OfRun(run) is { } spent) { TrainingJson.Write(w, spent); }
        w.WriteStartArray("artifacts");
        foreach (var node in run.Nodes.Values.Where(n => n.Type == NodeType.Pod).OrderBy(n => n.StartedAt).ThenBy(n => n.Id))
        {
            foreach (var (name, artifact) in node.Outputs.Artifacts) { Artifact(w, node.Id, name, artifact, facts.Home); }
        }
        w.WriteEndArray();
        if (facts.Corrupt is { } corrupt)
        {
            w.WriteStartArray("corrupt");
            foreach (var sentence in corrupt) { w.WriteStringValue(sentence); }
            w.WriteEndArray();
        }
        w.WriteEndObject();
    }

    private static void State(Utf8JsonWriter w, bool isDone, string state, string uid, Home home, string? owner)
    {
        w.WriteString("state", isDone ? "Done" : state switch { "Paused" => "Paused", "Suspended" => "Waiting", _ => "Running" });
        w.WriteString("uid", uid);
        w.WriteString("home", home.Folder);
        w.WriteString("owner", owner);
    }

    private static void Attempts(Utf8JsonWriter w, RunState run, Node node, RunFacts facts)
    {
        var folder = facts.Home.Run(run.RunId).AttemptFolder(run.StepOf(node).Value, node.CurrentAttempt);
        var running = Trainings.IsRunning(node);
        w.WriteStartObject(Id(run, node.Id));
        w.WriteNumber("attempt", node.Attempt);
        w.WriteBoolean("running", running);
        w.WriteString("folder", folder);
        w.WriteString("log", $"{folder}/{AttemptFiles.Log}");
        if (node.Last is { } last)
        {
            w.WriteString("lastOutcome", last.Kind.ToString());
            if (last.Class is { } kind) { w.WriteString("lastClass", kind.ToString()); }
            if (last.Containment.Length > 0) { w.WriteString("containment", last.Containment); }
            if (last.Reused) { w.WriteBoolean("reused", true); }
            if (last.DroppedLines > 0) { w.WriteNumber("droppedLogLines", last.DroppedLines); }
            TrainingJson.Warnings(w, last.Warnings);
        }
        if (facts.Training?.GetValueOrDefault(node.Id) is { } training) { TrainingJson.Write(w, training, Ledgers.OfStep(run, node)); }
        if (node.Spent.Total > TimeSpan.Zero) { TrainingJson.Write(w, node.Spent); }
        w.WriteEndObject();
    }

    private static void Artifact(Utf8JsonWriter w, NodeId node, string name, ArtifactRef artifact, Home home)
    {
        w.WriteStartObject();
        w.WriteString("node", node.Value);
        w.WriteString("name", name);
        w.WriteString("key", artifact.Key);
        w.WriteString("file", $"{home.Store}/{artifact.Key}");
        w.WriteString("kind", artifact.Kind.ToString());
        w.WriteString("sha256", artifact.Sha256);
        w.WriteNumber("size", artifact.Size);
        w.WriteEndObject();
    }
}
