using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Manifests.Linking;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests;

/// <summary>Reads the ConfigMap documents of a file.</summary>
public static class ConfigMapFile
{
    /// <returns>The config maps in it, none where there are errors. Documents of other kinds are left alone.</returns>
    public static (ConfigMaps Maps, ImmutableArray<Problem> Problems) Read(string fileName, ReadOnlySpan<byte> utf8)
    {
        var problems = new Problems(fileName);
        var maps = Read(YamlTree.Read(utf8, problems), problems);
        return (problems.HasErrors ? ConfigMaps.None : maps, problems.InFileOrder());
    }

    internal static ConfigMaps Read(ImmutableArray<YamlNode> documents, Problems problems)
    {
        var maps = ConfigMaps.None.ByName;
        foreach (var document in documents.Where(d => d.Field("kind")?.Text == Kinds.ConfigMap))
        {
            if (document.Field("metadata")?.Field("name") is not { Kind: YamlKind.Scalar, Text.Length: > 0 } name)
            {
                problems.Error(document, "a ConfigMap without a name; write `metadata: {name: NAME}`");
                continue;
            }
            maps = maps.SetItem(name.Text, Data(document, problems));
        }
        return new ConfigMaps(maps);
    }

    private static ImmutableSortedDictionary<string, string> Data(YamlNode document, Problems problems)
    {
        var data = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in document.Field("data")?.Entries ?? [])
        {
            if (value.Kind is YamlKind.Scalar && Scalars.TypeOf(value) is ScalarType.Text) { data[key.Text] = value.Text; }
            else { problems.Error(value, $"data.{key.Text} of a ConfigMap is {value.Name}; write a text, in quotes where it looks like something else"); }
        }
        return data.ToImmutable();
    }
}
