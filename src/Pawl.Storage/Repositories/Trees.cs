using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pawl.Storage.Artifacts;
using Pawl.Storage.Files;

namespace Pawl.Storage.Repositories;

/// <summary>Copies and compares files and folders that need not be in one file system.</summary>
public static class Trees
{
    private const int Permissions = 0b111_111_111;
    private const int Block = 256 * 1024;

    /// <param name="to">Nothing is there; folders above it are made.</param>
    /// <returns>False where nothing is at <paramref name="from"/>.</returns>
    /// <exception cref="UnsafePathException">A link, pipe or device is in it.</exception>
    public static async ValueTask<bool> TryCopyAsync(IDisk disk, string from, string to)
    {
        if (await disk.StatAsync(from) is not { } facts) { return false; }
        await disk.MakeFolderAsync(Path.GetDirectoryName(to)!);
        await CopyAsync(disk, from, to, facts);
        return true;
    }

    /// <summary>Puts a copy in the place of what is there.</summary>
    public static async ValueTask ReplaceAsync(IDisk disk, string from, string to)
    {
        var aside = $"{to}.pawl-part";
        await RemoveAsync(disk, aside);
        if (!await TryCopyAsync(disk, from, aside)) { throw new IOException($"{from}: there is nothing to copy"); }
        if (await disk.StatAsync(to) is { Kind: FileKind.Folder } || await disk.StatAsync(aside) is { Kind: FileKind.Folder }) { await RemoveAsync(disk, to); }
        await disk.RenameAsync(aside, to);
    }

    /// <summary>Over the bytes of a file; of a folder over the names, modes and bytes of all that is in it.</summary>
    /// <returns>Lower-case hex of SHA-256; null where nothing is at the path.</returns>
    /// <exception cref="UnsafePathException">A link, pipe or device is in it.</exception>
    public static async ValueTask<string?> DigestAsync(IDisk disk, string path)
    {
        if (await disk.StatAsync(path) is not { } facts) { return null; }
        if (facts.Kind is FileKind.File)
        {
            await using var file = await disk.OpenReadAsync(path) ?? throw new IOException($"{path}: vanished while it was read");
            return (await Copying.HashAsync(file.ReadAsync, null)).Sha256;
        }
        if (facts.Kind is not FileKind.Folder) { throw new UnsafePathException($"{path}: is neither file nor folder; it is not read"); }
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, _) in await disk.ListAsync(path))
        {
            if (await disk.StatAsync($"{path}/{name}") is not { } below) { continue; }
            var digest = await DigestAsync(disk, $"{path}/{name}");
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{name}\0{below.Kind}\0{below.Mode & Permissions}\0{digest}\0")));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Whatever it is; absent is fine.</summary>
    public static async ValueTask RemoveAsync(IDisk disk, string path)
    {
        switch (await disk.StatAsync(path))
        {
            case null: return;
            case { Kind: FileKind.Folder }: await disk.RemoveTreeAsync(path); return;
            default: await disk.RemoveAsync(path); return;
        }
    }

    private static async ValueTask CopyAsync(IDisk disk, string from, string to, FileFacts facts)
    {
        if (facts.Kind is FileKind.Folder)
        {
            await disk.MakeFolderAsync(to);
            foreach (var (name, _) in await disk.ListAsync(from))
            {
                if (await disk.StatAsync($"{from}/{name}") is { } below) { await CopyAsync(disk, $"{from}/{name}", $"{to}/{name}", below); }
            }
        }
        else if (facts.Kind is FileKind.File) { await CopyFileAsync(disk, from, to); }
        else { throw new UnsafePathException($"{from}: is neither file nor folder; it is not copied"); }
        await disk.SetModeAsync(to, facts.Mode & Permissions);
    }

    private static async ValueTask CopyFileAsync(IDisk disk, string from, string to)
    {
        await using var source = await disk.OpenReadAsync(from) ?? throw new IOException($"{from}: vanished while it was being copied");
        await using var target = await disk.CreateAsync(to);
        var block = new byte[Block];
        var at = 0L;
        for (int read; (read = await source.ReadAsync(block, at)) > 0; at += read) { await target.WriteAsync(block.AsMemory(0, read)); }
    }
}
