using Pawl.Core.Scheduling;
using Pawl.Engine.Journals;
using Pawl.Simulation.Processes;

namespace Pawl.Simulation;

/// <summary>Somebody at a shell: submits the run, starts its engine again whenever it is gone, opens the gate, and is restless at times.</summary>
public sealed class User(World world, Workload workload, Judge judge, EngineProgram pawl, Temperament temperament)
{
    private const int MostAsked = 20;

    private int _whims = temperament.RestlessUser ? 4 : 0;

    public async Task LiveAsync(SimProcess me)
    {
        while (pawl.Folder is null) { await DoneAsync(me, Launch("submit", Role.Engine, pawl.SubmitAsync)); }
        if (workload.HasGate) { world.Start(Role.User, "gatekeeper", OpenGateAsync); }
        while (pawl.Ended is null)
        {
            var staysAtGates = world.Dice.OneIn(2);
            var engine = Launch("engine", Role.Engine, e => pawl.ResumeAsync(e, staysAtGates));
            PlanWhim(engine);
            await DoneAsync(me, engine);
            if (engine.Failure is JournalCorruptException && world.Faults is { JournalIsDoubtful: true }) { return; }
            if (pawl.Ended is null) { await Task.Delay(TimeSpan.FromSeconds(world.Dice.Next(20)), new SimClock(me)); }
        }
    }

    // A resume that names its gate is asked once and must not be lost; one that names none is void when the engine that was asked dies.
    private async Task OpenGateAsync(SimProcess me)
    {
        var selector = !world.Dice.OneIn(3) ? "templateName=gate" : null;
        for (var asked = 0; asked < MostAsked;)
        {
            await Task.Delay(TimeSpan.FromSeconds(world.Dice.Between(20, 200)), new SimClock(me));
            if (pawl.Loop is not { State.Gates.IsEmpty: false }) { continue; }
            judge.GateOpened = true;
            await DoneAsync(me, Launch("resume", Role.Shell, async shell =>
            {
                if (await pawl.AskAsync(shell, new Request.Resume(selector)) is not null) { asked += selector is null ? 1 : MostAsked; }
            }));
        }
    }

    private void PlanWhim(SimProcess engine)
    {
        if (_whims == 0 || !world.Dice.OneIn(2)) { return; }
        _whims--;
        var whim = world.Dice.Next(4);
        world.Timeline.In(TimeSpan.FromSeconds(world.Dice.Between(0, 90)), () =>
        {
            if (engine.IsDead) { return; }
            switch (whim)
            {
                case 0: Interrupt(engine, kill: false); break;
                case 1:
                    Interrupt(engine, kill: false);
                    world.Timeline.In(TimeSpan.FromSeconds(world.Dice.Next(10)), () => Interrupt(engine, kill: true));
                    break;
                case 2:
                    workload.Pauses++;
                    Launch("pause", Role.Shell, shell => pawl.AskAsync(shell, new Request.Pause(Kill: false)));
                    break;
                default: Launch("second engine", Role.Engine, e => pawl.ResumeAsync(e, staysAtGates: false)); break;
            }
        });
    }

    // Ctrl-C.
    private void Interrupt(SimProcess engine, bool kill)
    {
        if (engine.IsDead || pawl.Loop is not { } loop) { return; }
        workload.Pauses++;
        world.Ready(new Parked(engine, () =>
        {
            world.Note(engine, "Ctrl-C", kill ? "again" : "");
            loop.Ask(new Request.Pause(kill));
        }));
    }

    private SimProcess Launch(string name, Role role, Func<SimProcess, Task> body)
    {
        var process = world.Start(role, name, body);
        process.Ended += () => judge.LetGo(process);
        process.FailsOnlyWithDisk();
        return process;
    }

    private async Task DoneAsync(SimProcess me, SimProcess process)
    {
        if (process.IsDead) { return; }
        var done = new TaskCompletionSource();
        process.Ended += () => world.Ready(new Parked(me, () => done.TrySetResult()));
        await done.Task;
    }
}
