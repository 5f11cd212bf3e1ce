using Pawl.Engine;
using Pawl.Engine.Homes;

namespace Pawl.Cli.Verbs;

/// <summary><c>pawl run FILE</c>: journals a run, drives it and shows it.</summary>
internal static class Run
{
    public static Verb Command()
    {
        var submission = new SubmissionOptions();
        var output = Common.Output(OutputForm.Name, OutputForm.Json);
        var verb = new Verb("run", "Run a workflow here and show it until it has ended. Ctrl-C pauses it.",
            "pawl run examples/digits/pipeline.yaml",
            "pawl run pipeline.yaml -p epochs=20 --grace 2m") { output };
        submission.AddTo(verb);
        verb.SetAction(async (parsed, _) =>
        {
            using var submitted = await submission.SubmitAsync(parsed);
            // One after another; what is not done stops those behind it, which resume starts.
            var code = ExitCodes.Done;
            for (var i = 0; i < submitted.Runs.Count && code == ExitCodes.Done; i++)
            {
                code = await DriveAsync(submitted.Session, submitted.Runs[i].Folder, parsed.GetValue(output));
            }
            return code;
        });
        return verb;
    }

    private static async Task<int> DriveAsync(Session session, RunFolder folder, OutputForm form) => await TakeAsync(session, folder) switch
    {
        TakeResult.Taken t => await Driving.DriveAsync(session, t.Run, staysAtGates: true, form),
        TakeResult.OwnedBy o => throw new VerbException($"{o.Description} drives the run already; follow it with: {session.Command($"logs {folder.Uid} -f")}"),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    public static Task<TakeResult> TakeAsync(Session session, RunFolder folder) => session.Runs.TakeAsync(folder, session.Owner());
}
