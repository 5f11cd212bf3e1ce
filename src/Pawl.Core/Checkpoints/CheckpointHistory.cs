using System.Collections.Immutable;
using Pawl.Core.Chains;

namespace Pawl.Core.Checkpoints;

/// <summary>What a step's chain says of its checkpoints: which count, and which chunks nobody may ever count on again.</summary>
public sealed class CheckpointHistory
{
    private readonly HashSet<int> _pruned = [];
    private readonly HashSet<(int Claim, string Sha256)> _live = [];
    private readonly HashSet<(int Claim, string Sha256)> _named = [];

    public CheckpointHistory(ImmutableArray<Entry> chain)
    {
        All = [.. chain.OfType<Entry.Checkpointed>()];
        foreach (var pruned in chain.OfType<Entry.Pruned>())
        {
            _pruned.UnionWith(pruned.Checkpoints);
            OrphansBelow = Math.Max(OrphansBelow, pruned.OrphansBelow);
        }
        foreach (var entry in All)
        {
            var into = IsPruned(entry) ? _named : _live;
            foreach (var file in entry.Checkpoint.Files)
            {
                foreach (var chunk in file.Chunks) { into.Add((chunk.Claim, chunk.Sha256)); }
            }
        }
        _named.ExceptWith(_live);
    }

    /// <summary>Oldest first, pruned ones included.</summary>
    public ImmutableArray<Entry.Checkpointed> All { get; }

    /// <summary>Chunks of claims below this one count only where a checkpoint that is not pruned names them.</summary>
    public int OrphansBelow { get; }

    /// <summary>Newest first, of one fingerprint, without pruned ones: where an attempt may go on from.</summary>
    public IEnumerable<Entry.Checkpointed> Restorable(string fingerprint) =>
        All.Reverse().Where(e => e.Fingerprint == fingerprint && !IsPruned(e));

    public bool IsPruned(Entry.Checkpointed entry) => _pruned.Contains(entry.Number);

    /// <summary>Whether a checkpoint that counts is made of it.</summary>
    public bool IsLive(int claim, string sha256) => _live.Contains((claim, sha256));

    /// <summary>
    /// Whether it may be removed, now or by whoever pruned and sleeps since: so nobody may count on it. Once dead a chunk of another claim
    /// stays dead, whatever is appended later; only its own writer, who is one process, may bring it back by writing it anew.
    /// </summary>
    public bool IsDead(int claim, string sha256) => !IsLive(claim, sha256) && (claim < OrphansBelow || _named.Contains((claim, sha256)));
}
