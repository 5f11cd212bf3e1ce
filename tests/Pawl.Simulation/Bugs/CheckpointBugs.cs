using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;

namespace Pawl.Simulation.Bugs;

internal static class Chunks
{
    public static bool Is(string key) => key.StartsWith("chunks/", StringComparison.Ordinal);
}

/// <summary>What a chunk's name is given to is not flushed, nor the name.</summary>
internal sealed class ChunksNotFlushed(IObjectStore inner, HashSet<SimProcess> committing, SimProcess process) : ThroughStore(inner)
{
    public override async ValueTask<IObjectWriter> OpenWriteAsync(string key, int mode)
    {
        var writer = await Inner.OpenWriteAsync(key, mode);
        return Chunks.Is(key) ? new Writer(writer, committing, process) : writer;
    }

    private sealed class Writer(IObjectWriter inner, HashSet<SimProcess> committing, SimProcess process) : IObjectWriter
    {
        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes) => inner.WriteAsync(bytes);

        public async ValueTask CommitAsync()
        {
            committing.Add(process);
            try { await inner.CommitAsync(); }
            finally { committing.Remove(process); }
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    public sealed class Disk(IDisk inner, HashSet<SimProcess> committing, SimProcess process) : ThroughDisk(inner)
    {
        public override async ValueTask<IDiskFile> CreateAsync(string path, int mode = 0b110_100_100) => new File(await Inner.CreateAsync(path, mode), committing, process);

        public override ValueTask FlushFolderAsync(string path) => committing.Contains(process) ? ValueTask.CompletedTask : Inner.FlushFolderAsync(path);
    }

    private sealed class File(IDiskFile inner, HashSet<SimProcess> committing, SimProcess process) : ThroughFile(inner)
    {
        public override ValueTask FlushAsync() => committing.Contains(process) ? ValueTask.CompletedTask : Inner.FlushAsync();
    }
}

/// <summary>A chunk is taken for what it was, and what is there now is laid out.</summary>
internal sealed class Unverified(IObjectStore inner, Dictionary<string, byte[]> written) : ThroughStore(inner)
{
    private const string Aside = "/.pawl-restoring/";

    public override async ValueTask<IObjectWriter> OpenWriteAsync(string key, int mode)
    {
        var writer = await Inner.OpenWriteAsync(key, mode);
        return Chunks.Is(key) ? new Writer(writer, written) : writer;
    }

    public override async ValueTask<IObjectReader?> OpenReadAsync(string key) =>
        await Inner.OpenReadAsync(key) is { } reader ? Chunks.Is(key) && written.TryGetValue(key[(key.LastIndexOf('/') + 1)..], out var good) ? new Reader(reader, good) : reader : null;

    private sealed class Writer(IObjectWriter inner, Dictionary<string, byte[]> written) : IObjectWriter
    {
        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
        {
            written[Convert.ToHexStringLower(SHA256.HashData(bytes.Span))] = bytes.ToArray();
            return inner.WriteAsync(bytes);
        }

        public ValueTask CommitAsync() => inner.CommitAsync();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    private sealed class Reader(IObjectReader inner, byte[] good) : IObjectReader
    {
        public long Length => inner.Length;

        public string? Identity => inner.Identity;

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, long offset)
        {
            await inner.ReadAsync(buffer, offset);
            var count = (int)Math.Min(buffer.Length, good.Length - offset);
            good.AsMemory((int)offset, count).CopyTo(buffer);
            return count;
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }

    public sealed class Disk(IDisk inner, World world) : ThroughDisk(inner)
    {
        public override async ValueTask<IDiskFile> CreateAsync(string path, int mode = 0b110_100_100)
        {
            var file = await Inner.CreateAsync(path, mode);
            return path.Contains(Aside, StringComparison.Ordinal) ? new AsItIs(file, world) : file;
        }
    }

    private sealed class AsItIs(IDiskFile inner, World world) : ThroughFile(inner)
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
        {
            var name = Convert.ToHexStringLower(SHA256.HashData(bytes.Span));
            var rotten = world.Disk.Rotted.Where(p => p.EndsWith(name, StringComparison.Ordinal)).Select(p => world.Disk.Find(p)).FirstOrDefault(f => f is not null);
            return Inner.WriteAsync(rotten is null ? bytes : rotten.Content.ToArray());
        }
    }
}

/// <summary>All that a pruned checkpoint was made of goes, whatever else is made of it.</summary>
internal sealed class SharedChunksGo(IObjectStore inner) : ThroughStore(inner)
{
    public override async ValueTask<bool> CreateAsync(string key, ReadOnlyMemory<byte> bytes)
    {
        var created = await Inner.CreateAsync(key, bytes);
        if (!created || !Entries.Is("Pruned", key, bytes)) { return created; }
        var chain = key[..key.LastIndexOf('/')];
        foreach (var number in EntryView.Parse(bytes.Span)!.Pruned)
        {
            var entry = await Inner.ReadAsync(string.Create(CultureInfo.InvariantCulture, $"{chain}/{number}.json"), 1 << 20);
            foreach (var part in EntryView.Parse(entry)!.Checkpoint!.Files.SelectMany(f => f.Parts))
            {
                await Inner.RemoveAsync($"chunks/{chain["steps/".Length..]}/{part}");
            }
        }
        return true;
    }
}

/// <summary>The store says "created" of an entry of one type, though another has its number.</summary>
internal sealed class GoesOnOvertaken(IObjectStore inner, string type) : ThroughStore(inner)
{
    public override async ValueTask<bool> CreateAsync(string key, ReadOnlyMemory<byte> bytes) => await Inner.CreateAsync(key, bytes) || Entries.Is(type, key, bytes);
}

/// <summary>An entry that another has the number of is appended after all, under the next that is free.</summary>
internal sealed class NextNumber(IObjectStore inner, string type) : ThroughStore(inner)
{
    public override async ValueTask<bool> CreateAsync(string key, ReadOnlyMemory<byte> bytes)
    {
        if (await Inner.CreateAsync(key, bytes)) { return true; }
        if (!Entries.Is(type, key, bytes)) { return false; }
        var number = EntryView.Parse(bytes.Span)!.Number;
        for (var next = number + 1; ; next++)
        {
            var text = Encoding.UTF8.GetString(bytes.Span).Replace($"\"number\":{number}", $"\"number\":{next}", StringComparison.Ordinal);
            if (await Inner.CreateAsync(string.Create(CultureInfo.InvariantCulture, $"{key[..key.LastIndexOf('/')]}/{next}.json"), Encoding.UTF8.GetBytes(text))) { return true; }
        }
    }
}

/// <summary>Once an append had no answer, no entry is appended by this process any more.</summary>
internal sealed class NeverSettled(IObjectStore inner) : ThroughStore(inner)
{
    private bool _doubtful;

    public override async ValueTask<bool> CreateAsync(string key, ReadOnlyMemory<byte> bytes)
    {
        if (!Entries.IsEntry(key)) { return await Inner.CreateAsync(key, bytes); }
        if (_doubtful) { throw new IOException($"{key}: an earlier append ended without an answer; open the chain anew"); }
        try { return await Inner.CreateAsync(key, bytes); }
        catch (IOException)
        {
            _doubtful = true;
            throw;
        }
    }
}

/// <summary>What is in a checkpoint folder stays there.</summary>
internal sealed class LeavesCheckpoints(IDisk inner) : ThroughDisk(inner)
{
    public override ValueTask RemoveAsync(string path) => path.Contains("/checkpoint/", StringComparison.Ordinal) ? ValueTask.CompletedTask : Inner.RemoveAsync(path);
}
