using Pawl.Manifests.Linking;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests;

/// <summary>A manifest as the JSON that Argo makes of it, fields unknown to pawl included.</summary>
public static class ManifestJson
{
    /// <summary>The whole document of a kind and name as compact JSON; null where there is none.</summary>
    public static string? Document(ReadOnlySpan<byte> utf8, string kind, string name) =>
        Library.In(YamlTree.Read(utf8, new Problems("")), kind, name) is { } document ? Scalars.Json(document) : null;

    /// <param name="field">Of the Workflow document, such as <c>spec</c>.</param>
    /// <param name="number">Which of the Workflows in the file, from 0.</param>
    /// <returns>Compact JSON; null where there is no such Workflow, or it has no such field.</returns>
    public static string? Field(ReadOnlySpan<byte> utf8, string field, int number = 0) =>
        YamlTree.Read(utf8, new Problems("")).Where(d => d.Field("kind") is { Text: Kinds.Workflow }).ElementAtOrDefault(number)?.Field(field) is { } value
            ? Scalars.Json(value)
            : null;
}
