using Pawl.Core.Checkpoints;
using Pawl.Storage.Files;

namespace Pawl.Storage.Checkpoints;

/// <summary>Makes a folder hold one checkpoint and nothing else.</summary>
/// <remarks>
/// New content is built in a folder inside it, so that it is on the same file system even where the folder is a mount of its own, and comes to
/// its place by renames. Killed on the way it holds some of both; nobody starts on that, since the next restore does all of it again.
/// </remarks>
internal sealed class FolderLayout(IDisk disk, string folder)
{
    private string Aside => $"{folder}/{CheckpointRules.Aside}";

    internal string AsideOf(CheckpointFile file) => $"{Aside}/{file.Path}";

    /// <summary>Removes what a dead restore left and all files that are in none of these checkpoints; what is left may be worth a look.</summary>
    internal async ValueTask ClearAsync(IReadOnlyCollection<Checkpoint> useful)
    {
        await disk.MakeFolderAsync(folder);
        if (useful.Count == 0)
        {
            await ClearAsync(new HashSet<string>(StringComparer.Ordinal), _ => new(false));
            return;
        }
        var files = useful.SelectMany(c => c.Files).Select(f => (f.Path, f.Size)).ToHashSet();
        await ClearAsync(files.Select(f => f.Path).ToHashSet(StringComparer.Ordinal), async path =>
            await disk.StatAsync($"{folder}/{path}") is { Kind: FileKind.File } facts && files.Contains((path, facts.Size)));
    }

    /// <summary>Makes room for a file to be built.</summary>
    internal async ValueTask<IDiskFile> CreateAsideAsync(CheckpointFile file)
    {
        var path = AsideOf(file);
        await disk.MakeFolderAsync(path[..path.LastIndexOf('/')]);
        return await disk.CreateAsync(path, 0b110_000_000);
    }

    internal ValueTask ClearAsideAsync() => disk.RemoveTreeAsync(Aside);

    /// <param name="kept">Paths of files that are in their place already; all others were built aside.</param>
    /// <param name="durable">Flush all of it: for a copy that is not made again from the store.</param>
    internal async ValueTask PutAsync(Checkpoint checkpoint, IReadOnlySet<string> kept, bool durable)
    {
        await ClearAsync(kept, path => new(kept.Contains(path)), leaveAside: true);
        foreach (var file in checkpoint.Files)
        {
            var place = $"{folder}/{file.Path}";
            if (kept.Contains(file.Path))
            {
                await SetAsync(place, file);
                continue;
            }
            await SetAsync(AsideOf(file), file);
            await disk.MakeFolderAsync(place[..place.LastIndexOf('/')]);
            await disk.RenameAsync(AsideOf(file), place);
        }
        foreach (var link in checkpoint.Links)
        {
            var place = $"{folder}/{link.Path}";
            await disk.MakeFolderAsync(place[..place.LastIndexOf('/')]);
            await disk.MakeLinkAsync(link.Target, place);
        }
        await ClearAsideAsync();
        if (!durable) { return; }
        var paths = checkpoint.Files.Select(f => f.Path).Concat(checkpoint.Links.Select(l => l.Path));
        foreach (var below in paths.SelectMany(Folders).Append("").Distinct()) { await disk.FlushFolderAsync($"{folder}/{below}".TrimEnd('/')); }
    }

    private async ValueTask SetAsync(string path, CheckpointFile file)
    {
        if (await disk.StatAsync(path) is { } facts && facts.Mode == file.Mode && facts.Modified == file.Modified) { return; }
        await disk.SetModeAsync(path, file.Mode);
        await disk.SetModifiedAsync(path, file.Modified);
    }

    private async ValueTask ClearAsync(IReadOnlySet<string> paths, Func<string, ValueTask<bool>> stays, bool leaveAside = false)
    {
        var needed = paths.SelectMany(Folders).ToHashSet(StringComparer.Ordinal);
        var folders = new Stack<string>([""]);
        while (folders.TryPop(out var below))
        {
            foreach (var entry in await disk.ListAsync($"{folder}/{below}".TrimEnd('/')))
            {
                var path = below + entry.Name;
                if (leaveAside && path == CheckpointRules.Aside) { continue; }
                if (entry.Kind == FileKind.Folder && needed.Contains(path)) { folders.Push(path + "/"); }
                else if (entry.Kind == FileKind.Folder) { await disk.RemoveTreeAsync($"{folder}/{path}"); }
                else if (!paths.Contains(path) || !await stays(path)) { await disk.RemoveAsync($"{folder}/{path}"); }
            }
        }
    }

    private static IEnumerable<string> Folders(string path)
    {
        for (var slash = path.IndexOf('/'); slash >= 0; slash = path.IndexOf('/', slash + 1)) { yield return path[..slash]; }
    }
}
