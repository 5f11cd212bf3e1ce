using System.Globalization;
using Pawl.Cli.Views;

namespace Pawl.Cli.Verbs.Checkpoints;

/// <summary><c>pawl checkpoint pin|unpin RUN [NODE] --entry N</c>: keeps a checkpoint from being pruned, or lets it go again.</summary>
internal static class CheckpointPin
{
    public static Verb Pin() => Command(
        new("pin", "Keep a checkpoint, however many newer ones there are.", "pawl checkpoint pin @latest --entry 7", "pawl checkpoint pin digits-x7k2q train --entry 7"),
        pinned: true);

    public static Verb Unpin() => Command(
        new("unpin", "Let a checkpoint be pruned again when it is old.", "pawl checkpoint unpin @latest --entry 7"), pinned: false);

    private static Verb Command(Verb verb, bool pinned)
    {
        var run = Common.Run();
        var node = Checkpoint.Node();
        var entry = Checkpoint.Entry("The checkpoint");
        entry.Required = true;
        var home = Common.Home();
        var output = Common.Output(OutputForm.Json);
        verb.Add(run);
        verb.Add(node);
        verb.Add(entry);
        verb.Add(home);
        verb.Add(output);
        verb.SetAction(async (parsed, _) =>
        {
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            var state = await session.Runs.ReadAsync(await session.FindAsync(parsed.GetRequiredValue(run)));
            var step = await StepCheckpoints.OnlyAsync(session, state, parsed.GetValue(node));
            var number = parsed.GetValue(entry)!.Value;
            step.Require(number);
            if (!pinned) { await step.Store.UnpinAsync(number); }
            else if (!await step.Store.PinAsync(number)) { throw new VerbException($"checkpoint {number} of {step.Name} was pruned just now; it is not pinned"); }
            Print(step, number, pinned, parsed.GetValue(output));
            return ExitCodes.Done;
        });
        return verb;
    }

    private static void Print(StepCheckpoints step, int number, bool pinned, OutputForm form) => Screen.Out.WriteLine(form == OutputForm.Json
        ? RunJson.Text(w =>
        {
            w.WriteStartObject();
            w.WriteString("step", step.Step.Value);
            w.WriteNumber("entry", number);
            w.WriteBoolean("pinned", pinned);
            w.WriteEndObject();
        })
        : string.Create(CultureInfo.InvariantCulture, $"checkpoint {number} of {step.Name} {(pinned ? "stays until it is unpinned" : "may be pruned again")}"));
}
