using System.Formats.Tar;
using System.IO.Compression;
using Pawl.Core.Workflows;
using Pawl.Storage.Files;

namespace Pawl.Storage.Archives;

/// <summary>Unpacks archives that a stranger made: nothing leaves the folder, no link is made, and a bomb does not go off.</summary>
public sealed class Unpacking
{
    /// <summary>Files and folders of one archive.</summary>
    public const int MostEntries = 100_000;

    // Beyond the first 64 MiB, bytes for each byte of the archive: gzip makes 1,000 of one at most, and data seldom more than 20.
    private const int MostGrowth = 100;
    private const long AnyGrowth = 64L << 20;

    private const int Permissions = 0b111_111_111;
    private const int LinkInZip = 0xA000;

    private readonly IDisk _disk;
    private readonly string _root;
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);
    private readonly List<(string Path, int Mode)> _modes = [];
    private long _left;
    private int _entries;

    private Unpacking(IDisk disk, string root, long size) =>
        (_disk, _root, _left) = (disk, root, AnyGrowth + (MostGrowth * size));

    /// <summary>Lays out what a downloaded file holds.</summary>
    /// <param name="file">Is gone afterwards.</param>
    /// <param name="archive">Null unpacks a tarball compressed with gzip, and takes everything else for what is meant.</param>
    /// <param name="path">Nothing is there. An archive with one file or folder at its top becomes that; else this is their folder.</param>
    /// <exception cref="IOException">It is not such an archive, or too large.</exception>
    /// <exception cref="UnsafePathException">It holds a path that leaves the folder, or a link.</exception>
    public static async ValueTask UnpackAsync(IDisk disk, string file, Archive? archive, string path)
    {
        if (archive?.Kind is ArchiveKind.None || (archive is null && !await IsTarballAsync(disk, file)))
        {
            await disk.RenameAsync(file, path);
            return;
        }
        var aside = path + ".pawl-unpacked";
        await disk.RemoveTreeAsync(aside);
        await disk.MakeFolderAsync(aside);
        try
        {
            await using (var packed = await disk.OpenReadAsync(file) ?? throw new IOException($"{file}: vanished before it was unpacked"))
            {
                var size = (await packed.FactsAsync()).Size;
                using var bytes = new ReadingStream(packed, size);
                var unpacking = new Unpacking(disk, aside, size);
                if (archive?.Kind is ArchiveKind.Zip) { await unpacking.ZipAsync(bytes); } else { await unpacking.TarAsync(bytes); }
                foreach (var (entry, mode) in unpacking._modes.OrderByDescending(m => m.Path, StringComparer.Ordinal)) { await disk.SetModeAsync(entry, mode); }
            }
            await disk.RemoveAsync(file);
            var top = await disk.ListAsync(aside);
            var from = top.Count == 1 ? $"{aside}/{top[0].Name}" : aside;
            if (!await disk.TryRenameNewAsync(from, path)) { throw new IOException($"{path}: is there already; the archive was not laid out"); }
        }
        catch (InvalidDataException e)
        {
            throw new IOException($"it is no {(archive?.Kind is ArchiveKind.Zip ? "zip" : "tarball")} that can be unpacked: {e.Message}", e);
        }
        finally { await disk.RemoveTreeAsync(aside); }
    }

    private static async ValueTask<bool> IsTarballAsync(IDisk disk, string file)
    {
        if (await disk.OpenReadAsync(file) is not { } opened) { return false; }
        await using (opened)
        {
            using var bytes = new ReadingStream(opened, (await opened.FactsAsync()).Size);
            if (!IsGzip(bytes)) { return false; }
            var header = new byte[512];
            try
            {
                using var unpacked = new GZipStream(bytes, CompressionMode.Decompress);
                return unpacked.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length && header.AsSpan(257, 5).SequenceEqual("ustar"u8);
            }
            catch (InvalidDataException) { return false; }
        }
    }

    private static bool IsGzip(Stream bytes)
    {
        var is1F8B = bytes.ReadByte() == 0x1F && bytes.ReadByte() == 0x8B;
        bytes.Position = 0;
        return is1F8B;
    }

    private async ValueTask TarAsync(ReadingStream bytes)
    {
        using var unpacked = IsGzip(bytes) ? (Stream)new GZipStream(bytes, CompressionMode.Decompress, leaveOpen: true) : bytes;
        using var tar = new TarReader(unpacked, leaveOpen: true);
        while (tar.GetNextEntry() is { } entry)
        {
            switch (entry.EntryType)
            {
                case TarEntryType.GlobalExtendedAttributes:
                    break;
                case TarEntryType.Directory or TarEntryType.DirectoryList:
                    await FolderAsync(entry.Name, (int)entry.Mode & Permissions);
                    break;
                case TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile:
                    await FileAsync(entry.Name, (int)entry.Mode & Permissions, entry.DataStream ?? Stream.Null);
                    break;
                default:
                    throw new UnsafePathException($"the archive holds '{entry.Name}', which is neither file nor folder but {entry.EntryType}; nothing of it is used");
            }
        }
    }

    private async ValueTask ZipAsync(ReadingStream bytes)
    {
        using var zip = new ZipArchive(bytes, ZipArchiveMode.Read, leaveOpen: true);
        foreach (var entry in zip.Entries)
        {
            var attributes = entry.ExternalAttributes >>> 16;
            if ((attributes & 0xF000) == LinkInZip) { throw new UnsafePathException($"the archive holds '{entry.FullName}', which is a link; nothing of it is used"); }
            var mode = attributes & Permissions;
            if (entry.FullName.EndsWith('/')) { await FolderAsync(entry.FullName, mode == 0 ? 0b111_101_101 : mode); }
            else
            {
                using var content = entry.Open();
                await FileAsync(entry.FullName, mode == 0 ? 0b110_100_100 : mode, content);
            }
        }
    }

    private async ValueTask FolderAsync(string name, int mode)
    {
        if (Inside(name) is not { Length: > 0 } path) { return; }
        Count();
        await MakeAsync(path);
        // Whoever cannot open it could not remove it either.
        _modes.Add(($"{_root}/{path}", mode | 0b111_000_000));
    }

    private async ValueTask FileAsync(string name, int mode, Stream content)
    {
        var path = Inside(name);
        if (path.Length == 0) { throw new UnsafePathException($"the archive holds a file named '{name}'; nothing of it is used"); }
        Count();
        if (path.LastIndexOf('/') is > 0 and var slash) { await MakeAsync(path[..slash]); }
        await using (var file = await _disk.CreateAsync($"{_root}/{path}"))
        {
            var block = new byte[128 * 1024];
            for (int read; (read = content.Read(block)) > 0;)
            {
                if ((_left -= read) < 0) { throw new IOException($"the archive would unpack to more than {MostGrowth} times its size; nothing of it is used"); }
                await file.WriteAsync(block.AsMemory(0, read));
            }
        }
        await _disk.SetModeAsync($"{_root}/{path}", mode);
    }

    private async ValueTask MakeAsync(string path)
    {
        if (_folders.Add(path)) { await _disk.MakeFolderAsync($"{_root}/{path}"); }
    }

    private void Count()
    {
        if (++_entries > MostEntries) { throw new IOException($"the archive holds more than {MostEntries:N0} files and folders; nothing of it is used"); }
    }

    // Relative, without dots; empty of the top itself.
    private static string Inside(string name)
    {
        var parts = name.Split('/').Where(p => p is not ("" or ".")).ToArray();
        return name.StartsWith('/') || parts.Contains("..") || name.Contains('\0')
            ? throw new UnsafePathException($"the archive holds '{name}', a path that leads out of it; nothing of it is used")
            : string.Join('/', parts);
    }
}
