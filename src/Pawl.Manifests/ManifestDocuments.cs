using System.Collections.Immutable;
using System.Text;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests;

/// <summary>Takes a file of several documents apart.</summary>
public static class ManifestDocuments
{
    /// <summary>Its documents, each exactly as it is written there, with the comments above it.</summary>
    /// <returns>Those before the first syntax error.</returns>
    public static ImmutableArray<(DocumentName Name, ReadOnlyMemory<byte> Utf8)> Split(ReadOnlySpan<byte> utf8)
    {
        var documents = YamlTree.Read(utf8, new Problems("")).RemoveAll(d => d.IsNull);
        var lines = Encoding.UTF8.GetString(utf8).Split('\n');
        return [.. documents.Select(d => (Name(d), Text(lines, d.Line - 1)))];
    }

    private static DocumentName Name(YamlNode document) => new(document.Field("kind")?.Text ?? "", document.Field("metadata")?.Field("name")?.Text ?? "");

    // From the separator above the document's first line to the next one below it.
    private static ReadOnlyMemory<byte> Text(string[] lines, int first)
    {
        var from = first;
        while (from > 0 && !IsSeparator(lines[from])) { from--; }
        // A document may begin on the separator's own line.
        if (from < first && IsSeparator(lines[from])) { from++; }
        var to = first + 1;
        while (to < lines.Length && !IsSeparator(lines[to])) { to++; }
        return Encoding.UTF8.GetBytes(string.Join('\n', lines[from..to]).TrimEnd() + "\n");
    }

    private static bool IsSeparator(string line) =>
        line.StartsWith("---", StringComparison.Ordinal) && (line.Length == 3 || char.IsWhiteSpace(line[3]));
}
