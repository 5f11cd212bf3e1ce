using Pawl.Storage.Files;

namespace Pawl.Simulation.Disk;

/// <summary>The disk as one process sees it: every call is a turn of the world, and may fail as the faults say.</summary>
public sealed class SimDisk(SimProcess process) : IDisk
{
    private readonly World _world = process.World;
    private readonly DiskState _disk = process.World.Disk;

    /// <summary>For programs: their own disk trouble is not what is tried here.</summary>
    public bool IsPerfect { get; init; }

    public async ValueTask<IDiskFile> CreateAsync(string path, int mode)
    {
        await Call("create", path);
        var file = new SimDiskFile(process, Faults, _disk.Create(path, mode), path);
        FailAfter("create", path);
        return file;
    }

    public async ValueTask<IDiskFile> OpenAppendAsync(string path)
    {
        await Call("append", path);
        return new SimDiskFile(process, Faults, _disk.FindFile(path) ?? _disk.Create(path, 0x1A4), path);
    }

    public async ValueTask<IDiskFile?> OpenReadAsync(string path)
    {
        await Call("open", path);
        return _disk.FindFile(path) is { } file ? new SimDiskFile(process, Faults, file, path) : null;
    }

    public async ValueTask<IDiskFile?> OpenReadBeneathAsync(string root, string relative)
    {
        await Call("open", $"{root}/{relative}");
        return _disk.FindBeneath(root, relative) is { } file ? new SimDiskFile(process, Faults, file, $"{root}/{relative}") : null;
    }

    public async ValueTask<bool> TryLinkAsync(string existing, string name)
    {
        await Call("link", name);
        var linked = _disk.TryLink(existing, name);
        FailAfter("link", name);
        return linked;
    }

    public async ValueTask RenameAsync(string from, string to)
    {
        await Call("rename", to);
        _disk.Rename(from, to);
        FailAfter("rename", to);
    }

    public async ValueTask<bool> TryRenameNewAsync(string from, string to)
    {
        await Call("rename new", to);
        var renamed = _disk.TryRenameNew(from, to);
        FailAfter("rename new", to);
        return renamed;
    }

    public async ValueTask RemoveAsync(string path)
    {
        await Call("remove", path);
        _disk.Remove(path);
    }

    public async ValueTask RemoveTreeAsync(string path)
    {
        await Call("remove tree", path);
        _disk.RemoveTree(path);
    }

    public async ValueTask MakeFolderAsync(string path)
    {
        await Call("mkdir", path);
        _disk.MakeFolder(path);
    }

    public async ValueTask FlushFolderAsync(string path)
    {
        await Call("flush dir", path);
        _disk.FlushFolder(path);
    }

    public async ValueTask<IReadOnlyList<DiskEntry>> ListAsync(string folder)
    {
        await Call("list", folder);
        return _disk.List(folder);
    }

    public async ValueTask<FileFacts?> StatAsync(string path)
    {
        await Call("stat", path);
        return _disk.Find(path) is { } there ? SimDiskFile.FactsOf(there) : null;
    }

    public async ValueTask SetModeAsync(string path, int mode)
    {
        await Call("chmod", path);
        var there = _disk.Find(path, followLast: true) ?? throw new IOException($"{path} is not there");
        there.Mode = mode;
        there.Changed = _world.Timeline.Ticks * 100;
    }

    public async ValueTask SetModifiedAsync(string path, long modified)
    {
        await Call("utimes", path);
        var there = _disk.Find(path) ?? throw new IOException($"{path} is not there");
        there.Modified = modified;
        there.Changed = _world.Timeline.Ticks * 100;
    }

    public async ValueTask MakeLinkAsync(string target, string path)
    {
        await Call("symlink", path);
        if (_disk.Find(path) is not null) { throw new IOException($"{path} exists"); }
        _disk.MakeLink(target, path);
        FailAfter("symlink", path);
    }

    public async ValueTask<string?> ReadLinkAsync(string path)
    {
        await Call("readlink", path);
        return _disk.Find(path) is { Kind: FileKind.Link } link ? link.Target : null;
    }

    public async ValueTask<IHeldLock?> TryLockAsync(string path)
    {
        await Call("try lock", path);
        var taken = LockOf(path);
        return taken.TryTake(process) ? new SimHeldLock(taken) : null;
    }

    public async ValueTask<IHeldLock> LockAsync(string path, CancellationToken stop)
    {
        await Call("lock", path);
        stop.ThrowIfCancellationRequested();
        var wanted = LockOf(path);
        var granted = new TaskCompletionSource();
        var leave = wanted.Wait(process, () => _world.Ready(new Parked(process, () =>
        {
            _world.Note(process, "locked", path);
            granted.TrySetResult();
        })));
        using var cancel = stop.Register(() =>
        {
            if (granted.TrySetCanceled(stop)) { Leave(wanted, leave); }
        });
        await granted.Task;
        return new SimHeldLock(wanted);
    }

    // A lock that was granted while its waiter gave up is nobody's.
    private void Leave(SimLock wanted, Action leave)
    {
        leave();
        if (wanted.Owner == process) { wanted.Free(); }
    }

    private SimLock LockOf(string path)
    {
        var file = _disk.FindFile(path) ?? _disk.Create(path, 0x1A4);
        return file.Lock ??= new SimLock(_world, path);
    }

    private async Task Call(string call, string path)
    {
        await _world.Turn(process, call, path);
        Faults?.FailBefore(process, call, path);
    }

    private Faults? Faults => IsPerfect ? null : _world.Faults;

    private void FailAfter(string call, string path) => Faults?.FailAfter(process, call, path);
}

/// <summary>An open file of a process: it stays the same file when its name changes or goes.</summary>
public sealed class SimDiskFile(SimProcess process, Faults? faults, Inode file, string path) : IDiskFile
{
    private readonly World _world = process.World;

    public string Path => path;

    public static FileFacts FactsOf(Inode there) => new(there.Kind, there.Length, there.Mode, Device: 1, there.Number, there.Changed, there.Modified);

    public async ValueTask<FileFacts> FactsAsync()
    {
        await Call("fstat");
        return FactsOf(file);
    }

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset)
    {
        await Call("read");
        return file.Read(buffer.Span, offset);
    }

    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        await _world.Turn(process, "write", path);
        if (faults?.ShortWrite(process, path) is { } error)
        {
            _world.Disk.Append(file, bytes.Span[..(bytes.Length / 2)], path);
            throw error;
        }
        _world.Disk.Append(file, bytes.Span, path);
    }

    public async ValueTask FlushAsync()
    {
        await _world.Turn(process, "flush", path);
        if (faults?.FailedFlush(process, path) is { } error)
        {
            file.FailFlush();
            throw error;
        }
        file.Flush();
    }

    public async ValueTask TruncateAsync(long length)
    {
        await Call("truncate");
        _world.Disk.Truncate(file, (int)length);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task Call(string call)
    {
        await _world.Turn(process, call, path);
        faults?.FailBefore(process, call, path);
    }
}

/// <summary>A lock in the hands of a process; disposed after it was handed on, it frees nothing.</summary>
public sealed class SimHeldLock(SimLock held) : IHeldLock
{
    private readonly int _grant = held.Grant;

    public string Path => held.Path;

    public SimLock Lock => held;

    public ValueTask DisposeAsync()
    {
        if (held.Grant == _grant && held.Owner is not null) { held.Free(); }
        return ValueTask.CompletedTask;
    }
}
