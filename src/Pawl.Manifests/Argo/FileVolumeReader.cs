using System.Collections.Immutable;
using Pawl.Core.Workflows;

namespace Pawl.Manifests.Argo;

/// <summary>Reads the volumes that are made of texts: <c>configMap</c>, <c>secret</c>, <c>downwardAPI</c>, and <c>projected</c> of them.</summary>
internal sealed class FileVolumeReader(Problems problems)
{
    private const int MostMode = 0x1FF;

    private static readonly Dictionary<string, string> Fields = new(StringComparer.Ordinal)
    {
        ["metadata.name"] = "{{pod.name}}",
        ["metadata.namespace"] = "default",
        ["metadata.uid"] = "{{workflow.uid}}",
        ["spec.serviceAccountName"] = "default",
        ["status.hostIP"] = "127.0.0.1",
        ["status.podIP"] = "127.0.0.1",
    };

    /// <summary>Null where the volume is something else.</summary>
    public VolumeSource.Files? Read(Argo.Fields volume) =>
        volume.Map("configMap", VolumeTables.ConfigMap) is { } map ? new([.. Keys(map, EnvOrigin.ConfigMap, "name", Mode(map, "defaultMode"))])
        : volume.Map("secret", VolumeTables.Secret) is { } secret ? new([.. Keys(secret, EnvOrigin.Secret, "secretName", Mode(secret, "defaultMode"))])
        : volume.Map("downwardAPI", VolumeTables.Downward) is { } downward ? new([.. Downward(downward, Mode(downward, "defaultMode"))])
        : volume.Map("projected", VolumeTables.Projected) is { } projected ? new([.. Projected(projected)])
        : null;

    private IEnumerable<FileSource> Projected(Argo.Fields projected)
    {
        var mode = Mode(projected, "defaultMode");
        foreach (var node in projected.List("sources"))
        {
            if (Argo.Fields.Of(node, VolumeTables.Source, problems) is not { } source) { continue; }
            var parts = source.Map("configMap", VolumeTables.ConfigMapSource) is { } map ? Keys(map, EnvOrigin.ConfigMap, "name", mode)
                : source.Map("secret", VolumeTables.SecretSource) is { } secret ? Keys(secret, EnvOrigin.Secret, "name", mode)
                : source.Map("downwardAPI", VolumeTables.DownwardSource) is { } downward ? Downward(downward, mode)
                : [];
            foreach (var part in parts) { yield return part; }
        }
    }

    private IEnumerable<FileSource> Keys(Argo.Fields source, EnvOrigin origin, string nameField, int? mode)
    {
        if (source.Text(nameField) is not { Length: > 0 } name)
        {
            problems.Error(source.Node, $"{source.Table.Place} without {nameField}; write `{nameField}: NAME`");
            yield break;
        }
        var items = ImmutableArray.CreateBuilder<KeyItem>();
        foreach (var node in source.List("items"))
        {
            if (Argo.Fields.Of(node, VolumeTables.Item, problems) is not { } item || item.Text("key") is not { } key || PathOf(item) is not { } path) { continue; }
            items.Add(new KeyItem(key, path, Mode(item, "mode")));
        }
        yield return new FileSource.OfKeys(origin, name, items.ToImmutable(), source.Flag("optional") ?? false, mode);
    }

    private IEnumerable<FileSource> Downward(Argo.Fields downward, int? mode)
    {
        foreach (var node in downward.List("items"))
        {
            if (Argo.Fields.Of(node, VolumeTables.DownwardItem, problems) is not { } item || PathOf(item) is not { } path) { continue; }
            var own = Mode(item, "mode") ?? mode;
            var field = item.Map("fieldRef", KindTables.FieldRef)?.Text("fieldPath") ?? "";
            if (field is "metadata.labels" or "metadata.annotations") { yield return new FileSource.OfPairs(path, field == "metadata.annotations", own); }
            else if (Fields.TryGetValue(field, out var text)) { yield return new FileSource.OfText(path, text, own); }
            else { problems.Unsupported(item.Node, $"downwardAPI field {field.Quoted()} is not supported: it is nothing that a process has; write one of metadata.labels, metadata.annotations, {ArgumentReader.Listed(Fields.Keys)}"); }
        }
    }

    private string? PathOf(Argo.Fields item)
    {
        if (item.Text("path") is { Length: > 0 } path && !path.StartsWith('/') && !path.Split('/').Contains("..")) { return path; }
        problems.Error(item.Value("path") ?? item.Node, "a file of a volume without a path below it; write `path: NAME`");
        return null;
    }

    private int? Mode(Argo.Fields owner, string field)
    {
        if (owner.Whole(field) is not { } mode) { return null; }
        if (mode is >= 0 and <= MostMode) { return (int)mode; }
        problems.Error(owner.Value(field)!, $"{field} {mode} is not a permission; write 0 to 511, in octal 0 to 0777");
        return null;
    }
}
