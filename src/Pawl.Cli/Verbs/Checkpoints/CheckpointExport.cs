using System.CommandLine;
using Pawl.Cli.Views;
using Pawl.Core.Chains;

namespace Pawl.Cli.Verbs.Checkpoints;

/// <summary><c>pawl checkpoint export RUN [NODE] --to FOLDER</c>: a verified copy of one checkpoint.</summary>
internal static class CheckpointExport
{
    private const string Follows = "nothing was exported";

    public static Verb Command()
    {
        var run = Common.Run();
        var node = Checkpoint.Node();
        var to = new Option<string>("--to") { Description = "Where the copy goes: a folder that is empty or absent", HelpName = "FOLDER", Required = true };
        var entry = Checkpoint.Entry("This checkpoint [default: the newest that verifies]");
        var home = Common.Home();
        var output = Common.Output(OutputForm.Json);
        var verb = new Verb("export", "Copy a checkpoint to a folder, every byte verified; also while its step runs.",
            "pawl checkpoint export @latest --to /tmp/copy", "pawl checkpoint export digits-x7k2q train --entry 7 --to copy") { run, node, to, entry, home, output };
        verb.SetAction((parsed, _) => Checkpoint.UntilInterruptedAsync(Follows, async (progress, stop) =>
        {
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            var state = await session.Runs.ReadAsync(await session.FindAsync(parsed.GetRequiredValue(run)));
            var step = await StepCheckpoints.OnlyAsync(session, state, parsed.GetValue(node), progress);
            var folder = Path.GetFullPath(parsed.GetRequiredValue(to));
            var exported = parsed.GetValue(entry) is { } number
                ? await TryAsync(step, step.Require(number), folder, progress, stop)
                : await NewestAsync(step, folder, progress, stop);
            progress.Clear();
            Print(step, exported ?? throw new VerbException($"the checkpoint is corrupt; {Follows}"), folder, parsed.GetValue(output));
            return ExitCodes.Done;
        }));
        return verb;
    }

    private static async Task<Entry.Checkpointed?> NewestAsync(StepCheckpoints step, string folder, ByteProgress progress, CancellationToken stop)
    {
        var tried = new HashSet<int>();
        // Looked up anew each time: a step that runs makes newer ones and prunes older ones meanwhile.
        for (var now = step; now.Left.FirstOrDefault(e => !tried.Contains(e.Number)) is { } next; now = await now.AgainAsync())
        {
            if (await TryAsync(now, next, folder, progress, stop) is { } exported) { return exported; }
            tried.Add(next.Number);
        }
        throw new VerbException(tried.Count == 0 ? $"all checkpoints of {step.Name} were pruned; {Follows}" : $"no checkpoint of {step.Name} verifies; {Follows}");
    }

    /// <returns>Null where it is corrupt; what is wrong was said.</returns>
    private static async Task<Entry.Checkpointed?> TryAsync(
        StepCheckpoints step, Entry.Checkpointed entry, string folder, ByteProgress progress, CancellationToken stop)
    {
        progress.Begin($"exporting {Checkpoint.Named(entry)} of {step.Name}", entry.Checkpoint.Size);
        var problems = await step.Store.ExportAsync(entry, folder, stop);
        progress.Clear();
        foreach (var problem in problems) { Screen.Error.WriteLine($"pawl: {Text.Clean(problem.ToString())}"); }
        return problems.IsEmpty ? entry : null;
    }

    private static void Print(StepCheckpoints step, Entry.Checkpointed entry, string folder, OutputForm form) => Screen.Out.WriteLine(form == OutputForm.Json
        ? RunJson.Text(w =>
        {
            w.WriteStartObject();
            w.WriteString("step", step.Step.Value);
            w.WriteNumber("entry", entry.Number);
            if (entry.Checkpoint.Step is { } trained) { w.WriteNumber("trainerStep", trained); }
            w.WriteString("folder", folder);
            w.WriteNumber("size", entry.Checkpoint.Size);
            w.WriteNumber("files", entry.Checkpoint.Files.Length);
            w.WriteEndObject();
        })
        : $"{Checkpoint.Named(entry)} of {step.Name}: {Text.Size(entry.Checkpoint.Size)} copied to {folder}");
}
