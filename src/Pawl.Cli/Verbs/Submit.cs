using System.CommandLine;
using Pawl.Cli.Views;
using Pawl.Engine.Homes;
using Pawl.Supervision.Processes;

namespace Pawl.Cli.Verbs;

/// <summary><c>pawl submit FILE</c>: journals a run, leaves it to an engine of its own, and returns.</summary>
internal static class Submit
{
    private const string EngineLog = "engine.log";

    public static Verb Command()
    {
        var submission = new SubmissionOptions();
        var wait = new Option<bool>("--wait", "-w") { Description = "Return when the run has ended; the exit code is 1 where it is Failed or Error" };
        var watch = new Option<bool>("--watch") { Description = "Show the run until it has ended" };
        var output = Common.Output(OutputForm.Name, OutputForm.Json);
        var verb = new Verb("submit", "Start a workflow in the background and print its name.",
            "pawl submit pipeline.yaml",
            "pawl submit --from workflowtemplate/train -p epochs=20",
            "pawl submit pipeline.yaml --wait",
            "pawl logs \"$(pawl submit pipeline.yaml -o name)\" -f") { wait, watch, output };
        submission.AddTo(verb);
        verb.SetAction(async (parsed, _) =>
        {
            using var submitted = await submission.SubmitAsync(parsed);
            foreach (var (folder, name) in submitted.Runs)
            {
                StartEngine(submitted.Session, folder);
                if (!parsed.GetValue(watch) && !parsed.GetValue(wait)) { await TellAsync(submitted.Session, folder, name, parsed.GetValue(output)); }
            }
            var code = ExitCodes.Done;
            foreach (var (folder, _) in submitted.Runs)
            {
                if (parsed.GetValue(watch)) { await Watch.ShowAsync(submitted.Session, folder); }
                else if (parsed.GetValue(wait))
                {
                    var ended = await Wait.UntilEndedAsync(submitted.Session, folder, parsed.GetValue(output));
                    if (parsed.GetValue(output) == OutputForm.Json) { Screen.Out.WriteLine(await RunJson.TextAsync(submitted.Session, ended)); }
                    code = Math.Max(code, Driving.CodeOf(ended));
                }
            }
            return code;
        });
        return verb;
    }

    public static async Task TellAsync(Session session, RunFolder folder, string name, OutputForm form)
    {
        switch (form)
        {
            case OutputForm.Name:
                Screen.Out.WriteLine(name);
                break;
            case OutputForm.Json:
                Screen.Out.WriteLine(await RunJson.TextAsync(session, await session.Runs.ReadAsync(folder)));
                break;
            default:
                Screen.Out.WriteLine($"{name} was submitted. Follow it with: {session.Command($"logs {name} -f")}");
                break;
        }
    }

    /// <summary>Starts an engine that outlives this process and its terminal, and stays at gates.</summary>
    /// <param name="selector">Gates to pass first; null is none.</param>
    public static void StartEngine(Session session, RunFolder folder, string? selector = null) => DetachedProcess.Start(
        [.. Session.Program, "resume", folder.Uid, "--engine", "--home", session.Home.Folder, .. selector is null ? (string[])[] : ["--node-field-selector", selector]],
        Environment.CurrentDirectory,
        $"{folder.Folder}/{EngineLog}");
}
