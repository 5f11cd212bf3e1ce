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
            "pawl submit pipeline.yaml --wait",
            "pawl logs \"$(pawl submit pipeline.yaml -o name)\" -f") { wait, watch, output };
        submission.AddTo(verb);
        verb.SetAction(async (parsed, _) =>
        {
            using var submitted = await submission.SubmitAsync(parsed);
            var session = submitted.Session;
            StartEngine(session, submitted.Folder);
            if (parsed.GetValue(watch))
            {
                await Watch.ShowAsync(session, submitted.Folder);
                return ExitCodes.Done;
            }
            if (parsed.GetValue(wait))
            {
                var form = parsed.GetValue(output);
                var ended = await Wait.UntilEndedAsync(session, submitted.Folder, form);
                if (form == OutputForm.Json) { Screen.Out.WriteLine(await RunJson.TextAsync(session, ended)); }
                return Driving.CodeOf(ended);
            }
            switch (parsed.GetValue(output))
            {
                case OutputForm.Name:
                    Screen.Out.WriteLine(submitted.Name);
                    break;
                case OutputForm.Json:
                    Screen.Out.WriteLine(await RunJson.TextAsync(session, await session.Runs.ReadAsync(submitted.Folder)));
                    break;
                default:
                    Screen.Out.WriteLine($"{submitted.Name} was submitted. Follow it with: {session.Command($"logs {submitted.Name} -f")}");
                    break;
            }
            return ExitCodes.Done;
        });
        return verb;
    }

    /// <summary>Starts an engine that outlives this process and its terminal, and stays at gates.</summary>
    /// <param name="selector">Gates to pass first; null is none.</param>
    public static void StartEngine(Session session, RunFolder folder, string? selector = null) => DetachedProcess.Start(
        [.. Session.Program, "resume", folder.Uid, "--engine", "--home", session.Home.Folder, .. selector is null ? (string[])[] : ["--node-field-selector", selector]],
        Environment.CurrentDirectory,
        $"{folder.Folder}/{EngineLog}");
}
