using Pawl.Core.Attempts;
using Pawl.Core.Checkpoints;
using Pawl.Core.Expressions;
using Pawl.Core.Preemption;
using Pawl.Storage.Checkpoints;
using Pawl.Storage.Files;

namespace Pawl.Supervision.Checkpoints;

/// <summary>Carries the checkpoints of a running trainer to the store: whatever goes wrong here, the trainer never waits for it.</summary>
internal sealed class CheckpointSync(
    CheckpointStore store, OwnedChain owned, ICheckpointFolder watched, IDisk disk, string folder, AttemptSpec spec, TrainingLog training, Warnings warnings,
    Action lowerPriority, string boot, TimeProvider clock)
{
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    // A trainer that says when a checkpoint is in place is waited for so long, since only it knows which step that is.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    private TaskCompletionSource _told = new();
    private Task _look = Task.CompletedTask;
    private volatile bool _isDoubtful;
    private TimeSpan _wait = FirstWait;
    private long? _step;
    private bool _talks;
    private bool _lowered;
    private FolderContent? _noted;
    private long? _changingSince;

    /// <summary>Somebody else owns the step: nothing of this attempt counts any more.</summary>
    public bool IsOvertaken { get; private set; }

    /// <summary>Completes when nobody looks at the folder; who tells <see cref="RunAsync"/> to stop before may be sure that it looks no more.</summary>
    public Task Looked => Volatile.Read(ref _look);

    /// <summary>The trainer was killed while somebody looked at the folder, so that what a look remembers may be half of something.</summary>
    public void Distrust() => _isDoubtful = true;

    /// <summary>The trainer says when its checkpoints are in place.</summary>
    public void Talks() => _talks = true;

    /// <param name="path">In the checkpoint folder, relative to it or whole; null is all of it.</param>
    /// <param name="step">The last one it includes.</param>
    public void Made(string? path, long? step)
    {
        _step = step ?? _step;
        // The trainer knows the folder by its whole name too.
        watched.Declare(path is null || path == folder ? "" : path.StartsWith(folder + "/", StringComparison.Ordinal) ? path[(folder.Length + 1)..] : path);
        _told.TrySetResult();
    }

    /// <summary>Until told to stop; then what is under way is left where it is, and <see cref="FinishAsync"/> goes on with it.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var changes = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var changed = watched.ChangedAsync(changes.Token).AsTask();
        try
        {
            while (!IsOvertaken && !stop.IsCancellationRequested)
            {
                var again = await SaveAsync(TrainerState.Running, stop);
                if (IsOvertaken) { return; }
                await (again is { } wait ? Task.WhenAny(_told.Task, changed, AfterAsync(wait, stop)) : Task.WhenAny(_told.Task, changed));
                if (stop.IsCancellationRequested) { return; }
                if (_talks && !_told.Task.IsCompleted) { await Task.WhenAny(_told.Task, AfterAsync(Patience, stop)); }
                if (_told.Task.IsCompleted) { _told = new(); }
                if (changed.IsCompleted && !stop.IsCancellationRequested)
                {
                    await changed;
                    changed = watched.ChangedAsync(changes.Token).AsTask();
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
        finally
        {
            changes.Cancel();
            // Every step ends here, and an exception that is thrown costs milliseconds: it is only waited for.
            await Task.WhenAny(changed);
            if (changed.IsFaulted) { await changed; }
        }
    }

    /// <summary>Saves what is whole after the trainer has ended, as long as it is not told to stop.</summary>
    public async Task FinishAsync(TrainerState trainer, CancellationToken stop)
    {
        if (_isDoubtful)
        {
            warnings.Add("the last checkpoint was not looked for: the disk did not answer when the trainer was killed; the one before counts");
            return;
        }
        try
        {
            for (var tries = 0; !IsOvertaken && await SaveAsync(trainer, stop) is { } again && tries < 5; tries++) { await Task.Delay(again, clock, stop); }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            warnings.Add("the last checkpoint was not carried to the store: no time was left; the one before counts");
        }
    }

    /// <returns>When to look again though nothing has changed; null where that is of no use.</returns>
    private async Task<TimeSpan?> SaveAsync(TrainerState trainer, CancellationToken stop)
    {
        try
        {
            // Taken before the look: what is made meanwhile may not be in it, and a step that is not in a checkpoint must not be said of it.
            var step = _step;
            var (content, again) = await LookAsync(trainer, stop);
            if (watched.Weakness is { } weakness) { warnings.Add(weakness); }
            if (content is null) { return again; }
            await NoteAsync(content, step);
            if (trainer is TrainerState.Running && !_lowered)
            {
                _lowered = true;
                lowerPriority();
            }
            if (!await owned.SettleAsync()) { return Overtaken(); }
            var began = clock.GetTimestamp();
            var saved = await store.SaveAsync(owned.Chain, owned.Claim, folder, content, step, null, stop);
            _wait = FirstWait;
            if (saved is Saved.Appended or Saved.Already)
            {
                watched.Took(content);
                _changingSince = null;
            }
            switch (saved)
            {
                case Saved.Appended appended:
                    training.Saved(step, appended.Entry.Checkpoint.Size, appended.Uploaded, clock.GetElapsedTime(began));
                    Advise();
                    return await PruneAsync() ? again : Overtaken();
                case Saved.Changed changed:
                    Outrun(changed.Path);
                    return again ?? TimeSpan.FromMilliseconds(100);
                case Saved.Overtaken:
                    return Overtaken();
                default:
                    return again;
            }
        }
        catch (IOException e)
        {
            // The trainer goes on: a store that comes back gets the newest checkpoint, one that does not costs no more than what it never had.
            owned.Doubt();
            warnings.Add($"a checkpoint could not be carried to the store: {e.Message}; tried again until the step ends, what was durable stays");
            var wait = _wait;
            _wait = _wait * 2 < LongestWait ? _wait * 2 : LongestWait;
            return trainer is TrainerState.Running ? wait : FirstWait;
        }
    }

    private async ValueTask<WholeFolder> LookAsync(TrainerState trainer, CancellationToken stop)
    {
        var over = new TaskCompletionSource();
        // Said before the question: who tells it to stop and then waits for the look has this one to wait for, or has kept it from beginning.
        _ = Interlocked.Exchange(ref _look, over.Task);
        try
        {
            if (trainer is TrainerState.Running) { stop.ThrowIfCancellationRequested(); }
            var whole = await watched.LookAsync(trainer);
            if (trainer is TrainerState.Running) { stop.ThrowIfCancellationRequested(); }
            return whole;
        }
        finally
        {
            over.SetResult();
        }
    }

    private void Outrun(string path)
    {
        _changingSince ??= clock.GetTimestamp();
        if (clock.GetElapsedTime(_changingSince.Value) < LongestWait) { return; }
        warnings.AddOnce("outrun", $"{folder}/{path}: is written again before it is read to its end, for {Durations.Format(LongestWait)} by now, and no newer checkpoint is taken; "
            + "write checkpoints less often, or under a new name each time");
    }

    private async Task NoteAsync(FolderContent content, long? step)
    {
        if (_noted is { } last && last.Files.SequenceEqual(content.Files) && last.Links.SequenceEqual(content.Links)) { return; }
        var newest = new CheckpointHistory(owned.Chain.Entries).Restorable(spec.Fingerprint).FirstOrDefault();
        try
        {
            await new LeftBehind(boot, spec.Fingerprint, newest?.Number, step, content).WriteAsync(disk, folder);
            _noted = content;
        }
        catch (IOException e)
        {
            warnings.AddOnce("note", $"what is whole in {folder} could not be noted beside it: {e.Message}; until it is in the store, the death of this supervisor would cost it");
        }
    }

    private async Task<bool> PruneAsync() => await store.PruneAsync(owned.Chain, owned.Claim, spec.Checkpoints) is not Pruning.Overtaken;

    private TimeSpan? Overtaken()
    {
        IsOvertaken = true;
        return null;
    }

    private void Advise()
    {
        var (written, uploaded) = training.Longest;
        if (GraceAdvice.Warning(spec.Step, spec.GracePeriod, written.TotalSeconds, uploaded.TotalSeconds) is { } tooShort) { warnings.AddOnce("grace", tooShort); }
        if (training.Pause is { } pause && uploaded > pause)
        {
            warnings.AddOnce("slow", $"the store is slower than the trainer: a checkpoint takes up to {Durations.Format(uploaded)} to become durable, "
                + $"and a new one comes every {Durations.Format(pause)}; some are left out, so set pawl.dev/checkpoint-every to {Math.Ceiling(uploaded.TotalSeconds)}s or more");
        }
    }

    // A cancelled delay reaches who waits for any of several tasks by way of the thread pool, but who awaits it alone at once.
    private async Task AfterAsync(TimeSpan time, CancellationToken stop) => await Task.Delay(time, clock, stop);
}
