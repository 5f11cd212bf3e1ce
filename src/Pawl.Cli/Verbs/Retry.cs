using Pawl.Cli.Views;
using Pawl.Core.Scheduling;

namespace Pawl.Cli.Verbs;

/// <summary><c>pawl retry RUN</c>: opens a Failed or Error run again and drives it; what succeeded is kept.</summary>
internal static class Retry
{
    public static Verb Command()
    {
        var run = Common.Run();
        var home = Common.Home();
        var output = Common.Output(OutputForm.Name, OutputForm.Json);
        var verb = new Verb("retry", "Run the failed steps of a run again, and what comes after them.", "pawl retry @latest") { run, home, output };
        verb.SetAction(async (parsed, _) =>
        {
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            var folder = await session.FindAsync(parsed.GetRequiredValue(run));
            var state = await session.Runs.ReadAsync(folder);
            switch (state.Phase)
            {
                case Phase.Succeeded:
                    throw new VerbException($"{state.Name} is Succeeded; only a run that is Failed or Error can be retried. Run it anew with: {session.Command($"run {Text.Quoted(state.Submitted!.File)}")}");
                case Phase.Failed or Phase.Error:
                    break;
                default:
                    throw new VerbException($"{state.Name} has not ended ({Look.Status(state)}); only a run that is Failed or Error can be retried. Go on with it by: {session.Command($"resume {state.Name}")}");
            }
            await Corruption.RefuseAsync(session, state);
            return await Resume.GoOnAsync(session, folder, new Request.Retry(), staysAtGates: true, parsed.GetValue(output));
        });
        return verb;
    }
}
