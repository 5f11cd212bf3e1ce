using System.Text.Json;
using Pawl.Core.Attempts;
using Pawl.Core.Errors;

namespace Pawl.Storage.Json;

/// <summary>How an attempt ended and what it leaves, as fields: in its folder, and in an entry of its step's chain.</summary>
public static class OutcomeJson
{
    // In the order of the enums' values.
    private static readonly string[] Kinds =
    [
        nameof(OutcomeKind.Succeeded), nameof(OutcomeKind.Failed), nameof(OutcomeKind.Errored), nameof(OutcomeKind.Preempted),
        nameof(OutcomeKind.Lost),
    ];

    private static readonly string[] Classes =
    [
        nameof(ErrorClass.Transient), nameof(ErrorClass.Permanent), nameof(ErrorClass.OutOfMemory), nameof(ErrorClass.Timeout),
        nameof(ErrorClass.Killed), nameof(ErrorClass.Preempted), nameof(ErrorClass.Lost),
    ];

    private static readonly string[] ArtifactKinds = [nameof(ArtifactKind.File), nameof(ArtifactKind.Folder)];

    public static void Write(Utf8JsonWriter json, Outcome outcome)
    {
        json.WriteNumber("schema", outcome.Schema);
        json.WriteString("kind", Kinds[(int)outcome.Kind]);
        json.WriteString("class", outcome.Class is { } cause ? Classes[(int)cause] : null);
        json.Write("exitCode", outcome.ExitCode);
        json.WriteString("message", outcome.Message);
        json.WriteString("logTail", outcome.LogTail);
        json.Write("outputs", outcome.Outputs, Write);
        json.WriteString("startedAt", outcome.StartedAt);
        json.WriteString("finishedAt", outcome.FinishedAt);
        json.WriteBoolean("reused", outcome.Reused);
        json.WriteBoolean("progressed", outcome.Progressed);
        json.WriteString("containment", outcome.Containment);
        json.WriteNumber("droppedLines", outcome.DroppedLines);
        json.Write("stages", outcome.Stages, Write);
        json.Write("spent", outcome.Spent, TrainingJson.Write);
        json.Write("training", outcome.Training, TrainingJson.Write);
        json.Write("warnings", outcome.Warnings);
        if (!outcome.Containers.IsEmpty) { json.Write("containers", outcome.Containers, Write); }
    }

    public static Outcome Read(JsonFields json) => new()
    {
        Schema = json.Schema(Outcome.CurrentSchema),
        Kind = (OutcomeKind)json.Choice("kind", Kinds),
        Class = (ErrorClass?)json.ChoiceOrNull("class", Classes),
        ExitCode = json.NumberOrNull("exitCode"),
        Message = json.Text("message"),
        LogTail = json.Text("logTail"),
        Outputs = ReadOutputs(json.Object("outputs")),
        StartedAt = json.Time("startedAt"),
        FinishedAt = json.Time("finishedAt"),
        Reused = json.Flag("reused"),
        Progressed = json.Has("progressed") && json.Flag("progressed"),
        Containment = json.Text("containment"),
        DroppedLines = json.Long("droppedLines"),
        Stages = json.All("stages", stage => new StageTime(stage.Text("stage"), stage.Real("seconds"))),
        Spent = json.Has("spent") && json.ObjectOrNull("spent") is { } spent ? TrainingJson.ReadLedger(spent) : null,
        Training = json.Has("training") && json.ObjectOrNull("training") is { } training ? TrainingJson.ReadTraining(training) : null,
        Warnings = json.Has("warnings") ? json.Texts("warnings") : [],
        Containers = json.Has("containers")
            ? json.All("containers", c => new ContainerEnd(c.Text("name"), (OutcomeKind)c.Choice("kind", Kinds), c.NumberOrNull("exitCode"), c.Text("message")))
            : [],
    };

    private static void Write(Utf8JsonWriter json, ContainerEnd container)
    {
        json.WriteString("name", container.Name);
        json.WriteString("kind", Kinds[(int)container.Kind]);
        json.Write("exitCode", container.ExitCode);
        json.WriteString("message", container.Message);
    }

    public static void Write(Utf8JsonWriter json, NodeOutputs outputs)
    {
        json.WriteStartObject("parameters");
        foreach (var (name, value) in outputs.Parameters) { json.WriteString(name, value); }
        json.WriteEndObject();
        json.WriteStartObject("artifacts");
        foreach (var (name, artifact) in outputs.Artifacts) { json.Write(name, artifact, Write); }
        json.WriteEndObject();
        json.WriteString("result", outputs.Result);
    }

    public static NodeOutputs ReadOutputs(JsonFields json)
    {
        var (parameters, artifacts) = (json.Object("parameters"), json.Object("artifacts"));
        var outputs = NodeOutputs.None with { Result = json.TextOrNull("result") };
        foreach (var name in parameters.Names()) { outputs = outputs with { Parameters = outputs.Parameters.SetItem(name, parameters.Text(name)) }; }
        foreach (var name in artifacts.Names()) { outputs = outputs with { Artifacts = outputs.Artifacts.SetItem(name, ReadArtifact(artifacts.Object(name))) }; }
        return outputs;
    }

    public static void Write(Utf8JsonWriter json, ArtifactRef artifact)
    {
        json.WriteString("key", artifact.Key);
        json.WriteString("sha256", artifact.Sha256);
        json.WriteNumber("size", artifact.Size);
        json.WriteString("kind", ArtifactKinds[(int)artifact.Kind]);
        json.WriteNumber("mode", artifact.Mode);
    }

    public static ArtifactRef ReadArtifact(JsonFields json) => new(
        json.Text("key"), json.Text("sha256"), json.Long("size"), (ArtifactKind)json.Choice("kind", ArtifactKinds), json.Number("mode"));

    private static void Write(Utf8JsonWriter json, StageTime stage)
    {
        json.WriteString("stage", stage.Stage);
        json.WriteNumber("seconds", stage.Seconds);
    }
}
