using Pawl.Storage.Files;
using Pawl.Storage.Stores;

namespace Pawl.Simulation.Bugs;

/// <summary>A disk that does as the one behind it: what a planted bug changes one call of.</summary>
public abstract class ThroughDisk(IDisk inner) : IDisk
{
    protected IDisk Inner { get; } = inner;

    public virtual ValueTask<IDiskFile> CreateAsync(string path, int mode = 0b110_100_100) => Inner.CreateAsync(path, mode);

    public virtual ValueTask<IDiskFile> OpenAppendAsync(string path) => Inner.OpenAppendAsync(path);

    public virtual ValueTask<IDiskFile?> OpenReadAsync(string path) => Inner.OpenReadAsync(path);

    public virtual ValueTask<IDiskFile?> OpenReadBeneathAsync(string root, string relative) => Inner.OpenReadBeneathAsync(root, relative);

    public virtual ValueTask<bool> TryLinkAsync(string existing, string name) => Inner.TryLinkAsync(existing, name);

    public virtual ValueTask RenameAsync(string from, string to) => Inner.RenameAsync(from, to);

    public virtual ValueTask<bool> TryRenameNewAsync(string from, string to) => Inner.TryRenameNewAsync(from, to);

    public virtual ValueTask RemoveAsync(string path) => Inner.RemoveAsync(path);

    public virtual ValueTask RemoveTreeAsync(string path) => Inner.RemoveTreeAsync(path);

    public virtual ValueTask MakeFolderAsync(string path) => Inner.MakeFolderAsync(path);

    public virtual ValueTask FlushFolderAsync(string path) => Inner.FlushFolderAsync(path);

    public virtual ValueTask<IReadOnlyList<DiskEntry>> ListAsync(string folder) => Inner.ListAsync(folder);

    public virtual ValueTask<FileFacts?> StatAsync(string path) => Inner.StatAsync(path);

    public virtual ValueTask SetModeAsync(string path, int mode) => Inner.SetModeAsync(path, mode);

    public virtual ValueTask SetModifiedAsync(string path, long modified) => Inner.SetModifiedAsync(path, modified);

    public virtual ValueTask MakeLinkAsync(string target, string path) => Inner.MakeLinkAsync(target, path);

    public virtual ValueTask<string?> ReadLinkAsync(string path) => Inner.ReadLinkAsync(path);

    public virtual ValueTask<IHeldLock?> TryLockAsync(string path) => Inner.TryLockAsync(path);

    public virtual ValueTask<IHeldLock> LockAsync(string path, CancellationToken stop) => Inner.LockAsync(path, stop);
}

public abstract class ThroughFile(IDiskFile inner) : IDiskFile
{
    protected IDiskFile Inner { get; } = inner;

    public string Path => Inner.Path;

    public virtual ValueTask<FileFacts> FactsAsync() => Inner.FactsAsync();

    public virtual ValueTask<int> ReadAsync(Memory<byte> buffer, long offset) => Inner.ReadAsync(buffer, offset);

    public virtual ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => Inner.WriteAsync(bytes);

    public virtual ValueTask FlushAsync() => Inner.FlushAsync();

    public virtual ValueTask TruncateAsync(long length) => Inner.TruncateAsync(length);

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Inner.DisposeAsync();
    }
}

public abstract class ThroughStore(IObjectStore inner) : IObjectStore
{
    protected IObjectStore Inner { get; } = inner;

    public virtual ValueTask<bool> CreateAsync(string key, ReadOnlyMemory<byte> bytes) => Inner.CreateAsync(key, bytes);

    public virtual ValueTask<byte[]?> ReadAsync(string key, int limit) => Inner.ReadAsync(key, limit);

    public virtual ValueTask<IReadOnlyList<string>> ListAsync(string prefix) => Inner.ListAsync(prefix);

    public virtual ValueTask<IObjectWriter> OpenWriteAsync(string key, int mode) => Inner.OpenWriteAsync(key, mode);

    public virtual ValueTask<IObjectReader?> OpenReadAsync(string key) => Inner.OpenReadAsync(key);

    public virtual ValueTask RemoveAsync(string key) => Inner.RemoveAsync(key);
}
