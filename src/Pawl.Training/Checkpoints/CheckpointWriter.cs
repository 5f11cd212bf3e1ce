using System.Diagnostics;

namespace Pawl.Training.Checkpoints;

/// <summary>What became of one checkpoint.</summary>
/// <param name="File">Null where it is not in place.</param>
/// <param name="Failure">With a file, only what came after it: older ones could not be deleted.</param>
internal sealed record WrittenCheckpoint(CheckpointHeader Header, string? File, long Bytes, double BlockedSeconds, double WriteSeconds, Exception? Failure);

/// <summary>Writes checkpoints one after the other on a thread of its own; the training loop only ever asks whether it is done.</summary>
/// <remarks>While it is busy the buffer is its own; otherwise it is the loop's.</remarks>
internal sealed class CheckpointWriter : IDisposable
{
    private readonly object _gate = new();
    private readonly CheckpointFolder _folder;
    private readonly StateBuffer _buffer;
    private readonly int _keep;
    private readonly Action<WrittenCheckpoint> _written;
    private (CheckpointHeader Header, double Blocked, bool Flush)? _job;
    private Thread? _thread;
    private bool _ended;

    /// <param name="written">Called on the writer's thread, in order, before it is idle again.</param>
    public CheckpointWriter(CheckpointFolder folder, StateBuffer buffer, int keep, Action<WrittenCheckpoint> written) =>
        (_folder, _buffer, _keep, _written) = (folder, buffer, keep, written);

    public bool IsIdle
    {
        get { lock (_gate) { return _job is null; } }
    }

    /// <summary>Hands over what the buffer holds. Only when idle.</summary>
    /// <param name="flush">Against a crash of the machine; one of the process loses nothing without.</param>
    public void Start(CheckpointHeader header, double blockedSeconds, bool flush)
    {
        lock (_gate)
        {
            if (_job is not null) { throw new UnreachableException("a checkpoint was handed over while one is being written"); }
            _job = (header, blockedSeconds, flush);
            Monitor.PulseAll(_gate);
        }
        if (_thread is not null) { return; }
        _thread = new Thread(WriteAll) { IsBackground = true, Name = "pawl-checkpoint" };
        _thread.Start();
    }

    /// <returns>Whether it is idle; false once <paramref name="patience"/> is over.</returns>
    public bool WaitIdle(TimeSpan patience)
    {
        var waited = Stopwatch.StartNew();
        lock (_gate)
        {
            while (_job is not null)
            {
                var left = patience - waited.Elapsed;
                if (left <= TimeSpan.Zero) { return false; }
                Monitor.Wait(_gate, left);
            }
            return true;
        }
    }

    /// <summary>Ends the thread once it is idle, and does not wait for that.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void WriteAll()
    {
        while (true)
        {
            (CheckpointHeader Header, double Blocked, bool Flush) job;
            lock (_gate)
            {
                while (_job is null)
                {
                    if (_ended) { return; }
                    Monitor.Wait(_gate);
                }
                job = _job.Value;
            }
            _written(Write(job.Header, job.Blocked, job.Flush));
            lock (_gate)
            {
                _job = null;
                Monitor.PulseAll(_gate);
            }
        }
    }

    // Whatever goes wrong here is told, and the loop goes on: a checkpoint that failed is tried again when the next is due.
    private WrittenCheckpoint Write(CheckpointHeader header, double blocked, bool flush)
    {
        var took = Stopwatch.StartNew();
        string? file = null;
        var bytes = 0L;
        try
        {
            (file, bytes) = _folder.Write(header, _buffer, flush);
            took.Stop();
            _folder.Prune(_keep);
            return new WrittenCheckpoint(header, file, bytes, blocked, took.Elapsed.TotalSeconds, null);
        }
        catch (Exception e)
        {
            return new WrittenCheckpoint(header, file, bytes, blocked, took.Elapsed.TotalSeconds, e);
        }
    }
}
