namespace Pawl.Storage.Stores;

/// <summary>Where artifacts and chains are kept: a folder, or a bucket. Keys are slash-separated and relative.</summary>
public interface IObjectStore
{
    /// <summary>Creates a small object, atomically and durably.</summary>
    /// <returns>False where the key exists; nothing changed then.</returns>
    /// <exception cref="IOException">The store refused. It is unknown whether the object exists; reading tells.</exception>
    ValueTask<bool> CreateAsync(string key, ReadOnlyMemory<byte> bytes);

    /// <param name="limit">Longer objects are refused with <see cref="IOException"/>.</param>
    /// <returns>Null where the key is absent.</returns>
    ValueTask<byte[]?> ReadAsync(string key, int limit);

    /// <summary>The keys directly or deeper below a prefix that ends with a slash, in ordinal order.</summary>
    ValueTask<IReadOnlyList<string>> ListAsync(string prefix);

    /// <summary>Opens a large object for writing under a key that nobody reads before an entry names it; replaces what a dead writer left.</summary>
    ValueTask<IObjectWriter> OpenWriteAsync(string key, int mode);

    /// <returns>Null where the key is absent.</returns>
    ValueTask<IObjectReader?> OpenReadAsync(string key);

    /// <summary>Gives an object a second key, under which it stays when the first is removed; takes the place of what is there.</summary>
    /// <exception cref="IOException">Nothing is under <paramref name="existing"/>, or the store refused.</exception>
    async ValueTask CopyAsync(string existing, string key, int mode)
    {
        await using var reader = await OpenReadAsync(existing) ?? throw new IOException($"{existing}: is missing; nothing is under {key}");
        await using var writer = await OpenWriteAsync(key, mode);
        var block = new byte[256 * 1024];
        var at = 0L;
        for (int count; (count = await reader.ReadAsync(block, at)) > 0; at += count) { await writer.WriteAsync(block.AsMemory(0, count)); }
        await writer.CommitAsync();
    }

    /// <summary>Removes an object or all below a prefix that ends with a slash; absent is fine.</summary>
    ValueTask RemoveAsync(string key);
}

public interface IObjectWriter : IAsyncDisposable
{
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Makes the object durable and readable. Disposed without it, nothing is left that counts.</summary>
    ValueTask CommitAsync();
}

public interface IObjectReader : IAsyncDisposable
{
    long Length { get; }

    ValueTask<int> ReadAsync(Memory<byte> buffer, long offset);

    /// <summary>What tells this content apart without reading it, such as device, inode, size and ctime; null where the store has no such thing.</summary>
    string? Identity { get; }
}
