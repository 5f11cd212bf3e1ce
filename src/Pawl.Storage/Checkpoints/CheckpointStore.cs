using System.Collections.Immutable;
using Pawl.Core.Chains;
using Pawl.Core.Checkpoints;
using Pawl.Storage.Chains;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;

namespace Pawl.Storage.Checkpoints;

/// <summary>The checkpoints of one step: parts of files by their content, and one entry in the step's chain that commits them.</summary>
/// <remarks>
/// An owner writes chunks only under the number of its own claim, and removes only what a <see cref="Entry.Pruned"/> in the chain gave up
/// before; so a late owner, stopped anywhere, can neither replace nor take away what a newer one counts on. One call at a time.
/// </remarks>
/// <param name="disk">Of the checkpoint folder.</param>
/// <param name="nonce">A new text each time.</param>
public sealed class CheckpointStore(IObjectStore store, IDisk disk, TimeProvider clock, Func<string> nonce, string runId, string step)
{
    private readonly CheckpointKeys _keys = new(runId, step);
    private readonly Buffers _buffers = new();
    private readonly ChunkStore _chunks = new(store, new CheckpointKeys(runId, step), nonce);
    private KnownChunks? _known;
    private int? _verified;

    /// <summary>Bytes. Big enough that the flush of a chunk costs little of its writing, small enough that five are little memory.</summary>
    public int ChunkSize { get; init; } = 8 * 1024 * 1024;

    /// <summary>How reading and writing overlap; in line where nothing is said.</summary>
    public Aside Aside { get; init; } = work => work();

    /// <summary>Told the bytes of each chunk that was read from the store; on any thread.</summary>
    public Action<int>? WasRead { init => _chunks.WasRead = value; }

    private KnownChunks Known => _known ??= new(_chunks);

    /// <summary>Removes the checkpoints of every step of a run, whose chains are gone.</summary>
    public static async ValueTask RemoveAllAsync(IObjectStore store, string runId)
    {
        foreach (var prefix in CheckpointKeys.Of(runId)) { await store.RemoveAsync(prefix); }
    }

    /// <summary>Saves what is whole in a folder as one checkpoint, or not at all.</summary>
    /// <param name="claim">Number of this process's claim, whose fingerprint is the checkpoint's.</param>
    /// <param name="trainerStep">The last one done, where the trainer said so.</param>
    /// <param name="pace">Called before each part is read; may wait, to leave the disk to others.</param>
    /// <param name="stop">Honoured between parts; what was uploaded stays, and shortens the next save.</param>
    /// <exception cref="IOException">The folder or the store refused, or it is more than an entry can name. Nothing was appended, or, after an append
    /// without an answer, it is unknown: open the chain anew.</exception>
    public ValueTask<Saved> SaveAsync(
        Chain chain, int claim, string folder, FolderContent content, long? trainerStep, Func<CancellationToken, ValueTask>? pace, CancellationToken stop) =>
        new Saving(disk, _chunks, Known, _buffers, Aside, clock, chain, claim, folder, content) { Pace = pace, ChunkSize = ChunkSize }.RunAsync(trainerStep, stop);

    /// <summary>Makes a folder hold the newest checkpoint of a fingerprint that verifies, and nothing else.</summary>
    /// <param name="claim">Number of this process's claim.</param>
    /// <param name="folder">Nobody writes to it meanwhile. Made when absent.</param>
    /// <exception cref="IOException">The disk refused, or the store does not answer. Nobody may start on the folder; the call can be repeated.</exception>
    public async ValueTask<Restored> RestoreAsync(Chain chain, int claim, string fingerprint, string folder, CancellationToken stop)
    {
        if (chain.Owner?.Number != claim) { return new Restored.Overtaken([]); }
        Known.BeginFor(claim);
        var candidates = new CheckpointHistory(chain.Entries).Restorable(fingerprint).ToList();
        var problems = new List<CheckpointProblem>();
        var layout = new FolderLayout(disk, folder);
        await layout.ClearAsync([.. candidates.Select(e => e.Checkpoint)]);
        if (candidates.Count == 0) { return new Restored.None([]); }
        var restoring = new Restoring(disk, _chunks, _keys, Known, _buffers, Aside, folder, problems) { Claim = claim };
        foreach (var candidate in candidates)
        {
            if (await restoring.BuildAsync(candidate, stop) is not { } checkpoint) { continue; }
            var entry = candidate;
            if (checkpoint != candidate.Checkpoint)
            {
                // What was written again has another name, so another entry must say it.
                if (!await chain.TryAppendAsync(new Entry.Checkpointed(claim, fingerprint, checkpoint), clock.GetUtcNow())) { return new Restored.Overtaken([.. problems]); }
                entry = (Entry.Checkpointed)chain.Entries[^1];
            }
            await restoring.PutAsync(checkpoint);
            _verified = entry.Number;
            return new Restored.From(entry, restoring.Kept, restoring.Copied, [.. problems]);
        }
        await layout.ClearAsync([]);
        return new Restored.None([.. problems]);
    }

    /// <summary>Reads all chunks of a checkpoint and changes nothing.</summary>
    /// <returns>All that is wrong with it.</returns>
    public async ValueTask<ImmutableArray<CheckpointProblem>> VerifyAsync(Entry.Checkpointed entry, CancellationToken stop)
    {
        const string Follows = "nothing was changed";
        if (CheckpointRules.Problem(entry.Checkpoint) is { } wrong) { return [new(entry.Number, "", "", "", wrong, Follows)]; }
        var problems = new List<CheckpointProblem>();
        await using var ahead = new ReadAhead(_chunks, Aside, _buffers, [.. entry.Checkpoint.Files.SelectMany(f => f.Chunks)]);
        foreach (var file in entry.Checkpoint.Files)
        {
            foreach (var chunk in file.Chunks)
            {
                stop.ThrowIfCancellationRequested();
                var (_, found) = await ahead.NextAsync();
                if (found is not null) { problems.Add(CheckpointProblem.Of(entry.Number, file.Path, _keys.Of(chunk), chunk, found, Follows)); }
            }
        }
        if (problems.Count == 0) { _verified = Math.Max(_verified ?? 0, entry.Number); }
        return [.. problems];
    }

    /// <summary>Writes a copy of one checkpoint, verified and durable, and changes nothing in the store.</summary>
    /// <param name="folder">Empty or absent.</param>
    /// <returns>What is wrong with the checkpoint; where anything is, the folder is left empty.</returns>
    /// <exception cref="IOException">The folder is not empty, or the disk refused.</exception>
    public async ValueTask<ImmutableArray<CheckpointProblem>> ExportAsync(Entry.Checkpointed entry, string folder, CancellationToken stop)
    {
        await disk.MakeFolderAsync(folder);
        if ((await disk.ListAsync(folder)).Count > 0) { throw new IOException($"{folder}: is not empty; checkpoint {entry.Number} was not exported"); }
        var problems = new List<CheckpointProblem>();
        var restoring = new Restoring(disk, _chunks, _keys, new KnownChunks(_chunks), _buffers, Aside, folder, problems) { Durable = true };
        try
        {
            if (await restoring.BuildAsync(entry, stop) is { } checkpoint) { await restoring.PutAsync(checkpoint); }
            return [.. problems];
        }
        catch
        {
            await new FolderLayout(disk, folder).ClearAsync([]);
            throw;
        }
    }

    /// <summary>Oldest first.</summary>
    public async ValueTask<IReadOnlyList<ListedCheckpoint>> ListAsync(Chain chain)
    {
        var history = new CheckpointHistory(chain.Entries);
        var pins = await PinsAsync();
        var seen = new HashSet<(int, string)>();
        return [.. history.All.Select(e => new ListedCheckpoint(
            e.Number, e.At, e.Claim, e.Fingerprint, e.Checkpoint.Step, e.Checkpoint.Size, e.Checkpoint.Files.Length,
            e.Checkpoint.Files.SelectMany(f => f.Chunks).Where(c => seen.Add((c.Claim, c.Sha256))).Sum(c => (long)c.Size),
            pins.Contains(e.Number), history.IsPruned(e)))];
    }

    /// <summary>Gives up old checkpoints and removes what only they were made of, and what a prune before could not finish.</summary>
    /// <param name="claim">Number of this process's claim, or of the newest one where its process is known to be dead.</param>
    public async ValueTask<Pruning> PruneAsync(Chain chain, int claim, CheckpointPolicy policy)
    {
        if (chain.Owner?.Number != claim) { return new Pruning.Overtaken(); }
        Known.BeginFor(claim);
        var history = new CheckpointHistory(chain.Entries);
        var there = await _chunks.ListAsync();
        var prunable = PruneRules.Prunable(history, policy, await PinsAsync(), _verified);
        var below = OrphansBelow(history, there, claim);
        if (!prunable.IsEmpty || below > history.OrphansBelow)
        {
            // First given up, then removed: whoever owns the step next knows what not to count on, however late this removes it.
            if (!await chain.TryAppendAsync(new Entry.Pruned(claim, prunable, Math.Max(below, history.OrphansBelow)), clock.GetUtcNow())) { return new Pruning.Overtaken(); }
            history = new(chain.Entries);
        }
        var removed = 0;
        foreach (var (writer, sha256) in there.Where(c => history.IsDead(c.Claim, c.Sha256)))
        {
            Known.Remove(writer, sha256);
            await _chunks.RemoveAsync(writer, sha256);
            removed++;
        }
        return new Pruning.Done(prunable, removed);
    }

    /// <summary>Keeps a checkpoint from being pruned.</summary>
    /// <returns>False where no such checkpoint counts (any more).</returns>
    public async ValueTask<bool> PinAsync(int number)
    {
        await store.CreateAsync(_keys.Pin(number), "pinned\n"u8.ToArray());
        // Looked up after the pin is there: who prunes later sees the pin, who pruned before is seen.
        var history = new CheckpointHistory((await Chain.OpenAsync(store, runId, step)).Entries);
        if (history.All.Any(e => e.Number == number && !history.IsPruned(e))) { return true; }
        await UnpinAsync(number);
        return false;
    }

    public ValueTask UnpinAsync(int number) => store.RemoveAsync(_keys.Pin(number));

    private async ValueTask<IReadOnlySet<int>> PinsAsync() => (await store.ListAsync(_keys.Pins)).Select(_keys.PinOf).OfType<int>().ToHashSet();

    // Uploads that nobody finished. One's own are spared for the save that goes on with them, until they are more than all that counts.
    private static int OrphansBelow(CheckpointHistory history, IReadOnlyList<(int Claim, string Sha256)> there, int claim)
    {
        var orphans = there.Where(c => !history.IsLive(c.Claim, c.Sha256) && !history.IsDead(c.Claim, c.Sha256)).ToList();
        return orphans.Count(c => c.Claim == claim) > there.Count - orphans.Count ? claim + 1
            : orphans.Exists(c => c.Claim < claim) ? claim
            : 0;
    }
}
