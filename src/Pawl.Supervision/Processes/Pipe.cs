using System.Runtime.InteropServices;

namespace Pawl.Supervision.Processes;

/// <summary>A pipe from a child to this process; what is not taken is closed.</summary>
internal sealed class Pipe : IDisposable
{
    private const int SetStatusFlags = 4;

    private int _readEnd;

    private Pipe(int readEnd, int writeEnd) => (_readEnd, WriteEnd) = (readEnd, writeEnd);

    public int WriteEnd { get; }

    public static unsafe Pipe Open()
    {
        var ends = stackalloc int[2];
        if (Native.Pipe(ends, Native.CloseOnExec) != 0)
        {
            throw new IOException($"no pipe for the output of the step: {Marshal.GetLastPInvokeErrorMessage()}");
        }

        // Only this end: the child's must block, or programs that cannot cope would lose output.
        _ = Native.Control(ends[0], SetStatusFlags, Native.NonBlocking);
        return new Pipe(ends[0], ends[1]);
    }

    /// <summary>Hands the reading end to the caller, who closes it.</summary>
    public int TakeReadEnd()
    {
        var taken = _readEnd;
        _readEnd = -1;
        return taken;
    }

    public void Dispose()
    {
        if (_readEnd >= 0) { _ = Native.Close(_readEnd); }
        _ = Native.Close(WriteEnd);
    }
}
