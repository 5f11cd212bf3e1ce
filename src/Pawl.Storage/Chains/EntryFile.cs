using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Pawl.Core.Chains;

namespace Pawl.Storage.Chains;

/// <summary>The bytes of one entry: a JSON object whose last property is the SHA-256 of all before it.</summary>
/// <remarks>The next entry names the hash of this one, but the last entry has no next, and it is the one that counts most.</remarks>
internal static class EntryFile
{
    /// <summary>Bytes; the most that is written or read.</summary>
    internal const int Limit = 4 * 1024 * 1024;

    private const string SealStart = ",\"sha256\":\"";
    private const string SealEnd = "\"}";
    private const int SealLength = 11 + 64 + 2;

    internal static byte[] Write(Entry entry)
    {
        var json = EntryJson.Write(entry);
        var body = json.AsSpan(0, json.Length - 1);
        return [.. body, .. Encoding.ASCII.GetBytes(SealStart + Hash(body) + SealEnd)];
    }

    /// <exception cref="ChainBrokenException">The bytes are torn, altered, or of a newer schema.</exception>
    internal static Entry Read(string key, ReadOnlySpan<byte> bytes)
    {
        var body = bytes[..Math.Max(0, bytes.Length - SealLength)];
        if (!bytes[body.Length..].SequenceEqual(Encoding.ASCII.GetBytes(SealStart + Hash(body) + SealEnd)))
        {
            RefuseNewer(key, bytes);
            throw new ChainBrokenException(
                $"{key}: torn or altered ({bytes.Length} bytes that do not match their own SHA-256); nothing of this step is trusted");
        }
        byte[] json = [.. body, (byte)'}'];
        RefuseNewer(key, json);
        try { return EntryJson.Read(json); }
        catch (JsonException e)
        {
            throw new ChainBrokenException($"{key}: is not an entry ({e.Message}); nothing of this step is trusted");
        }
    }

    internal static string Hash(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    // A newer layout need not fit these types, nor be sealed like this.
    private static void RefuseNewer(string key, ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            if (!JsonDocument.TryParseValue(ref reader, out var document)) { return; }
            using (document)
            {
                if (document.RootElement is { ValueKind: JsonValueKind.Object } entry && entry.TryGetProperty("schema", out var schema)
                    && schema.TryGetInt64(out var number) && number > Entry.CurrentSchema)
                {
                    throw new ChainBrokenException(
                        $"{key}: has schema {number}, this program reads up to {Entry.CurrentSchema}; use the program that wrote it, or a newer one");
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) { }   // not JSON at all: the caller says so
    }
}
