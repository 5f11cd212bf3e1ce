using System.CommandLine;
using Pawl.Cli.Views;
using Pawl.Core.Scheduling;
using Pawl.Manifests;

namespace Pawl.Cli.Verbs;

/// <summary><c>pawl resubmit RUN</c>: starts a new run of what another run was of.</summary>
internal static class Resubmit
{
    public static Verb Command()
    {
        var run = Common.Run();
        var memoized = new Option<bool>("--memoized") { Description = "Of a Failed or Error run: what succeeded is not run again, its outputs are taken over" };
        var parameters = new Option<string[]>("--parameter", "-p")
        {
            Description = "Set a parameter of the workflow, in place of the old run's; can be given several times",
            HelpName = "NAME=VALUE",
            AllowMultipleArgumentsPerToken = false,
        };
        parameters.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => t.Value.IndexOf('=', StringComparison.Ordinal) < 1)) { result.AddError($"-p {token.Value} has no value; write -p NAME=VALUE"); }
        });
        var wait = new Option<bool>("--wait", "-w") { Description = "Return when the run has ended; the exit code is 1 where it is Failed or Error" };
        var references = new ReferenceOptions();
        var home = Common.Home();
        var output = Common.Output(OutputForm.Name, OutputForm.Json);
        var verb = new Verb("resubmit", "Start a new run of what a run was of, in the background.",
            "pawl resubmit @latest",
            "pawl resubmit @latest --memoized -p epochs=20") { run, memoized, parameters, wait, home, output };
        references.AddTo(verb);
        verb.SetAction(async (parsed, _) =>
        {
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            var of = await session.FindAsync(parsed.GetRequiredValue(run));
            var old = await session.Runs.ReadAsync(of);
            if (parsed.GetValue(memoized) && old.Phase is not (Phase.Failed or Phase.Error))
            {
                throw new VerbException($"workflow must be Failed/Error to resubmit in memoized mode; {old.Name} is {Look.Status(old)}");
            }
            if (parsed.GetValue(memoized)) { await Corruption.RefuseAsync(session, old); }
            var given = (parsed.GetValue(parameters) ?? []).ToLookup(p => p[..p.IndexOf('=', StringComparison.Ordinal)], p => p[(p.IndexOf('=', StringComparison.Ordinal) + 1)..])
                .ToDictionary(p => p.Key, p => p.Last(), StringComparer.Ordinal);
            var library = await references.LibraryAsync(parsed, session.Home, []);
            var (folder, problems) = await session.Runs.RepeatAsync(of, old, library, given, null, parsed.GetValue(memoized));
            foreach (var problem in problems.Where(p => folder is null || p.Severity is not Severity.Notice)) { Screen.Error.WriteLine(Text.Clean(problem.ToString())); }
            if (folder is null) { throw new VerbException($"{old.Name} cannot be run again; no run was created"); }
            Submit.StartEngine(session, folder);
            if (parsed.GetValue(wait))
            {
                var ended = await Wait.UntilEndedAsync(session, folder, parsed.GetValue(output));
                if (parsed.GetValue(output) == OutputForm.Json) { Screen.Out.WriteLine(await RunJson.TextAsync(session, ended)); }
                return Driving.CodeOf(ended);
            }
            await Submit.TellAsync(session, folder, (await session.Runs.ReadAsync(folder)).Name, parsed.GetValue(output));
            return ExitCodes.Done;
        });
        return verb;
    }
}
