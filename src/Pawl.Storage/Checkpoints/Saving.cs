using System.Collections.Immutable;
using Pawl.Core.Chains;
using Pawl.Core.Checkpoints;
using Pawl.Storage.Chains;
using Pawl.Storage.Files;

namespace Pawl.Storage.Checkpoints;

/// <summary>One save: what is whole in the folder is read once, what the store lacks is written, and one entry commits it.</summary>
internal sealed class Saving(
    IDisk disk, ChunkStore chunks, KnownChunks known, Buffers buffers, Aside aside, TimeProvider clock, Chain chain, int claim, string folder, FolderContent content)
{
    private const int Permissions = 0b111_111_111;

    private readonly CheckpointHistory _history = new(chain.Entries);
    private long _uploaded;

    /// <summary>Called before each part is read; may wait, to leave the disk to others.</summary>
    internal Func<CancellationToken, ValueTask>? Pace { get; init; }

    internal required int ChunkSize { get; init; }

    /// <exception cref="OperationCanceledException">Asked for; what was uploaded stays for the next save.</exception>
    internal async ValueTask<Saved> RunAsync(long? step, CancellationToken stop)
    {
        if (chain.Owner is not { } owner || owner.Number != claim) { return new Saved.Overtaken(); }
        known.BeginFor(claim);
        var size = EntrySize.ChunkSize(content, ChunkSize);
        var files = new List<CheckpointFile>(content.Files.Length);
        var biggest = content.Files.Select(f => f.Facts.Size).DefaultIfEmpty(0).Max();
        await using (var uploads = new Uploads(chunks, aside, buffers, (int)Math.Min(size, biggest), known.Add))
        {
            foreach (var file in content.Files)
            {
                if (known.Recall(file) is not { } parts)
                {
                    if (await PartsAsync(file, size, uploads, stop) is not { } read) { return new Saved.Changed(file.Path); }
                    parts = read;
                    known.Remember(file.Path, file.Facts, parts);
                }
                files.Add(new(file.Path, file.Facts.Size, file.Facts.Mode & Permissions, file.Facts.Modified, parts));
            }
            await uploads.LandAllAsync();
        }
        known.Keep(content.Files.Select(f => f.Path));
        var checkpoint = new Checkpoint(step, [.. files], content.Links);
        if (CheckpointRules.Problem(checkpoint) is { } problem) { throw new IOException($"{folder}: {problem}; the checkpoint is not saved"); }
        if (Newest(owner.Fingerprint, checkpoint) is { } same) { return new Saved.Already(same); }
        // What was read first may have changed while the last was read: only together they are a checkpoint.
        if (await ChangedAsync() is { } changed) { return new Saved.Changed(changed); }
        stop.ThrowIfCancellationRequested();
        return await chain.TryAppendAsync(new Entry.Checkpointed(claim, owner.Fingerprint, checkpoint), clock.GetUtcNow())
            ? new Saved.Appended((Entry.Checkpointed)chain.Entries[^1], _uploaded)
            : new Saved.Overtaken();
    }

    /// <returns>Null where the file is not the one that was found whole, or no longer.</returns>
    private async ValueTask<ImmutableArray<Chunk>?> PartsAsync(WholeFile file, int size, Uploads uploads, CancellationToken stop)
    {
        await using var open = await OpenAsync(file);
        if (open is null) { return null; }
        var parts = ImmutableArray.CreateBuilder<Chunk>();
        for (var offset = 0L; offset < file.Facts.Size; offset += size)
        {
            stop.ThrowIfCancellationRequested();
            if (Pace is not null) { await Pace(stop); }
            var count = (int)Math.Min(size, file.Facts.Size - offset);
            var buffer = await uploads.RentAsync();
            if (await Digest.ReadAsync(open.ReadAsync, offset, buffer.AsMemory(0, count)) is not { } digest)
            {
                buffers.Return(buffer);
                return null;
            }
            parts.Add(await StoreAsync(new(claim, digest.Sha256, count, digest.Crc32C), buffer, uploads));
        }
        return await open.FactsAsync() == file.Facts && await IsThereAsync(file) ? parts.ToImmutable() : null;
    }

    private async ValueTask<Chunk> StoreAsync(Chunk chunk, byte[] buffer, Uploads uploads)
    {
        var there = uploads.IsFlying(chunk.Sha256) ? chunk : await known.FindAsync(_history, chunk);
        if (there is not null)
        {
            buffers.Return(buffer);
            return there;
        }
        _uploaded += chunk.Size;
        uploads.Start(chunk, buffer);
        return chunk;
    }

    private async ValueTask<string?> ChangedAsync()
    {
        foreach (var file in content.Files)
        {
            if (!await IsThereAsync(file)) { return file.Path; }
        }
        foreach (var link in content.Links)
        {
            if (await disk.ReadLinkAsync($"{folder}/{link.Path}") is not { } target || FolderContent.TargetOf(folder, link.Path, target) != link.Target) { return link.Path; }
        }
        return null;
    }

    private async ValueTask<bool> IsThereAsync(WholeFile file)
    {
        await using var open = await OpenAsync(file);
        return open is not null;
    }

    private async ValueTask<IDiskFile?> OpenAsync(WholeFile file)
    {
        IDiskFile? open;
        try { open = await disk.OpenReadBeneathAsync(folder, file.Path); }
        // A link or a folder has come into its place.
        catch (UnsafePathException) { return null; }
        if (open is null || await open.FactsAsync() == file.Facts) { return open; }
        await open.DisposeAsync();
        return null;
    }

    // Saving what is saved would push an older checkpoint out of what is kept.
    private Entry.Checkpointed? Newest(string fingerprint, Checkpoint checkpoint) =>
        _history.Restorable(fingerprint).FirstOrDefault() is { } newest
        && (checkpoint.Step is null || checkpoint.Step == newest.Checkpoint.Step) && checkpoint.HoldsSame(newest.Checkpoint)
            ? newest : null;
}
