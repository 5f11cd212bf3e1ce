using Pawl.Core.Attempts;
using Pawl.Core.Chains;
using Pawl.Core.Checkpoints;
using Pawl.Core.Errors;
using Pawl.Core.Expressions;
using Pawl.Core.Goodput;
using Pawl.Core.Preemption;
using Pawl.Supervision.Reports;

namespace Pawl.Supervision.Checkpoints;

/// <summary>What is known of the training of one attempt: fed with the trainer's reports and with the checkpoints that became durable.</summary>
internal sealed class TrainingLog(AttemptSpec spec, StepHistory history, TimeProvider clock)
{
    // A rebalance recommendation comes some 10 to 20 minutes before the interruption (Karpenter's design notes).
    private static readonly TimeSpan AfterHint = TimeSpan.FromMinutes(10);

    // A signal handler, a flush, an exit: a busy machine needs its time even for a small checkpoint.
    private static readonly TimeSpan ToReact = TimeSpan.FromSeconds(2);

    // Enough for a 99th percentile.
    private const int MostFigures = 1000;

    private readonly Queue<double> _blocked = new();
    private readonly Queue<double> _written = new();
    private readonly Queue<double> _uploaded = new();
    private TimeSpan _between = CheckpointInterval.BetweenInterruptions(history.Seen, history.Interruptions);
    private long _bytes;
    private double? _bytesPerSecond;

    private HangRules _hanging = new(spec.Checkpoints.HangAfter);
    private TrainingRecord _record = new();
    private (long Blocked, long Written, long Uploaded) _counts;
    private DateTimeOffset? _startedAt;
    private DateTimeOffset? _readyAt;
    private DateTimeOffset? _replayedAt;
    private DateTimeOffset? _savedAt;
    private DateTimeOffset? _madeAt;
    private TimeSpan _stalled;
    private TimeSpan _stalledInReplay;
    private TimeSpan _hung;
    private long? _savedStep;
    private bool _spoke;

    /// <summary>When the trainer counts as hung unless it is heard of before.</summary>
    public DateTimeOffset? HangsAt => _hanging.Due;

    /// <summary>When somebody should hear that a limit was set for a trainer that reports nothing; null where it has spoken, or none was set.</summary>
    public DateTimeOffset? UnheardAt => _spoke ? null : _startedAt + spec.Checkpoints.HangAfter;

    public string UnheardMessage =>
        $"pawl.dev/hang-after is {Durations.Format(spec.Checkpoints.HangAfter!.Value)}, and the trainer has reported nothing for as long since it was started: before its first report it is not judged";

    public string HangMessage => _hanging.Message;

    /// <summary>The trainer has said that its last step is done.</summary>
    public bool IsOver => _hanging.IsOver;

    /// <summary>Mean time between interruptions of this step, for the trainer's own use of Young–Daly.</summary>
    public TimeSpan BetweenInterruptions => _between;

    /// <summary>A newer checkpoint was committed, or a further step reported than any attempt before did.</summary>
    public bool Progressed => _record.Checkpoints > 0 || _record.Step > (history.Reached ?? -1);

    /// <summary>The last training step reported.</summary>
    public long? Step => _record.Step;

    /// <summary>The 99th percentile of what a checkpoint takes until it is in place, and then until it is durable.</summary>
    public (TimeSpan Written, TimeSpan Uploaded) Longest =>
        (TimeSpan.FromSeconds(Spread.Of([.. _written]).P99), TimeSpan.FromSeconds(Spread.Of([.. _uploaded]).P99));

    /// <summary>Between the last two checkpoints that the trainer said it made; null before.</summary>
    public TimeSpan? Pause { get; private set; }

    public void Started() => _startedAt = clock.GetUtcNow();

    public void Restored(int? entry) => _record = _record with { RestoredEntry = entry };

    /// <returns>How often it should save from now on, where this is news and the manifest leaves it open.</returns>
    public TimeSpan? Hear(Report report)
    {
        var now = clock.GetUtcNow();
        _spoke = true;
        _readyAt ??= now;
        switch (report)
        {
            case Report.Hello hello:
                _record = _record with { Total = hello.Total ?? _record.Total };
                _hanging = _hanging.Heard(now, isStep: false).Reached(hello.Step, _record.Total);
                return null;
            case Report.StepDone done:
                _record = _record with { Step = done.Step, Total = done.Total ?? _record.Total, Metrics = _record.Metrics.SetItems(done.Metrics) };
                _hanging = _hanging.Heard(now, isStep: true).Reached(done.Step, _record.Total);
                if (IsOver) { _hung = TimeSpan.Zero; }
                _savedAt = now;
                if (done.Step <= history.Reached) { (_replayedAt, _stalledInReplay) = (now, _stalled); }
                return null;
            case Report.CheckpointMade made:
                _hanging = _hanging.Heard(now, isStep: false);
                (Pause, _madeAt) = (now - _madeAt, now);
                Add(_blocked, ref _counts.Blocked, made.Blocked);
                Add(_written, ref _counts.Written, made.Written);
                _stalled += made.Blocked ?? TimeSpan.Zero;
                return Interval();
            default:
                return null;
        }
    }

    /// <summary>The host may go soon.</summary>
    /// <returns>How often the trainer should save from now on, where this is news.</returns>
    public TimeSpan? Hinted()
    {
        if (_between > AfterHint) { _between = AfterHint; }
        return _spoke ? Interval() : null;
    }

    /// <summary>What one more checkpoint would take.</summary>
    public GraceNeeds Needs(DateTimeOffset now, DateTimeOffset deadline) =>
        new(now, deadline, spec.GracePeriod, _written.Count == 0 ? null : (Longest.Written + _hanging.Longest + ToReact).TotalSeconds, _bytes, _bytesPerSecond);

    /// <param name="step">The last one that the checkpoint includes, where that is known.</param>
    /// <param name="size">Bytes of all its files.</param>
    /// <param name="took">From finding it whole until its entry was there.</param>
    public void Saved(long? step, long size, long bytesWritten, TimeSpan took)
    {
        _bytes = size;
        if (bytesWritten > 0 && took > TimeSpan.Zero) { _bytesPerSecond = bytesWritten / took.TotalSeconds; }
        Add(_uploaded, ref _counts.Uploaded, took);
        _savedAt = clock.GetUtcNow();
        _record = _record with
        {
            Checkpoints = _record.Checkpoints + 1,
            BytesWritten = _record.BytesWritten + bytesWritten,
        };
        _savedStep = step;
    }

    public void Hung() => _hung = _hanging.Limit ?? TimeSpan.Zero;

    /// <param name="before">Claim to command, the restore not counted.</param>
    /// <param name="command">Command to outcome.</param>
    public AttemptTime Time(TimeSpan before, TimeSpan restore, TimeSpan command, TimeSpan saving) => new()
    {
        Before = before,
        Restore = restore,
        Command = command,
        ReadyAfter = Into(_readyAt),
        ReplayedUntil = Into(_replayedAt),
        SavedUntil = Into(_savedAt),
        Stalled = _stalled,
        StalledInReplay = _stalledInReplay,
        Saving = saving,
        Hung = _hung,
    };

    /// <returns>Null where the attempt neither reported nor saved anything.</returns>
    public TrainingRecord? Record(long malformed) => !_spoke && _record.Checkpoints == 0 && _record.RestoredEntry is null && malformed == 0 ? null : _record with
    {
        Blocked = Spread.Of([.. _blocked], _counts.Blocked),
        Written = Spread.Of([.. _written], _counts.Written),
        Uploaded = Spread.Of([.. _uploaded], _counts.Uploaded),
        PredictedWaste = _record.Interval is { } interval
            ? CheckpointInterval.Waste(TimeSpan.FromSeconds(interval), Median(_blocked), _between)
            : null,
        StepsSinceCheckpoint = _record.Step - _savedStep,
        MalformedReports = malformed,
    };

    // The median, since one checkpoint that met a busy disk says little about the next.
    private TimeSpan? Interval()
    {
        if (spec.Checkpoints.Every is not CheckpointEvery.Auto) { return null; }
        var next = CheckpointInterval.Choose(Median(_blocked), Median(_written) + Median(_uploaded), _between);
        var known = _record.Interval;
        if (known is { } seconds && Math.Abs(next.TotalSeconds - seconds) < 0.05 * seconds) { return null; }
        _record = _record with { Interval = next.TotalSeconds };
        return next;
    }

    private TimeSpan? Into(DateTimeOffset? at) => at - _startedAt;

    private static TimeSpan Median(Queue<double> figures) => TimeSpan.FromSeconds(Spread.Of([.. figures]).Median);

    private static void Add(Queue<double> figures, ref long count, TimeSpan? figure)
    {
        if (figure is not { } span) { return; }
        count++;
        figures.Enqueue(span.TotalSeconds);
        if (figures.Count > MostFigures) { figures.Dequeue(); }
    }
}
