using System.Collections.Immutable;
using Pawl.Core.Chains;
using Pawl.Core.Checkpoints;
using Pawl.Storage.Files;

namespace Pawl.Storage.Checkpoints;

/// <summary>Brings one checkpoint from the store into a folder, every byte verified before it has its name.</summary>
/// <param name="known">Learns which chunks are sound.</param>
internal sealed class Restoring(
    IDisk disk, ChunkStore chunks, CheckpointKeys keys, KnownChunks known, Buffers buffers, Aside aside, string folder, List<CheckpointProblem> problems)
{
    private readonly FolderLayout _layout = new(disk, folder);
    private readonly HashSet<string> _kept = new(StringComparer.Ordinal);
    private readonly Dictionary<(int, string), Chunk> _healed = [];

    /// <summary>The claim under which what the store lost is written again from the folder; null changes nothing in the store.</summary>
    internal int? Claim { get; init; }

    internal bool Durable { get; init; }

    internal long Kept { get; private set; }

    internal long Copied { get; private set; }

    /// <summary>Reads all of it, and builds aside what the folder does not have.</summary>
    /// <returns>The checkpoint as it is in the store by now; null where a part is lost, and the folder is as it was.</returns>
    internal async ValueTask<Checkpoint?> BuildAsync(Entry.Checkpointed entry, CancellationToken stop)
    {
        (Kept, Copied) = (0, 0);
        _kept.Clear();
        _healed.Clear();
        if (CheckpointRules.Problem(entry.Checkpoint) is { } wrong)
        {
            problems.Add(new(entry.Number, "", "", "", wrong, "nothing of it is used"));
            return null;
        }
        await using var ahead = new ReadAhead(chunks, aside, buffers, [.. entry.Checkpoint.Files.SelectMany(f => f.Chunks)]);
        foreach (var file in entry.Checkpoint.Files)
        {
            if (await FileAsync(entry, file, ahead, stop)) { continue; }
            await _layout.ClearAsideAsync();
            return null;
        }
        return _healed.Count == 0 ? entry.Checkpoint : entry.Checkpoint with
        {
            Files = [.. entry.Checkpoint.Files.Select(f => f with { Chunks = [.. f.Chunks.Select(Now)] })],
        };
    }

    internal async ValueTask PutAsync(Checkpoint checkpoint)
    {
        await _layout.PutAsync(checkpoint, _kept, Durable);
        foreach (var file in checkpoint.Files)
        {
            // What was just verified need not be read again for the first save.
            if (Claim is not null && await disk.StatAsync($"{folder}/{file.Path}") is { } facts) { known.Remember(file.Path, facts, file.Chunks); }
        }
    }

    private async ValueTask<bool> FileAsync(Entry.Checkpointed entry, CheckpointFile file, ReadAhead ahead, CancellationToken stop)
    {
        await using var local = await LocalAsync(file);
        var built = local is null ? await _layout.CreateAsideAsync(file) : null;
        try
        {
            var offset = 0L;
            foreach (var chunk in file.Chunks)
            {
                stop.ThrowIfCancellationRequested();
                var (bytes, found) = await ahead.NextAsync();
                var isLocal = local is not null && (found is null
                    ? await IsEqualAsync(local, offset, bytes)
                    : await ReadLocalAsync(local, offset, chunk, bytes));
                if (found is null) { known.Add(chunk); }
                else if (!await LostAsync(entry, file, chunk, found, isLocal, bytes)) { return false; }
                if (!isLocal && built is null)
                {
                    built = await _layout.CreateAsideAsync(file);
                    await CopyStartAsync(local!, file, offset, built);
                }
                if (built is not null) { await built.WriteAsync(bytes); }
                offset += chunk.Size;
            }
            if (built is not null && Durable) { await built.FlushAsync(); }
        }
        finally
        {
            if (built is not null) { await built.DisposeAsync(); }
        }
        if (built is null) { _kept.Add(file.Path); }
        (Kept, Copied) = built is null ? (Kept + file.Size, Copied) : (Kept, Copied + file.Size);
        return true;
    }

    // The same machine again: what the trainer wrote is often still there.
    private async ValueTask<IDiskFile?> LocalAsync(CheckpointFile file)
    {
        IDiskFile? local;
        try { local = await disk.OpenReadBeneathAsync(folder, file.Path); }
        catch (UnsafePathException) { return null; }
        if (local is null || (await local.FactsAsync()).Size == file.Size) { return local; }
        await local.DisposeAsync();
        return null;
    }

    /// <param name="isLocal">The folder has the chunk, and <paramref name="bytes"/> are its.</param>
    /// <returns>Whether the checkpoint is whole all the same.</returns>
    private async ValueTask<bool> LostAsync(Entry.Checkpointed entry, CheckpointFile file, Chunk chunk, string found, bool isLocal, ReadOnlyMemory<byte> bytes)
    {
        known.Remove(chunk.Claim, chunk.Sha256);
        var follows = !isLocal ? "this checkpoint is not used" : "the file in the folder is whole and is used";
        if (Claim is { } claim)
        {
            follows = $"{await QuarantinedAsync(chunk)}{follows}";
            if (isLocal && !_healed.ContainsKey((chunk.Claim, chunk.Sha256)))
            {
                var again = chunk with { Claim = claim };
                await chunks.WriteAsync(again, bytes);
                known.Add(again);
                _healed[(chunk.Claim, chunk.Sha256)] = again;
            }
        }
        problems.Add(CheckpointProblem.Of(entry.Number, file.Path, keys.Of(chunk), chunk, found, follows));
        return isLocal;
    }

    // Where the quarantine is refused, on a full disk say, the chunk stays where it is: it is read and refused again each time.
    private async ValueTask<string> QuarantinedAsync(Chunk chunk)
    {
        try { return await chunks.QuarantineAsync(chunk) is { } key ? $"moved to {key}; " : ""; }
        catch (IOException e) { return $"left there, since it could not be moved to the quarantine ({e.Message}); "; }
    }

    private static async ValueTask CopyStartAsync(IDiskFile local, CheckpointFile file, long length, IDiskFile built)
    {
        var offset = 0L;
        foreach (var chunk in file.Chunks)
        {
            if (offset == length) { return; }
            var bytes = new byte[chunk.Size];
            if (!await ReadLocalAsync(local, offset, chunk, bytes)) { throw new IOException($"{local.Path}: changes while it is restored; end what writes to it"); }
            await built.WriteAsync(bytes);
            offset += chunk.Size;
        }
    }

    private static async ValueTask<bool> ReadLocalAsync(IDiskFile local, long offset, Chunk chunk, Memory<byte> into) =>
        await Digest.Sha256Async(local.ReadAsync, offset, into, null) == chunk.Sha256;

    private static async ValueTask<bool> IsEqualAsync(IDiskFile local, long offset, ReadOnlyMemory<byte> bytes)
    {
        var buffer = new byte[Math.Min(bytes.Length, 128 * 1024)];
        for (var done = 0; done < bytes.Length;)
        {
            var read = await local.ReadAsync(buffer.AsMemory(0, Math.Min(buffer.Length, bytes.Length - done)), offset + done);
            if (read == 0 || !buffer.AsSpan(0, read).SequenceEqual(bytes.Span.Slice(done, read))) { return false; }
            done += read;
        }
        return true;
    }

    private Chunk Now(Chunk chunk) => _healed.GetValueOrDefault((chunk.Claim, chunk.Sha256), chunk);
}
