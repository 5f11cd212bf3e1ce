using System.Buffers;
using System.Security.Cryptography;

namespace Pawl.Storage.Artifacts;

/// <param name="Sha256">Lower-case hex.</param>
/// <param name="Size">Bytes.</param>
internal sealed record Copied(string Sha256, long Size);

/// <summary>Reads bytes once: hashes them, and hands each block on.</summary>
internal static class Copying
{
    private const int Block = 256 * 1024;

    /// <param name="read">Fills a buffer from an offset; 0 at the end.</param>
    /// <param name="write">Takes each block in order.</param>
    internal static async ValueTask<Copied> HashAsync(
        Func<Memory<byte>, long, ValueTask<int>> read, Func<ReadOnlyMemory<byte>, ValueTask>? write)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            var size = 0L;
            for (int count; (count = await read(buffer.AsMemory(0, Block), size)) > 0; size += count)
            {
                hash.AppendData(buffer, 0, count);
                if (write is not null) { await write(buffer.AsMemory(0, count)); }
            }
            return new(Convert.ToHexStringLower(hash.GetHashAndReset()), size);
        }
        finally { ArrayPool<byte>.Shared.Return(buffer); }
    }
}
