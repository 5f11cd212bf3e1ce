namespace Pawl.Simulation;

/// <summary>
/// A made-up machine with one thread and one seed: processes, a disk, locks and a clock. Every call of a process to its surroundings
/// parks it here, and the dice decide who goes on, so that everything that can happen between two system calls does.
/// </summary>
public sealed class World
{
    /// <summary>More turns than any run that ends has ever taken, tenfold.</summary>
    private const int MostTurns = 40_000;

    private readonly List<Parked> _ready = [];
    private readonly Queue<Parked> _posted = new();
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly TextWriter? _trace;
    private ulong _hash = 14695981039346656037UL;
    private int _processes;
    private string? _strayed;

    /// <param name="trace">Gets a line for everything that happens; null is silent.</param>
    public World(ulong seed, TextWriter? trace = null, Bugs.Bug? bug = null)
    {
        Ports = new Ports(bug);
        Seed = seed;
        _trace = trace;
        var dice = new Dice(seed);
        Dice = dice.Fork();
        FaultDice = dice.Fork();
        PlanDice = dice.Fork();
        Disk = new Disk.DiskState(this);
        Notices = new MachineNotices(this);
    }

    public ulong Seed { get; }

    /// <summary>Calls return at once and nobody else runs: for trying one port alone.</summary>
    public bool IsDirect { get; init; }

    /// <summary>Who goes next, and what a power cut leaves.</summary>
    public Dice Dice { get; }

    public Dice FaultDice { get; }

    /// <summary>Workload and scripts.</summary>
    public Dice PlanDice { get; }

    public Timeline Timeline { get; } = new();

    public Disk.DiskState Disk { get; }

    public Ports Ports { get; }

    public MachineNotices Notices { get; }

    public Processes.Containers Containers { get; } = new();

    public Ledger Ledger { get; } = new();

    /// <summary>The database of locks.</summary>
    public System.Collections.Immutable.ImmutableArray<Pawl.Core.Locks.LockRow> LockRows { get; set; } = [];

    /// <summary>What the programs do, by template.</summary>
    public IReadOnlyDictionary<string, Processes.Script> Scripts { get; set; } = new Dictionary<string, Processes.Script>();

    /// <summary>Null where nothing goes wrong.</summary>
    public Faults? Faults { get; set; }

    /// <summary>Hears of each program about to start, and of each power cut.</summary>
    public Action<Start>? Starting { get; set; }

    public Action? PowerIsBack { get; set; }

    /// <summary>Hears of each trainer that has looked at its checkpoint folder, and of each program about to get the stop signal.</summary>
    public Action<Start>? Resumed { get; set; }

    public Action<Start>? Stopping { get; set; }

    /// <summary>Checkpoint files that somebody has begun to write in place and not ended, dead or alive.</summary>
    public HashSet<Disk.Inode> HalfWritten { get; } = [];

    /// <summary>Lines between trainers and supervisors, by path.</summary>
    public Dictionary<string, Processes.SimLine> Lines { get; } = new(StringComparer.Ordinal);

    /// <summary>Living processes, in the order of their start.</summary>
    public List<SimProcess> Processes { get; } = [];

    public int Turns { get; private set; }

    /// <summary>Over everything that happened, in order: equal for equal worlds.</summary>
    public ulong TraceHash => _hash;

    /// <summary>The first broken invariant; the world stops at it.</summary>
    public Violation? Violation { get; private set; }

    /// <summary>Runs until a process named by <paramref name="until"/> is done, or nothing can happen, or an invariant broke.</summary>
    public void Run(Func<bool> until)
    {
        var outer = SynchronizationContext.Current;
        try
        {
            while (Violation is null && !until())
            {
                if (_strayed is not null) { Break("ends", $"{_strayed} was called from another thread; some await left the world's"); }
                Faults?.MayStrike();
                if (_ready.Count > 0) { TakeTurn(); }
                else if (!Timeline.Advance()) { Break("ends", $"nothing left can happen: {Waiting()}"); }
            }
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    /// <summary>Starts a process. It takes its first step when the dice pick it.</summary>
    public SimProcess Start(Role role, string name, Func<SimProcess, Task> body, string? attempt = null)
    {
        var process = new SimProcess(this, ++_processes, role, name) { Attempt = attempt };
        Processes.Add(process);
        Note(process, "started", "");
        Ready(new Parked(process, () => _ = LiveAsync(process, body)));
        return process;
    }

    /// <summary>One call to the surroundings: returns when the dice let this process go on; what the caller does next is the call's effect.</summary>
    public Task Turn(SimProcess process, string call, string about)
    {
        if (IsDirect) { return Task.CompletedTask; }
        if (HasStrayed(call)) { return new TaskCompletionSource().Task; }
        var done = new TaskCompletionSource();
        var parked = new Parked(process, () =>
        {
            Note(process, call, about);
            done.SetResult();
        });
        if (Faults?.Slowness(process) is { } wait) { Timeline.In(wait, () => Ready(parked)); }
        else { Ready(parked); }
        return done.Task;
    }

    /// <summary>Lets a process do something as soon as the dice pick it.</summary>
    public void Ready(Parked parked)
    {
        if (parked.Process.IsDead) { return; }
        if (IsDirect) { parked.Go(); }
        else if (parked.Process.IsStopped) { parked.Process.Freeze(parked); }
        else { _ready.Add(parked); }
    }

    /// <summary>Lets a process go on with what an await of it has come back to, in this same turn.</summary>
    public void Post(Parked rest)
    {
        if (!HasStrayed("the rest of an await")) { _posted.Enqueue(rest); }
    }

    /// <summary>Everybody dies at once and the disk forgets what was not flushed.</summary>
    public void CutPower()
    {
        Note(null, "power cut", "");
        foreach (var process in Processes.Where(p => p.Role != Role.User).ToList()) { process.Kill(); }
        Disk.CutPower(Dice);
        Ports.Boots++;
        Notices.Forget();
        PowerIsBack?.Invoke();
    }

    /// <summary>Reports a broken invariant. The first one counts.</summary>
    public void Break(string invariant, string what)
    {
        Violation ??= new Violation(invariant, what);
        Note(null, "VIOLATION", $"{invariant}: {what}");
    }

    public void Note(SimProcess? process, string call, string about)
    {
        Mix(process?.Id ?? 0);
        Mix(call);
        Mix(about);
        _trace?.WriteLine($"{Turns,7} {Timeline.Ticks / 10_000_000.0,12:F4} {process?.ToString() ?? "world",-24} {call,-12} {about}");
    }

    internal void Forget(SimProcess process)
    {
        Processes.Remove(process);
        _ready.RemoveAll(p => p.Process == process);
    }

    private static async Task LiveAsync(SimProcess process, Func<SimProcess, Task> body)
    {
        try { await body(process); }
        catch (Exception e) { process.Failure = e; }    // the edge of a process: its starter asks how it ended
        process.End();
    }

    private void TakeTurn()
    {
        if (++Turns > MostTurns)
        {
            Break("ends", $"still going after {MostTurns:N0} turns: {Waiting()}");
            return;
        }
        var at = Dice.Next(_ready.Count);
        var next = _ready[at];
        _ready[at] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        if (next.Process.IsStopped) { next.Process.Freeze(next); }
        else { Go(next); }
        while (_posted.TryDequeue(out var rest)) { Go(rest); }
    }

    // An exception that leaves a timer's callback ends a process, as it would a real one.
    private void Go(Parked next)
    {
        if (next.Process.IsDead) { return; }
        SynchronizationContext.SetSynchronizationContext(next.Process.Context);
        try { next.Go(); }
        catch (Exception e)
        {
            next.Process.Failure = e;
            next.Process.End();
        }
    }

    private string Waiting() => string.Join(", ", Processes.Select(p => p.IsStopped ? $"{p} (stopped)" : p.ToString()));

    // Code that leaves the world's thread could run at any time, and no seed would replay.
    private bool HasStrayed(string call)
    {
        if (Environment.CurrentManagedThreadId == _thread) { return false; }
        Volatile.Write(ref _strayed, call);
        return true;
    }

    private void Mix(string text)
    {
        foreach (var c in text) { Mix(c); }
        Mix(0x1F);
    }

    private void Mix(int value) => _hash = (_hash ^ (uint)value) * 1099511628211UL;
}

/// <param name="Invariant">Its short name, as in the table of planted bugs.</param>
public sealed record Violation(string Invariant, string What);
