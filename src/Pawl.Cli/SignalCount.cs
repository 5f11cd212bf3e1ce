using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Pawl.Cli;

/// <summary>Counts the signals that a program is sent, SIGTERMs that come together as one.</summary>
internal sealed class SignalCount
{
    // timeout(1) signals the program and then its group; who presses Ctrl-C twice means it.
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private long _last;
    private int _count;

    /// <returns>How many there were, this one included; 0 where it belongs to the one before.</returns>
    public int Add(PosixSignal signal)
    {
        lock (_lock)
        {
            if (_count > 0 && signal is PosixSignal.SIGTERM && Stopwatch.GetElapsedTime(_last) < Together) { return 0; }
            _last = Stopwatch.GetTimestamp();
            return ++_count;
        }
    }
}
