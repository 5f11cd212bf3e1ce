using Pawl.Storage.Files;

namespace Pawl.Storage.Stores;

/// <summary>A store in a folder. What it has created or listed is durable, whoever made it.</summary>
/// <param name="disk">Where <paramref name="root"/> is.</param>
/// <param name="root">Absolute; made on the first write. All of it is on one file system.</param>
/// <param name="nonce">Gives each unfinished file a name that no other writer, alive or dead, has used.</param>
/// <param name="boot">Which start of the machine this is; see <see cref="Boot"/>.</param>
/// <remarks>
/// An object is written in <c>.tmp</c> under the root, flushed, and only then given its name: by link(2), which fails if the name exists,
/// or by rename(2) where replacing is meant. Unfinished files are not beside their objects because an object may have any name.
/// </remarks>
public sealed class LocalStore(IDisk disk, string root, Func<string> nonce, string boot) : IObjectStore
{
    private const string Aside = ".tmp";

    // Folders whose own name is known to be durable, and those of which a flush failed, so that nothing in them can be trusted.
    private readonly HashSet<string> _durable = [root];
    private readonly HashSet<string> _broken = [];
    private readonly Lock _known = new();

    public async ValueTask<bool> CreateAsync(string key, ReadOnlyMemory<byte> bytes)
    {
        var path = PathOf(key);
        var folder = await FolderOfAsync(path);
        var aside = await AsideAsync();
        try
        {
            await using (var file = await disk.CreateAsync(aside))
            {
                await file.WriteAsync(bytes);
                await file.FlushAsync();
            }
            if (!await disk.TryLinkAsync(aside, path)) { return false; }
            await FlushAsync(folder);
            return true;
        }
        finally { await disk.RemoveAsync(aside); }
    }

    public async ValueTask<byte[]?> ReadAsync(string key, int limit)
    {
        await using var reader = await OpenReadAsync(key);
        if (reader is null) { return null; }
        if (reader.Length > limit) { throw new IOException($"{key}: {reader.Length} bytes, more than the {limit} allowed; not read"); }
        var bytes = new byte[reader.Length];
        for (var done = 0; done < bytes.Length;)
        {
            var read = await reader.ReadAsync(bytes.AsMemory(done), done);
            if (read == 0) { throw new IOException($"{key}: became shorter while it was read; not read"); }
            done += read;
        }
        return bytes;
    }

    public async ValueTask<IReadOnlyList<string>> ListAsync(string prefix)
    {
        var keys = new List<string>();
        var folders = new Stack<string>([Keys.CheckedPrefix(prefix)]);
        while (folders.TryPop(out var below))
        {
            var folder = $"{root}/{below[..^1]}";
            RefuseBroken(folder);
            var count = keys.Count;
            foreach (var entry in await disk.ListAsync(folder))
            {
                if (entry.Kind == FileKind.File) { keys.Add(below + entry.Name); }
                if (entry.Kind == FileKind.Folder) { folders.Push($"{below}{entry.Name}/"); }
            }
            // Its writer may have died between the name and the flush: what the reader acts on must outlive a power cut.
            if (keys.Count > count) { await FlushAsync(folder); }
        }
        keys.Sort(StringComparer.Ordinal);
        return keys;
    }

    public async ValueTask<IObjectWriter> OpenWriteAsync(string key, int mode)
    {
        var path = PathOf(key);
        var folder = await FolderOfAsync(path);
        var aside = await AsideAsync();
        var file = await disk.CreateAsync(aside);
        var writer = new Writer(this, disk, file, folder, path);
        try
        {
            await disk.SetModeAsync(aside, mode);
            return writer;
        }
        catch
        {
            await writer.DisposeAsync();
            throw;
        }
    }

    public async ValueTask<IObjectReader?> OpenReadAsync(string key)
    {
        var path = PathOf(key);
        RefuseBroken(Parent(path));
        if (await disk.OpenReadAsync(path) is not { } file) { return null; }
        try { return new Reader(file, await file.FactsAsync(), boot); }
        catch
        {
            await file.DisposeAsync();
            throw;
        }
    }

    // The same file under two names: it takes no room, and whoever reads it checks its bytes.
    public async ValueTask CopyAsync(string existing, string key, int mode)
    {
        var (from, path) = (PathOf(existing), PathOf(key));
        RefuseBroken(Parent(from));
        var folder = await FolderOfAsync(path);
        var aside = await AsideAsync();
        try
        {
            if (!await disk.TryLinkAsync(from, aside)) { throw new IOException($"{aside}: exists already; {existing} was not given the key {key}"); }
            await disk.RenameAsync(aside, path);
            await FlushAsync(folder);
        }
        finally { await disk.RemoveAsync(aside); }
    }

    public async ValueTask RemoveAsync(string key)
    {
        if (!key.EndsWith('/'))
        {
            var path = PathOf(key);
            await disk.RemoveAsync(path);
            if (await disk.StatAsync(Parent(path)) is not null) { await FlushAsync(Parent(path)); }
            return;
        }
        var folder = $"{root}/{Keys.CheckedPrefix(key)[..^1]}";
        if ((await disk.StatAsync(folder))?.Kind != FileKind.Folder) { return; }
        // Gone at once for every reader: half a chain would look like a broken one.
        var aside = await AsideAsync();
        if (!await disk.TryRenameNewAsync(folder, aside)) { throw new IOException($"{aside}: exists already; {key} was not removed"); }
        await FlushAsync(Parent(folder));
        lock (_known) { _durable.RemoveWhere(f => f == folder || f.StartsWith(folder + "/", StringComparison.Ordinal)); }
        await disk.RemoveTreeAsync(aside);
    }

    /// <summary>Removes what writers left unfinished that are known to be dead.</summary>
    /// <param name="root">Of the store.</param>
    /// <param name="writer">With this their names begin.</param>
    public static async ValueTask RemoveUnfinishedAsync(IDisk disk, string root, string writer)
    {
        foreach (var entry in await disk.ListAsync($"{root}/{Aside}"))
        {
            if (entry.Name.StartsWith(writer, StringComparison.Ordinal)) { await disk.RemoveAsync($"{root}/{Aside}/{entry.Name}"); }
        }
    }

    private string PathOf(string key) => Keys.Checked(key).StartsWith(Aside + "/", StringComparison.Ordinal) || key == Aside
        ? throw new UnsafePathException($"\"{key}\" cannot be a key: {Aside} holds unfinished objects; refused")
        : $"{root}/{key}";

    private static string Parent(string path) => path[..path.LastIndexOf('/')];

    private async ValueTask<string> AsideAsync()
    {
        await disk.MakeFolderAsync($"{root}/{Aside}");
        return $"{root}/{Aside}/{nonce()}";
    }

    // A folder that is there may have been made by somebody who died before flushing its name, so every name on the way is flushed once.
    private async ValueTask<string> FolderOfAsync(string path)
    {
        var folder = Parent(path);
        RefuseBroken(folder);
        await disk.MakeFolderAsync(folder);
        for (var at = folder; !IsDurable(at); at = Parent(at)) { await FlushAsync(Parent(at)); }
        lock (_known)
        {
            for (var at = folder; _durable.Add(at); at = Parent(at)) { }
        }
        return folder;
    }

    private bool IsDurable(string folder)
    {
        lock (_known) { return _durable.Contains(folder); }
    }

    // A second flush would say yes although the names are lost; so the folder is not trusted again by this process.
    private async ValueTask FlushAsync(string folder)
    {
        RefuseBroken(folder);
        try { await disk.FlushFolderAsync(folder); }
        catch (IOException)
        {
            lock (_known) { _broken.Add(folder); }
            throw;
        }
    }

    private void RefuseBroken(string folder)
    {
        lock (_known)
        {
            if (_broken.Contains(folder)) { throw new IOException($"{folder}: a flush of it failed before; this process does not trust it again"); }
        }
    }

    private sealed class Writer(LocalStore store, IDisk disk, IDiskFile file, string folder, string path) : IObjectWriter
    {
        private bool _committed;

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => file.WriteAsync(bytes);

        public async ValueTask CommitAsync()
        {
            await file.FlushAsync();
            await disk.RenameAsync(file.Path, path);
            _committed = true;
            await store.FlushAsync(folder);
        }

        public async ValueTask DisposeAsync()
        {
            await file.DisposeAsync();
            if (!_committed) { await disk.RemoveAsync(file.Path); }
        }
    }

    private sealed class Reader(IDiskFile file, FileFacts facts, string boot) : IObjectReader
    {
        public long Length => facts.Size;

        public string? Identity { get; } = $"{facts.Device}:{facts.Inode}:{facts.Size}:{facts.Changed}:{boot}";

        public ValueTask<int> ReadAsync(Memory<byte> buffer, long offset) => file.ReadAsync(buffer, offset);

        public ValueTask DisposeAsync() => file.DisposeAsync();
    }
}
