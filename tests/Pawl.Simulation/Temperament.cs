namespace Pawl.Simulation;

/// <summary>What the surroundings of a run are like. Each seed has one.</summary>
public sealed record Temperament(string Name)
{
    /// <summary>Most faults of a run; after them all is quiet, so that every run must end.</summary>
    public int Faults { get; init; }

    /// <summary>Turns between two faults, on average.</summary>
    public int Spacing { get; init; } = 150;

    public IReadOnlyList<Fault> Kinds { get; init; } = [];

    /// <summary>One call of the disk in so many fails; 0 is none.</summary>
    public int DiskErrorOneIn { get; init; }

    /// <summary>One call in so many takes up to <see cref="Slowest"/>; 0 is none.</summary>
    public int SlowOneIn { get; init; }

    public TimeSpan Slowest { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Most programs train.</summary>
    public bool Trains { get; init; }

    /// <summary>The user pauses, starts a second engine, asks for what is not there.</summary>
    public bool RestlessUser { get; init; }

    /// <summary>Faults here can end a step otherwise than its script says, so the end of the run cannot be foretold.</summary>
    public bool ChangesResults => Faults > 10 || DiskErrorOneIn > 0 || Kinds.Any(k => k is Fault.KillStep or Fault.RotArtifact);

    public static IReadOnlyList<Temperament> All { get; } =
    [
        new("quiet"),
        new("slow") { SlowOneIn = 6, RestlessUser = true },
        new("impatient") { RestlessUser = true },
        new("kills") { Faults = 6, Kinds = [Fault.KillEngine, Fault.KillEngine, Fault.KillSupervisor, Fault.KillSupervisorAndStep, Fault.KillAll] },
        new("engine kills") { Faults = 10, Spacing = 60, Kinds = [Fault.KillEngine], SlowOneIn = 20 },
        new("supervisor kills") { Faults = 4, Spacing = 60, Kinds = [Fault.KillSupervisor, Fault.KillSupervisorAndStep] },
        new("lossy") { Faults = 14, Spacing = 40, Kinds = [Fault.KillSupervisor, Fault.KillSupervisorAndStep] },
        new("step kills") { Faults = 4, Kinds = [Fault.KillStep, Fault.KillEngine, Fault.KillSupervisor] },
        new("power") { Faults = 4, Spacing = 120, Kinds = [Fault.CutPower] },
        new("power and kills") { Faults = 6, Spacing = 100, Kinds = [Fault.CutPower, Fault.KillEngine, Fault.KillSupervisor], SlowOneIn = 15, RestlessUser = true },
        new("notices") { Faults = 8, Spacing = 60, Kinds = [Fault.Notice, Fault.Notice, Fault.Notice, Fault.KillEngine], RestlessUser = true },
        new("notices and power") { Faults = 8, Spacing = 60, Kinds = [Fault.Notice, Fault.Notice, Fault.KillEngine, Fault.KillSupervisor, Fault.CutPower] },
        new("zombies") { Faults = 6, Spacing = 80, Kinds = [Fault.Rival, Fault.Rival, Fault.StopSupervisor, Fault.StopEngine, Fault.KillEngine, Fault.KillSupervisor] },
        new("rivals") { Faults = 3, Spacing = 40, Kinds = [Fault.Rival, Fault.Rival, Fault.CutPower], SlowOneIn = 15 },
        new("restless") { Faults = 3, Kinds = [Fault.KillEngine, Fault.KillSupervisor], SlowOneIn = 20, RestlessUser = true },
        new("disk errors") { Faults = 2, Kinds = [Fault.KillEngine, Fault.CutPower], DiskErrorOneIn = 250 },
        new("failing disk") { Faults = 5, Spacing = 60, Kinds = [Fault.CutPower], DiskErrorOneIn = 90 },
        new("rot") { Faults = 3, Kinds = [Fault.RotArtifact, Fault.KillEngine, Fault.CutPower] },
        new("storms") { Faults = 10, Spacing = 70, Trains = true, Kinds = [Fault.Preempt, Fault.Preempt, Fault.Preempt, Fault.Notices, Fault.KillEngine] },
        new("storms and power") { Faults = 8, Spacing = 90, Trains = true, Kinds = [Fault.Preempt, Fault.Preempt, Fault.Notice, Fault.Notices, Fault.KillSupervisor, Fault.CutPower] },
        new("killed trainers") { Faults = 4, Spacing = 120, Trains = true, SlowOneIn = 10, Kinds = [Fault.KillSupervisor, Fault.KillSupervisorAndStep, Fault.CutPower] },
        new("rival trainers")
        {
            Faults = 4, Spacing = 120, Trains = true, SlowOneIn = 12,
            Kinds = [Fault.Rival, Fault.OtherRival, Fault.StopSupervisor, Fault.KillSupervisor, Fault.Preempt],
        },
        new("other parameters") { Faults = 4, Spacing = 100, Trains = true, Kinds = [Fault.OtherRival] },
        new("overtaken trainers") { Faults = 16, Spacing = 40, Trains = true, Kinds = [Fault.Overtake, Fault.Overtake, Fault.Overtake, Fault.Rival] },
        new("false alarms") { Faults = 6, Spacing = 60, Trains = true, Kinds = [Fault.Notices] },
        new("rotten checkpoints") { Faults = 8, Spacing = 100, Trains = true, Kinds = [Fault.RotChunk, Fault.RotChunk, Fault.KillSupervisorAndStep, Fault.Preempt] },
        new("trainers on a failing disk") { Faults = 3, Spacing = 150, Trains = true, DiskErrorOneIn = 250, Kinds = [Fault.KillSupervisor, Fault.CutPower, Fault.Preempt] },
        new("everything")
        {
            Faults = 8, Spacing = 100, DiskErrorOneIn = 600, SlowOneIn = 20, RestlessUser = true,
            Kinds = [Fault.KillEngine, Fault.KillSupervisor, Fault.KillStep, Fault.KillAll, Fault.CutPower, Fault.StopSupervisor, Fault.StopEngine, Fault.Rival],
        },
    ];
}

public enum Fault
{
    KillEngine,
    KillSupervisor,
    KillStep,
    KillSupervisorAndStep,

    /// <summary>Engine, supervisors and steps at once.</summary>
    KillAll,
    CutPower,

    /// <summary>The machine is about to go. It may be taken back before or after its deadline, and come together with others.</summary>
    Notice,

    /// <summary>Several at once, each lifted at its own time, some before their deadline.</summary>
    Notices,

    /// <summary>All that runs is told to go, and may start again at once.</summary>
    Preempt,

    /// <summary>SIGSTOP, and SIGCONT much later: it goes on as if nothing had been.</summary>
    StopSupervisor,
    StopEngine,

    /// <summary>Another machine on the same store runs an attempt of the same step: a lock does not keep it out, only the chain does.</summary>
    Rival,

    /// <summary>Likewise, while the supervisor here is stopped: it goes on much later, wherever it was.</summary>
    Overtake,

    /// <summary>The same with other parameters: what it saves is of no use here.</summary>
    OtherRival,

    /// <summary>A byte of a promoted artifact changes where it lies.</summary>
    RotArtifact,

    /// <summary>Likewise of a checkpoint in the store.</summary>
    RotChunk,
}
