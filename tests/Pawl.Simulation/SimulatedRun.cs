using Pawl.Simulation.Processes;

namespace Pawl.Simulation;

/// <summary>What became of one seed.</summary>
/// <param name="Violation">Null where every invariant held.</param>
public sealed record SimulationResult(
    ulong Seed, string Temperament, Violation? Violation, ulong TraceHash, int Turns, int Starts, int Faults, string Phase)
{
    /// <summary>What broke, and the command that shows it again.</summary>
    public string Report(Bugs.Bug? bug) =>
        $"""
        seed {Seed} ({Temperament}) broke "{Violation!.Invariant}": {Violation.What}
          dotnet run --project tests/Pawl.Simulation -- --from {Seed} --seeds 1{(bug is null ? "" : $" --bug {bug.Name}")} --trace
        """;
}

/// <summary>One seed, from nothing to its end.</summary>
public static class SimulatedRun
{
    public static SimulationResult Play(ulong seed, Bugs.Bug? bug = null, TextWriter? trace = null)
    {
        var world = new World(seed, trace, bug);
        var temperament = world.PlanDice.Pick(Temperament.All);
        world.Note(null, "temperament", temperament.Name);
        var workload = new WorkloadMaker(world.PlanDice).Make(temperament.ChangesResults);
        var judge = new Judge(world, workload);
        world.Scripts = workload.Scripts;
        world.Starting = judge.Started;
        world.PowerIsBack = judge.PowerCut;
        world.Disk.Appeared = judge.Appeared;
        world.Faults = new Faults(world, temperament, supervisor => StartRival(world, supervisor));
        var pawl = new EngineProgram(workload, judge);
        var user = world.Start(Role.User, "user", new User(world, workload, judge, pawl, temperament).LiveAsync);
        world.Run(() => user.IsDead);
        if (user.Failure is { } failure) { throw new InvalidOperationException($"seed {seed}: the user's script failed: {failure}", failure); }
        var phase = pawl.Ended?.Phase.ToString() ?? "";
        if (world.Violation is null) { judge.Ended(phase); }
        return new SimulationResult(seed, temperament.Name, world.Violation, world.TraceHash, world.Turns, world.Ledger.Starts.Count, world.Faults.Total, phase);
    }

    private static void StartRival(World world, SimProcess supervisor)
    {
        if (supervisor.Attempt is not { } folder) { return; }
        world.Start(Role.Supervisor, "rival", me => SupervisorProgram.RunAsRivalAsync(me, folder, $"host-{me.Id}"));
    }
}
