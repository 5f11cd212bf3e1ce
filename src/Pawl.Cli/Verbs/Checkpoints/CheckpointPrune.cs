using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Pawl.Cli.Views;
using Pawl.Core.Checkpoints;
using Pawl.Storage.Checkpoints;

namespace Pawl.Cli.Verbs.Checkpoints;

/// <summary><c>pawl checkpoint prune RUN [NODE]</c>: gives up old checkpoints of a step that nobody runs, by the rules that its supervisor follows.</summary>
internal static class CheckpointPrune
{
    private const string Follows = "nothing was pruned";

    public static Verb Command()
    {
        var run = Common.Run();
        var node = Checkpoint.Node();
        var keep = new Option<int?>("--keep")
        {
            Description = "How many of the newest stay [default: as the step's template says, else 3]",
            HelpName = "N",
            CustomParser = result => Checkpoint.Number(result, 1, "--keep", "a whole number above 0"),
        };
        var keepEvery = new Option<int?>("--keep-every")
        {
            Description = "Every so manyth stays besides; 0 is none [default: as the step's template says, else 0]",
            HelpName = "M",
            CustomParser = result => Checkpoint.Number(result, 0, "--keep-every", "a whole number"),
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only say what would be pruned" };
        var home = Common.Home();
        var output = Common.Output(OutputForm.Json);
        var verb = new Verb("prune", "Remove old checkpoints; never a pinned one, nor the newest that verifies; only while nothing runs.",
            "pawl checkpoint prune @latest --keep 1", "pawl checkpoint prune digits-x7k2q train --keep 3 --keep-every 10 --dry-run")
        {
            run, node, keep, keepEvery, dryRun, home, output,
        };
        verb.SetAction((parsed, _) => Checkpoint.UntilInterruptedAsync(Follows, async (progress, stop) =>
        {
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            var folder = await session.FindAsync(parsed.GetRequiredValue(run));
            var dry = parsed.GetValue(dryRun);
            await using var idle = dry ? null : await IdleRun.TakeAsync(session, folder, Follows);
            var step = await StepCheckpoints.OnlyAsync(session, idle?.State ?? await session.Runs.ReadAsync(folder), parsed.GetValue(node), progress);
            if (idle is not null) { step = await idle.HoldAsync(step); }
            var policy = await step.PolicyAsync(folder);
            policy = policy with { Keep = parsed.GetValue(keep) ?? policy.Keep, KeepEvery = parsed.GetValue(keepEvery) ?? policy.KeepEvery };

            var listed = await step.Store.ListAsync(step.Chain);
            var pinned = listed.Where(c => c.IsPinned).Select(c => c.Number).ToHashSet();
            if (step.Left.IsEmpty || PruneRules.Prunable(step.History, policy, pinned, verified: null).IsEmpty)
            {
                Print(step, listed, [], dry, parsed.GetValue(output));
                return ExitCodes.Done;
            }
            var verified = await VerifiedAsync(step, progress, stop);
            progress.Clear();
            stop.ThrowIfCancellationRequested();
            var pruned = dry ? PruneRules.Prunable(step.History, policy, pinned, verified) : await PruneAsync(step, policy);
            Print(step, listed, pruned, dry, parsed.GetValue(output));
            return ExitCodes.Done;
        }));
        return verb;
    }

    private static async Task<ImmutableArray<int>> PruneAsync(StepCheckpoints step, CheckpointPolicy policy) =>
        await step.Store.PruneAsync(step.Chain, step.Chain.Owner!.Number, policy) is Pruning.Done done
            ? done.Checkpoints
            : throw new VerbException($"somebody took {step.Name} just now; {Follows}");

    /// <summary>The newest that is sound: it stays whatever was asked for, since the ones after it are of no use.</summary>
    private static async Task<int> VerifiedAsync(StepCheckpoints step, ByteProgress progress, CancellationToken stop)
    {
        foreach (var entry in step.Left)
        {
            progress.Begin($"verifying {Checkpoint.Named(entry)} of {step.Name}", entry.Checkpoint.Size);
            var problems = await step.Store.VerifyAsync(entry, stop);
            if (problems.IsEmpty) { return entry.Number; }
            progress.Clear();
            foreach (var problem in problems) { Screen.Error.WriteLine($"pawl: {Text.Clean(problem.ToString())}"); }
        }
        throw new VerbException($"no checkpoint of {step.Name} verifies, so {Follows}: what is left of them may be all there is");
    }

    private static void Print(StepCheckpoints step, IReadOnlyList<ListedCheckpoint> listed, ImmutableArray<int> pruned, bool dry, OutputForm form)
    {
        var stay = listed.Where(c => !c.IsPruned && !pruned.Contains(c.Number)).Select(c => c.Number).ToList();
        Screen.Out.WriteLine(form == OutputForm.Json
            ? RunJson.Text(w =>
            {
                w.WriteStartObject();
                w.WriteString("step", step.Step.Value);
                w.WriteBoolean("dryRun", dry);
                w.WriteStartArray("pruned");
                foreach (var number in pruned) { w.WriteNumberValue(number); }
                w.WriteEndArray();
                w.WriteStartArray("kept");
                foreach (var number in stay) { w.WriteNumberValue(number); }
                w.WriteEndArray();
                w.WriteEndObject();
            })
            : $"{step.Name}: {(pruned.IsEmpty ? "nothing to prune" : $"{(dry ? "would prune" : "pruned")} {Numbers(pruned)}")}; {(stay.Count == 0 ? "nothing stays" : $"{Numbers(stay)} stay")}");
    }

    private static string Numbers(IEnumerable<int> numbers) => string.Join(", ", numbers.Select(n => n.ToString(CultureInfo.InvariantCulture)));
}
