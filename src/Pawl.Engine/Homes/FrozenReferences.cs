using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Pawl.Core.Workflows;
using Pawl.Manifests;
using Pawl.Manifests.Linking;

namespace Pawl.Engine.Homes;

/// <summary>What a run refers to beside its manifest, as it was at submission, so that a replay on any day reads the same.</summary>
internal static class FrozenReferences
{
    public const int MostBytes = 64 << 20;

    /// <returns>Null where it refers to nothing.</returns>
    public static ReadOnlyMemory<byte>? Write(ManifestResult read)
    {
        var maps = read.Workflow?.ConfigMaps ?? ConfigMaps.None;
        if (read.References.IsEmpty && maps.IsEmpty) { return null; }
        var bytes = new ArrayBufferWriter<byte>();
        using (var w = new Utf8JsonWriter(bytes))
        {
            w.WriteStartObject();
            w.WriteStartArray("files");
            foreach (var (file, utf8) in read.References)
            {
                w.WriteStartObject();
                w.WriteString("file", file);
                w.WriteString("text", Encoding.UTF8.GetString(utf8.Span));
                w.WriteEndObject();
            }
            w.WriteEndArray();
            w.WriteStartObject("configMaps");
            foreach (var (name, data) in maps.ByName)
            {
                w.WriteStartObject(name);
                foreach (var (key, value) in data) { w.WriteString(key, value); }
                w.WriteEndObject();
            }
            w.WriteEndObject();
            w.WriteEndObject();
        }
        return bytes.WrittenMemory;
    }

    /// <exception cref="JsonException">It is nothing that <see cref="Write"/> wrote.</exception>
    public static Library Read(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        try
        {
            var files = document.RootElement.GetProperty("files").EnumerateArray()
                .Select(f => new ManifestText(f.GetProperty("file").GetString()!, Encoding.UTF8.GetBytes(f.GetProperty("text").GetString()!)))
                .ToImmutableArray();
            var maps = document.RootElement.GetProperty("configMaps").EnumerateObject()
                .ToImmutableSortedDictionary(
                    m => m.Name,
                    m => m.Value.EnumerateObject().ToImmutableSortedDictionary(v => v.Name, v => v.Value.GetString()!, StringComparer.Ordinal),
                    StringComparer.Ordinal);
            return new Library(files) { ConfigMaps = new ConfigMaps(maps) };
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException) { throw new JsonException(e.Message, e); }
    }
}
