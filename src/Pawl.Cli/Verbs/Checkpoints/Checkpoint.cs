using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Pawl.Cli.Views;

namespace Pawl.Cli.Verbs.Checkpoints;

/// <summary><c>pawl checkpoint …</c>: what the steps of a run can go on from.</summary>
internal static class Checkpoint
{
    public static Verb Command() => new("checkpoint", "List, verify, restore, copy out, keep and prune the checkpoints of a run.",
        "pawl checkpoint list @latest", "pawl checkpoint verify @latest", "pawl checkpoint export @latest train --to /tmp/copy")
    {
        CheckpointList.Command(), CheckpointVerify.Command(), CheckpointRestore.Command(), CheckpointExport.Command(),
        CheckpointPrune.Command(), CheckpointPin.Pin(), CheckpointPin.Unpin(),
    };

    public static Argument<string?> Node() => new("NODE")
    {
        Description = "Only this step: its display name, node name, pod name, or the start of its id; of a group, all below it",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Option<int?> Entry(string description) => new("--entry")
    {
        Description = description,
        HelpName = "N",
        CustomParser = result => Number(result, 1, "--entry", "the number of a checkpoint, as pawl checkpoint list shows it"),
    };

    public static int? Number(ArgumentResult result, int least, string option, string meant)
    {
        if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least) { return number; }
        result.AddError($"{option} {result.Tokens[0].Value} is not {meant}");
        return null;
    }

    /// <summary>Carries out a verb that Ctrl-C may cut short.</summary>
    /// <param name="cut">What has happened then, in words.</param>
    public static async Task<int> UntilInterruptedAsync(string cut, Func<ByteProgress, CancellationToken, Task<int>> work)
    {
        using var interrupts = new Interrupts();
        using var progress = new ByteProgress(Screen.Error, TimeProvider.System);
        try { return await work(progress, interrupts.Token); }
        catch (OperationCanceledException) when (interrupts.Token.IsCancellationRequested)
        {
            throw new VerbException($"interrupted; {cut}", ExitCodes.Interrupted);
        }
    }

    /// <summary>A checkpoint in words: <c>checkpoint 7 (step 120)</c>.</summary>
    public static string Named(Core.Chains.Entry.Checkpointed entry) => entry.Checkpoint.Step is { } step
        ? string.Create(CultureInfo.InvariantCulture, $"checkpoint {entry.Number} (step {step})")
        : string.Create(CultureInfo.InvariantCulture, $"checkpoint {entry.Number}");
}
