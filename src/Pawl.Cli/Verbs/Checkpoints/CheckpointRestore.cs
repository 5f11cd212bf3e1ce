using System.Globalization;
using Pawl.Cli.Views;
using Pawl.Core.Chains;
using Pawl.Storage.Checkpoints;
using Pawl.Supervision;
using Pawl.Supervision.Checkpoints;

namespace Pawl.Cli.Verbs.Checkpoints;

/// <summary><c>pawl checkpoint restore RUN [NODE]</c>: fills a step's checkpoint folder as its next attempt would, from an older one where asked.</summary>
internal static class CheckpointRestore
{
    private const string Follows = "nothing was restored";

    public static Verb Command()
    {
        var run = Common.Run();
        var node = Checkpoint.Node();
        var entry = Checkpoint.Entry("Go back to this checkpoint: the step's next attempt goes on from it [default: the newest that verifies]");
        var home = Common.Home();
        var output = Common.Output(OutputForm.Json);
        var verb = new Verb("restore", "Make a step's checkpoint folder hold a checkpoint, from which its next attempt goes on; only while nothing runs.",
            "pawl checkpoint restore @latest", "pawl checkpoint restore digits-x7k2q train --entry 7") { run, node, entry, home, output };
        const string Cut = "the next attempt of the step restores its folder anew, from the checkpoint that is newest then";
        verb.SetAction((parsed, _) => Checkpoint.UntilInterruptedAsync(Cut, async (progress, stop) =>
        {
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            var folder = await session.FindAsync(parsed.GetRequiredValue(run));
            await using var idle = await IdleRun.TakeAsync(session, folder, Follows);
            var step = await idle.HoldAsync(await StepCheckpoints.OnlyAsync(session, idle.State, parsed.GetValue(node), progress));
            if (step.Chain.Completed is not null)
            {
                throw new VerbException($"{step.Name} of {step.Run.Name} is completed and never runs again, so {Follows}. Copy one out with: "
                    + session.Command($"checkpoint export {step.Run.Name} {Text.Quoted(step.Name)} --to FOLDER"));
            }
            var place = $"{folder.StepFolder(step.Step.Value)}/{AttemptFiles.Checkpoint}";
            await idle.EmptyAsync(step);
            if (parsed.GetValue(entry) is { } number) { await GoBackAsync(session, step, step.Require(number), place, progress, stop); }
            if (parsed.GetValue(entry) is null)
            {
                var owner = step.Chain.Owner!;
                await LeftBehind.TakeInAsync(session.Disk, new CheckpointFolders(session.Clock), step.Store, step.Chain, owner.Number, owner.Fingerprint, place,
                    await step.PolicyAsync(folder), session.Boot, stop);
            }
            var restored = await RestoreAsync(session, step, place, progress, stop);
            progress.Clear();
            Print(session, step, restored, place, parsed.GetValue(output));
            return ExitCodes.Done;
        }));
        return verb;
    }

    // What is newest counts, so an older one becomes it: the same content again, under a new number.
    private static async Task GoBackAsync(
        Session session, StepCheckpoints step, Entry.Checkpointed entry, string place, ByteProgress progress, CancellationToken stop)
    {
        var owner = step.Chain.Owner!;
        if (entry.Fingerprint != owner.Fingerprint)
        {
            throw new VerbException($"{Checkpoint.Named(entry)} of {step.Name} was made by another command or of other inputs than the newest attempt has, "
                + $"which would not go on from it; {Follows}. Copy it out with: {session.Command($"checkpoint export {step.Run.Name} {Text.Quoted(step.Name)} --entry {entry.Number} --to FOLDER")}");
        }
        if (step.History.Restorable(owner.Fingerprint).First().Number == entry.Number) { return; }
        progress.Begin($"verifying {Checkpoint.Named(entry)} of {step.Name}", entry.Checkpoint.Size);
        var problems = await step.Store.VerifyAsync(entry, stop);
        foreach (var problem in problems) { Screen.Error.WriteLine($"pawl: {Text.Clean(problem.ToString())}"); }
        if (!problems.IsEmpty) { throw new VerbException($"{Checkpoint.Named(entry)} of {step.Name} is corrupt; {Follows}"); }
        stop.ThrowIfCancellationRequested();

        // First, so that wherever this is cut off nothing of what was gone back from is found here and taken for newer.
        await LeftBehind.ForgetAsync(session.Disk, place);
        if (!await step.Chain.TryAppendAsync(new Entry.Checkpointed(owner.Number, owner.Fingerprint, entry.Checkpoint), session.Clock.GetUtcNow()))
        {
            throw new VerbException($"somebody took {step.Name} just now; {Follows}");
        }
    }

    private static async Task<Restored.From> RestoreAsync(Session session, StepCheckpoints step, string place, ByteProgress progress, CancellationToken stop)
    {
        var owner = step.Chain.Owner!;
        if (step.History.Restorable(owner.Fingerprint).FirstOrDefault() is not { } newest)
        {
            throw new VerbException($"{step.Name} has no checkpoint of the command and inputs that its newest attempt has; {Follows}");
        }
        progress.Begin($"restoring {Checkpoint.Named(newest)} of {step.Name}", newest.Checkpoint.Size);
        var restored = await step.Store.RestoreAsync(step.Chain, owner.Number, owner.Fingerprint, place, stop);
        progress.Clear();
        foreach (var problem in restored.Problems) { Screen.Error.WriteLine($"pawl: {Text.Clean(problem.ToString())}"); }
        return restored switch
        {
            Restored.From from => from,
            Restored.Overtaken => throw new VerbException($"somebody took {step.Name} just now; its folder is not to be used"),
            _ => throw new VerbException($"no checkpoint of {step.Name} verifies; its folder is empty, and the next attempt begins anew. See: {session.Command($"checkpoint verify {step.Run.Name}")}"),
        };
    }

    private static void Print(Session session, StepCheckpoints step, Restored.From restored, string place, OutputForm form)
    {
        if (form == OutputForm.Json)
        {
            Screen.Out.WriteLine(RunJson.Text(w =>
            {
                w.WriteStartObject();
                w.WriteString("step", step.Step.Value);
                w.WriteNumber("entry", restored.Entry.Number);
                if (restored.Entry.Checkpoint.Step is { } trained) { w.WriteNumber("trainerStep", trained); }
                w.WriteString("folder", place);
                w.WriteNumber("size", restored.Entry.Checkpoint.Size);
                w.WriteNumber("copied", restored.Copied);
                w.WriteStartArray("problems");
                foreach (var problem in restored.Problems) { CheckpointVerify.Write(w, problem); }
                w.WriteEndArray();
                w.WriteEndObject();
            }));
            return;
        }
        Screen.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{step.Name} goes on from {Checkpoint.Named(restored.Entry)}: {Text.Size(restored.Entry.Checkpoint.Size)} in {place}"));
        var next = step.Run.IsDone ? "retry" : "resume";
        Screen.Out.WriteLine($"Go on with: {session.Command($"{next} {step.Run.Name}")}");
    }
}
