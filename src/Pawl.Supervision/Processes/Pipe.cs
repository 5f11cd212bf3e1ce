using System.Runtime.InteropServices;

namespace Pawl.Supervision.Processes;

/// <summary>A pipe between a child and this process; what is not taken is closed.</summary>
internal sealed unsafe class Pipe : IDisposable
{
    private const int SetStatusFlags = 4;

    private Pipe(int readEnd, int writeEnd) => (ReadEnd, WriteEnd) = (readEnd, writeEnd);

    public int ReadEnd { get; private set; }

    public int WriteEnd { get; private set; }

    /// <summary>From a child to this process.</summary>
    public static Pipe Open()
    {
        var pipe = OpenToChild();

        // Only this end: the child's must block, or programs that cannot cope would lose output.
        _ = Native.Control(pipe.ReadEnd, SetStatusFlags, Native.NonBlocking);
        return pipe;
    }

    /// <summary>From this process to a child.</summary>
    public static Pipe OpenToChild()
    {
        var ends = stackalloc int[2];
        return Native.Pipe(ends, Native.CloseOnExec) == 0 ? new Pipe(ends[0], ends[1])
            : throw new IOException($"no pipe for the step: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    /// <summary>Hands the reading end to the caller, who closes it.</summary>
    public int TakeReadEnd()
    {
        var taken = ReadEnd;
        ReadEnd = -1;
        return taken;
    }

    /// <summary>Once a child has it, so that its end is heard.</summary>
    public void CloseWriteEnd()
    {
        if (WriteEnd >= 0) { _ = Native.Close(WriteEnd); }
        WriteEnd = -1;
    }

    /// <summary>Waits for one byte.</summary>
    /// <returns>Null at the end.</returns>
    public byte? ReadByte()
    {
        byte one;
        while (true)
        {
            var read = Native.Read(ReadEnd, &one, 1);
            if (read > 0) { return one; }
            if (read == 0 || Marshal.GetLastPInvokeError() is not (Native.Again or Native.Interrupted)) { return null; }
            var wait = new Native.PollFd { Fd = ReadEnd, Events = Native.Readable };
            _ = Native.Poll(&wait, 1, -1);
        }
    }

    /// <summary>Whoever should read it may be gone: then it is lost.</summary>
    public void Write(byte one) => _ = Native.Write(WriteEnd, &one, 1);

    public void Dispose()
    {
        if (ReadEnd >= 0) { _ = Native.Close(ReadEnd); }
        ReadEnd = -1;
        CloseWriteEnd();
    }
}
