using Pawl.Storage.Files;

namespace Pawl.Tests.Storage.Artifacts;

/// <summary>The real disk with somebody else at work on it, at just the wrong moment.</summary>
internal sealed class Meddling(IDisk disk) : IDisk
{
    public Action? BeforeOpen { get; init; }

    public Action? AfterFirstRead { get; init; }

    public async ValueTask<IDiskFile?> OpenReadBeneathAsync(string root, string relative)
    {
        BeforeOpen?.Invoke();
        return await disk.OpenReadBeneathAsync(root, relative) is { } file ? new MeddledFile(file, AfterFirstRead) : null;
    }

    public ValueTask<IDiskFile> CreateAsync(string path, int mode) => disk.CreateAsync(path, mode);

    public ValueTask<IDiskFile> OpenAppendAsync(string path) => disk.OpenAppendAsync(path);

    public ValueTask<IDiskFile?> OpenReadAsync(string path) => disk.OpenReadAsync(path);

    public ValueTask<bool> TryLinkAsync(string existing, string name) => disk.TryLinkAsync(existing, name);

    public ValueTask RenameAsync(string from, string to) => disk.RenameAsync(from, to);

    public ValueTask<bool> TryRenameNewAsync(string from, string to) => disk.TryRenameNewAsync(from, to);

    public ValueTask RemoveAsync(string path) => disk.RemoveAsync(path);

    public ValueTask RemoveTreeAsync(string path) => disk.RemoveTreeAsync(path);

    public ValueTask MakeFolderAsync(string path) => disk.MakeFolderAsync(path);

    public ValueTask FlushFolderAsync(string path) => disk.FlushFolderAsync(path);

    public ValueTask<IReadOnlyList<DiskEntry>> ListAsync(string folder) => disk.ListAsync(folder);

    public ValueTask<FileFacts?> StatAsync(string path) => disk.StatAsync(path);

    public ValueTask SetModeAsync(string path, int mode) => disk.SetModeAsync(path, mode);

    public ValueTask SetModifiedAsync(string path, long modified) => disk.SetModifiedAsync(path, modified);

    public ValueTask MakeLinkAsync(string target, string path) => disk.MakeLinkAsync(target, path);

    public ValueTask<string?> ReadLinkAsync(string path) => disk.ReadLinkAsync(path);

    public ValueTask<IHeldLock?> TryLockAsync(string path) => disk.TryLockAsync(path);

    public ValueTask<IHeldLock> LockAsync(string path, CancellationToken stop) => disk.LockAsync(path, stop);

    private sealed class MeddledFile(IDiskFile file, Action? afterFirstRead) : IDiskFile
    {
        private Action? _then = afterFirstRead;

        public string Path => file.Path;

        public ValueTask<FileFacts> FactsAsync() => file.FactsAsync();

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset)
        {
            var read = await file.ReadAsync(buffer, offset);
            Interlocked.Exchange(ref _then, null)?.Invoke();
            return read;
        }

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => file.WriteAsync(bytes);

        public ValueTask FlushAsync() => file.FlushAsync();

        public ValueTask TruncateAsync(long length) => file.TruncateAsync(length);

        public ValueTask DisposeAsync() => file.DisposeAsync();
    }
}
