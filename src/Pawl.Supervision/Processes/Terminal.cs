using System.Runtime.InteropServices;

namespace Pawl.Supervision.Processes;

/// <summary>A terminal that stands for the standard streams of a child; nobody types at it. What is not taken is closed.</summary>
internal sealed unsafe class Terminal : IDisposable
{
    private const int SetStatusFlags = 4;

    // Opened for reading and writing, closed on exec, and never the terminal that signals pawl itself.
    private const int Flags = 0x2 | 0x100 | Native.CloseOnExec;

    // ioctl_tty(2) and ioctl_pty(2).
    private const ulong GetSettings = 0x5401;
    private const ulong SetSettings = 0x5402;
    private const ulong SetLock = 0x40045431;
    private const ulong OpenPeer = 0x5441;

    private Terminal(int outside, int inside) => (Outside, Inside) = (outside, inside);

    /// <summary>Where what the child writes is read.</summary>
    public int Outside { get; private set; }

    /// <summary>What the child has.</summary>
    public int Inside { get; private set; }

    /// <exception cref="IOException">The machine has none to give.</exception>
    public static Terminal Open()
    {
        var outside = Checked(Native.Open("/dev/ptmx", Flags, 0));
        var terminal = new Terminal(outside, -1);
        try
        {
            var unlocked = 0;
            Checked(Native.DeviceControl(outside, SetLock, (nint)(&unlocked)));
            terminal.Inside = Checked(Native.DeviceControl(outside, OpenPeer, Flags));
            WriteAsWritten(terminal.Inside);
            Checked(Native.Control(outside, SetStatusFlags, Native.NonBlocking));
            return terminal;
        }
        catch
        {
            terminal.Dispose();
            throw;
        }
    }

    /// <summary>Hands the outer end to the caller, who closes it.</summary>
    public int TakeOutside()
    {
        var taken = Outside;
        Outside = -1;
        return taken;
    }

    /// <summary>Once a child has it, so that its end is heard.</summary>
    public void CloseInside()
    {
        if (Inside >= 0) { _ = Native.Close(Inside); }
        Inside = -1;
    }

    public void Dispose()
    {
        CloseInside();
        if (Outside >= 0) { _ = Native.Close(TakeOutside()); }
    }

    // A line would end in two characters otherwise, in results as well.
    private static void WriteAsWritten(int terminal)
    {
        // Larger than the kernel's struct termios (36): four words of flags, input and output first.
        var settings = stackalloc uint[16];
        Checked(Native.DeviceControl(terminal, GetSettings, (nint)settings));
        settings[1] = 0;
        Checked(Native.DeviceControl(terminal, SetSettings, (nint)settings));
    }

    private static int Checked(int answer) => answer >= 0 ? answer : throw new IOException($"no terminal for the step: {Marshal.GetLastPInvokeErrorMessage()}");
}
