using System.Collections.Immutable;
using Pawl.Core.Checkpoints;
using Pawl.Storage.Files;

namespace Pawl.Storage.Checkpoints;

/// <summary>What one owner may count on in the store instead of writing it: chunks it wrote or read whole itself.</summary>
/// <remarks>
/// Whatever an owner before may still be removing is not among them (<see cref="CheckpointHistory.IsDead"/>), and nothing is believed
/// because a name says so: a chunk that somebody else wrote is read once before a checkpoint is built upon it.
/// </remarks>
internal sealed class KnownChunks(ChunkStore chunks)
{
    private readonly Dictionary<string, Chunk> _sound = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (FileFacts Facts, ImmutableArray<Chunk> Chunks)> _files = new(StringComparer.Ordinal);
    private ILookup<string, int>? _offered;
    private byte[] _scratch = [];
    private int _claim;

    /// <summary>Forgets what was learnt under another claim.</summary>
    internal void BeginFor(int claim)
    {
        if (_claim == claim) { return; }
        _claim = claim;
        _offered = null;
        _sound.Clear();
        _files.Clear();
    }

    internal void Add(Chunk chunk) => _sound.TryAdd(chunk.Sha256, chunk);

    internal void Remove(int claim, string sha256)
    {
        if (_sound.TryGetValue(sha256, out var chunk) && chunk.Claim == claim) { _sound.Remove(sha256); }
    }

    internal bool IsSound(Chunk chunk) => _sound.TryGetValue(chunk.Sha256, out var known) && known.Claim == chunk.Claim;

    /// <returns>The same bytes as they are in the store already; null where they must be written.</returns>
    internal async ValueTask<Chunk?> FindAsync(CheckpointHistory history, Chunk wanted)
    {
        if (_sound.TryGetValue(wanted.Sha256, out var sound)) { return sound; }
        _offered ??= (await chunks.ListAsync()).ToLookup(c => c.Sha256, c => c.Claim, StringComparer.Ordinal);
        foreach (var claim in _offered[wanted.Sha256])
        {
            if (history.IsDead(claim, wanted.Sha256)) { continue; }
            if (_scratch.Length < wanted.Size) { _scratch = new byte[wanted.Size]; }
            var there = wanted with { Claim = claim };
            if (await chunks.ReadAsync(there, _scratch) is not null) { continue; }
            Add(there);
            return there;
        }
        return null;
    }

    internal void Remember(string path, FileFacts facts, ImmutableArray<Chunk> parts) => _files[path] = (facts, parts);

    /// <returns>The parts of a file that is the same as when it was read last; null where it must be read.</returns>
    internal ImmutableArray<Chunk>? Recall(WholeFile file) =>
        _files.TryGetValue(file.Path, out var known) && known.Facts == file.Facts && known.Chunks.All(IsSound) ? known.Chunks : null;

    /// <summary>Forgets files that are no longer in the folder.</summary>
    internal void Keep(IEnumerable<string> paths)
    {
        var there = paths.ToHashSet(StringComparer.Ordinal);
        foreach (var gone in _files.Keys.Where(p => !there.Contains(p)).ToList()) { _files.Remove(gone); }
    }
}
