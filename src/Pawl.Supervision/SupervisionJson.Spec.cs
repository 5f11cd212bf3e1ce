using System.Text.Json;
using Pawl.Core.Attempts;
using Pawl.Core.Checkpoints;
using Pawl.Core.Workflows;
using Pawl.Storage.Json;

namespace Pawl.Supervision;

internal static partial class SupervisionJson
{
    private static readonly string[] MountKinds =
        [nameof(MountKind.EmptyDir), nameof(MountKind.HostPath), nameof(MountKind.HostFolder), nameof(MountKind.Claim), nameof(MountKind.RunClaim), nameof(MountKind.Files)];

    public static byte[] Write(AttemptSpec spec) => JsonWriting.Object(indented: true, json =>
    {
        json.WriteNumber("schema", spec.Schema);
        json.WriteString("runId", spec.RunId);
        json.WriteString("runName", spec.RunName);
        json.WriteString("node", spec.Node);
        json.WriteString("step", spec.Step);
        json.WriteNumber("attempt", spec.Attempt);
        json.WriteNumber("sequence", spec.Sequence);
        json.WriteString("template", spec.Template);
        json.WriteString("fingerprint", spec.Fingerprint);
        json.WriteString("image", spec.Image);
        json.Write("command", spec.Command);
        json.Write("args", spec.Args);
        if (!spec.Path.IsEmpty) { json.Write("path", spec.Path); }
        json.WriteString("source", spec.Source);
        json.Write("env", spec.Env, Write);
        if (!spec.Secrets.IsEmpty) { json.Write("secrets", spec.Secrets, Write); }
        json.WriteString("workingDir", spec.WorkingDir);
        json.Write("inputs", spec.Inputs, Write);
        json.Write("outputParameters", spec.OutputParameters, Write);
        json.Write("outputArtifacts", spec.OutputArtifacts, Write);
        json.Write("deadline", spec.Deadline);
        json.Write("gracePeriod", spec.GracePeriod);
        json.Write("preStop", spec.PreStop is ContainerAction.Exec exec ? exec.Command : []);
        json.Write("memoryLimit", spec.MemoryLimit);
        json.Write("cpuLimit", spec.CpuLimit);
        json.Write("checkpoints", spec.Checkpoints, Write);
        json.Write("snapshot", spec.Snapshot, OutcomeJson.Write);

        if (!spec.Needs.IsNothing) { json.Write("requests", spec.Needs); }
        if (spec.Timeout is not null) { json.Write("timeout", spec.Timeout); }

        // A pawl from before there were mounts can read what has none.
        if (!spec.Mounts.IsEmpty) { json.Write("mounts", spec.Mounts, Write); }
        if (spec.HasTerminal) { json.WriteBoolean("terminal", true); }
        if (spec.Schema > AttemptSpec.PlainSchema) { WritePod(json, spec); }
        if (spec.Http is not null) { json.Write("http", spec.Http, Write); }
        if (spec.Keys is not null) { json.Write("keys", spec.Keys, Write); }
    });

    public static AttemptSpec ReadSpec(JsonFields json) => json.Schema(AttemptSpec.CurrentSchema) > AttemptSpec.PlainSchema ? ReadPod(json, ReadPlain(json)) : ReadPlain(json);

    private static AttemptSpec ReadPlain(JsonFields json) => new()
    {
        Schema = json.Schema(AttemptSpec.CurrentSchema),
        RunId = json.Text("runId"),
        RunName = json.Text("runName"),
        Node = json.Text("node"),
        Step = json.Text("step"),
        Attempt = json.Number("attempt"),
        Sequence = json.Long("sequence"),
        Template = json.Text("template"),
        Fingerprint = json.Text("fingerprint"),
        Image = json.TextOrNull("image"),
        Command = json.Texts("command"),
        Args = json.Texts("args"),
        Path = json.Has("path") ? json.Texts("path") : [],
        Source = json.TextOrNull("source"),
        Env = json.All("env", v => new EnvVar(v.Text("name"), v.Text("value"))),
        Secrets = json.Has("secrets")
            ? json.All("secrets", ReadSecret)
            : [],
        WorkingDir = json.TextOrNull("workingDir"),
        Inputs = json.All("inputs", ReadInput),
        OutputParameters = json.All("outputParameters", p => new OutputParameter(p.Text("name"), p.Text("path"), p.TextOrNull("default"))),
        OutputArtifacts = json.All(
            "outputArtifacts", a => new OutputFile(a.Text("name"), a.Text("path"), a.Flag("optional"), a.NumberOrNull("mode"))
            {
                Location = a.Has("location") ? ReadLocation(a.Object("location")) : null,
                Archive = a.Has("archive") ? ReadArchive(a.Object("archive")) : null,
            }),
        Deadline = json.SpanOrNull("deadline"),
        GracePeriod = json.Span("gracePeriod"),
        PreStop = json.Texts("preStop") is { IsEmpty: false } command ? new ContainerAction.Exec(command) : null,
        MemoryLimit = json.LongOrNull("memoryLimit"),
        CpuLimit = json.LongOrNull("cpuLimit"),
        Checkpoints = json.Has("checkpoints") ? ReadCheckpoints(json.Object("checkpoints")) : CheckpointPolicy.Default,
        Snapshot = json.ObjectOrNull("snapshot") is { } snapshot ? OutcomeJson.ReadArtifact(snapshot) : null,
        Mounts = json.Has("mounts") ? json.All("mounts", ReadMount) : [],
        HasTerminal = json.Has("terminal") && json.Flag("terminal"),
        Needs = json.Has("requests") ? ReadNeeds(json.Object("requests")) : default,
        Timeout = json.Has("timeout") ? json.SpanOrNull("timeout") : null,
        Http = json.Has("http") ? ReadCall(json.Object("http")) : null,
        Keys = json.Has("keys") ? ReadKeys(json.Object("keys")) : null,
    };

    private static void Write(this Utf8JsonWriter json, string name, Needs needs)
    {
        json.WriteStartObject(name);
        json.WriteNumber("cpu", needs.CpuMillis);
        json.WriteNumber("memory", needs.MemoryBytes);
        json.WriteNumber("gpus", needs.Gpus);
        json.WriteEndObject();
    }

    private static Needs ReadNeeds(JsonFields json) => new(json.Long("cpu"), json.Long("memory"), json.Long("gpus"));

    private static EnvSource ReadSecret(JsonFields json) =>
        new(json.Text("name"), EnvOrigin.Secret, json.Text("secret"), json.TextOrNull("key"), json.Flag("optional"));

    private static void Write(Utf8JsonWriter json, EnvSource secret)
    {
        json.WriteString("name", secret.Name);
        json.WriteString("secret", secret.Object);
        json.WriteString("key", secret.Key);
        json.WriteBoolean("optional", secret.Optional);
    }

    private static void Write(Utf8JsonWriter json, CheckpointPolicy policy)
    {
        json.Write("everySteps", (policy.Every as CheckpointEvery.Steps)?.Count);
        json.Write("everyTime", (policy.Every as CheckpointEvery.Time)?.Span);
        json.WriteNumber("keep", policy.Keep);
        json.WriteNumber("keepEvery", policy.KeepEvery);
        json.Write("ignore", policy.Ignore);
        json.Write("hangAfter", policy.HangAfter);
    }

    private static CheckpointPolicy ReadCheckpoints(JsonFields json) => new()
    {
        Every = (json.LongOrNull("everySteps"), json.SpanOrNull("everyTime")) switch
        {
            ({ } count, _) => new CheckpointEvery.Steps(count),
            (_, { } span) => new CheckpointEvery.Time(span),
            _ => new CheckpointEvery.Auto(),
        },
        Keep = json.Number("keep"),
        KeepEvery = json.Number("keepEvery"),
        Ignore = json.Texts("ignore"),
        HangAfter = json.SpanOrNull("hangAfter"),
    };

    private static void Write(Utf8JsonWriter json, EnvVar variable)
    {
        json.WriteString("name", variable.Name);
        json.WriteString("value", variable.Value);
    }

    private static void Write(Utf8JsonWriter json, InputFile input)
    {
        json.WriteString("name", input.Name);
        json.WriteString("path", input.Path);
        json.Write("stored", input.Stored, OutcomeJson.Write);
        json.WriteString("rawData", input.RawData);
        json.Write("mode", input.Mode);
        if (input.Location is not null) { json.Write("location", input.Location, Write); }
        if (input.Archive is not null) { json.Write("archive", input.Archive, Write); }
        if (input.SubPath is not null) { json.WriteString("subPath", input.SubPath); }
        if (input.RecurseMode) { json.WriteBoolean("recurseMode", true); }
    }

    private static InputFile ReadInput(JsonFields json) => new(
        json.Text("name"),
        json.Text("path"),
        json.ObjectOrNull("stored") is { } stored ? OutcomeJson.ReadArtifact(stored) : null,
        json.TextOrNull("rawData"),
        json.NumberOrNull("mode"))
    {
        Location = json.Has("location") ? ReadLocation(json.Object("location")) : null,
        Archive = json.Has("archive") ? ReadArchive(json.Object("archive")) : null,
        SubPath = json.Has("subPath") ? json.TextOrNull("subPath") : null,
        RecurseMode = json.Has("recurseMode"),
    };

    private static void Write(Utf8JsonWriter json, Mount mount)
    {
        json.WriteString("volume", mount.Volume);
        json.WriteString("kind", MountKinds[(int)mount.Kind]);
        json.WriteString("from", mount.From);
        json.WriteString("path", mount.Path);
        json.WriteString("subPath", mount.SubPath);
        json.WriteBoolean("readOnly", mount.ReadOnly);
        if (!mount.Files.IsEmpty) { json.Write("files", mount.Files, Write); }
    }

    private static void Write(Utf8JsonWriter json, MountedFile file)
    {
        json.WriteString("path", file.Path);
        json.WriteString("text", file.Text);
        json.WriteString("secret", file.Secret);
        json.WriteString("key", file.Key);
        json.WriteBoolean("optional", file.Optional);
        json.Write("mode", file.Mode);
    }

    private static MountedFile ReadMountedFile(JsonFields json) => new(
        json.Text("path"), json.TextOrNull("text"), json.TextOrNull("secret"), json.TextOrNull("key"), json.Flag("optional"), json.NumberOrNull("mode"));


    private static Mount ReadMount(JsonFields json) => new(
        json.Text("volume"), (MountKind)json.Choice("kind", MountKinds), json.Text("from"), json.Text("path"), json.TextOrNull("subPath"), json.Flag("readOnly"))
    {
        Files = json.Has("files") ? json.All("files", ReadMountedFile) : [],
    };

    private static void Write(Utf8JsonWriter json, OutputParameter parameter)
    {
        json.WriteString("name", parameter.Name);
        json.WriteString("path", parameter.Path);
        json.WriteString("default", parameter.Default);
    }

    private static void Write(Utf8JsonWriter json, OutputFile output)
    {
        json.WriteString("name", output.Name);
        json.WriteString("path", output.Path);
        json.WriteBoolean("optional", output.Optional);
        json.Write("mode", output.Mode);
        if (output.Location is not null) { json.Write("location", output.Location, Write); }
        if (output.Archive is not null) { json.Write("archive", output.Archive, Write); }
    }
}
