using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Manifests.Checks;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>Reads <c>volumes</c>, <c>volumeClaimTemplates</c> and <c>volumeMounts</c>.</summary>
internal sealed class VolumeReader(Problems problems)
{
    // Of Kubernetes' types these are checked to be there; the others are made.
    private static readonly string[] FoundTypes = ["Directory", "File", "Socket", "CharDevice", "BlockDevice"];

    /// <summary>Volumes of a template, or of the spec with its claim templates.</summary>
    public ImmutableArray<Volume> Volumes(Fields place) =>
        [.. place.List("volumes").Select(Read).Concat(place.List("volumeClaimTemplates").Select(ReadClaimTemplate)).OfType<Volume>()];

    public ImmutableArray<VolumeMount> Mounts(Fields container)
    {
        var mounts = ImmutableArray.CreateBuilder<VolumeMount>();
        foreach (var node in container.List("volumeMounts"))
        {
            if (Fields.Of(node, Tables.VolumeMount, problems) is not { } fields) { continue; }
            var name = Required(fields, "name", "a mount without the name of a volume");
            if (fields.Text("mountPath") is not { Length: > 0 } path)
            {
                // Argo leaves it to the cluster to say so.
                problems.Notice(node, "a mount without a mountPath ends its step with an error, since nothing could be seen of it; write `mountPath: /PATH`");
                path = "";
            }
            if (name is null) { continue; }
            mounts.Add(new VolumeMount(name, path, fields.Text("subPath"), fields.Flag("readOnly") ?? false));
        }
        if (mounts.Count > 0)
        {
            problems.Notice(container.Key("volumeMounts")!, "without bubblewrap (bwrap) on the machine, a step that mounts volumes does not run");
        }
        return mounts.ToImmutable();
    }

    private Volume? Read(YamlNode node)
    {
        if (Fields.Of(node, Tables.Volume, problems) is not { } fields) { return null; }
        if (Required(fields, "name", "a volume without a name") is not { } name) { return null; }
        VolumeSource? source =
            fields.Map("hostPath", Tables.HostPath) is { } host ? HostPath(host)
            : fields.Map("persistentVolumeClaim", Tables.VolumeClaim) is { } claim ? Claim(claim)
            : new FileVolumeReader(problems).Read(fields) ?? (VolumeSource)Local(fields);
        return source is null ? null : new Volume(name, source);
    }

    // A volume without a source is an emptyDir; so is one that is claimed anew for every pod.
    private static VolumeSource.EmptyDir Local(Fields fields)
    {
        _ = fields.Map("emptyDir", Tables.EmptyDir);
        return new VolumeSource.EmptyDir();
    }

    private VolumeSource.HostPath? HostPath(Fields fields)
    {
        if (Required(fields, "path", "a hostPath without a path") is not { } path) { return null; }
        var type = fields.Text("type") ?? "";
        if (type == "FileOrCreate")
        {
            problems.Unsupported(fields.Value("type")!, "hostPath of type FileOrCreate is not supported; make the file and write `type: File`");
        }
        else if (type is not ("" or "DirectoryOrCreate") && !FoundTypes.Contains(type) && !Tags.AnyIn(type))
        {
            problems.Error(fields.Value("type")!, $"unknown type {type.Quoted()} of a hostPath{Wording.DidYouMean(type, [.. FoundTypes, "DirectoryOrCreate", "FileOrCreate"])}");
        }
        return new VolumeSource.HostPath(path, MustExist: FoundTypes.Contains(type));
    }

    private VolumeSource.Claim? Claim(Fields fields) =>
        Required(fields, "claimName", "a persistentVolumeClaim without a claimName") is { } name
            ? new VolumeSource.Claim(name, fields.Flag("readOnly") ?? false)
            : null;

    private Volume? ReadClaimTemplate(YamlNode node)
    {
        if (Fields.Of(node, Tables.VolumeClaimTemplate, problems) is not { } fields) { return null; }
        if (fields.Map("metadata", Tables.Metadata) is { } metadata)
        {
            return Required(metadata, "name", "a volumeClaimTemplate without a name") is { } name ? new Volume(name, new VolumeSource.RunClaim()) : null;
        }
        problems.Error(node, "a volumeClaimTemplate without a name; write `metadata: {name: NAME}`");
        return null;
    }

    private string? Required(Fields fields, string field, string problem)
    {
        if (fields.Text(field) is { Length: > 0 } text) { return text; }
        if (!fields.Has(field) || fields.Value(field)!.Text.Length == 0) { problems.Error(fields.Node, $"{problem}; write `{field}:`"); }
        return null;
    }
}
