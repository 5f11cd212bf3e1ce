using System.Collections.Immutable;
using Pawl.Core.Preemption;
using Pawl.Supervision.Notices;
using Pawl.Supervision.Reports;

namespace Pawl.Supervision.Checkpoints;

/// <summary>Listens to a trainer while it runs: its reports, its silence, and whether another owner has overtaken it.</summary>
/// <param name="line">Null where there could be none.</param>
internal sealed class TrainerWatch(
    ITrainerLine? line, INotices notices, TrainingLog training, CheckpointSync sync, Warnings warnings, Func<TrainingLog, ValueTask> progress, TimeProvider clock)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);
    private static readonly TimeSpan BetweenProgress = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource<Halt> _alarm = new();
    private TaskCompletionSource _planned = new();
    private DateTimeOffset _progressAt;
    private Notice? _leaving;
    private bool _saidUnheard;

    /// <summary>How the time until the host goes is spent; null as long as it stays.</summary>
    public GraceBudget? Budget { get; private set; }

    /// <summary>Completes when <see cref="Budget"/> is another one.</summary>
    public Task Planned => _planned.Task;

    /// <summary>Completes when the attempt must be stopped: it hangs, the step has another owner, or the host is about to go.</summary>
    public Task<Halt> Alarm => _alarm.Task;

    /// <summary>Says that the attempt is told to go.</summary>
    public void Notify(TimeSpan left) => line?.Tell(new Word.Notice(left));

    /// <summary>Until told to stop.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var saving = SaveAsync(stop);
        var stopped = new TaskCompletionSource();
        using var onStop = stop.Register(stopped.SetResult);
        var due = new TaskCompletionSource();
        using var alarm = clock.CreateTimer(_ => due.TrySetResult(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        var heard = ImmutableArray<Notice>.Empty;
        var changed = notices.ChangedAsync(heard, stop).AsTask();
        while (!stop.IsCancellationRequested)
        {
            await HearAsync();
            if (changed.IsCompletedSuccessfully)
            {
                heard = await changed;
                changed = notices.ChangedAsync(heard, stop).AsTask();
                Heed(heard);
            }
            if (due.Task.IsCompleted) { due = new(); }
            if (Next() is { } next) { alarm.Change(next < LongestWait ? next : LongestWait, Timeout.InfiniteTimeSpan); }
            await (line is null
                ? Task.WhenAny(stopped.Task, due.Task, changed)
                : Task.WhenAny(stopped.Task, due.Task, changed, line.Arrived));
        }
        // Awaited itself it would throw that it was cancelled, which costs milliseconds at the end of every step.
        await Task.WhenAny(changed);
        if (changed.IsFaulted) { await changed; }
        await saving;
    }

    /// <summary>Takes what the trainer has said; at the end too, when the line is closed.</summary>
    public async ValueTask HearAsync()
    {
        if (line is null || line.Take() is not { Count: > 0 } reports) { return; }
        foreach (var report in reports)
        {
            sync.Talks();
            if (training.Hear(report) is { } interval) { line.Tell(new Word.Interval(interval)); }
            if (report is Report.CheckpointMade made) { sync.Made(made.Path, made.Step); }
        }
        if (clock.GetUtcNow() - _progressAt >= BetweenProgress)
        {
            _progressAt = clock.GetUtcNow();
            await progress(training);
        }
    }

    private void Heed(ImmutableArray<Notice> heard)
    {
        var before = _leaving;
        _leaving = Notice.First(heard);
        if (heard.Any(n => n.Kind is NoticeKind.Hint) && training.Hinted() is { } interval) { line?.Tell(new Word.Interval(interval)); }
        if (_leaving is null)
        {
            Budget = null;
            return;
        }
        if (before?.By == _leaving.By) { return; }
        Budget = GraceBudget.Plan(training.Needs(clock.GetUtcNow(), _leaving.By));
        if (Budget.FitsCheckpoint && Budget.StopBy > Budget.AskAt) { line?.Tell(new Word.Checkpoint()); }
        var planned = _planned;
        _planned = new();
        planned.SetResult();
    }

    /// <returns>How long until something must be done; null where nothing is in sight. What is due is done here.</returns>
    private TimeSpan? Next()
    {
        if (_alarm.Task.IsCompleted) { return null; }
        var now = clock.GetUtcNow();
        if (training.HangsAt <= now)
        {
            training.Hung();
            _alarm.SetResult(new Halt(HaltCause.Hung, training.HangMessage));
            return null;
        }
        if (Budget?.StopBy <= now)
        {
            _alarm.SetResult(new Halt(HaltCause.Preemption, _leaving!.Message));
            return null;
        }
        var unheard = _saidUnheard ? null : training.UnheardAt;
        if (unheard <= now)
        {
            (_saidUnheard, unheard) = (true, null);
            warnings.Add(training.UnheardMessage);
        }
        return Earlier(Earlier(training.HangsAt, Budget?.StopBy), unheard) - now;
    }

    private static DateTimeOffset? Earlier(DateTimeOffset? a, DateTimeOffset? b) => a is null || b < a ? b : a;

    private async Task SaveAsync(CancellationToken stop)
    {
        await sync.RunAsync(stop);
        if (sync.IsOvertaken) { _alarm.TrySetResult(new Halt(HaltCause.Overtaken, "another owner has claimed the step")); }
    }
}
