using Pawl.Core.Scheduling;
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
        var workload = new WorkloadMaker(world.PlanDice, temperament.Trains).Make(temperament.ChangesResults);
        var judge = new Judge(world, workload);
        world.Scripts = workload.Scripts;
        world.Starting = judge.Started;
        world.PowerIsBack = judge.PowerCut;
        world.Resumed = judge.Checkpoints.Resumed;
        world.Stopping = judge.Stopping;
        world.Disk.Appeared = judge.Appeared;
        world.Disk.Vanished = judge.Checkpoints.Vanished;
        var pawl = new EngineProgram(workload, judge);
        world.Faults = new Faults(world, temperament, (supervisor, differs) => StartRival(world, supervisor, differs), notice => Preempt(world, pawl, notice));
        var user = world.Start(Role.User, "user", new User(world, workload, judge, pawl, temperament).LiveAsync);
        world.Run(() => user.IsDead);
        if (user.Failure is { } failure) { throw new InvalidOperationException($"seed {seed}: the user's script failed: {failure}", failure); }
        var phase = pawl.Ended?.Phase.ToString() ?? "";
        if (world.Violation is null)
        {
            if (pawl.Ended is { } ended) { judge.CheckSpent(ended); }
            judge.Ended(phase);
        }
        return new SimulationResult(seed, temperament.Name, world.Violation, world.TraceHash, world.Turns, world.Ledger.Starts.Count, world.Faults.Total, phase);
    }

    private static void StartRival(World world, SimProcess supervisor, bool differs)
    {
        if (supervisor.Attempt is not { } folder) { return; }
        var rival = world.Start(Role.Supervisor, "rival", me => SupervisorProgram.RunAsRivalAsync(me, folder, $"host-{me.Id}", differs));
        if (!differs) { return; }

        // Its machine goes away before it is done.
        world.Timeline.In(TimeSpan.FromSeconds(world.FaultDice.Between(10, 120)), () =>
        {
            rival.Kill();
            foreach (var (container, _) in world.Containers.All.Where(c => c.Key.StartsWith($"/host-{rival.Id}/", StringComparison.Ordinal)).ToList())
            {
                world.Containers.Empty(container);
            }
        });
    }

    private static void Preempt(World world, EngineProgram pawl, TimeSpan notice)
    {
        if (pawl.Folder is null) { return; }
        var shell = world.Start(Role.Shell, "preempt", me => pawl.AskAsync(me, new Request.Preempt([], notice)));
        shell.FailsOnlyWithDisk();
    }
}
