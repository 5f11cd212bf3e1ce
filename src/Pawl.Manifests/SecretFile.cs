using System.Collections.Immutable;
using System.Text;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests;

/// <summary>Reads the Secret documents of a file. No message holds a value.</summary>
public static class SecretFile
{
    /// <returns>By name the values by key; none where there are errors.</returns>
    public static (ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, ReadOnlyMemory<byte>>> Secrets, ImmutableArray<Problem> Problems) Read(
        string fileName, ReadOnlySpan<byte> utf8, ManifestOptions? options = null)
    {
        var problems = new Problems(fileName, options);
        var secrets = ImmutableSortedDictionary.CreateBuilder<string, ImmutableSortedDictionary<string, ReadOnlyMemory<byte>>>(StringComparer.Ordinal);
        foreach (var document in YamlTree.Read(utf8, problems).Where(d => d.Field("kind")?.Text == "Secret"))
        {
            if (document.Field("metadata")?.Field("name") is not { Kind: YamlKind.Scalar, Text.Length: > 0 } name)
            {
                problems.Error(document, "a Secret without a name; write `metadata: {name: NAME}`");
                continue;
            }
            secrets[name.Text] = Values(document, problems);
        }
        if (problems.HasErrors) { secrets.Clear(); }
        return (secrets.ToImmutable(), problems.InFileOrder());
    }

    private static ImmutableSortedDictionary<string, ReadOnlyMemory<byte>> Values(YamlNode document, Problems problems)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        foreach (var (key, value) in document.Field("data")?.Entries ?? [])
        {
            var bytes = new byte[value.Text.Length];
            if (Convert.TryFromBase64String(value.Text, bytes, out var length)) { values[key.Text] = bytes.AsMemory(0, length); }
            else { problems.Error(value, $"data.{key.Text} of a Secret is not base64; write it under stringData as it is"); }
        }
        // As Kubernetes has it, plain text wins.
        foreach (var (key, value) in document.Field("stringData")?.Entries ?? [])
        {
            if (value.Kind is YamlKind.Scalar && Scalars.TypeOf(value) is ScalarType.Text) { values[key.Text] = Encoding.UTF8.GetBytes(value.Text); }
            else { problems.Error(value, $"stringData.{key.Text} of a Secret is {value.Name}; write a text in quotes"); }
        }
        return values.ToImmutable();
    }
}
