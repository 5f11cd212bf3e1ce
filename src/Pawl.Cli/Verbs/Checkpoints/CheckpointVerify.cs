using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Pawl.Cli.Views;
using Pawl.Core.Chains;
using Pawl.Storage.Checkpoints;

namespace Pawl.Cli.Verbs.Checkpoints;

/// <summary><c>pawl checkpoint verify RUN [NODE]</c>: reads every part of every checkpoint and changes nothing.</summary>
internal static class CheckpointVerify
{
    private sealed record Judged(StepCheckpoints Step, Entry.Checkpointed Entry, ImmutableArray<CheckpointProblem> Problems);

    public static Verb Command()
    {
        var run = Common.Run();
        var node = Checkpoint.Node();
        var entry = Checkpoint.Entry("Only this checkpoint, of one step");
        var home = Common.Home();
        var output = Common.Output(OutputForm.Json);
        var verb = new Verb("verify", "Read every part of the checkpoints and compare it with what was saved; nothing is changed.",
            "pawl checkpoint verify @latest", "pawl checkpoint verify digits-x7k2q train --entry 7") { run, node, entry, home, output };
        verb.SetAction((parsed, _) => Checkpoint.UntilInterruptedAsync("nothing was changed", async (progress, stop) =>
        {
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            var state = await session.Runs.ReadAsync(await session.FindAsync(parsed.GetRequiredValue(run)));
            var json = parsed.GetValue(output) == OutputForm.Json;
            var judged = new List<Judged>();
            if (parsed.GetValue(entry) is { } number)
            {
                var step = await StepCheckpoints.OnlyAsync(session, state, parsed.GetValue(node), progress);
                await VerifyAsync(step, [step.Require(number)], progress, judged, json, stop);
            }
            else
            {
                foreach (var step in await StepCheckpoints.AllAsync(session, state, parsed.GetValue(node), progress))
                {
                    await VerifyAsync(step, step.Left, progress, judged, json, stop);
                }
            }
            progress.Clear();
            if (json) { Screen.Out.WriteLine(Json(judged)); }
            else if (judged.Count == 0) { Screen.Error.WriteLine($"pawl: {state.Name} has no checkpoints there; nothing was verified"); }
            return judged.TrueForAll(j => j.Problems.IsEmpty) ? ExitCodes.Done : ExitCodes.Failed;
        }));
        return verb;
    }

    private static async Task VerifyAsync(
        StepCheckpoints step, ImmutableArray<Entry.Checkpointed> entries, ByteProgress progress, List<Judged> judged, bool quiet, CancellationToken stop)
    {
        foreach (var entry in entries)
        {
            progress.Begin($"verifying {Checkpoint.Named(entry)} of {step.Name}", entry.Checkpoint.Size);
            var problems = await step.Store.VerifyAsync(entry, stop);

            // Its owner may have pruned it while it was read.
            if (!problems.IsEmpty && (await step.AgainAsync()).Left.All(e => e.Number != entry.Number)) { continue; }
            judged.Add(new(step, entry, problems));
            if (quiet) { continue; }
            progress.Clear();
            foreach (var line in Lines(step, entry, problems)) { Screen.Out.WriteLine(line); }
        }
    }

    private static IEnumerable<string> Lines(StepCheckpoints step, Entry.Checkpointed entry, ImmutableArray<CheckpointProblem> problems)
    {
        var files = string.Create(CultureInfo.InvariantCulture, $"{entry.Checkpoint.Files.Length} {(entry.Checkpoint.Files.Length == 1 ? "file" : "files")}");
        yield return $"{(problems.IsEmpty ? "✔" : "✖")} {step.Name}: {Checkpoint.Named(entry)}, {files}, {Text.Size(entry.Checkpoint.Size)}: {(problems.IsEmpty ? "sound" : "corrupt")}";
        foreach (var problem in problems) { yield return $"  {Text.Clean(problem.ToString())}"; }
    }

    private static string Json(List<Judged> judged) => RunJson.Text(w =>
    {
        w.WriteStartArray();
        foreach (var (step, entry, problems) in judged)
        {
            w.WriteStartObject();
            w.WriteString("step", step.Step.Value);
            w.WriteString("node", step.ClaimOf(entry.Claim).Node);
            w.WriteNumber("entry", entry.Number);
            w.WriteBoolean("sound", problems.IsEmpty);
            w.WriteNumber("size", entry.Checkpoint.Size);
            w.WriteNumber("files", entry.Checkpoint.Files.Length);
            w.WriteStartArray("problems");
            foreach (var problem in problems) { Write(w, problem); }
            w.WriteEndArray();
            w.WriteEndObject();
        }
        w.WriteEndArray();
    });

    public static void Write(Utf8JsonWriter w, CheckpointProblem problem)
    {
        w.WriteStartObject();
        w.WriteNumber("entry", problem.Entry);
        w.WriteString("file", problem.File);
        w.WriteString("chunk", problem.Key);
        w.WriteString("expected", problem.Expected);
        w.WriteString("found", problem.Found);
        w.WriteString("follows", problem.Follows);
        w.WriteEndObject();
    }
}
