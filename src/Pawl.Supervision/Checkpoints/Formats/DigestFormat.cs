using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;

namespace Pawl.Supervision.Checkpoints.Formats;

/// <summary>The checkpoints of pawl's own SDKs: <c>step-12.pawl</c>, each complete in itself, that end with the SHA-256 of all before.</summary>
internal static class DigestFormat
{
    private const string Suffix = ".pawl";
    private const int Slice = 1 << 20;

    // The SDK for Python: magic (8 bytes), length of the header (8), header in JSON. The one for .NET: magic (8), version (4), length (4), header.
    private static ReadOnlySpan<byte> Python => "PAWLCKPT"u8;

    private static ReadOnlySpan<byte> DotNet => "PAWL\r\n\x1a\n"u8;

    public static bool IsNamed(string path) => path.EndsWith(Suffix, StringComparison.Ordinal);

    /// <summary>Reads it all: for where nobody saw how it came to be.</summary>
    /// <param name="fingerprint">One of another fingerprint is not what is asked for; null is any.</param>
    public static bool IsWhole(FileBytes file, string? fingerprint)
    {
        Span<byte> head = stackalloc byte[16];
        var content = file.Size - SHA256.HashSizeInBytes;
        if (!IsNamed(file.Name) || content < head.Length || !file.TryRead(0, head)) { return false; }
        var header = head.StartsWith(Python) ? BinaryPrimitives.ReadInt64LittleEndian(head[8..])
            : head.StartsWith(DotNet) ? BinaryPrimitives.ReadInt32LittleEndian(head[12..])
            : -1;
        if (header < 0 || header > content - head.Length || !HasDigest(file, content)) { return false; }
        var json = new byte[(int)Math.Min(header, Slice)];
        return file.TryRead(head.Length, json) && (fingerprint is null || Fingerprint(json) is not { } its || its.Length == 0 || its == fingerprint);
    }

    private static bool HasDigest(FileBytes file, long content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var slice = new byte[Math.Min(Slice, content)];
        for (var at = 0L; at < content; at += slice.Length)
        {
            var part = slice.AsSpan(0, (int)Math.Min(slice.Length, content - at));
            if (!file.TryRead(at, part)) { return false; }
            hash.AppendData(part);
        }
        Span<byte> said = stackalloc byte[SHA256.HashSizeInBytes];
        return file.TryRead(content, said) && hash.GetHashAndReset().AsSpan().SequenceEqual(said);
    }

    // The header lists every buffer of the state after it, and may be long.
    private static string? Fingerprint(ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, isFinalBlock: false, default);
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1 || !reader.ValueTextEquals("fingerprint"u8)) { continue; }
                return reader.Read() && reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            }
        }
        catch (JsonException) { }
        return null;
    }
}
