using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Pawl.Supervision.Logs;

/// <summary>
/// Writes a log from a thread of its own. Whoever adds a line never waits for the disk: when the disk is full or too slow,
/// lines are dropped, counted, and the count is a line of the log when it goes on.
/// </summary>
internal sealed class LogFile : IDisposable
{
    private const int MostQueuedBytes = 4 << 20;
    private const int Kept = 4;

    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly long _rotateAt;
    private readonly Thread _writer;
    private readonly Queue<byte[]> _queue = new();
    private readonly object _gate = new();
    private int _queuedBytes;
    private long _dropped;
    private long _untold;
    private bool _closing;
    private SafeFileHandle? _file;
    private long _length;

    public LogFile(string path, long rotateAt = 16 << 20)
    {
        (_path, _rotateAt) = (path, rotateAt);
        _writer = new Thread(Write) { IsBackground = true, Name = "log" };
        _writer.Start();
    }

    /// <summary>Lines that were not written, so far.</summary>
    public long Dropped
    {
        get { lock (_gate) { return _dropped; } }
    }

    /// <summary>The files of a log, oldest first; some may be absent.</summary>
    public static IEnumerable<string> Files(string path) =>
        Enumerable.Range(1, Kept).Reverse().Select(n => $"{path}.{n}").Append(path);

    /// <summary>Adds a formatted line, newline included.</summary>
    public void Add(byte[] line)
    {
        lock (_gate)
        {
            if (_queuedBytes + line.Length > MostQueuedBytes || _closing)
            {
                _dropped++;
                _untold++;
                return;
            }
            _queue.Enqueue(line);
            _queuedBytes += line.Length;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Adds a line of pawl's own, marked as such.</summary>
    public void Note(string text) => Add(Own(text));

    /// <summary>Writes what is queued, for at most a second, and closes the file.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closing = true;
            Monitor.Pulse(_gate);
        }

        // A disk that hangs must not keep the outcome from being written.
        if (_writer.Join(LastWords)) { return; }
        lock (_gate)
        {
            _dropped += _queue.Count;
            _queue.Clear();
        }
    }

    private static byte[] Own(string text) => LogLine.Format(TimeProvider.System.GetUtcNow(), "stderr", partial: false, Encoding.UTF8.GetBytes($"pawl: {text}"));

    private void Write()
    {
        for (var batch = Next(); batch is not null; batch = Next())
        {
            if (TryWrite(batch)) { continue; }
            lock (_gate)
            {
                _dropped += batch.Count;
                _untold += batch.Count;
                if (!_closing) { Monitor.Wait(_gate, Retry); }
            }
        }

        // Room may have been made since, and nothing came that could have told.
        if (_untold > 0) { _ = TryWrite([]); }
        _file?.Dispose();
    }

    private List<byte[]>? Next()
    {
        lock (_gate)
        {
            while (_queue.Count == 0)
            {
                if (_closing) { return null; }
                Monitor.Wait(_gate);
            }
            List<byte[]> batch = [.. _queue];
            _queue.Clear();
            _queuedBytes = 0;
            return batch;
        }
    }

    // A batch is written whole or taken back, so that no torn line is left in the middle of the log.
    private bool TryWrite(List<byte[]> batch)
    {
        long untold;
        lock (_gate) { untold = _untold; }
        try
        {
            Open();
            var all = untold == 0 ? batch : [Own($"{untold} lines were dropped here: the disk was full or too slow"), .. batch];
            RandomAccess.Write(_file!, all.ConvertAll(l => (ReadOnlyMemory<byte>)l), _length);
            _length += all.Sum(l => (long)l.Length);
            lock (_gate) { _untold -= untold; }
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            TakeBack();
            return false;
        }
    }

    private void TakeBack()
    {
        try
        {
            if (_file is not null) { RandomAccess.SetLength(_file, _length); }
        }
        catch (IOException)
        {
            // Readers leave torn lines out; a new file is opened for the next batch.
            _file?.Dispose();
            _file = null;
        }
    }

    private void Open()
    {
        if (_file is not null && _length >= _rotateAt)
        {
            _file.Dispose();
            _file = null;
            string[] files = [.. Files(_path)];
            for (var i = 1; i < files.Length; i++)
            {
                if (File.Exists(files[i])) { File.Move(files[i], files[i - 1], overwrite: true); }
            }
        }
        if (_file is null)
        {
            _file = File.OpenHandle(_path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            _length = RandomAccess.GetLength(_file);
        }
    }
}
