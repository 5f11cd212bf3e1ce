using System.Globalization;
using System.Text.Json;
using Pawl.Cli.Views;
using Pawl.Storage.Checkpoints;

namespace Pawl.Cli.Verbs.Checkpoints;

/// <summary><c>pawl checkpoint list RUN [NODE]</c>: what each step can go on from, oldest first.</summary>
internal static class CheckpointList
{
    public static Verb Command()
    {
        var run = Common.Run();
        var node = Checkpoint.Node();
        var home = Common.Home();
        var output = Common.Output(OutputForm.Wide, OutputForm.Json);
        var verb = new Verb("list", "List the checkpoints of a run's steps, oldest first; with -o wide or json pruned ones too.",
            "pawl checkpoint list @latest", "pawl checkpoint list digits-x7k2q train -o json") { run, node, home, output };
        verb.SetAction(async (parsed, _) =>
        {
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            var state = await session.Runs.ReadAsync(await session.FindAsync(parsed.GetRequiredValue(run)));
            var listed = new List<(StepCheckpoints Step, ListedCheckpoint Checkpoint)>();
            foreach (var step in await StepCheckpoints.AllAsync(session, state, parsed.GetValue(node)))
            {
                listed.AddRange((await step.Store.ListAsync(step.Chain)).Select(c => (step, c)));
            }
            Print(listed, state.Name, parsed.GetValue(output), session.Clock.GetUtcNow());
            return ExitCodes.Done;
        });
        return verb;
    }

    private static void Print(List<(StepCheckpoints Step, ListedCheckpoint Checkpoint)> listed, string run, OutputForm form, DateTimeOffset now)
    {
        if (form == OutputForm.Json)
        {
            Screen.Out.WriteLine(RunJson.Text(w =>
            {
                w.WriteStartArray();
                foreach (var (step, checkpoint) in listed) { Write(w, step, checkpoint); }
                w.WriteEndArray();
            }));
            return;
        }
        var wide = form == OutputForm.Wide;
        List<IReadOnlyList<string>> cells = [wide
            ? ["STEP", "ENTRY", "TRAINED", "AGE", "SIZE", "NEW", "FILES", "STATE", "CLAIM", "FINGERPRINT"]
            : ["STEP", "ENTRY", "TRAINED", "AGE", "SIZE", "NEW", "FILES", "STATE"]];
        foreach (var (step, c) in listed.Where(l => wide || !l.Checkpoint.IsPruned))
        {
            string[] usual =
            [
                step.Name, Number(c.Number), c.Step is { } trained ? Number(trained) : "", Text.Age(now - c.At), Text.Size(c.Size), Text.Size(c.NewBytes),
                Number(c.Files), string.Join(", ", ((string[])[c.IsPinned ? "pinned" : "", c.IsPruned ? "pruned" : ""]).Where(t => t.Length > 0)),
            ];
            cells.Add(wide ? [.. usual, Number(c.Claim), c.Fingerprint] : usual);
        }
        foreach (var line in Table.Lines(cells)) { Screen.Out.WriteLine(line); }
        if (listed.Count == 0) { Screen.Error.WriteLine($"pawl: {run} has no checkpoints there"); }
    }

    private static void Write(Utf8JsonWriter w, StepCheckpoints step, ListedCheckpoint c)
    {
        var claim = step.ClaimOf(c.Claim);
        w.WriteStartObject();
        w.WriteString("step", step.Step.Value);
        w.WriteString("node", claim.Node);
        w.WriteNumber("attempt", claim.Attempt);
        w.WriteNumber("entry", c.Number);
        w.WriteString("at", c.At);
        w.WriteNumber("claim", c.Claim);
        if (c.Step is { } trained) { w.WriteNumber("trainerStep", trained); }
        else { w.WriteNull("trainerStep"); }
        w.WriteNumber("size", c.Size);
        w.WriteNumber("newBytes", c.NewBytes);
        w.WriteNumber("files", c.Files);
        w.WriteBoolean("pinned", c.IsPinned);
        w.WriteBoolean("pruned", c.IsPruned);
        w.WriteString("fingerprint", c.Fingerprint);
        w.WriteEndObject();
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
