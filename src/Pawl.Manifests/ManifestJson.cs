using Pawl.Manifests.Yaml;

namespace Pawl.Manifests;

/// <summary>A manifest as the JSON that Argo makes of it, fields unknown to pawl included.</summary>
public static class ManifestJson
{
    /// <param name="field">Of the Workflow document, such as <c>spec</c>.</param>
    /// <returns>Compact JSON; null where there is no Workflow, or it has no such field.</returns>
    public static string? Field(ReadOnlySpan<byte> utf8, string field)
    {
        foreach (var document in YamlTree.Read(utf8, new Problems("")))
        {
            if (Value(document, "kind") is { Text: "Workflow" } && Value(document, field) is { } value) { return Scalars.Json(value); }
        }
        return null;
    }

    private static YamlNode? Value(YamlNode map, string key) => map.Entries.FirstOrDefault(e => e.Key.Text == key).Value;
}
