using System.Collections.Immutable;
using Pawl.Core.Chains;

namespace Pawl.Core.Checkpoints;

/// <summary>Which checkpoints go.</summary>
public static class PruneRules
{
    /// <param name="pinned">Numbers of entries that a person wants kept.</param>
    /// <param name="verified">The newest entry that this process has read whole: whatever is newer may yet turn out to be corrupt.</param>
    /// <returns>Numbers of entries to prune, ascending; never one that is pruned already.</returns>
    public static ImmutableArray<int> Prunable(CheckpointHistory history, CheckpointPolicy policy, IReadOnlySet<int> pinned, int? verified)
    {
        var left = history.All.Where(e => !history.IsPruned(e)).ToList();
        // The same content saved again, when its step was told later or a person went back to it, keeps one older checkpoint less otherwise.
        var distinct = left.Where((e, i) => !left.Skip(i + 1).Any(later => IsAgain(later, e))).ToList();
        var recent = distinct.TakeLast(Math.Max(1, policy.Keep)).Select(e => e.Number).ToHashSet();
        // Counted among all there ever were, so that the same ones stay however often this is asked.
        var spaced = policy.KeepEvery > 0
            ? history.All.Where((_, i) => (i + 1) % policy.KeepEvery == 0).Select(e => e.Number).ToHashSet()
            : [];
        if (left.Find(e => e.Number == verified) is { } read) { verified = left.FindLast(e => e == read || IsAgain(e, read))!.Number; }
        return [.. left.Select(e => e.Number).Where(n => !recent.Contains(n) && !spaced.Contains(n) && !pinned.Contains(n) && n != verified)];
    }

    private static bool IsAgain(Entry.Checkpointed later, Entry.Checkpointed entry) =>
        later.Fingerprint == entry.Fingerprint && later.Checkpoint.HoldsSame(entry.Checkpoint);
}
