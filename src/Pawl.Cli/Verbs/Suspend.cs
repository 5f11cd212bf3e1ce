using Pawl.Core.Scheduling;
using Pawl.Engine;

namespace Pawl.Cli.Verbs;

/// <summary><c>pawl suspend RUN</c>: nothing new starts; what runs goes on.</summary>
internal static class Suspend
{
    public static Verb Command()
    {
        var run = Common.Run();
        var home = Common.Home();
        var output = Common.Output(OutputForm.Name, OutputForm.Json);
        var verb = new Verb("suspend", "Start nothing new in a run; what runs goes on. resume lifts it.", "pawl suspend @latest") { run, home, output };
        verb.SetAction(async (parsed, _) =>
        {
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            var folder = await session.FindAsync(parsed.GetRequiredValue(run));
            var state = await session.Runs.ReadAsync(folder);
            if (state.IsDone) { throw new VerbException($"cannot suspend completed workflows: {state.Name} is {state.Phase}"); }
            if (await session.Runs.OwnerAsync(folder) is not null) { state = await Asking.AskAsync(session, folder, new Request.Suspend()); }
            else
            {
                if (await Run.TakeAsync(session, folder) is not TakeResult.Taken taken)
                {
                    throw new VerbException($"somebody took {state.Name} just now; ask again with the same command");
                }
                await using var owned = taken.Run;
                await owned.ApplyAsync(Session.Nonce(), new Request.Suspend(), session.Clock.GetUtcNow());
                state = owned.State;
            }
            await Asking.ReportAsync(session, state, parsed.GetValue(output), $"{state.Name} is suspended");
            return ExitCodes.Done;
        });
        return verb;
    }
}
