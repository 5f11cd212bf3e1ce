using System.Security.Cryptography;
using Pawl.Core.Checkpoints;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;

namespace Pawl.Storage.Checkpoints;

/// <summary>Parts of files in the store: written once under their writer's claim, and read only whole and verified.</summary>
internal sealed class ChunkStore(IObjectStore store, CheckpointKeys keys, Func<string> nonce)
{
    private const int Mode = 0b110_100_100;
    private const int Block = 256 * 1024;

    /// <summary>Told the bytes of each chunk that was read; on any thread.</summary>
    internal Action<int>? WasRead { get; set; }

    internal async ValueTask<IReadOnlyList<(int Claim, string Sha256)>> ListAsync() =>
        [.. (await store.ListAsync(keys.Chunks)).Select(keys.ChunkOf).OfType<(int, string)>()];

    /// <summary>Durable when it returns.</summary>
    internal async Task WriteAsync(Chunk chunk, ReadOnlyMemory<byte> bytes)
    {
        await using var writer = await store.OpenWriteAsync(keys.Of(chunk), Mode);
        await writer.WriteAsync(bytes);
        await writer.CommitAsync();
    }

    internal ValueTask RemoveAsync(int claim, string sha256) => store.RemoveAsync(keys.Of(claim, sha256));

    /// <summary>Fills the buffer with a chunk.</summary>
    /// <returns>What was found in its place; null where it is the chunk.</returns>
    /// <exception cref="IOException">The store does not answer, which says nothing about the chunk.</exception>
    internal async ValueTask<string?> ReadAsync(Chunk chunk, Memory<byte> buffer)
    {
        // What a wire or a memory did on the way to us is not held against the chunk.
        var found = await ReadOnceAsync(chunk, buffer) is null ? null : await ReadOnceAsync(chunk, buffer);
        WasRead?.Invoke(chunk.Size);
        return found;
    }

    private async ValueTask<string?> ReadOnceAsync(Chunk chunk, Memory<byte> buffer)
    {
        try
        {
            await using var reader = await store.OpenReadAsync(keys.Of(chunk));
            if (reader is null) { return "nothing"; }
            if (reader.Length != chunk.Size) { return $"{reader.Length} bytes"; }
            var bytes = buffer[..chunk.Size];
            var sha256 = await Digest.Sha256Async(reader.ReadAsync, 0, bytes, null);
            return sha256 is null ? "fewer bytes than it had when it was opened"
                : sha256 == chunk.Sha256 ? null
                : $"SHA-256 {sha256}, CRC-32C {Crc32C.Of(bytes.Span):x8}";
        }
        // The medium itself says that these bytes are gone.
        catch (IOException e) when (e.HResult == Errno.Medium) { return $"what cannot be read ({e.Message})"; }
    }

    /// <summary>Copies what is in the place of a chunk to the quarantine and frees its key.</summary>
    /// <returns>Where it is now; null where nothing was there.</returns>
    internal async ValueTask<string?> QuarantineAsync(Chunk chunk)
    {
        var key = keys.Quarantine(chunk.Sha256, nonce());
        await using (var reader = await store.OpenReadAsync(keys.Of(chunk)))
        {
            if (reader is null) { return null; }
            await using var writer = await store.OpenWriteAsync(key, Mode);
            var buffer = new byte[Block];
            var offset = 0L;
            for (int read; (read = await reader.ReadAsync(buffer, offset)) > 0; offset += read) { await writer.WriteAsync(buffer.AsMemory(0, read)); }
            await writer.CommitAsync();
        }
        await RemoveAsync(chunk.Claim, chunk.Sha256);
        return key;
    }
}

/// <summary>What tells the bytes of a chunk from any others.</summary>
/// <param name="Sha256">Lower-case hex.</param>
internal sealed record Digest(string Sha256, uint Crc32C)
{
    // So that the bytes are hashed while they are still in the processor's cache.
    private const int Block = 256 * 1024;

    /// <summary>Told the bytes of each chunk that was read; on any thread.</summary>
    internal Action<int>? WasRead { get; set; }

    /// <summary>Fills a buffer and hashes on the way.</summary>
    /// <returns>Null where the bytes ended before it was full.</returns>
    internal static async ValueTask<Digest?> ReadAsync(Func<Memory<byte>, long, ValueTask<int>> read, long offset, Memory<byte> buffer)
    {
        var crc = 0u;
        var sha256 = await Sha256Async(read, offset, buffer, part => crc = Files.Crc32C.Append(crc, part.Span));
        return sha256 is null ? null : new(sha256, crc);
    }

    /// <summary>The same for bytes that are known by their SHA-256, which leaves a checksum nothing to find.</summary>
    /// <param name="seen">Called with each part as it was read.</param>
    internal static async ValueTask<string?> Sha256Async(Func<Memory<byte>, long, ValueTask<int>> read, long offset, Memory<byte> buffer, Action<ReadOnlyMemory<byte>>? seen)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var done = 0; done < buffer.Length;)
        {
            var part = buffer[done..Math.Min(buffer.Length, done + Block)];
            var count = await read(part, offset + done);
            if (count == 0) { return null; }
            hash.AppendData(part.Span[..count]);
            seen?.Invoke(part[..count]);
            done += count;
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
