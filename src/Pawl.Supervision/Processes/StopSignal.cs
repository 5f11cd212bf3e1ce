using System.Runtime.InteropServices;

namespace Pawl.Supervision.Processes;

/// <summary>Sends SIGTERM so that the program gets it that can save something.</summary>
internal static class StopSignal
{
    private static readonly string[] Shells = ["sh", "bash", "dash", "ash", "zsh", "ksh", "busybox"];

    /// <summary>
    /// To the main process; where that is a shell that waits for a child, to the child, and to the shell itself when the child has ended:
    /// a shell without a trap would die at once and take with it the child that is still saving. Of a pipeline those who only read what another
    /// child writes are left alone, since without them it could not say another word: <c>python train.py | tee log</c>.
    /// </summary>
    /// <param name="mainHandle">A pidfd of the main process; signalling through it cannot hit a stranger.</param>
    public static void Send(int main, int mainHandle)
    {
        var (targets, spared) = (new List<int>(), new List<int>());
        Collect(main, targets, spared);
        if (targets.Contains(main))
        {
            _ = Native.Signal(mainHandle, Native.SigTerm);
        }
        var handles = targets.Where(t => t != main).Select(Native.OpenProcess).Where(h => h >= 0).ToArray();
        foreach (var handle in handles) { _ = Native.Signal(handle, Native.SigTerm); }
        if (targets.Contains(main))
        {
            foreach (var handle in handles) { _ = Native.Close(handle); }
            return;
        }
        var own = Native.OpenProcess(main);
        int[] awaited = [.. handles, .. spared.Select(Native.OpenProcess).Where(h => h >= 0)];
        new Thread(() => Follow(awaited, own)) { IsBackground = true, Name = "stop signal" }.Start();
    }

    private static void Collect(int pid, List<int> targets, List<int> spared)
    {
        var children = Shells.Contains(ProcessTable.Program(pid)) ? [.. ProcessTable.Children(pid)] : Array.Empty<int>();
        if (children.Length == 0 || ProcessTable.Catches(pid, Native.SigTerm)) { targets.Add(pid); }
        foreach (var child in children)
        {
            if (OnlyReads(child, children)) { spared.Add(child); }
            else { Collect(child, targets, spared); }
        }
    }

    // It ends when its writers have. One with a handler of its own may be what is to save something: zcat data | python train.py.
    private static bool OnlyReads(int pid, int[] siblings) =>
        ProcessTable.Pipe(pid, 0) is { } input
        && !ProcessTable.Catches(pid, Native.SigTerm)
        && siblings.Any(s => s != pid && (ProcessTable.Pipe(s, 1) == input || ProcessTable.Pipe(s, 2) == input));

    private static unsafe void Follow(int[] children, int main)
    {
        foreach (var child in children)
        {
            var wait = new Native.PollFd { Fd = child, Events = Native.Readable };
            while (Native.Poll(&wait, 1, -1) < 0 && Marshal.GetLastPInvokeError() == Native.Interrupted) { }
            _ = Native.Close(child);
        }
        if (main < 0) { return; }
        _ = Native.Signal(main, Native.SigTerm);
        _ = Native.Close(main);
    }
}
