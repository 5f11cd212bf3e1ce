using System.Text.Json;
using Pawl.Core.Attempts;
using Pawl.Core.Workflows;
using Pawl.Storage.Json;

namespace Pawl.Supervision;

/// <summary>What schema 2 of a spec has beside schema 1: all but a single command.</summary>
internal static partial class SupervisionJson
{
    private static readonly string[] Actions =
        [nameof(ContainerAction.Exec), nameof(ContainerAction.HttpGet), nameof(ContainerAction.TcpSocket), nameof(ContainerAction.Sleep)];

    private static void WritePod(Utf8JsonWriter json, AttemptSpec spec)
    {
        json.WriteString("executor", spec.Executor);
        json.WriteString("pullPolicy", spec.PullPolicy);
        json.WriteBoolean("daemon", spec.IsDaemon);
        json.Write("postStart", spec.PostStart, Write);
        json.Write("beforeStop", spec.PreStop, Write);
        json.Write("ready", spec.Ready, Write);
        json.Write("init", spec.Init, Write);
        json.Write("set", spec.Set, Write);
        json.Write("setRuns", spec.SetRuns, (w, runs) =>
        {
            w.WriteNumber("most", runs.Most);
            w.Write("wait", runs.Wait);
        });
        json.Write("sidecars", spec.Sidecars, Write);
        json.Write("hostAliases", spec.HostAliases, (w, alias) =>
        {
            w.WriteString("ip", alias.Ip);
            w.Write("names", alias.Names);
        });
    }

    private static AttemptSpec ReadPod(JsonFields json, AttemptSpec plain) => plain with
    {
        Executor = json.TextOrNull("executor"),
        PullPolicy = json.TextOrNull("pullPolicy"),
        IsDaemon = json.Flag("daemon"),
        PostStart = ReadAction(json, "postStart"),
        PreStop = ReadAction(json, "beforeStop"),
        Ready = ReadProbe(json, "ready"),
        Init = json.All("init", ReadContainerSpec),
        Set = json.All("set", ReadContainerSpec),
        SetRuns = json.ObjectOrNull("setRuns") is { } runs ? new SetRuns(runs.Number("most"), runs.Span("wait")) : null,
        Sidecars = json.All("sidecars", ReadContainerSpec),
        HostAliases = json.All("hostAliases", a => new HostAlias(a.Text("ip"), a.Texts("names"))),
    };

    private static void Write(Utf8JsonWriter json, ContainerSpec container)
    {
        json.WriteString("name", container.Name);
        json.WriteString("image", container.Image);
        json.WriteString("pullPolicy", container.PullPolicy);
        json.Write("command", container.Command);
        json.Write("args", container.Args);
        json.Write("path", container.Path);
        json.Write("env", container.Env, Write);
        json.Write("secrets", container.Secrets, Write);
        json.WriteString("workingDir", container.WorkingDir);
        json.Write("memoryLimit", container.MemoryLimit);
        json.Write("cpuLimit", container.CpuLimit);
        json.Write("mounts", container.Mounts, Write);
        json.Write("postStart", container.PostStart, Write);
        json.Write("preStop", container.PreStop, Write);
        json.Write("ready", container.Ready, Write);
        if (container.HasTerminal) { json.WriteBoolean("terminal", true); }
        json.Write("dependencies", container.Dependencies);
    }

    private static ContainerSpec ReadContainerSpec(JsonFields json) => new()
    {
        Name = json.Text("name"),
        Image = json.TextOrNull("image"),
        PullPolicy = json.TextOrNull("pullPolicy"),
        Command = json.Texts("command"),
        Args = json.Texts("args"),
        Path = json.Texts("path"),
        Env = json.All("env", v => new EnvVar(v.Text("name"), v.Text("value"))),
        Secrets = json.All("secrets", ReadSecret),
        WorkingDir = json.TextOrNull("workingDir"),
        MemoryLimit = json.LongOrNull("memoryLimit"),
        CpuLimit = json.LongOrNull("cpuLimit"),
        Mounts = json.All("mounts", ReadMount),
        PostStart = ReadAction(json, "postStart"),
        PreStop = ReadAction(json, "preStop"),
        Ready = ReadProbe(json, "ready"),
        HasTerminal = json.Has("terminal") && json.Flag("terminal"),
        Dependencies = json.Texts("dependencies"),
    };

    private static void Write(Utf8JsonWriter json, Probe probe)
    {
        json.Write("action", probe.Action, Write);
        json.WriteNumber("initialDelay", probe.InitialDelay);
        json.WriteNumber("period", probe.Period);
        json.WriteNumber("timeout", probe.Timeout);
        json.WriteNumber("successes", probe.Successes);
    }

    private static Probe? ReadProbe(JsonFields json, string name) => json.ObjectOrNull(name) is { } probe
        ? new Probe(ReadAction(probe, "action")!, probe.Number("initialDelay"), probe.Number("period"), probe.Number("timeout"), probe.Number("successes"))
        : null;

    private static void Write(Utf8JsonWriter json, ContainerAction action)
    {
        json.WriteString("kind", action.GetType().Name);
        switch (action)
        {
            case ContainerAction.Exec exec:
                json.Write("command", exec.Command);
                break;
            case ContainerAction.HttpGet get:
                json.WriteString("host", get.Host);
                json.WriteNumber("port", get.Port);
                json.WriteString("path", get.Path);
                json.WriteBoolean("tls", get.Tls);
                json.Write("headers", get.Headers, Write);
                break;
            case ContainerAction.TcpSocket socket:
                json.WriteString("host", socket.Host);
                json.WriteNumber("port", socket.Port);
                break;
            case ContainerAction.Sleep sleep:
                json.WriteNumber("seconds", sleep.Seconds);
                break;
        }
    }

    private static ContainerAction? ReadAction(JsonFields json, string name) => json.ObjectOrNull(name) is not { } action ? null : action.Choice("kind", Actions) switch
    {
        0 => new ContainerAction.Exec(action.Texts("command")),
        1 => new ContainerAction.HttpGet(
            action.TextOrNull("host"), action.Number("port"), action.Text("path"), action.Flag("tls"),
            action.All("headers", h => new EnvVar(h.Text("name"), h.Text("value")))),
        2 => new ContainerAction.TcpSocket(action.TextOrNull("host"), action.Number("port")),
        _ => new ContainerAction.Sleep(action.Long("seconds")),
    };
}
