using System.Security.Cryptography;

namespace Pawl.Supervision.Checkpoints.Formats;

/// <summary>The checkpoints of pawl's own SDKs: <c>step-12.pawl</c>, each complete in itself, that end with the SHA-256 of all before.</summary>
internal static class DigestFormat
{
    private const int Slice = 1 << 20;

    private static ReadOnlySpan<byte> Magic => "PAWL"u8;

    /// <summary>Reads it all: for where nobody saw how it came to be.</summary>
    public static bool IsWhole(FileBytes file)
    {
        Span<byte> magic = stackalloc byte[4];
        var content = file.Size - SHA256.HashSizeInBytes;
        if (!file.Name.EndsWith(".pawl", StringComparison.Ordinal) || content < magic.Length || !file.TryRead(0, magic) || !magic.SequenceEqual(Magic)) { return false; }
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
}
