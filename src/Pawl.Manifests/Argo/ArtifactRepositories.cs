using Pawl.Core.Workflows;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>Reads an artifact repository from a config map, as far as it matters here: which keys it gives to outputs that name none.</summary>
internal static class ArtifactRepositories
{
    private const string DefaultMap = "artifact-repositories";

    // Argo's own.
    private const string DefaultFormat = "{{workflow.name}}/{{pod.name}}";

    /// <returns>Null where there is no such repository: outputs without a key then have none.</returns>
    public static string? KeyFormat(YamlNode reference, ConfigMaps maps)
    {
        var name = reference.Field("configMap")?.Text ?? DefaultMap;
        if (maps.ByName.GetValueOrDefault(name) is not { } map) { return null; }
        var text = reference.Field("key")?.Text is { } key ? map.GetValueOrDefault(key) : map.Count == 1 ? map.Values.First() : null;
        if (text is null || YamlTree.Read(text, new Problems(name)) is not [{ Kind: YamlKind.Mapping } repository]) { return null; }
        var kind = repository.Entries.Select(e => e.Value).FirstOrDefault(v => v.Kind is YamlKind.Mapping);
        var format = (kind?.Field("keyFormat") ?? kind?.Field("blobNameFormat") ?? kind?.Field("pathFormat"))?.Text;
        return format is { Length: > 0 } ? format
            : kind?.Field("keyPrefix")?.Text is { Length: > 0 } prefix ? $"{prefix.TrimEnd('/')}/{DefaultFormat}"
            : DefaultFormat;
    }
}
