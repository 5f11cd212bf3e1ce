using System.CommandLine;
using System.Diagnostics;
using Pawl.Cli.Views;
using Pawl.Core.Scheduling;
using Pawl.Engine;
using Pawl.Engine.Homes;

namespace Pawl.Cli.Verbs;

/// <summary>
/// <c>pawl resume RUN</c>: of a run that an engine owns, lifts its suspension and passes its gates; of one that nobody owns, goes on with it
/// as its engine and passes nothing that was not named.
/// </summary>
internal static class Resume
{
    public static Verb Command()
    {
        var run = Common.Run();
        var selector = new Option<string?>("--node-field-selector")
        {
            Description = "Pass only the gates that match, such as displayName=approve; also of a run that no engine owns",
            HelpName = "FIELD=VALUE,…",
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be done" };
        var detach = new Option<bool>("--detach") { Description = "Go on in the background, with an engine that stays at gates" };
        var engine = new Option<bool>("--engine") { Hidden = true };
        var notices = new HostNotices();
        var home = Common.Home();
        var output = Common.Output(OutputForm.Name, OutputForm.Json);
        var verb = new Verb("resume", "Go on with a run where it was, after Ctrl-C, a kill or a reboot; or pass the gates of one that is running.",
            "pawl resume @latest",
            "pawl resume gate-x7k2q --node-field-selector displayName=approve") { run, selector, dryRun, detach, engine, home, output };
        notices.AddTo(verb);
        verb.SetAction(async (parsed, _) =>
        {
            notices.Take(parsed);
            if (parsed.GetValue(selector) is { } s && NodeSelector.Problem(s) is { } problem) { throw new VerbException(problem, ExitCodes.Usage); }
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            var folder = await session.FindAsync(parsed.GetRequiredValue(run));
            var ask = new Request.Resume(parsed.GetValue(selector));
            var form = parsed.GetValue(output);
            if (parsed.GetValue(engine)) { return await GoOnAsync(session, folder, ask.Selector is null ? null : ask, staysAtGates: true, OutputForm.Text); }
            RunState state;
            while (true)
            {
                var owner = await session.Runs.OwnerAsync(folder);
                state = await session.Runs.ReadAsync(folder);
                if (state.IsDone)
                {
                    Screen.Error.WriteLine($"pawl: {state.Name} has ended ({state.Phase}); there is nothing to resume");
                    return Driving.CodeOf(state);
                }
                if (parsed.GetValue(dryRun))
                {
                    foreach (var line in Would(session, state, owner, ask)) { Screen.Out.WriteLine(line); }
                    return ExitCodes.Done;
                }
                if (owner is null) { break; }
                try { return await AskAsync(session, folder, state, ask, form); }
                // It ended the run, or left it where it was: looked at anew.
                catch (OwnerGoneException) { continue; }
            }
            if (parsed.GetValue(detach))
            {
                await Corruption.RefuseAsync(session, state);
                Submit.StartEngine(session, folder, ask.Selector);
                Screen.Out.WriteLine($"{state.Name} goes on in the background. Follow it with: {session.Command($"logs {state.Name} -f")}");
                return ExitCodes.Done;
            }
            await Corruption.RefuseAsync(session, state);
            return await GoOnAsync(session, folder, ask.Selector is null ? null : ask, Screen.Out.IsTerminal, form);
        });
        return verb;
    }

    /// <summary>Takes the run and drives it.</summary>
    public static async Task<int> GoOnAsync(Session session, RunFolder folder, Request? first, bool staysAtGates, OutputForm form) =>
        await Run.TakeAsync(session, folder) switch
        {
            TakeResult.Taken t => await Driving.DriveAsync(session, t.Run, staysAtGates, form, first),
            TakeResult.OwnedBy o => throw new VerbException($"{o.Description} took the run just now; ask it with the same command again"),
            _ => throw new UnreachableException(),
        };

    private static async Task<int> AskAsync(Session session, RunFolder folder, RunState before, Request.Resume ask, OutputForm form)
    {
        var after = await Asking.AskAsync(session, folder, ask);
        var passed = before.Gates.Where(g => after.Find(g) is { IsEnded: true }).Select(g => Text.Clean(before.Nodes[g].DisplayName)).ToList();
        await Asking.ReportAsync(session, after, form, (passed, before.Suspended && !after.Suspended) switch
        {
            ({ Count: 0 }, false) => $"{after.Name} was running; there was no gate to pass",
            ({ Count: 0 }, true) => $"{after.Name} is no longer suspended",
            (_, false) => $"{after.Name} passed {string.Join(", ", passed)}",
            (_, true) => $"{after.Name} is no longer suspended and passed {string.Join(", ", passed)}",
        });
        return ExitCodes.Done;
    }

    private static IEnumerable<string> Would(Session session, RunState state, string? owner, Request.Resume ask)
    {
        var gates = state.Gates.Where(g => ask.Selector is null || NodeSelector.Matches(ask.Selector, state.Name, state.Nodes[g]))
            .Select(g => Text.Clean(state.Nodes[g].DisplayName)).ToList();
        if (owner is null)
        {
            yield return $"Nobody owns {state.Name}: this would go on with it as its engine.";
            if (ask.Selector is null)
            {
                foreach (var line in Ending.Gates(state, owned: false, session.Command)) { yield return line; }
                yield break;
            }
        }
        else { yield return $"{owner} owns {state.Name}: this would ask it."; }
        if (owner is not null && ask.Selector is null && state.Suspended) { yield return "It would lift the suspension."; }
        yield return gates.Count == 0 ? "It would pass no gate." : $"It would pass {string.Join(", ", gates)}.";
    }
}
