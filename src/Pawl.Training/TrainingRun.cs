using System.Diagnostics;
using Pawl.Training.Checkpoints;
using Pawl.Training.Reports;

namespace Pawl.Training;

/// <summary>One training: goes on where the one before it was interrupted, saves without stopping the loop, leaves in order when told to.</summary>
/// <remarks>
/// <para>Steps are numbered from 1, and a step is done when the loop asks for the one after it. A checkpoint of step n holds the state after it, so
/// after an orderly end no step is done twice and none is left out; after a kill, those since the newest checkpoint are done again, with
/// the same numbers.</para>
/// <para>For one thread, the one with the loop; it never waits for the disk except when the trainer leaves.</para>
/// </remarks>
public sealed partial class TrainingRun : IDisposable
{
    // What a signal leaves for the process to end after its checkpoint is safe.
    private static readonly TimeSpan TimeToExit = TimeSpan.FromSeconds(1);

    private static readonly Lock CurrentGate = new();
    private static TrainingRun? s_current;

    private readonly TrainingOptions _options;
    private readonly Leaving _leaving;
    private readonly CheckpointFolder _folder;
    private readonly StateBuffer _buffer = new();
    private readonly StateWriter _parts;
    private readonly CheckpointWriter _writer;
    private readonly CheckpointSchedule _schedule;
    private readonly ReportSocket? _report;
    private readonly Dictionary<string, ITrainingState> _tracked = new(StringComparer.Ordinal);

    private ITrainingState? _state;
    private StateReader? _restored;
    private bool _isRunning;
    private bool _isDisposed;
    private long _total;

    // The step the loop's body is in, or the last one done; and the newest one handed to the writer.
    private long _at;
    private long _taken;
    private long _durable;
    private volatile bool _wantsCheckpoint;

    private TrainingRun(TrainingOptions options)
    {
        _options = options;
        _leaving = new Leaving(options.Clock, options.Grace, options.HandleSignals);
        _folder = new CheckpointFolder(Path.GetFullPath(options.CheckpointFolder));
        _folder.Prepare();
        _parts = new StateWriter(_buffer);
        _schedule = new CheckpointSchedule(options.Every, options.MeanTimeBetweenInterruptions, options.Clock);
        _schedule.Passed(0);
        _writer = new CheckpointWriter(_folder, _buffer, options.Keep, Written);
        _report = Connect();
    }

    /// <summary>The run of this process, as the environment describes it; outside pawl, a local one that saves to <c>./checkpoints</c>.</summary>
    public static TrainingRun Current()
    {
        lock (CurrentGate) { return s_current ??= new TrainingRun(TrainingOptions.FromEnvironment()); }
    }

    /// <summary>A run with other options. It is the process's current one until it is disposed.</summary>
    public static TrainingRun Start(TrainingOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Keep, 1, nameof(options));
        lock (CurrentGate) { return s_current = new TrainingRun(options); }
    }

    /// <summary>Runs a trainer and gives its exit code: 0, or 75 where it was told to go. <c>return TrainingRun.Main(() =&gt; …);</c></summary>
    /// <remarks>Every other exception passes, so that it ends the process as it would have.</remarks>
    public static int Main(Action trainer)
    {
        try
        {
            trainer();
            return 0;
        }
        catch (PreemptedException e)
        {
            Console.Error.WriteLine($"pawl: {e.Message}");
            return PreemptedException.ExitCode;
        }
        finally
        {
            lock (CurrentGate) { s_current?.Dispose(); }
        }
    }

    /// <inheritdoc cref="Main(Action)"/>
    public static async Task<int> MainAsync(Func<Task> trainer)
    {
        try
        {
            await trainer().ConfigureAwait(false);
            return 0;
        }
        catch (PreemptedException e)
        {
            Console.Error.WriteLine($"pawl: {e.Message}");
            return PreemptedException.ExitCode;
        }
        finally
        {
            lock (CurrentGate) { s_current?.Dispose(); }
        }
    }

    /// <summary>The last step done; 0 before the first.</summary>
    public long Step { get; private set; }

    /// <summary>Whether the trainer was told to go. <see cref="Steps"/> sees to it after the step; a long step may look here and end early.</summary>
    public bool IsLeaving => _leaving.IsTold;

    /// <summary>Whether all that was taken is written, or has failed to be.</summary>
    internal bool IsWriterIdle => _writer.IsIdle;

    /// <summary>The steps still to do. After each, a trainer that was told to go is saved and leaves by <see cref="PreemptedException"/>.</summary>
    /// <remarks>
    /// What follows the loop is reached only with the last step done and its state in place once more, so that a kill in what follows
    /// costs no step. The state is taken between two steps, so a body that was left by an exception leaves no mark.
    /// </remarks>
    /// <param name="total">The number of the last step.</param>
    public IEnumerable<long> Steps(long total)
    {
        Begin(total);
        while (true)
        {
            if (_leaving.IsTold) { Leave(); }
            if (Step >= total) { break; }
            _at = Step + 1;
            yield return _at;
            Step = _at;
            _report?.Step(Step, total, []);
        }
        if (_taken < Step && _state is not null && _writer.WaitIdle(_options.Grace)) { Take(); }
        // In place before anything that follows.
        _writer.WaitIdle(_options.Grace);
    }

    /// <summary>Says numbers of a step. Costs the loop no system call; of those said within a tenth of a second the newest are sent.</summary>
    public void Report(long step, params ReadOnlySpan<(string Name, double Value)> metrics) => _report?.Step(step, _total, metrics);

    /// <summary>Saves if it is time to, and if the one before is written. The last thing in the loop's body: the step counts as done.</summary>
    /// <param name="state">What <see cref="Restore{TState}(Func{TState})"/> gave, or its successor: a notice saves the newest that was shown here.</param>
    /// <returns>Whether the state was taken. It is durable a little later.</returns>
    public bool CheckpointIfDue<TState>(TState state) where TState : notnull
    {
        Show(state);
        if (!_isRunning || (!_wantsCheckpoint && !_schedule.IsDue(_at)) || !_writer.IsIdle) { return false; }
        Take();
        return true;
    }

    /// <summary>Waits until what was taken is written, at most for the grace period, and says the last words to pawl.</summary>
    public void Dispose()
    {
        if (_isDisposed) { return; }
        _isDisposed = true;
        var isIdle = _writer.WaitIdle(_leaving.IsTold ? _leaving.Left : _options.Grace);
        _writer.Dispose();
        // A writer that hangs in the kernel still reads from the buffer.
        if (isIdle) { _buffer.Dispose(); }
        else { _options.Warn($"a checkpoint of step {_taken} is still being written; it is given up"); }
        _report?.Dispose();
        _leaving.Dispose();
        lock (CurrentGate)
        {
            if (s_current == this) { s_current = null; }
        }
    }

    /// <summary>What a signal or pawl says: leave after the step.</summary>
    internal void Tell(TimeSpan allowed) => _leaving.Tell(allowed);

    private void Begin(long total)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        // From here on the buffer is for writing.
        _restored = null;
        _isRunning = true;
        _total = total;
        _at = Step;
        _schedule.Passed(Step);
        _report?.Send(ReportLines.Hello(Step, total));
    }

    private void Take(bool flush = true)
    {
        var took = Stopwatch.StartNew();
        _wantsCheckpoint = false;
        WriteParts();
        var header = new CheckpointHeader(_options.RunId, _options.Node, _options.Fingerprint, _at, _buffer.Length);
        _writer.Start(header, took.Elapsed.TotalSeconds, flush);
        _taken = _at;
        _schedule.Passed(_at);
    }

    // On the writer's thread.
    private void Written(WrittenCheckpoint written)
    {
        if (written.Failure is { } failure)
        {
            _options.Warn(written.File is null
                ? $"the checkpoint of step {written.Header.Step} was not saved: {failure.Message}; the one of step {Interlocked.Read(ref _durable)} is still the newest, and the next is tried when it is due"
                : $"older checkpoints were not deleted: {failure.Message}");
        }
        if (written.File is null) { return; }
        Interlocked.Exchange(ref _durable, written.Header.Step);
        _schedule.Cost(TimeSpan.FromSeconds(written.BlockedSeconds), TimeSpan.FromSeconds(written.WriteSeconds));
        _report?.Send(ReportLines.Checkpoint(written));
    }

    private void Leave()
    {
        // One that is being written may be of this very step, or may fail.
        for (var tries = 0; tries < 2 && Interlocked.Read(ref _durable) < Step && _state is not null && _writer.WaitIdle(Patience()); tries++)
        {
            // Once this process is gone pawl makes its own copy durable: to flush this one before would take the time twice.
            if (Interlocked.Read(ref _durable) < Step) { Take(flush: _report is not { IsOpen: true }); }
            _writer.WaitIdle(Patience());
        }
        throw new PreemptedException(Step, Interlocked.Read(ref _durable));
    }

    private TimeSpan Patience()
    {
        var left = _leaving.Left - TimeToExit;
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private ReportSocket? Connect()
    {
        if (_options.ReportSocket is not { } path) { return null; }
        try
        {
            return ReportSocket.Connect(path, Follow);
        }
        catch (Exception e) when (e is System.Net.Sockets.SocketException or ArgumentException)
        {
            _options.Warn($"{path}: nobody takes reports there ({e.Message}); the training goes on without");
            return null;
        }
    }

    // On the socket's thread.
    private void Follow(Instruction told)
    {
        switch (told.Kind)
        {
            case "interval": _schedule.Told(TimeSpan.FromSeconds(told.Seconds)); break;
            case "checkpoint": _wantsCheckpoint = true; break;
            default: _leaving.Tell(TimeSpan.FromSeconds(told.Seconds)); break;
        }
    }
}
