using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>Reads the environment of a container.</summary>
internal sealed class EnvReader(Problems problems)
{
    // What the downward API gives to a pod, as far as a process has it.
    private static readonly Dictionary<string, string> Downward = new(StringComparer.Ordinal)
    {
        ["metadata.name"] = "{{pod.name}}",
        ["metadata.namespace"] = "default",
        ["spec.serviceAccountName"] = "default",
        ["status.hostIP"] = "127.0.0.1",
        ["status.podIP"] = "127.0.0.1",
    };

    private readonly ImmutableArray<EnvVar>.Builder _plain = ImmutableArray.CreateBuilder<EnvVar>();
    private readonly ImmutableArray<EnvSource>.Builder _elsewhere = ImmutableArray.CreateBuilder<EnvSource>();

    public (ImmutableArray<EnvVar> Plain, ImmutableArray<EnvSource> Elsewhere) Read(Fields container)
    {
        foreach (var node in container.List("envFrom")) { ReadAll(node); }
        foreach (var node in container.List("env")) { ReadOne(node); }
        return (_plain.ToImmutable(), _elsewhere.ToImmutable());
    }

    private void ReadOne(YamlNode node)
    {
        if (Fields.Of(node, Tables.EnvVar, problems) is not { } fields) { return; }
        var name = fields.Text("name");
        if (string.IsNullOrEmpty(name))
        {
            if (!fields.Has("name")) { problems.Error(node, "env entry without a name; write `name: NAME`"); }
            return;
        }
        if (name.Contains('=', StringComparison.Ordinal) || name.Contains('\0', StringComparison.Ordinal))
        {
            problems.Error(fields.Value("name")!, $"env name {name.Quoted()} is invalid; write a name without '='");
            return;
        }
        var value = fields.Text("value");
        if (fields.Map("valueFrom", KindTables.EnvValueFrom) is not { } from)
        {
            if (!fields.Has("valueFrom")) { _plain.Add(new EnvVar(name, value ?? "")); }
            return;
        }
        if (!string.IsNullOrEmpty(value)) { problems.Error(fields.Key("valueFrom")!, $"env {name.Quoted()} has both value and valueFrom; write one of them"); }
        Add(name, EnvOrigin.ConfigMap, ArgumentReader.KeyRef(from.Map("configMapKeyRef", KindTables.KeyRef), "configMapKeyRef", problems));
        Add(name, EnvOrigin.Secret, ArgumentReader.KeyRef(from.Map("secretKeyRef", KindTables.KeyRef), "secretKeyRef", problems));
        ReadField(name, from.Map("fieldRef", KindTables.FieldRef));
    }

    private void Add(string name, EnvOrigin origin, KeyRef? key)
    {
        if (key is not null) { _elsewhere.Add(new EnvSource(name, origin, key.Name, key.Key, key.Optional)); }
    }

    private void ReadField(string name, Fields? reference)
    {
        if (reference?.Text("fieldPath") is not { } path) { return; }
        if (Downward.TryGetValue(path, out var value)) { _plain.Add(new EnvVar(name, value)); }
        else { problems.Unsupported(reference.Value("fieldPath")!, $"fieldPath {path.Quoted()} is nothing that a process has; write one of {ArgumentReader.Listed(Downward.Keys)}, or a value"); }
    }

    private void ReadAll(YamlNode node)
    {
        if (Fields.Of(node, KindTables.EnvFrom, problems) is not { } fields) { return; }
        var prefix = fields.Text("prefix") ?? "";
        foreach (var (field, origin) in ((string, EnvOrigin)[])[("configMapRef", EnvOrigin.ConfigMap), ("secretRef", EnvOrigin.Secret)])
        {
            if (fields.Map(field, KindTables.ObjectRef) is not { } reference) { continue; }
            if (reference.Text("name") is { Length: > 0 } name) { _elsewhere.Add(new EnvSource(prefix, origin, name, null, reference.Flag("optional") ?? false)); }
            else { problems.Error(reference.Node, $"{field} without name; write `{field}: {{name: NAME}}`"); }
        }
    }
}
