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
            return await TakeAsync(submitted.Session, submitted.Folder) switch
            {
                TakeResult.Taken t => await Driving.DriveAsync(submitted.Session, t.Run, staysAtGates: true, parsed.GetValue(output)),
                TakeResult.OwnedBy o => throw new VerbException($"{o.Description} drives the run already; follow it with: {submitted.Session.Command($"logs {submitted.Folder.Uid} -f")}"),
                _ => throw new System.Diagnostics.UnreachableException(),
            };
        });
        return verb;
    }

    public static Task<TakeResult> TakeAsync(Session session, RunFolder folder) => session.Runs.TakeAsync(folder, session.Owner());
}
