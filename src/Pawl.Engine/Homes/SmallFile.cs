using Pawl.Storage.Files;

namespace Pawl.Engine.Homes;

/// <summary>Small files that are there whole or not at all.</summary>
internal static class SmallFile
{
    private const int ForAll = 0b110_100_100;

    /// <summary>Writes aside, flushes, then gives the file its name.</summary>
    /// <param name="nonce">Unused by anybody else; a crash may leave <c>.new-nonce</c> in the folder, which nobody reads.</param>
    /// <returns>False where the name exists; nothing changed then.</returns>
    public static async ValueTask<bool> TryCreateAsync(IDisk disk, string path, ReadOnlyMemory<byte> bytes, string nonce, int mode = ForAll)
    {
        var folder = Path.GetDirectoryName(path)!;
        var aside = await WriteAsideAsync(disk, folder, bytes, nonce, mode);
        var made = await disk.TryLinkAsync(aside, path);
        await disk.RemoveAsync(aside);
        await disk.FlushFolderAsync(folder);
        return made;
    }

    /// <summary>As <see cref="TryCreateAsync"/>, but takes the place of a file of that name.</summary>
    public static async ValueTask ReplaceAsync(IDisk disk, string path, ReadOnlyMemory<byte> bytes, string nonce)
    {
        var folder = Path.GetDirectoryName(path)!;
        await disk.RenameAsync(await WriteAsideAsync(disk, folder, bytes, nonce, ForAll), path);
        await disk.FlushFolderAsync(folder);
    }

    /// <returns>Null where nothing is there.</returns>
    /// <exception cref="IOException">It is longer than <paramref name="limit"/>.</exception>
    public static async ValueTask<byte[]?> ReadAsync(IDisk disk, string path, int limit)
    {
        if (await disk.OpenReadAsync(path) is not { } file) { return null; }
        await using (file)
        {
            var size = (await file.FactsAsync()).Size;
            if (size > limit) { throw new IOException($"{path} has {size} bytes; at most {limit} belong there."); }
            var bytes = new byte[size];
            var length = 0;
            while (length < bytes.Length && await file.ReadAsync(bytes.AsMemory(length), length) is > 0 and var read) { length += read; }
            return length == bytes.Length ? bytes : bytes[..length];
        }
    }

    private static async ValueTask<string> WriteAsideAsync(IDisk disk, string folder, ReadOnlyMemory<byte> bytes, string nonce, int mode)
    {
        var aside = $"{folder}/.new-{nonce}";
        await using var file = await disk.CreateAsync(aside, mode);
        try
        {
            await file.WriteAsync(bytes);
            await file.FlushAsync();
            return aside;
        }
        catch
        {
            await disk.RemoveAsync(aside);
            throw;
        }
    }
}
