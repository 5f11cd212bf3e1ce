using Pawl.Simulation.Disk;

namespace Pawl.Simulation;

public enum Role
{
    User,
    Engine,

    /// <summary>A short command in another terminal.</summary>
    Shell,
    Supervisor,
    Step,
}

/// <summary>A simulated process: what it waits for, and what the kernel frees when it ends.</summary>
public sealed class SimProcess
{
    private readonly List<Parked> _frozen = [];

    public SimProcess(World world, int id, Role role, string name)
    {
        (World, Id, Role, Name) = (world, id, role, name);
        Context = new ProcessContext(this);
    }

    public World World { get; }

    public int Id { get; }

    public Role Role { get; }

    public string Name { get; }

    /// <summary>What its awaits come back to: so nothing of it ever runs on another thread, or when it is dead.</summary>
    public SynchronizationContext Context { get; }

    /// <summary>Of a supervisor: the folder of its attempt.</summary>
    public string? Attempt { get; init; }

    /// <summary>Ended or killed. What it was waiting for is dropped for ever: like after SIGKILL, no <c>finally</c> runs.</summary>
    public bool IsDead { get; private set; }

    /// <summary>Of a body that threw; null of one that returned or was killed.</summary>
    public Exception? Failure { get; set; }

    public bool WasKilled { get; private set; }

    /// <summary>SIGSTOP: nothing of it runs until SIGCONT, and it keeps its locks.</summary>
    public bool IsStopped { get; private set; }

    public HashSet<SimLock> Locks { get; } = [];

    public HashSet<SimFolderWatch> Watches { get; } = [];

    /// <summary>Runs once, when it is dead, in the kernel's time: for what others hear of its end.</summary>
    public event Action? Ended;

    public override string ToString() => $"{Name}.{Id}";

    /// <summary>For processes of pawl: an exception that leaves one is a broken promise, unless its disk refused something.</summary>
    public void FailsOnlyWithDisk() => Ended += () =>
    {
        if (Failure is { } failure && World.Faults is { DiskErrors: 0 }) { World.Break("ends", $"{this} failed: {failure}"); }

        // One refusal must not spoil what comes long after it.
        if (Failure is { } late && late.Message.Contains("open the chain anew", StringComparison.Ordinal)) { World.Break("ends", $"{this} never got over a refusal: {late.Message}"); }
    };

    public void Kill()
    {
        if (IsDead) { return; }
        WasKilled = true;
        End();
    }

    public void End()
    {
        if (IsDead) { return; }
        IsDead = true;
        _frozen.Clear();
        World.Note(this, WasKilled ? "killed" : Failure is null ? "ended" : "failed", Failure?.Message ?? "");
        World.Forget(this);
        foreach (var held in Locks.OrderBy(l => l.Path, StringComparer.Ordinal).ToList()) { held.Free(); }
        foreach (var watch in Watches.OrderBy(w => w.Id).ToList()) { watch.Dispose(); }
        Ended?.Invoke();
    }

    public void Stop()
    {
        World.Note(this, "stopped", "");
        IsStopped = true;
    }

    public void Continue()
    {
        if (IsDead || !IsStopped) { return; }
        IsStopped = false;
        World.Note(this, "continued", "");
        foreach (var parked in _frozen) { World.Ready(parked); }
        _frozen.Clear();
    }

    /// <summary>Keeps what is due for a stopped process until it goes on.</summary>
    public void Freeze(Parked parked) => _frozen.Add(parked);

    private sealed class ProcessContext(SimProcess process) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => process.World.Post(new Parked(process, () => d(state)));
    }
}

/// <summary>Something a process will do when the world lets it: the rest of an awaited call, or a timer's callback.</summary>
public readonly record struct Parked(SimProcess Process, Action Go);
