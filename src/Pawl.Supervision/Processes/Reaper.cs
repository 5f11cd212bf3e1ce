namespace Pawl.Supervision.Processes;

/// <summary>Reaps the children it is told of when they end, all on one thread, and nobody else's.</summary>
internal sealed unsafe class Reaper
{
    private readonly int _wake = Native.EventFd(0, Native.CloseOnExec | Native.NonBlocking);
    private readonly List<(int Pid, int Handle)> _added = [];
    private bool _running;

    /// <param name="pid">A child of this process, not waited for yet.</param>
    public void Add(int pid)
    {
        lock (_added)
        {
            _added.Add((pid, Native.OpenProcess(pid)));
            if (!_running)
            {
                _running = true;
                new Thread(Run) { IsBackground = true, Name = "reaper" }.Start();
            }
        }
        var one = 1L;
        _ = Native.Write(_wake, (byte*)&one, sizeof(long));
    }

    private void Run()
    {
        var children = new List<(int Pid, int Handle)>();
        while (true)
        {
            lock (_added)
            {
                children.AddRange(_added);
                _added.Clear();
            }
            var waits = new Native.PollFd[children.Count + 1];
            waits[0] = new() { Fd = _wake, Events = Native.Readable };
            for (var i = 0; i < children.Count; i++) { waits[i + 1] = new() { Fd = children[i].Handle, Events = Native.Readable }; }
            fixed (Native.PollFd* all = waits) { _ = Native.Poll(all, (ulong)waits.Length, -1); }

            long count;
            if (waits[0].Seen != 0) { _ = Native.Read(_wake, (byte*)&count, sizeof(long)); }
            for (var i = children.Count - 1; i >= 0; i--)
            {
                if (waits[i + 1].Seen == 0) { continue; }
                Reap(children[i].Pid);
                _ = Native.Close(children[i].Handle);
                children.RemoveAt(i);
            }
        }
    }

    private static void Reap(int pid)
    {
        try
        {
            _ = Spawn.Wait(pid);
        }
        catch (IOException)
        {
            // Reaped by the kernel already, because this process was started with SIGCHLD ignored.
            return;
        }
    }
}
