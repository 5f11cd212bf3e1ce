using System.Collections.Immutable;
using Pawl.Storage.Json;

namespace Pawl.Storage.Artifacts;

/// <summary>What a promoted folder holds: the content of <c>&lt;key&gt;.tree.json</c>, whose SHA-256 is the folder's digest.</summary>
/// <param name="Entries">By ordinal order of path; a folder comes before what is in it.</param>
internal sealed record Listing(int Schema, ImmutableArray<ListingEntry> Entries)
{
    public const int CurrentSchema = 1;

    /// <summary>Files and folders; more are refused, since each costs a flush and a place in memory.</summary>
    public const int MaxEntries = 100_000;

    /// <summary>Bytes of the listing.</summary>
    public const int MaxSize = 64 * 1024 * 1024;

    public byte[] Bytes() => JsonWriting.Object(indented: false, json =>
    {
        json.WriteNumber("schema", Schema);
        json.Write("entries", Entries, (entry, e) =>
        {
            entry.WriteString("path", e.Path);
            entry.WriteNumber("mode", e.Mode);
            entry.WriteNumber("size", e.Size);
            entry.WriteString("sha256", e.Sha256);
        });
    });

    /// <exception cref="System.Text.Json.JsonException">It is not a listing, or of a newer schema.</exception>
    public static Listing Read(ReadOnlySpan<byte> bytes)
    {
        var json = JsonFields.Parse(bytes);
        return new(
            json.Schema(CurrentSchema),
            json.All("entries", e => new ListingEntry(e.Text("path"), e.Number("mode"), e.Long("size"), e.TextOrNull("sha256"))));
    }

    public static string Key(string artifactKey) => $"{artifactKey}.tree.json";
}

/// <param name="Path">Relative to the folder, slash-separated.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Sha256">Null of a folder.</param>
internal sealed record ListingEntry(string Path, int Mode, long Size, string? Sha256);
