namespace Pawl.Simulation;

/// <summary>Lets things go wrong between any two turns, as often as the temperament of the seed says, and then no more.</summary>
public sealed class Faults
{
    private const int EnoughDiskErrors = 8;

    // A step that is lost a fifth time in a row is given up; the end of the run could not be foretold then.
    public const int MostLosses = 4;

    private static readonly Fault[] Losing = [Fault.KillSupervisor, Fault.KillSupervisorAndStep, Fault.KillAll, Fault.CutPower, Fault.Rival, Fault.OtherRival, Fault.Overtake, Fault.KillStep];

    private readonly World _world;
    private readonly Temperament _temperament;
    private readonly Action<SimProcess, bool> _startRival;
    private readonly Action<TimeSpan> _preempt;
    private readonly HashSet<int> _outOfMemory = [];
    private int _left;
    private int _wait;
    private int _diskErrorsLeft;

    /// <param name="startRival">Makes another machine run the attempt of a supervisor; with other parameters, where it says so.</param>
    /// <param name="preempt">Rehearses a preemption of all that runs.</param>
    public Faults(World world, Temperament temperament, Action<SimProcess, bool> startRival, Action<TimeSpan> preempt)
    {
        (_world, _temperament, _startRival, _preempt) = (world, temperament, startRival, preempt);
        _left = temperament.Faults;
        _diskErrorsLeft = temperament.DiskErrorOneIn > 0 ? EnoughDiskErrors : 0;
        _wait = Spacing();
    }

    private Dice Dice => _world.FaultDice;

    /// <summary>How often each kind struck: the judge allows for them.</summary>
    public Dictionary<Fault, int> Struck { get; } = [];

    public int DiskErrors { get; private set; }

    /// <summary>The disk refused to flush a turn and then to cut it: pawl may find the journal damaged later, and must stop then.</summary>
    public bool JournalIsDoubtful { get; private set; }

    /// <summary>Faults that cost attempts.</summary>
    public int Losses => Losing.Sum(Struck.GetValueOrDefault);

    public int Total => Struck.Values.Sum();

    /// <summary>Called before each turn.</summary>
    public void MayStrike()
    {
        if (_left == 0 || --_wait > 0) { return; }
        _wait = Spacing();
        var kind = Dice.Pick(_temperament.Kinds);
        var loses = Losing.Contains(kind) && !_temperament.ChangesResults;
        if ((loses && Losses >= MostLosses) || !Strike(kind)) { return; }
        _left--;
        Struck[kind] = Struck.GetValueOrDefault(kind) + 1;
    }

    public TimeSpan? Slowness(SimProcess process) =>
        _temperament.SlowOneIn > 0 && Dice.OneIn(_temperament.SlowOneIn)
            ? TimeSpan.FromTicks((long)(Dice.Next() % (ulong)_temperament.Slowest.Ticks)) : null;

    public bool TookMemory(Start start) => _outOfMemory.Contains(start.Id);

    /// <summary>The call fails and had no effect.</summary>
    public void FailBefore(SimProcess process, string call, string path)
    {
        if (MustFail()) { throw Error(process, call, path); }
    }

    /// <summary>The call fails, but it was done.</summary>
    public void FailAfter(SimProcess process, string call, string path)
    {
        if (MustFail()) { throw Error(process, call, path); }
    }

    /// <summary>Half of it is written, then the disk is full.</summary>
    public IOException? ShortWrite(SimProcess process, string path) => MustFail() ? Error(process, "write", path) : null;

    public IOException? FailedFlush(SimProcess process, string path) => MustFail() ? Error(process, "flush", path) : null;

    private bool MustFail()
    {
        if (_diskErrorsLeft == 0 || !Dice.OneIn(_temperament.DiskErrorOneIn)) { return false; }
        _diskErrorsLeft--;
        DiskErrors++;
        return true;
    }

    private IOException Error(SimProcess process, string call, string path)
    {
        JournalIsDoubtful |= call == "truncate" && path.Contains("/journal/", StringComparison.Ordinal);
        _world.Note(process, "EIO", $"{call} {path}");
        return new IOException($"{call} {path}: the disk refused (simulated)");
    }

    private bool Strike(Fault kind) => kind switch
    {
        Fault.KillEngine => Kill(One(Role.Engine)),
        Fault.KillSupervisor => Kill(One(Role.Supervisor)),
        Fault.KillStep => KillStep(One(Role.Step)),
        Fault.KillSupervisorAndStep => Kill([.. One(Role.Supervisor).SelectMany(s => _world.Containers.Of(s.Attempt ?? "").Prepend(s))]),
        Fault.KillAll => Kill(Of(Role.Engine, Role.Supervisor, Role.Step)),
        Fault.CutPower => CutPower(),
        Fault.Notice => Do(() => _world.Notices.Give(TimeSpan.FromSeconds(Dice.Between(0, 120)), TimeSpan.FromSeconds(Dice.Between(1, 300)))),
        Fault.StopSupervisor => StopFor(One(Role.Supervisor)),
        Fault.StopEngine => StopFor(One(Role.Engine)),
        Fault.Notices => Do(() =>
        {
            for (var i = 0; i < 2; i++) { _world.Notices.Give(TimeSpan.FromSeconds(Dice.Between(60, 150)), TimeSpan.FromSeconds(Dice.Between(1, 12))); }
        }),
        Fault.Preempt => One(Role.Supervisor).Count > 0 && Do(() => _preempt(TimeSpan.FromSeconds(Dice.Between(0, 40)))),
        Fault.Rival => One(Role.Supervisor) is [var supervisor] && Do(() => _startRival(supervisor, false)),
        Fault.Overtake => One(Role.Supervisor) is [var late] && StopFor([late]) && Do(() => _startRival(late, false)),
        Fault.OtherRival => One(Role.Supervisor) is [var supervisor] && Do(() => _startRival(supervisor, true)),
        Fault.RotArtifact => _world.Disk.RotOne(Dice, Places.Artifacts),
        Fault.RotChunk => _world.Disk.RotOne(Dice, Places.Chunks.TrimEnd('/')),
        _ => throw new InvalidOperationException($"{kind} is not handled"),
    };

    private static bool Do(Action action)
    {
        action();
        return true;
    }

    private bool CutPower() => Do(_world.CutPower);

    private static bool Kill(List<SimProcess> processes)
    {
        foreach (var process in processes) { process.Kill(); }
        return processes.Count > 0;
    }

    private bool KillStep(List<SimProcess> steps)
    {
        if (steps.Count == 0) { return false; }
        if (Dice.OneIn(3)) { _outOfMemory.UnionWith(_world.Ledger.Starts.Where(s => steps[0].Name == $"step {s.Node}").Select(s => s.Id)); }
        return Kill(steps);
    }

    private bool StopFor(List<SimProcess> processes)
    {
        foreach (var process in processes)
        {
            if (process.IsStopped) { return false; }
            process.Stop();
            _world.Timeline.In(TimeSpan.FromSeconds(Dice.Between(1, 600)), process.Continue);
        }
        return processes.Count > 0;
    }

    private List<SimProcess> One(Role role) => Of(role) is { Count: > 0 } some ? [some[Dice.Next(some.Count)]] : [];

    private List<SimProcess> Of(params ReadOnlySpan<Role> roles)
    {
        var found = new List<SimProcess>();
        foreach (var process in _world.Processes)
        {
            if (roles.Contains(process.Role)) { found.Add(process); }
        }
        return found;
    }

    private int Spacing() => 1 + Dice.Next(2 * _temperament.Spacing);
}
