using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Pawl.Supervision.Processes;

namespace Pawl.Supervision.Reports;

/// <summary>The line as a unix socket in the runtime folder, served by one thread.</summary>
public sealed class ReportSockets : ITrainerLines
{
    public ITrainerLine Open(string attemptFolder)
    {
        // The paths of sockets are short, those of attempts are not.
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(attemptFolder)))[..16];
        return new ReportSocket(Path.Combine(RuntimeFolder.Ensure(), $"{name}.sock"));
    }
}

internal sealed unsafe class ReportSocket : ITrainerLine
{
    // Ranks of one machine and a few helpers; more are turned away.
    private const int MostTalkers = 64;
    private const int MostQueued = 1024;
    private const int ReadBytes = 16 << 10;

    // A fast trainer reports thousands of steps a second, and waking whoever takes them costs far more than a report: steps are
    // kept together for so long, anything else is passed on at once.
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(200);

    private readonly int _door;
    private readonly int _wake = Native.EventFd(0, Native.CloseOnExec);
    private readonly Thread _server;
    private readonly byte[] _chunk = new byte[ReadBytes];
    private readonly Lock _gate = new();
    private readonly List<Talker> _talkers = [];
    private readonly List<Report> _queue = [];
    private TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _malformed;
    private byte[]? _lastInterval;
    private long _saidAt = Stopwatch.GetTimestamp() - Stopwatch.Frequency;
    private bool _holds;
    private bool _closing;

    /// <exception cref="IOException">The socket could not be made.</exception>
    public ReportSocket(string path)
    {
        Path = path;
        _door = Bind(path);
        _server = new Thread(Serve, 256 << 10) { IsBackground = true, Name = "reports" };
        _server.Start();
    }

    public string Path { get; }

    public long Malformed
    {
        get { lock (_gate) { return _malformed; } }
    }

    public Task Arrived
    {
        get { lock (_gate) { return _arrived.Task; } }
    }

    public IReadOnlyList<Report> Take()
    {
        lock (_gate)
        {
            if (_queue.Count == 0) { return []; }
            Report[] taken = [.. _queue];
            _queue.Clear();
            _holds = false;
            _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
            return taken;
        }
    }

    public void Tell(Word word)
    {
        var line = word.Line();
        lock (_gate)
        {
            if (word is Word.Interval) { _lastInterval = line; }
            foreach (var talker in _talkers) { Send(talker.Fd, line); }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_closing) { return; }
            _closing = true;
        }
        var one = 1L;
        _ = Native.Write(_wake, (byte*)&one, sizeof(long));
        _server.Join();
        _ = Native.Unlink(Path);
        foreach (var talker in _talkers)
        {
            // Its last words may have come after the last look.
            Listen(talker);
            _ = Native.Close(talker.Fd);
        }
        _talkers.Clear();
        _ = Native.Close(_door);
        _ = Native.Close(_wake);
    }

    private static int Bind(string path)
    {
        _ = Native.Unlink(path);
        var bytes = Encoding.UTF8.GetBytes(path);
        var address = new Native.UnixAddress { Family = Native.UnixFamily };
        if (bytes.Length >= Native.UnixAddress.PathBytes)
        {
            throw new IOException($"{path} is {bytes.Length} bytes long, a socket's path has at most {Native.UnixAddress.PathBytes - 1}; name a shorter folder in {RuntimeFolder.Variable}");
        }
        bytes.CopyTo(new Span<byte>(address.Path, Native.UnixAddress.PathBytes));
        var door = Native.Socket(Native.UnixFamily, Native.Stream | Native.CloseOnExec | Native.NonBlocking, 0);
        if (door < 0 || Native.Bind(door, &address, sizeof(Native.UnixAddress)) != 0 || Native.Listen(door, MostTalkers) != 0)
        {
            var why = Marshal.GetLastPInvokeErrorMessage();
            if (door >= 0) { _ = Native.Close(door); }
            throw new IOException($"{path}: {why}; the trainer cannot report");
        }
        return door;
    }

    private void Serve()
    {
        while (Wait() is { } ready)
        {
            if (ready.Door) { Admit(); }
            foreach (var talker in ready.Talkers)
            {
                if (!Listen(talker)) { Dismiss(talker); }
            }
        }
    }

    /// <returns>False where it has hung up.</returns>
    private bool Listen(Talker talker)
    {
        // No more than its turn: one that never stops talking must not keep the others from being heard.
        for (var turns = 0; turns < 16; turns++)
        {
            nint read;
            fixed (byte* bytes = _chunk) { read = Native.Read(talker.Fd, bytes, _chunk.Length); }
            if (read > 0) { Hear(talker, _chunk.AsSpan(0, (int)read)); }
            else { return read < 0 && Marshal.GetLastPInvokeError() is Native.Again or Native.Interrupted; }
        }
        return true;
    }

    /// <returns>Who has something to say; null at the end.</returns>
    private (bool Door, List<Talker> Talkers)? Wait()
    {
        var waits = stackalloc Native.PollFd[MostTalkers + 2];
        waits[0] = new() { Fd = _wake, Events = Native.Readable };
        waits[1] = new() { Fd = _door, Events = Native.Readable };
        Talker[] talkers;
        lock (_gate) { talkers = [.. _talkers]; }
        for (var i = 0; i < talkers.Length; i++) { waits[i + 2] = new() { Fd = talkers[i].Fd, Events = Native.Readable }; }
        if (Native.Poll(waits, (ulong)talkers.Length + 2, Held()) < 0) { return (false, []); }
        lock (_gate)
        {
            if (_closing) { return null; }
            if (_holds && Held() == 0) { Say(); }
        }
        var ready = new List<Talker>();
        for (var i = 0; i < talkers.Length; i++)
        {
            if (waits[i + 2].Seen != 0) { ready.Add(talkers[i]); }
        }
        return (waits[1].Seen != 0, ready);
    }

    private void Admit()
    {
        var fd = Native.Accept(_door, null, null, Native.CloseOnExec | Native.NonBlocking);
        if (fd < 0) { return; }
        lock (_gate)
        {
            if (_talkers.Count == MostTalkers)
            {
                _ = Native.Close(fd);
                return;
            }
            _talkers.Add(new Talker(fd));
            if (_lastInterval is { } interval) { Send(fd, interval); }
        }
    }

    private void Dismiss(Talker talker)
    {
        // What it said last may lack its newline.
        if (talker.Filled > 0) { Read(talker.Line.AsSpan(0, talker.Filled)); }
        lock (_gate)
        {
            _talkers.Remove(talker);
            _ = Native.Close(talker.Fd);
        }
    }

    private void Hear(Talker talker, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            var part = end < 0 ? bytes : bytes[..end];
            var fits = !talker.Skips && talker.Filled + part.Length <= Report.LongestLine;
            if (fits) { talker.Add(part); }
            else { talker.Skips = true; }
            if (end < 0) { return; }
            if (talker.Skips) { lock (_gate) { _malformed++; } }
            else { Read(talker.Line.AsSpan(0, talker.Filled)); }
            (talker.Filled, talker.Skips) = (0, false);
            bytes = bytes[(end + 1)..];
        }
    }

    private void Read(ReadOnlySpan<byte> line)
    {
        if (line.IsEmpty) { return; }
        var isReport = Report.TryRead(line, out var report);
        lock (_gate)
        {
            if (!isReport) { _malformed++; }
            if (report is null) { return; }

            // A fast trainer must not fill the memory of a slow supervisor.
            if (report is Report.StepDone next && _queue.Count > 0 && _queue[^1] is Report.StepDone last) { _queue[^1] = last.Then(next); }
            else if (_queue.Count < MostQueued) { _queue.Add(report); }
            else { _queue[^1] = report; }
            _holds = true;
            if (report is not Report.StepDone || Held() == 0) { Say(); }
        }
    }

    /// <returns>Milliseconds until what is held back has to be said; forever where nothing is.</returns>
    private int Held() => !_holds ? -1 : (int)Math.Max(0, Math.Ceiling((Together - Stopwatch.GetElapsedTime(_saidAt)).TotalMilliseconds));

    private void Say()
    {
        (_holds, _saidAt) = (false, Stopwatch.GetTimestamp());
        _arrived.TrySetResult();
    }

    // To a trainer that does not read nothing is said any more; a write to one that is gone must not be a signal.
    private static void Send(int fd, byte[] line)
    {
        fixed (byte* bytes = line) { _ = Native.Send(fd, bytes, line.Length, Native.NoSignal | Native.DoNotWait); }
    }

    private sealed class Talker(int fd)
    {
        public int Fd => fd;

        public byte[] Line { get; private set; } = new byte[1024];

        public int Filled { get; set; }

        /// <summary>The line is too long; the rest of it is read over.</summary>
        public bool Skips { get; set; }

        public void Add(ReadOnlySpan<byte> part)
        {
            if (Filled + part.Length > Line.Length)
            {
                var larger = new byte[Math.Min(Report.LongestLine, Math.Max(Line.Length * 2, Filled + part.Length))];
                Line.AsSpan(0, Filled).CopyTo(larger);
                Line = larger;
            }
            part.CopyTo(Line.AsSpan(Filled));
            Filled += part.Length;
        }
    }
}
