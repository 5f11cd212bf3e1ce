using System.CommandLine;
using System.Globalization;
using Pawl.Cli.Views;
using Pawl.Core.Scheduling;
using Pawl.Engine.Homes;

namespace Pawl.Cli.Verbs;

/// <summary><c>pawl wait RUN…</c>: returns when all of them have ended.</summary>
internal static class Wait
{
    public static Verb Command()
    {
        var runs = new Argument<string[]>("RUN") { Description = "@latest, a run's name, its uid, or the start of its uid", Arity = ArgumentArity.OneOrMore };
        var ignore = new Option<bool>("--ignore-not-found") { Description = "A run that is not there counts as ended" };
        var home = Common.Home();
        var output = Common.Output(OutputForm.Name, OutputForm.Json);
        var verb = new Verb("wait", "Wait until runs have ended. The exit code is 1 where one is Failed or Error.",
            "pawl wait @latest",
            "pawl wait \"$(pawl submit pipeline.yaml -o name)\"") { runs, ignore, home, output };
        verb.SetAction(async (parsed, _) =>
        {
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            var folders = new List<RunFolder>();
            foreach (var run in parsed.GetRequiredValue(runs))
            {
                try { folders.Add(await session.FindAsync(run)); }
                catch (VerbException) when (parsed.GetValue(ignore)) { }
            }
            var ended = new List<RunState>();
            foreach (var folder in folders.Distinct()) { ended.Add(await UntilEndedAsync(session, folder, parsed.GetValue(output))); }
            if (parsed.GetValue(output) is OutputForm.Json)
            {
                Screen.Out.WriteLine(RunJson.Text(w =>
                {
                    w.WriteStartArray();
                    foreach (var run in ended) { RunJson.Write(w, RunViews.Row(run), session.Home, null); }
                    w.WriteEndArray();
                }));
            }
            return ended.Exists(r => r.Phase.IsBad()) ? ExitCodes.Failed : ExitCodes.Done;
        });
        return verb;
    }

    /// <summary>Waits for one run, and says how it ended unless its JSON is to be printed.</summary>
    public static async Task<RunState> UntilEndedAsync(Session session, RunFolder folder, OutputForm form)
    {
        RunState? last = null;
        await foreach (var (run, _) in Following.ReadAsync(session, folder, CancellationToken.None)) { last = run; }
        if (form is OutputForm.Name) { Screen.Out.WriteLine(last!.Name); }
        else if (form is not OutputForm.Json)
        {
            var at = (last!.FinishedAt ?? last.StartedAt).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            Screen.Out.WriteLine($"{last.Name} {last.Phase} at {at}");
        }
        return last!;
    }
}
