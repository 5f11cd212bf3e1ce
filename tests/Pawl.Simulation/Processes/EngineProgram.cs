using System.Globalization;
using Pawl.Core.Scheduling;
using Pawl.Engine;
using Pawl.Engine.Homes;
using Pawl.Engine.Loop;
using Pawl.Manifests;

namespace Pawl.Simulation.Processes;

/// <summary>The real engine in simulated processes: <c>pawl submit</c>, <c>pawl resume</c>, and a request from another shell.</summary>
public sealed class EngineProgram(Workload workload, Judge judge)
{
    private readonly byte[] _manifest = ManifestText.Of(workload.Workflow);

    /// <summary>The loop of the newest engine; the user sees its state as a live view would show it.</summary>
    public RunLoop? Loop { get; private set; }

    /// <summary>Set when an engine has seen the run to its end.</summary>
    public RunState? Ended { get; private set; }

    public RunFolder? Folder { get; private set; }

    public async Task SubmitAsync(SimProcess me)
    {
        var read = ManifestReader.Read("workflow.json", _manifest);
        if (!read.CanRun) { throw new InvalidOperationException($"the thrown manifest is refused: {string.Join("; ", read.Problems)}"); }
        var limits = new RunLimits(Slots: 4, Places.Machine.CpuMillis, Places.Machine.MemoryBytes, TimeSpan.FromSeconds(30), TransientPattern: null);
        Folder = await RunsOf(me).SubmitAsync(read, _manifest, "workflow.json", snapshot: null, limits, "process");
        workload.RunId = Folder.Uid;
    }

    /// <param name="staysAtGates">As under <c>serve</c> or on a terminal; else the engine leaves when only a user can move the run.</param>
    public async Task ResumeAsync(SimProcess me, bool staysAtGates)
    {
        var owner = new Owner(me.Id, "here", me.World.Timeline.Now, "simulated");
        if (await RunsOf(me).TakeAsync(Folder!, owner) is not TakeResult.Taken { Run: { } run })
        {
            me.World.Note(me, "refused", "somebody owns the run");
            return;
        }
        await using (run)
        {
            judge.Took(me);
            Loop = run.Loop(staysAtGates, me.World.Ports.Notices(me));
            Loop.Turned = (_, events) =>
            {
                me.World.Note(me, "journaled", string.Join("; ", events.Select(Describe)));
                judge.Journaled(events);
            };
            var state = await Loop.RunAsync("here", "simulated");
            judge.LetGo(me);
            me.World.Note(me, "left", $"{state.Phase}{(state.Paused is null ? "" : " (paused)")}");
            if (state.IsDone) { Ended = state; }
        }
    }

    /// <summary>Leaves a request in the run's inbox, if somebody owns the run.</summary>
    /// <returns>The request's file; null where nobody does.</returns>
    public async Task<string?> AskAsync(SimProcess me, Request request)
    {
        var runs = RunsOf(me);
        if (await runs.OwnerAsync(Folder!) is null) { return null; }
        var file = await runs.AskAsync(Folder!, request);
        judge.Asked(file, Folder!.Inbox);
        return file;
    }

    private static string Describe(RunEvent e) => e switch
    {
        RunEvent.AttemptStarted a => $"AttemptStarted {a.Node}#{a.Number}",
        RunEvent.AttemptEnded a => $"AttemptEnded {a.Node}#{a.Number} {a.Outcome.Kind} {a.Outcome.Message}",
        RunEvent.AttemptPostponed a => $"AttemptPostponed {a.Node} {a.Until - Timeline.Epoch}",
        RunEvent.BackoffBegan b => $"BackoffBegan {b.Node} {b.Until - Timeline.Epoch}",
        RunEvent.NodeEnded n => $"NodeEnded {n.Id} {n.Phase}",
        _ => e.GetType().Name,
    };

    private static Runs RunsOf(SimProcess me)
    {
        var ports = me.World.Ports;
        var disk = ports.Disk(me);
        return new Runs(
            new Home(Places.Home), disk, ports.Watch(me), ports.Store(me, disk), ports.Supervisors(me), ports.Clock(me),
            () => me.World.Dice.Next().ToString("x16", CultureInfo.InvariantCulture), ports.Locks(me));
    }
}
