using System.Collections.Immutable;
using System.Globalization;
using Pawl.Core.Workflows;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>Reads <c>lifecycle</c> and <c>readinessProbe</c> of a container.</summary>
internal sealed class ActionReader(Problems problems)
{
    private const int DefaultPeriod = 10;

    public Container Read(Fields container, Container read)
    {
        var ports = Ports(container);
        var lifecycle = container.Map("lifecycle", PodTables.Lifecycle);
        return read with
        {
            PostStart = lifecycle?.Map("postStart", PodTables.Hook) is { } start ? Action(start, ports) : null,
            PreStop = lifecycle?.Map("preStop", PodTables.Hook) is { } stop ? Action(stop, ports) : null,
            Ready = container.Map("readinessProbe", PodTables.Probe) is { } probe ? Probe(probe, ports) : null,
        };
    }

    private Dictionary<string, int> Ports(Fields container)
    {
        var named = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in container.List("ports"))
        {
            if (Fields.Of(node, PodTables.Port, problems) is not { } port || port.Whole("containerPort") is not (> 0 and <= ushort.MaxValue and var number)) { continue; }
            if (port.Text("name") is { } name) { named[name] = (int)number; }
        }
        return named;
    }

    private Probe? Probe(Fields fields, Dictionary<string, int> ports)
    {
        int Whole(string field, int otherwise, int least)
        {
            if (fields.Whole(field) is not { } number) { return otherwise; }
            if (number >= least && number <= int.MaxValue) { return (int)number; }
            problems.Error(fields.Value(field)!, $"{field} is {number}; write a whole number from {least}");
            return otherwise;
        }
        return Action(fields, ports) is { } action
            ? new Probe(action, Whole("initialDelaySeconds", 0, 0), Whole("periodSeconds", DefaultPeriod, 1), Whole("timeoutSeconds", 1, 1), Whole("successThreshold", 1, 1))
            : null;
    }

    private ContainerAction? Action(Fields fields, Dictionary<string, int> ports)
    {
        ImmutableArray<ContainerAction?> written =
        [
            fields.Map("exec", Tables.Exec) is { } exec ? new ContainerAction.Exec(exec.Texts("command")) : null,
            fields.Map("httpGet", PodTables.HttpGet) is { } get ? HttpGet(get, ports) : null,
            fields.Map("tcpSocket", PodTables.TcpSocket) is { } socket && Port(socket, ports) is { } port ? new ContainerAction.TcpSocket(socket.Text("host"), port) : null,
            fields.Has("sleep") && fields.Map("sleep", PodTables.Sleep) is { } sleep ? new ContainerAction.Sleep(Math.Max(0, sleep.Whole("seconds") ?? 0)) : null,
        ];
        var all = written.OfType<ContainerAction>().ToArray();
        if (all.Length > 1) { problems.Error(fields.Node, "more than one thing to do; write one of exec, httpGet, tcpSocket, sleep"); }

        // An empty command is nothing to do.
        return all is [var only] && only is not ContainerAction.Exec { Command.IsEmpty: true } ? only : null;
    }

    private ContainerAction.HttpGet? HttpGet(Fields fields, Dictionary<string, int> ports) => Port(fields, ports) is not { } port ? null : new ContainerAction.HttpGet(
        fields.Text("host"), port, fields.Text("path") ?? "/", fields.Text("scheme")?.Equals("HTTPS", StringComparison.OrdinalIgnoreCase) ?? false,
        [
            .. fields.List("httpHeaders").Select(h => Fields.Of(h, PodTables.Header, problems)).OfType<Fields>()
                .Select(h => new EnvVar(h.Text("name") ?? "", h.Text("value") ?? "")),
        ]);

    private int? Port(Fields fields, Dictionary<string, int> ports)
    {
        if (fields.Value("port") is not { Kind: YamlKind.Scalar } value)
        {
            problems.Error(fields.Value("port") ?? fields.Node, "no port to ask at; write `port: NUMBER`");
            return null;
        }
        if (ports.TryGetValue(value.Text, out var named)) { return named; }
        if (int.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= ushort.MaxValue) { return number; }
        problems.Error(value, $"port {value.Text.Quoted()} is no number from 1 to 65535, and no port of the container has that name");
        return null;
    }
}
