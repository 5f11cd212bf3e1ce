using System.Formats.Tar;
using System.IO.Compression;
using Pawl.Core.Workflows;
using Pawl.Storage.Files;

namespace Pawl.Storage.Archives;

/// <summary>Packs a file or folder with fixed order, times and owners, so that equal content has equal bytes.</summary>
public static class Packing
{
    private const int Permissions = 0b111_111_111;
    private const int RegularFile = 0x8000;

    // The earliest time that a zip can say.
    private static readonly DateTimeOffset Zero = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="source">A file or folder without links in it.</param>
    /// <param name="name">What the archive calls it; what is in a folder lies below.</param>
    /// <param name="target">Must not exist.</param>
    public static async ValueTask PackAsync(IDisk disk, string source, string name, Archive archive, string target)
    {
        var entries = await EntriesAsync(disk, source, name);
        await using var file = await disk.CreateAsync(target);
        using var bytes = new WritingStream(file);
        if (archive.Kind is ArchiveKind.Zip) { await ZipAsync(disk, entries, bytes); }
        else { await TarAsync(disk, entries, archive.Level, bytes); }
    }

    private static async ValueTask TarAsync(IDisk disk, List<Entry> entries, int? level, Stream bytes)
    {
        using var packed = new GZipStream(bytes, LevelOf(level), leaveOpen: true);
        using var tar = new TarWriter(packed, TarEntryFormat.Gnu, leaveOpen: true);
        foreach (var entry in entries)
        {
            var header = new GnuTarEntry(entry.IsFolder ? TarEntryType.Directory : TarEntryType.RegularFile, entry.IsFolder ? entry.Name + "/" : entry.Name)
            {
                Mode = (UnixFileMode)entry.Mode,
                ModificationTime = DateTimeOffset.UnixEpoch,
            };
            if (entry.IsFolder)
            {
                tar.WriteEntry(header);
                continue;
            }
            await using var file = await OpenAsync(disk, entry);
            using var content = new ReadingStream(file, (await file.FactsAsync()).Size);
            header.DataStream = content;
            tar.WriteEntry(header);
        }
    }

    private static async ValueTask ZipAsync(IDisk disk, List<Entry> entries, Stream bytes)
    {
        using var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var entry in entries)
        {
            var header = zip.CreateEntry(entry.IsFolder ? entry.Name + "/" : entry.Name);
            header.LastWriteTime = Zero;
            header.ExternalAttributes = ((entry.IsFolder ? 0x4000 : RegularFile) | entry.Mode) << 16;
            if (entry.IsFolder) { continue; }
            await using var file = await OpenAsync(disk, entry);
            using var content = new ReadingStream(file, (await file.FactsAsync()).Size);
            using var packed = header.Open();
            content.CopyTo(packed);
        }
    }

    private static async ValueTask<IDiskFile> OpenAsync(IDisk disk, Entry entry) =>
        await disk.OpenReadAsync(entry.Path) ?? throw new IOException($"{entry.Path}: vanished while it was being packed");

    private static CompressionLevel LevelOf(int? level) => level switch
    {
        null => CompressionLevel.Optimal,
        0 => CompressionLevel.NoCompression,
        <= 3 => CompressionLevel.Fastest,
        >= 8 => CompressionLevel.SmallestSize,
        _ => CompressionLevel.Optimal,
    };

    private static async ValueTask<List<Entry>> EntriesAsync(IDisk disk, string source, string name)
    {
        var found = new List<Entry>();
        var open = new Stack<(string Path, string Name)>([(source, name)]);
        while (open.TryPop(out var next))
        {
            var facts = await disk.StatAsync(next.Path) ?? throw new IOException($"{next.Path}: vanished while it was being packed");
            if (facts.Kind is not (FileKind.File or FileKind.Folder)) { throw new UnsafePathException($"{next.Path}: is neither file nor folder; it is not packed"); }
            found.Add(new Entry(next.Path, next.Name, facts.Kind is FileKind.Folder, facts.Mode & Permissions));
            if (facts.Kind is not FileKind.Folder) { continue; }
            foreach (var child in await disk.ListAsync(next.Path)) { open.Push(($"{next.Path}/{child.Name}", $"{next.Name}/{child.Name}")); }
        }
        found.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return found;
    }

    private sealed record Entry(string Path, string Name, bool IsFolder, int Mode);
}
