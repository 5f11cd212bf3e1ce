namespace Pawl.Simulation.Disk;

/// <summary>The exclusive lock of one file, as the kernel keeps it: freed when its owner ends, however it ends.</summary>
public sealed class SimLock(World world, string path)
{
    private readonly List<(SimProcess Process, Action Granted)> _waiting = [];

    public string Path { get; } = path;

    public SimProcess? Owner { get; private set; }

    /// <summary>Changes with every owner, so that a late disposal by an earlier one frees nothing.</summary>
    public int Grant { get; private set; }

    public bool TryTake(SimProcess process)
    {
        if (Owner is not null) { return false; }
        Give(process);
        return true;
    }

    /// <summary>Calls back once, when the lock is the waiter's.</summary>
    public Action Wait(SimProcess process, Action granted)
    {
        if (TryTake(process))
        {
            granted();
            return () => { };
        }
        var waiter = (process, granted);
        _waiting.Add(waiter);
        return () => _waiting.Remove(waiter);
    }

    /// <summary>Gives the lock to another process without a moment in which it is free.</summary>
    public void HandTo(SimProcess process)
    {
        Owner?.Locks.Remove(this);
        Give(process);
    }

    public void Free()
    {
        Owner?.Locks.Remove(this);
        Owner = null;
        world.Note(null, "lock free", Path);
        _waiting.RemoveAll(w => w.Process.IsDead);
        if (_waiting.Count == 0) { return; }
        var at = world.Dice.Next(_waiting.Count);
        var (next, granted) = _waiting[at];
        _waiting.RemoveAt(at);
        Give(next);
        granted();
    }

    private void Give(SimProcess process)
    {
        Owner = process;
        Grant++;
        process.Locks.Add(this);
    }
}
