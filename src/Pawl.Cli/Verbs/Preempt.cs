using System.Collections.Immutable;
using System.CommandLine;
using Pawl.Cli.LogReading;
using Pawl.Cli.Views;
using Pawl.Core.Expressions;
using Pawl.Core.Preemption;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Engine;
using Pawl.Engine.Homes;
using Pawl.Supervision;

namespace Pawl.Cli.Verbs;

/// <summary><c>pawl preempt RUN [NODE]</c>: rehearses a preemption; the attempts go as on a host that is taken back, and start again at once.</summary>
internal static class Preempt
{
    // What most providers give at least.
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(30);

    public static Verb Command()
    {
        var run = Common.Run();
        var node = new Argument<string?>("NODE")
        {
            Description = "Only this step: its display name, node name, pod name, or the start of its id; of a group, all below it",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var notice = new Option<TimeSpan?>("--notice")
        {
            Description = "From stop signal to kill, seconds or a duration such as 90s or 2m; a shorter grace period wins [default: 30s]",
            HelpName = "DURATION",
            CustomParser = result =>
            {
                if (Durations.TryParse(result.Tokens[0].Value, out var time)) { return time; }
                result.AddError($"--notice {result.Tokens[0].Value} is no duration; write seconds or a duration such as 90s or 2m");
                return null;
            },
        };
        var home = Common.Home();
        var output = Common.Output(OutputForm.Name, OutputForm.Json);
        var verb = new Verb("preempt", "Rehearse a preemption: running steps are told to go, and start again at once.",
            "pawl preempt @latest", "pawl preempt digits-x7k2q train --notice 30s") { run, node, notice, home, output };
        verb.SetAction(async (parsed, _) =>
        {
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            var folder = await session.FindAsync(parsed.GetRequiredValue(run));
            var state = await session.Runs.ReadAsync(folder);
            if (state.IsDone) { throw new VerbException($"cannot preempt a completed workflow: {state.Name} is {state.Phase}"); }
            var meant = Meant(state, parsed.GetValue(node));
            var time = parsed.GetValue(notice) ?? Usual;
            var (after, told) = await session.Runs.OwnerAsync(folder) is not null
                ? await AskAsync(session, folder, meant, time)
                : await StopAsync(session, folder, parsed.GetValue(node), time);
            if (told.IsEmpty) { throw Nothing(after, parsed.GetValue(node)); }
            await Asking.ReportAsync(session, after, parsed.GetValue(output), $"{after.Name}: {string.Join(", ", told.Select(id => Name(after, id)))} told to go within {Text.Duration(time)}");
            return ExitCodes.Done;
        });
        return verb;
    }

    // Named one by one: what starts meanwhile was not meant.
    private static async Task<(RunState After, ImmutableArray<NodeId> Told)> AskAsync(Session session, RunFolder folder, ImmutableArray<NodeId> meant, TimeSpan notice)
    {
        var after = await Asking.AskAsync(session, folder, new Request.Preempt(meant, notice));
        return (after, meant);
    }

    /// <summary>With no engine there is nobody to ask: who runs hears it from its own folder, and the next engine finds how it ended.</summary>
    private static async Task<(RunState After, ImmutableArray<NodeId> Told)> StopAsync(Session session, RunFolder folder, string? node, TimeSpan notice)
    {
        if (await Run.TakeAsync(session, folder) is not TakeResult.Taken taken)
        {
            throw new VerbException("somebody took the run just now; ask again with the same command");
        }
        await using var owned = taken.Run;
        var told = ImmutableArray.CreateBuilder<NodeId>();
        foreach (var id in Meant(owned.State, node))
        {
            var leaf = owned.State.Nodes[id];
            var attempt = folder.AttemptFolder(owned.State.StepOf(leaf).Value, leaf.CurrentAttempt);
            if (!await IsRunAsync(session, attempt)) { continue; }
            await AttemptFiles.WriteStopAsync(session.Disk, attempt, new StopRequest(
                StopKind.Terminate, StopReason.Preemption, RehearsedPreemption.Message(notice), session.Clock.GetUtcNow() + notice));
            told.Add(id);
        }
        return (owned.State, told.ToImmutable());
    }

    // Its supervisor holds the lock as long as it lives.
    private static async Task<bool> IsRunAsync(Session session, string attempt)
    {
        if (await session.Disk.StatAsync(attempt) is null) { return false; }
        await using var held = await session.Disk.TryLockAsync($"{attempt}/{AttemptFiles.Lock}");
        return held is null;
    }

    /// <exception cref="VerbException">Nothing that was meant runs.</exception>
    private static ImmutableArray<NodeId> Meant(RunState state, string? node)
    {
        var selection = new LogSelection(node, null);
        Logs.RequireNode(state, selection);
        var meant = selection.Of(state).Select(a => a.Node.Id).ToHashSet();
        ImmutableArray<NodeId> running = [.. state.Running.Where(meant.Contains)];
        return running.IsEmpty ? throw Nothing(state, node) : running;
    }

    private static VerbException Nothing(RunState state, string? node) => new(
        $"nothing of {(node is null ? "" : $"{Text.Clean(node)} of ")}{state.Name} runs at the moment, so there is nothing to preempt ({Look.Status(state)})");

    private static string Name(RunState run, NodeId id) => Text.Clean(run.Find(id)?.DisplayName ?? id.Value);
}
