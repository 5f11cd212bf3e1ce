using Pawl.Core.Attempts;
using Pawl.Core.Chains;
using Pawl.Storage.Checkpoints;
using Pawl.Storage.Files;
using Pawl.Supervision.Reports;

namespace Pawl.Supervision.Checkpoints;

/// <summary>All that one attempt has to do with its trainer besides running it: restore before, listen and save meanwhile, save once more after.</summary>
internal sealed class TrainerSide : IDisposable
{
    // A look takes milliseconds; a disk that hangs keeps nobody alive.
    private static readonly TimeSpan LongestLook = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource _running = new();
    private readonly ICheckpointFolder _watched;
    private readonly ITrainerLine? _line;
    private readonly TrainerWatch _watch;
    private readonly CheckpointSync _sync;
    private readonly Warnings _warnings;
    private readonly TimeProvider _clock;
    private Task _listening = Task.CompletedTask;

    private TrainerSide(ICheckpointFolder watched, ITrainerLine? line, TrainerWatch watch, CheckpointSync sync, TrainingLog log, Warnings warnings, TimeProvider clock) =>
        (_watched, _line, _watch, _sync, Log, _warnings, _clock) = (watched, line, watch, sync, log, warnings, clock);

    public TrainingLog Log { get; }

    /// <summary>Completes when the attempt must be stopped.</summary>
    public Task<Halt> Alarm => _watch.Alarm;

    /// <summary>When nothing of the attempt may run any more; null where nobody says when the host goes.</summary>
    public DateTimeOffset? KillBy => _watch.Budget?.KillBy;

    /// <summary>Completes when it is known anew when the host goes.</summary>
    public Task Planned => _watch.Planned;

    /// <summary>When the last checkpoint must be in the store at the latest; null where nobody says when the host goes.</summary>
    public DateTimeOffset? SaveBy => _watch.Budget?.EndBy;

    public string? ReportPath => _line?.Path;

    public long MalformedReports => _line?.Malformed ?? 0;

    /// <summary>Fills the checkpoint folder and gets ready to listen.</summary>
    /// <returns>Null where the step has another owner.</returns>
    /// <exception cref="IOException">The store does not answer, or the folder cannot be written: the command must not start.</exception>
    public static async Task<TrainerSide?> OpenAsync(
        TrainerPorts ports, CheckpointStore store, OwnedChain owned, IDisk disk, string attemptFolder, AttemptSpec spec, Warnings warnings,
        TimeProvider clock, string boot, CancellationToken stop)
    {
        var folder = AttemptFiles.CheckpointFolder(attemptFolder, spec);
        var log = new TrainingLog(spec, StepHistory.Of(owned.Chain.Entries, owned.Claim, spec.Fingerprint), clock);
        Restored restored;
        try
        {
            await LeftBehind.TakeInAsync(disk, ports.Folders, store, owned.Chain, owned.Claim, spec.Fingerprint, folder, spec.Checkpoints, boot, stop);
            restored = await store.RestoreAsync(owned.Chain, owned.Claim, spec.Fingerprint, folder, stop);
        }
        catch (IOException)
        {
            // An entry may have been appended all the same.
            owned.Doubt();
            throw;
        }
        foreach (var problem in restored.Problems) { warnings.Add(problem.ToString()); }
        if (restored is Restored.Overtaken) { return null; }
        log.Restored((restored as Restored.From)?.Entry.Number);

        var watched = await ports.Folders.OpenAsync(folder, spec.Checkpoints);
        ITrainerLine? line = null;
        try
        {
            line = ports.Lines.Open(attemptFolder);
        }
        catch (IOException e)
        {
            warnings.Add($"the trainer cannot report: {e.Message}");
        }
        var sync = new CheckpointSync(store, owned, watched, disk, folder, spec, log, warnings, ports.LowerPriority, boot, clock);
        var watch = new TrainerWatch(line, ports.Notices, log, sync, warnings, l => AttemptFiles.WriteProgressAsync(disk, attemptFolder, l.Record(line?.Malformed ?? 0)), clock);
        return new TrainerSide(watched, line, watch, sync, log, warnings, clock);
    }

    /// <param name="note">Adds a line to the log of the attempt.</param>
    public void Begin(Action<string> note)
    {
        foreach (var warning in _warnings.All) { note(warning); }
        _warnings.Log = note;
        Log.Started();
        _listening = _watch.RunAsync(_running.Token);
    }

    /// <summary>Tells the trainer to go, as the stop signal does.</summary>
    public void Notify(TimeSpan left) => _watch.Notify(left);

    /// <summary>
    /// The trainer is about to be killed: nothing is judged any more by what becomes of its files, since the kernel closes those of the dead.
    /// </summary>
    public async Task LetGoAsync()
    {
        _running.Cancel();
        if (_sync.Looked.IsCompleted) { return; }
        using var patience = new Cutoff(_clock);
        patience.NoLaterThan(LongestLook);
        await Task.WhenAny(_sync.Looked, patience.Come);
        if (!_sync.Looked.IsCompleted) { _sync.Distrust(); }
    }

    /// <summary>The trainer has ended: takes its last words.</summary>
    public async Task EndAsync()
    {
        _running.Cancel();
        await _listening;
        _line?.Dispose();
        await _watch.HearAsync();
    }

    /// <summary>Carries the last checkpoint to the store.</summary>
    public Task SaveAsync(TrainerState trainer, CancellationToken stop) => _sync.FinishAsync(trainer, stop);

    public void Dispose()
    {
        _watched.Dispose();
        _line?.Dispose();
        _running.Dispose();
    }
}
