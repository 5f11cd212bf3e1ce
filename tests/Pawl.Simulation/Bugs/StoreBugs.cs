using System.Text;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;

namespace Pawl.Simulation.Bugs;

internal static class Entries
{
    public static bool IsEntry(string key) => key.StartsWith("steps/", StringComparison.Ordinal);

    public static bool Is(string type, string key, ReadOnlyMemory<byte> bytes) =>
        IsEntry(key) && Encoding.UTF8.GetString(bytes.Span).Contains($"\"type\":\"{type}\"", StringComparison.Ordinal);
}

/// <summary>The store says "created" of what was there.</summary>
internal sealed class SaysCreated(IObjectStore inner) : ThroughStore(inner)
{
    public override async ValueTask<bool> CreateAsync(string key, ReadOnlyMemory<byte> bytes)
    {
        await Inner.CreateAsync(key, bytes);
        return true;
    }
}

/// <summary>Whether the number is free is asked first, and then it is written without asking again.</summary>
internal sealed class CheckedEarly(IObjectStore inner) : ThroughStore(inner)
{
    public override async ValueTask<bool> CreateAsync(string key, ReadOnlyMemory<byte> bytes)
    {
        if (await Inner.OpenReadAsync(key) is { } there)
        {
            await there.DisposeAsync();
            return false;
        }
        await using var writer = await Inner.OpenWriteAsync(key, 0x1A4);
        await writer.WriteAsync(bytes);
        await writer.CommitAsync();
        return true;
    }
}

/// <summary>An entry of a type is never written, or only when something else was.</summary>
internal sealed class Withheld(IObjectStore inner, string type, Func<string, bool>? until = null) : ThroughStore(inner)
{
    private (string Key, byte[] Bytes)? _kept;

    public override async ValueTask<bool> CreateAsync(string key, ReadOnlyMemory<byte> bytes)
    {
        if (Entries.Is(type, key, bytes))
        {
            _kept = (key, bytes.ToArray());
            return true;
        }
        await ReleaseAsync(key);
        return await Inner.CreateAsync(key, bytes);
    }

    public override async ValueTask<IObjectWriter> OpenWriteAsync(string key, int mode)
    {
        await ReleaseAsync(key);
        return await Inner.OpenWriteAsync(key, mode);
    }

    private async ValueTask ReleaseAsync(string key)
    {
        if (_kept is not { } kept || until is null || !until(key)) { return; }
        _kept = null;
        await Inner.CreateAsync(kept.Key, kept.Bytes);
    }
}

/// <summary>What an entry names gets its name only after the entry.</summary>
/// <param name="matches">By key: what is kept back.</param>
internal sealed class CompletedFirst(IObjectStore inner, Func<string, bool> matches) : ThroughStore(inner)
{
    private readonly List<(string Key, int Mode, MemoryStream Bytes)> _kept = [];

    public override ValueTask<IObjectWriter> OpenWriteAsync(string key, int mode)
    {
        if (!matches(key)) { return Inner.OpenWriteAsync(key, mode); }
        var bytes = new MemoryStream();
        _kept.Add((key, mode, bytes));
        return new(new Later(bytes));
    }

    public override async ValueTask<bool> CreateAsync(string key, ReadOnlyMemory<byte> bytes)
    {
        var created = await Inner.CreateAsync(key, bytes);
        foreach (var (kept, mode, content) in _kept)
        {
            await using var writer = await Inner.OpenWriteAsync(kept, mode);
            await writer.WriteAsync(content.ToArray());
            await writer.CommitAsync();
        }
        _kept.Clear();
        return created;
    }

    private sealed class Later(MemoryStream bytes) : IObjectWriter
    {
        public ValueTask WriteAsync(ReadOnlyMemory<byte> more)
        {
            bytes.Write(more.Span);
            return ValueTask.CompletedTask;
        }

        public ValueTask CommitAsync() => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}

/// <summary>While an entry is made, nothing is flushed: it is committed before it is durable.</summary>
internal sealed class CommitBeforeFlush(IObjectStore inner, HashSet<SimProcess> committing, SimProcess process) : ThroughStore(inner)
{
    public override async ValueTask<bool> CreateAsync(string key, ReadOnlyMemory<byte> bytes)
    {
        committing.Add(process);
        try { return await Inner.CreateAsync(key, bytes); }
        finally { committing.Remove(process); }
    }

    public sealed class Disk(IDisk inner, HashSet<SimProcess> committing, SimProcess process) : ThroughDisk(inner)
    {
        public override async ValueTask<IDiskFile> CreateAsync(string path, int mode = 0b110_100_100) =>
            committing.Contains(process) ? new Unflushed(await Inner.CreateAsync(path, mode)) : await Inner.CreateAsync(path, mode);

        public override ValueTask FlushFolderAsync(string path) =>
            committing.Contains(process) ? ValueTask.CompletedTask : Inner.FlushFolderAsync(path);
    }

    private sealed class Unflushed(IDiskFile inner) : ThroughFile(inner)
    {
        public override ValueTask FlushAsync() => ValueTask.CompletedTask;
    }
}
