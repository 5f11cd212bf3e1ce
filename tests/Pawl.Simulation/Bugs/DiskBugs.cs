using System.Text;
using Pawl.Simulation.Disk;
using Pawl.Storage.Files;

namespace Pawl.Simulation.Bugs;

/// <summary>Files that match are never flushed.</summary>
internal sealed class NoFlush(IDisk inner, Func<string, bool> matches) : ThroughDisk(inner)
{
    public override async ValueTask<IDiskFile> CreateAsync(string path, int mode = 0b110_100_100) => Wrap(path, await Inner.CreateAsync(path, mode));

    public override async ValueTask<IDiskFile> OpenAppendAsync(string path) => Wrap(path, await Inner.OpenAppendAsync(path));

    private IDiskFile Wrap(string path, IDiskFile file) => matches(path) ? new Unflushed(file) : file;

    private sealed class Unflushed(IDiskFile inner) : ThroughFile(inner)
    {
        public override ValueTask FlushAsync() => ValueTask.CompletedTask;
    }
}

internal sealed class NoFolderFlush(IDisk inner) : ThroughDisk(inner)
{
    public override ValueTask FlushFolderAsync(string path) => ValueTask.CompletedTask;
}

/// <summary>A failed flush is taken for a flush, as the runtime's own does.</summary>
internal sealed class FlushErrorsSwallowed(IDisk inner) : ThroughDisk(inner)
{
    public override async ValueTask<IDiskFile> CreateAsync(string path, int mode = 0b110_100_100) => new Swallowing(await Inner.CreateAsync(path, mode));

    public override async ValueTask<IDiskFile> OpenAppendAsync(string path) => new Swallowing(await Inner.OpenAppendAsync(path));

    private sealed class Swallowing(IDiskFile inner) : ThroughFile(inner)
    {
        public override async ValueTask FlushAsync()
        {
            try { await Inner.FlushAsync(); }
            catch (IOException) { return; }
        }
    }
}

/// <summary>A link replaces what has the name.</summary>
internal sealed class LinkOverwrites(IDisk inner) : ThroughDisk(inner)
{
    public override async ValueTask<bool> TryLinkAsync(string existing, string name)
    {
        if (await Inner.TryLinkAsync(existing, name)) { return true; }
        await Inner.RemoveAsync(name);
        return await Inner.TryLinkAsync(existing, name);
    }
}

/// <summary>A rename is a copy under the new name, which is there before it is whole.</summary>
internal sealed class RenameInSteps(IDisk inner) : ThroughDisk(inner)
{
    public override async ValueTask RenameAsync(string from, string to)
    {
        await Inner.RemoveAsync(to);
        await using (var source = await Inner.OpenReadAsync(from))
        {
            await using var target = await Inner.CreateAsync(to);
            var bytes = new byte[(await source!.FactsAsync()).Size];
            await source.ReadAsync(bytes, 0);
            await target.WriteAsync(bytes.AsMemory(0, bytes.Length / 2));
            await target.WriteAsync(bytes.AsMemory(bytes.Length / 2));
            await target.FlushAsync();
        }
        await Inner.RemoveAsync(from);
    }
}

/// <summary>A write that was cut short is not gone on with.</summary>
internal sealed class ShortWrites(IDisk inner) : ThroughDisk(inner)
{
    public override async ValueTask<IDiskFile> CreateAsync(string path, int mode = 0b110_100_100) => new Cut(await Inner.CreateAsync(path, mode));

    private sealed class Cut(IDiskFile inner) : ThroughFile(inner)
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => Inner.WriteAsync(bytes[..Math.Min(bytes.Length, 2048)]);
    }
}

/// <summary>A lock that somebody holds is given out again.</summary>
internal sealed class LockAlwaysGranted(IDisk inner, Func<string, bool> matches) : ThroughDisk(inner)
{
    public override async ValueTask<IHeldLock?> TryLockAsync(string path) => await Inner.TryLockAsync(path) ?? (matches(path) ? new NoLock(path) : null);

    private sealed class NoLock(string path) : IHeldLock
    {
        public string Path => path;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>The lock is not the process's own and outlives it, like a lock file that is only made and removed.</summary>
internal sealed class LockOutlives(SimProcess process, IDisk inner) : ThroughDisk(inner)
{
    public override async ValueTask<IHeldLock?> TryLockAsync(string path)
    {
        var held = await Inner.TryLockAsync(path);
        if (held is SimHeldLock mine && process.World.Processes.Find(p => p.Role is Role.User) is { } immortal)
        {
            process.Locks.Remove(mine.Lock);
            immortal.Locks.Add(mine.Lock);
        }
        return held;
    }
}

/// <summary>What is read is not what is there.</summary>
internal sealed class Misread(IDisk inner, Func<string, bool> matches, Func<string, string> how) : ThroughDisk(inner)
{
    public override async ValueTask<IDiskFile?> OpenReadAsync(string path)
    {
        var file = await Inner.OpenReadAsync(path);
        if (file is null || !matches(path)) { return file; }
        var bytes = new byte[(await file.FactsAsync()).Size];
        await file.ReadAsync(bytes, 0);
        return new Altered(file, Encoding.UTF8.GetBytes(how(Encoding.UTF8.GetString(bytes))));
    }

    private sealed class Altered(IDiskFile inner, byte[] bytes) : ThroughFile(inner)
    {
        public override async ValueTask<FileFacts> FactsAsync() => await Inner.FactsAsync() with { Size = bytes.Length };

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset)
        {
            await Inner.ReadAsync(Memory<byte>.Empty, 0);
            var count = (int)Math.Min(buffer.Length, Math.Max(0, bytes.Length - offset));
            bytes.AsMemory((int)Math.Min(offset, bytes.Length), count).CopyTo(buffer);
            return count;
        }
    }
}

/// <summary>A file seems not to be there, or another is found in its place.</summary>
internal sealed class Misplaced(IDisk inner, Func<string, string?> instead) : ThroughDisk(inner)
{
    public override async ValueTask<IDiskFile?> OpenReadAsync(string path) => instead(path) is { } other ? await Inner.OpenReadAsync(other) : null;
}

/// <summary>A file is removed as soon as it was read, before what it says was written down.</summary>
internal sealed class RemovedWhenRead(IDisk inner, Func<string, bool> matches) : ThroughDisk(inner)
{
    public override async ValueTask<IDiskFile?> OpenReadAsync(string path)
    {
        var file = await Inner.OpenReadAsync(path);
        if (file is not null && matches(path))
        {
            await Inner.RemoveAsync(path);
            await Inner.FlushFolderAsync(path[..path.LastIndexOf('/')]);
        }
        return file;
    }
}
