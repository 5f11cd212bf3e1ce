using System.Collections.Immutable;
using Pawl.Core.Attempts;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;

namespace Pawl.Storage.Artifacts;

/// <summary>Copies one output, which a stranger's program made and may still hold open, into the store.</summary>
internal sealed class Staging(IObjectStore store, IDisk disk, string root, string key)
{
    private const int Permissions = 0b111_111_111;

    internal async ValueTask<ArtifactRef?> RunAsync(string relative)
    {
        var names = relative.Split('/').Where(name => name is not ("" or ".")).ToArray();
        if (relative.StartsWith('/') || names.Contains("..")) { throw new UnsafePathException($"{relative}: leaves {root}; not saved"); }
        var facts = await WalkAsync(names);
        var place = string.Join('/', names);
        switch (facts?.Kind)
        {
            case null:
                return null;
            case FileKind.File:
                var file = await FileAsync(place, key);
                return new(key, file.Sha256, file.Size, ArtifactKind.File, file.Mode);
            default:
                return await FolderAsync(place, facts.Mode & Permissions);
        }
    }

    // Every folder on the way is looked at, since asking for the last one would follow a link before it.
    private async ValueTask<FileFacts?> WalkAsync(string[] names)
    {
        var facts = await disk.StatAsync(root);
        for (var i = 0; i < names.Length && facts is not null; i++)
        {
            var place = string.Join('/', names[..(i + 1)]);
            facts = Acceptable(place, await disk.StatAsync($"{root}/{place}"));
        }
        return facts;
    }

    private async ValueTask<ArtifactRef> FolderAsync(string place, int mode)
    {
        var below = place.Length == 0 ? "" : place + "/";
        var entries = new List<ListingEntry>();
        var folders = new Stack<string>([""]);
        while (folders.TryPop(out var folder))
        {
            foreach (var name in (await disk.ListAsync($"{root}/{below}{folder}".TrimEnd('/'))).Select(e => e.Name))
            {
                var path = folder + name;
                var facts = Acceptable(below + path, await disk.StatAsync($"{root}/{below}{path}")) ?? throw Vanished(below + path);
                if (entries.Count == Listing.MaxEntries)
                {
                    throw new IOException($"{place}: holds more than {Listing.MaxEntries} files and folders; not saved, pack it into one file");
                }
                if (facts.Kind == FileKind.Folder)
                {
                    entries.Add(new(path, facts.Mode & Permissions, 0, null));
                    folders.Push(path + "/");
                    continue;
                }
                var file = await FileAsync(below + path, $"{key}/{path}");
                entries.Add(new(path, file.Mode, file.Size, file.Sha256));
            }
        }
        entries.Sort((a, b) => string.CompareOrdinal(a.Path, b.Path));
        var listing = new Listing(Listing.CurrentSchema, [.. entries]).Bytes();
        if (listing.Length > Listing.MaxSize)
        {
            throw new IOException($"{place}: its listing has more than {Listing.MaxSize} bytes; not saved, pack it into one file");
        }
        // The listing last: it makes a whole of what is there by then.
        await using var writer = await store.OpenWriteAsync(Listing.Key(key), 0b110_100_100);
        var (sha256, _) = await Copying.HashAsync(Bytes(listing), writer.WriteAsync);
        await writer.CommitAsync();
        return new(key, sha256, entries.Sum(e => e.Size), ArtifactKind.Folder, mode);
    }

    private async ValueTask<(string Sha256, long Size, int Mode)> FileAsync(string place, string key)
    {
        await using var file = await disk.OpenReadBeneathAsync(root, place) ?? throw Vanished(place);
        var before = await file.FactsAsync();
        await using var writer = await store.OpenWriteAsync(key, before.Mode & Permissions);
        var (sha256, size) = await Copying.HashAsync(file.ReadAsync, writer.WriteAsync);
        var after = await file.FactsAsync();
        if (size != before.Size || after.Size != before.Size || after.Changed != before.Changed)
        {
            throw new IOException(
                $"{place}: changed while it was being saved ({before.Size} bytes before, {after.Size} after); not saved, end what still writes to it");
        }
        await writer.CommitAsync();
        return (sha256, size, before.Mode & Permissions);
    }

    private FileFacts? Acceptable(string place, FileFacts? facts) => facts?.Kind switch
    {
        FileKind.Link => throw new UnsafePathException($"{place}: is a symbolic link below {root}; links are not saved, write the file itself"),
        FileKind.Other => throw new UnsafePathException($"{place}: is a pipe, socket or device below {root}; only files and folders are saved"),
        _ => facts,
    };

    private static IOException Vanished(string place) => new($"{place}: vanished while it was being saved; not saved");

    private static Func<Memory<byte>, long, ValueTask<int>> Bytes(byte[] bytes) => (buffer, offset) =>
    {
        var count = (int)Math.Min(buffer.Length, bytes.Length - offset);
        bytes.AsSpan((int)offset, count).CopyTo(buffer.Span);
        return new(count);
    };
}
