using System.Runtime.InteropServices;
using Pawl.Cli.Verbs;
using Pawl.Cli.Views;
using Pawl.Core.Scheduling;
using Pawl.Engine;
using Pawl.Supervision.Notices;

namespace Pawl.Cli;

/// <summary>Drives a run that this process owns, and shows it, until it has ended, is paused, or stays at a gate.</summary>
internal static class Driving
{
    /// <param name="owned">Let go before whoever reads our output is waited for.</param>
    /// <param name="first">Carried out before anything else.</param>
    /// <returns>The exit code that belongs to how the run stands now.</returns>
    public static async Task<int> DriveAsync(Session session, OwnedRun owned, bool staysAtGates, OutputForm form, Request? first = null)
    {
        await using var notices = await HostNotices.ListenAsync(session);
        if (owned.TornTail is { } torn) { Screen.Error.WriteLine($"pawl: {torn}"); }
        var view = View(session, form);
        RunState last;
        // Of attempts that a later one has replaced too, which only the events tell of.
        var warnings = new List<string>(Warnings.Of(owned.State));
        try
        {
            await using (owned)
            {
                last = await LoopAsync(owned, view, staysAtGates, first, notices, session.Command, warnings);
            }
        }
        catch (IOException e)
        {
            throw new VerbException($"{e.Message}. The engine stopped; steps that run go on by themselves. Go on with: {session.Command($"resume {owned.State.Name}")}");
        }
        finally { await view.EndAsync(); }
        await PrintAsync(session, last, form);
        warnings.AddRange(Warnings.Of(last));
        foreach (var warning in warnings.Distinct()) { Screen.Error.WriteLine(warning); }
        return CodeOf(last);
    }

    public static int CodeOf(RunState run) => run switch
    {
        { Phase: Phase.Succeeded } => ExitCodes.Done,
        { IsDone: true } => ExitCodes.Failed,
        _ => ExitCodes.Paused,
    };

    private static async Task<RunState> LoopAsync(
        OwnedRun owned, IProgressView view, bool staysAtGates, Request? first, INotices notices, Func<string, string> command,
        List<string> warnings)
    {
        var loop = owned.Loop(staysAtGates, notices);
        var told = "";
        loop.Turned = (run, events) =>
        {
            view.Turned(run, events);
            foreach (var e in events.OfType<RunEvent.AttemptEnded>())
            {
                if (run.Find(e.Node) is { } node) { warnings.AddRange(Warnings.Of(node, e.Outcome)); }
            }
            var gates = run is { IsAtRest: true, Paused: null } && staysAtGates ? string.Join('\n', Ending.Gates(run, owned: true, command)) : "";
            if (gates.Length > 0 && gates != told) { view.Say(gates); }
            told = gates;
        };
        loop.Rejected = r => view.Say($"pawl: a request in the inbox was put aside: {r.Name}: {Text.Clean(r.Reason)}");
        var signals = new SignalCount();
        void Pause(PosixSignalContext context)
        {
            context.Cancel = true;
            var count = signals.Add(context.Signal);
            if (count == 0) { return; }
            var kill = count > 1;
            view.Say((kill, loop.State.Running.IsEmpty) switch
            {
                (_, true) => "stopping",
                (true, _) => "stopping: steps are killed",
                _ => $"stopping: steps get SIGTERM and {Text.Duration(Grace(loop.State))} to save; Ctrl-C again kills them",
            });
            loop.Ask(new Request.Pause(kill));
        }
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Pause);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Pause);
        return await loop.RunAsync(Environment.MachineName, CommandLine.Version, first);
    }

    private static IProgressView View(Session session, OutputForm form) => form switch
    {
        // stdout is that one document then.
        OutputForm.Json or OutputForm.Name => new PlainView(Screen.Error, session.Disk, session.Home, session.Clock),
        _ when Screen.Out.IsLive => new LiveView(Screen.Out, session.Disk, session.Home, session.Clock),
        _ => new PlainView(Screen.Out, session.Disk, session.Home, session.Clock),
    };

    private static async Task PrintAsync(Session session, RunState run, OutputForm form)
    {
        switch (form)
        {
            case OutputForm.Name:
                Screen.Out.WriteLine(run.Name);
                break;
            case OutputForm.Json:
                Screen.Out.WriteLine(await RunJson.TextAsync(session, run));
                break;
            default:
                foreach (var line in Ending.Lines(run, session.Home, session.Command)) { Screen.Out.WriteLine(line); }
                break;
        }
    }

    /// <summary>The longest grace period of what runs.</summary>
    private static TimeSpan Grace(RunState run) => run.Running
        .Select(id => run.Workflow.Templates[run.Nodes[id].Template].GracePeriod ?? run.Workflow.GracePeriod ?? run.Submitted!.Limits.GracePeriod)
        .DefaultIfEmpty(TimeSpan.Zero).Max();
}
