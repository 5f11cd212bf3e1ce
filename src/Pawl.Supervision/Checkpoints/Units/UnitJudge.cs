using Pawl.Storage.Files;

namespace Pawl.Supervision.Checkpoints.Units;

/// <param name="Taken">The files of the unit that may be taken.</param>
/// <param name="IsTorn">What was given of it last is there no more, and its successor is not there yet.</param>
internal sealed record Judged(List<FoundFile> Taken, bool IsTorn);

/// <summary>Says which files of a unit can be taken together.</summary>
/// <param name="files">All files now, by path.</param>
/// <param name="last">What was given last.</param>
/// <param name="succeeds">Whether the first came after the second, which is gone.</param>
/// <param name="gone">What was given once and vanished a short while ago, and whether only now.</param>
internal sealed class UnitJudge(
    IReadOnlyDictionary<string, FoundFile> files, IReadOnlyDictionary<string, FileFacts> last, Func<string, string, bool> succeeds,
    IReadOnlyDictionary<string, bool> gone, TrainerState trainer, Func<FoundFile, byte[]?> read, Func<FoundFile, bool> isSound, string root)
{
    public Judged Judge(Unit unit)
    {
        var all = unit.Paths.Where(files.ContainsKey).Select(p => files[p]).ToList();
        return unit.Kind switch
        {
            UnitKind.Single => new(all.FindAll(f => f.IsReady), IsTorn: false),
            UnitKind.Plain => Plain(unit, all),
            UnitKind.Marked => IsMarked(unit, all) ? new(all, IsTorn: false) : Unfinished(unit, all),
            _ => TensorFlow(unit, all) is { Count: > 0 } whole ? new(whole, IsTorn: false) : Unfinished(unit, all),
        };
    }

    private Judged Plain(Unit unit, List<FoundFile> all)
    {
        var next = Next(unit, all);
        var ready = all.FindAll(f => f.IsReady || f == next);
        var isBusy = all.Exists(f => !f.IsReady && !f.IsGivenUp && f != next) || all.Exists(f => IsFirstOfMore(f, all));

        // One that is removed and made anew is missing in between; one that is removed because a newer is there is not missed.
        var misses = trainer != TrainerState.Ended
            && unit.Paths.Exists(p => gone.TryGetValue(p, out var justNow) && (justNow || trainer == TrainerState.Killed) && !ready.Exists(f => succeeds(f.Path, p)));
        if (!misses && RewrittenAlone(all) is { } alone) { return new([.. ready, alone], IsTorn: false); }
        if (!isBusy && !misses) { return new(ready, IsTorn: false); }
        var kept = all.FindAll(f => f.Standing is Standing.Known or Standing.AtOnce);
        return new(kept, unit.Paths.Exists(p => IsMissed(p) && !kept.Exists(k => k.Path == p)));
    }

    // Written in place again, where something beside it was written after it the last time and is not yet now: an exception between two saves, or a
    // slow second one. That lasts until it is written once more with the other still as it was, or for a minute.
    private bool IsFirstOfMore(FoundFile file, List<FoundFile> all) =>
        file.Standing is Standing.Settled or Standing.Fresh && !file.IsGivenUp && !file.IsAgain && !(file.IsOld && trainer == TrainerState.Running)
        && last.TryGetValue(file.Path, out var then)
        && all.Exists(other => other.Standing == Standing.Known && last[other.Path].Modified >= then.Modified && other != file);

    // After a kill, one under a name that goes on counting, whose content bears its end out. Where a checkpoint is more than that one file, something
    // that is not of its kind was written with each of them, and so is not older than all of them.
    private FoundFile? Next(Unit unit, List<FoundFile> all)
    {
        if (trainer != TrainerState.Killed || all.FindAll(f => f.Standing != Standing.Known && !f.IsGivenUp) is not [{ Standing: Standing.Fresh, HasEnd: true } only]) { return null; }
        var shape = CountingNames.Shape(only.Path);
        var (before, others) = (new List<string>(), new List<string>());
        foreach (var path in unit.Paths.Where(p => last.ContainsKey(p) && !(files.TryGetValue(p, out var there) && there.IsGivenUp)))
        {
            (CountingNames.Shape(path) == shape ? before : others).Add(path);
        }
        return before.Count > 0 && !before.Contains(only.Path) && CountingNames.GoesOn(only.Path, before)
               && others.TrueForAll(o => before.TrueForAll(b => last[o].Modified < last[b].Modified))
            ? only
            : null;
    }

    // One that was whole before and is whole again, while all that is beside it rested, has nothing it could be torn from: written
    // more often than files are given to settle, it would never be taken otherwise.
    private FoundFile? RewrittenAlone(List<FoundFile> all)
    {
        if (all.FindAll(f => !f.IsReady && !f.IsGivenUp) is not [{ Standing: Standing.Fresh, HasEnd: true } only]) { return null; }
        // What was restored has the times of the restoring; only what was always alone needs no times. That it is closed may be its writer's
        // death, which is not known yet: its content has to bear its end out.
        var isAlone = (only.Before is { } before && all.TrueForAll(f => f == only || f.IsGivenUp || f.Facts.Changed < before.Changed)) || (all.Count == 1 && last.ContainsKey(only.Path));
        return isAlone && isSound(only) ? only : null;
    }

    private bool IsMissed(string path) => files.TryGetValue(path, out var file) ? last.ContainsKey(path) && !file.IsGivenUp : gone.ContainsKey(path);

    // Its files stay in as they were; where they are being rewritten that cannot be, and where they are being removed they are not missed.
    private Judged Unfinished(Unit unit, List<FoundFile> all)
    {
        var before = unit.Paths.FindAll(last.ContainsKey);
        var kept = all.FindAll(f => f.Standing == Standing.Known);
        if (before.Count == kept.Count) { return new(kept, IsTorn: false); }
        return new([], all.Exists(f => f.Standing != Standing.Known && !f.IsGivenUp));
    }

    private bool IsMarked(Unit unit, List<FoundFile> all)
    {
        if (all.Count == 0 || unit.Paths.Exists(gone.ContainsKey)) { return false; }
        if (all.TrueForAll(f => f.Standing == Standing.Known)) { return true; }
        var isDistributed = all.Exists(f => f.Path.EndsWith(".distcp", StringComparison.Ordinal) && FolderUnits.FolderOf(f.Path) == unit.Folder);
        var marker = isDistributed ? Find(unit, ".metadata") : Find(unit, "trainer_state.json") ?? Find(unit, "random_states_0.pkl");

        // A folder that was filled elsewhere and renamed needs no marker.
        if (marker is null) { return !isDistributed && all.TrueForAll(f => f.Standing == Standing.AtOnce); }
        if (!marker.IsReady && !(marker.IsClosed && marker.HasEnd)) { return false; }

        // A marker of before says nothing of what was rewritten since; what only came to it is an afterthought, such as an adapter's weights.
        if (marker.Standing == Standing.Known) { return all.TrueForAll(f => f.Standing == Standing.Known || (f.IsReady && !last.ContainsKey(f.Path))); }

        // What was written after the marker belongs to the next checkpoint in the same folder, or is an afterthought too: only time tells.
        var isLast = all.TrueForAll(f => f == marker || f.Facts.Changed < marker.Facts.Changed);
        return isLast ? all.TrueForAll(f => f.Standing >= Standing.Left) : all.TrueForAll(f => f.IsReady && f.Standing != Standing.Known);
    }

    private List<FoundFile> TensorFlow(Unit unit, List<FoundFile> all)
    {
        var whole = new Dictionary<string, List<FoundFile>>(StringComparer.Ordinal);
        foreach (var prefix in all.Select(f => FolderUnits.ShardPrefix(f.Path)).OfType<string>().Distinct())
        {
            if (Prefix(prefix, all) is { } files) { whole[prefix] = files; }
        }
        if (Find(unit, "checkpoint") is not { } state) { return [.. whole.Values.SelectMany(f => f)]; }
        if (!state.IsReady || state.Facts.Size > CheckpointState.MostBytes || read(state) is not { } text) { return []; }
        var named = CheckpointState.Names(text, unit.Folder, root);
        return named.Count > 0 && whole.ContainsKey(named[0])
            ? [state, .. named.Distinct().Where(whole.ContainsKey).SelectMany(n => whole[n])]
            : [];
    }

    // The index is renamed into place after the shards: an older one belongs to older shards.
    private List<FoundFile>? Prefix(string prefix, List<FoundFile> all)
    {
        if (!files.TryGetValue($"{prefix}.index", out var index) || !index.IsReady) { return null; }
        var shards = all.FindAll(f => FolderUnits.ShardPrefix(f.Path) == prefix);
        var isAsBefore = index.Standing == Standing.Known && shards.TrueForAll(s => s.Standing == Standing.Known);
        return shards.Count == FolderUnits.ShardCount(shards[0].Path)
               && shards.TrueForAll(s => s.IsReady && (isAsBefore || s.Facts.Changed <= index.Facts.Changed))
            ? [index, .. shards]
            : null;
    }

    private FoundFile? Find(Unit unit, string name) => files.GetValueOrDefault(unit.Folder.Length == 0 ? name : $"{unit.Folder}/{name}");
}
