using System.CommandLine;
using Pawl.Core.Scheduling;

namespace Pawl.Cli.Verbs;

/// <summary><c>pawl stop RUN</c>: ends a run for good; its exit handlers still run.</summary>
internal static class Stop
{
    public static Verb Command()
    {
        var message = new Option<string?>("--message") { Description = "What the stopped steps say", HelpName = "TEXT" };
        var selector = new Option<string?>("--node-field-selector")
        {
            Description = "Fail only the gates that match, such as displayName=approve; the run goes on with what that means for it",
            HelpName = "FIELD=VALUE,…",
        };
        var verb = new Verb("stop", "End a run for good: running steps are stopped, exit handlers still run.",
            "pawl stop @latest --message \"wrong data\"",
            "pawl stop @latest --node-field-selector displayName=approve --message rejected") { message, selector };
        return Shutdowns.Complete(verb, parsed => parsed.GetValue(selector) is { } s && NodeSelector.Problem(s) is { } problem
            ? throw new VerbException(problem, ExitCodes.Usage)
            : new Request.Stop(parsed.GetValue(message), parsed.GetValue(selector)));
    }
}

/// <summary><c>pawl terminate RUN</c>: ends a run for good and runs no exit handler.</summary>
internal static class Terminate
{
    public static Verb Command() => Shutdowns.Complete(
        new Verb("terminate", "End a run for good: running steps are stopped, exit handlers do not run.", "pawl terminate @latest"),
        _ => new Request.Terminate());
}

/// <summary>What the two ways to end a run share.</summary>
internal static class Shutdowns
{
    public static Verb Complete(Verb verb, Func<ParseResult, Request> request)
    {
        var run = Common.Run();
        var home = Common.Home();
        var output = Common.Output(OutputForm.Name, OutputForm.Json);
        verb.Add(run);
        verb.Add(home);
        verb.Add(output);
        verb.SetAction(async (parsed, _) =>
        {
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            var folder = await session.FindAsync(parsed.GetRequiredValue(run));
            var state = await session.Runs.ReadAsync(folder);
            if (state.IsDone) { throw new VerbException($"cannot {verb.Name} a completed workflow: {state.Name} is {state.Phase}"); }
            if (await session.Runs.OwnerAsync(folder) is null)
            {
                if (request(parsed) is Request.Stop { Selector: { } selector }) { NodeSet.Meant(state, selector); }
                var code = await Resume.GoOnAsync(session, folder, request(parsed), staysAtGates: true, parsed.GetValue(output));
                // That the run is Failed now is what was asked for.
                return code == ExitCodes.Failed ? ExitCodes.Done : code;
            }
            var asked = request(parsed);
            if (asked is Request.Stop { Selector: { } gates })
            {
                NodeSet.Meant(state, gates);
                var now = await Asking.AskAsync(session, folder, asked);
                await Asking.ReportAsync(session, now, parsed.GetValue(output), $"{now.Name} goes on without what was stopped");
                return ExitCodes.Done;
            }
            var after = await Asking.AskAsync(session, folder, asked);
            await Asking.ReportAsync(session, after, parsed.GetValue(output), after.IsDone
                ? $"{after.Name} has ended: {after.Phase}"
                : $"{after.Name} is stopping. Follow it with: {session.Command($"logs {after.Name} -f")}");
            return ExitCodes.Done;
        });
        return verb;
    }
}
