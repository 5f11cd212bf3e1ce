using System.CommandLine;
using Pawl.Cli.Views;
using Pawl.Core.Scheduling;

namespace Pawl.Cli.Verbs;

/// <summary><c>pawl retry RUN</c>: opens a Failed or Error run again and drives it; what succeeded is kept.</summary>
internal static class Retry
{
    public static Verb Command()
    {
        var run = Common.Run();
        var restart = new Option<bool>("--restart-successful") { Description = "Also the nodes that --node-field-selector names, with all that was built on them" };
        var selector = new Option<string?>("--node-field-selector") { Description = "Which nodes, such as displayName=train", HelpName = "FIELD=VALUE,…" };
        var home = Common.Home();
        var output = Common.Output(OutputForm.Name, OutputForm.Json);
        var verb = new Verb("retry", "Run the failed steps of a run again, and what comes after them.", "pawl retry @latest", "pawl retry @latest --restart-successful --node-field-selector displayName=evaluate")
        {
            run, restart, selector, home, output,
        };
        verb.SetAction(async (parsed, _) =>
        {
            var request = new Request.Retry(parsed.GetValue(restart), parsed.GetValue(selector));
            if (request.RestartSuccessful && request.Selector is null) { throw new VerbException("--restart-successful needs --node-field-selector, which says what runs again", ExitCodes.Usage); }
            if (request.Selector is { } s && (request.RestartSuccessful ? NodeSelector.Problem(s) : "--node-field-selector changes nothing without --restart-successful: all that failed runs again") is { } problem)
            {
                throw new VerbException(problem, ExitCodes.Usage);
            }
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            var folder = await session.FindAsync(parsed.GetRequiredValue(run));
            var state = await session.Runs.ReadAsync(folder);
            switch (state.Phase)
            {
                case Phase.Succeeded when request.RestartSuccessful:
                    break;
                case Phase.Succeeded:
                    throw new VerbException($"{state.Name} is Succeeded; only a run that is Failed or Error can be retried, or what --restart-successful names in it. Run it anew with: {session.Command($"run {Text.Quoted(state.Submitted!.File)}")}");
                case Phase.Failed or Phase.Error:
                    break;
                default:
                    throw new VerbException($"{state.Name} has not ended ({Look.Status(state)}); only a run that is Failed or Error can be retried. Go on with it by: {session.Command($"resume {state.Name}")}");
            }
            if (request is { RestartSuccessful: true, Selector: { } named } && !state.Nodes.Values.Any(n => n is { Hooked: false, Hook: null } && NodeSelector.Matches(named, state.Name, n)))
            {
                throw new VerbException($"{state.Name} has no node that matches '{named}'");
            }
            await Corruption.RefuseAsync(session, state);
            return await Resume.GoOnAsync(session, folder, request, staysAtGates: true, parsed.GetValue(output));
        });
        return verb;
    }
}
