using System.Runtime.InteropServices;
using Pawl.Supervision.Processes;

namespace Pawl.Supervision.Logs;

/// <summary>Reads one stream of a step on a thread of its own, and never lets the step wait for anything but this thread's turn.</summary>
internal sealed unsafe class LogPump : IDisposable
{
    // As in container runtimes: a longer line is written in parts.
    private const int LongestLine = 16 << 10;
    private const int ChunkBytes = 64 << 10;
    private const int PipeBytes = 1 << 20;

    private readonly int _pipe;
    private readonly int _wake = Native.EventFd(0, Native.CloseOnExec);
    private readonly string _stream;
    private readonly LogFile _log;
    private readonly LogTails _tails;
    private readonly Thread _reader;
    private readonly byte[] _line = new byte[LongestLine];
    private int _filled;

    /// <param name="pipe">A reading end that does not block; closed by this.</param>
    public LogPump(int pipe, string stream, LogFile log, LogTails tails)
    {
        (_pipe, _stream, _log, _tails) = (pipe, stream, log, tails);
        _reader = new Thread(Read) { IsBackground = true, Name = stream };
        _reader.Start();
    }

    /// <returns>False where somebody still holds the other end open.</returns>
    public bool WaitForEnd(TimeSpan atMost) => _reader.Join(atMost);

    /// <summary>Takes what has been written until now and stops reading, whoever still writes.</summary>
    public void Dispose()
    {
        var one = 1L;
        _ = Native.Write(_wake, (byte*)&one, sizeof(long));
        _reader.Join();
        _ = Native.Close(_pipe);
        _ = Native.Close(_wake);
    }

    private void Read()
    {
        var chunk = new byte[ChunkBytes];
        var told = false;

        // Told to stop, it takes no more than a pipe can hold: a stray writer may never end.
        for (var left = PipeBytes; left > 0;)
        {
            nint read;
            fixed (byte* bytes = chunk) { read = Native.Read(_pipe, bytes, chunk.Length); }
            if (read > 0)
            {
                Take(chunk.AsSpan(0, (int)read));
                if (told) { left -= (int)read; }
                continue;
            }
            var again = read < 0 && Marshal.GetLastPInvokeError() is Native.Again or Native.Interrupted;
            if (!again || told) { break; }
            told = WaitForMore();
        }
        if (_filled > 0) { Emit(partial: false); }
    }

    /// <returns>True where this was told to stop.</returns>
    private bool WaitForMore()
    {
        var waits = stackalloc Native.PollFd[2];
        waits[0] = new() { Fd = _pipe, Events = Native.Readable };
        waits[1] = new() { Fd = _wake, Events = Native.Readable };
        return Native.Poll(waits, 2, -1) > 0 && waits[1].Seen != 0;
    }

    private void Take(ReadOnlySpan<byte> bytes)
    {
        _tails.Add(_stream, bytes);
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            var part = end < 0 ? bytes : bytes[..end];
            var fits = Math.Min(part.Length, LongestLine - _filled);
            part[..fits].CopyTo(_line.AsSpan(_filled));
            _filled += fits;
            if (fits < part.Length || (end < 0 && _filled == LongestLine))
            {
                Emit(partial: true);
                bytes = bytes[fits..];
            }
            else if (end >= 0)
            {
                Emit(partial: false);
                bytes = bytes[(end + 1)..];
            }
            else
            {
                return;
            }
        }
    }

    private void Emit(bool partial)
    {
        _log.Add(LogLine.Format(TimeProvider.System.GetUtcNow(), _stream, partial, _line.AsSpan(0, _filled)));
        _filled = 0;
    }
}
