using Pawl.Supervision.Reports;

namespace Pawl.Supervision.Checkpoints;

/// <summary>Listens to a trainer while it runs: its reports, its silence, and whether another owner has overtaken it.</summary>
/// <param name="line">Null where there could be none.</param>
internal sealed class TrainerWatch(
    ITrainerLine? line, TrainingLog training, CheckpointSync sync, Func<TrainingLog, ValueTask> progress, TimeProvider clock)
{
    private static readonly TimeSpan BetweenProgress = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource<Halt> _alarm = new();
    private DateTimeOffset _progressAt;

    /// <summary>Completes when the attempt must be stopped: it hangs, or the step has another owner.</summary>
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
        while (!stopped.Task.IsCompleted)
        {
            await HearAsync();
            if (training.HangsAt is { } at && !_alarm.Task.IsCompleted)
            {
                var left = at - clock.GetUtcNow();
                if (left <= TimeSpan.Zero)
                {
                    training.Hung();
                    _alarm.TrySetResult(new Halt(HaltCause.Hung, training.HangMessage));
                }
                else
                {
                    if (due.Task.IsCompleted) { due = new(); }
                    alarm.Change(left < TimeSpan.FromDays(1) ? left : TimeSpan.FromDays(1), Timeout.InfiniteTimeSpan);
                }
            }
            await (line is null ? Task.WhenAny(stopped.Task, due.Task) : Task.WhenAny(stopped.Task, due.Task, line.Arrived));
        }
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

    private async Task SaveAsync(CancellationToken stop)
    {
        await sync.RunAsync(stop);
        if (sync.IsOvertaken) { _alarm.TrySetResult(new Halt(HaltCause.Overtaken, "another owner has claimed the step")); }
    }
}
