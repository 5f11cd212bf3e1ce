using System.Collections.Immutable;
using Pawl.Cli.LogReading;
using Pawl.Cli.Views;
using Pawl.Core.Chains;
using Pawl.Core.Checkpoints;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Engine.Homes;
using Pawl.Storage.Chains;
using Pawl.Storage.Checkpoints;
using Pawl.Supervision;

namespace Pawl.Cli.Verbs.Checkpoints;

/// <summary>A step of a run with its chain and its checkpoints.</summary>
/// <param name="Step">The node's name without its own retry suffix: one chain for all its tries.</param>
/// <param name="Name">As people call it.</param>
internal sealed record StepCheckpoints(Session Session, RunState Run, NodeId Step, string Name, Chain Chain, CheckpointStore Store)
{
    public CheckpointHistory History => new(Chain.Entries);

    /// <summary>Those that were not pruned, newest first.</summary>
    public ImmutableArray<Entry.Checkpointed> Left
    {
        get
        {
            var history = History;
            return [.. history.All.Reverse().Where(e => !history.IsPruned(e))];
        }
    }

    /// <summary>Every step of the run that has checkpoints, pruned ones included, in the order in which they were started.</summary>
    /// <param name="node">Only this one, or all below this one; null is all.</param>
    /// <exception cref="VerbException">The run has no such node.</exception>
    public static async Task<IReadOnlyList<StepCheckpoints>> AllAsync(Session session, RunState run, string? node, ByteProgress? progress = null)
    {
        var selection = new LogSelection(node, null);
        Logs.RequireNode(run, selection);
        var all = new List<StepCheckpoints>();
        foreach (var step in selection.Of(run).Select(a => run.StepOf(a.Node)).Distinct())
        {
            var name = Text.Clean(run.Find(step)?.DisplayName ?? step.Value);
            var opened = await OpenAsync(session, run, step, name, progress);
            if (!opened.History.All.IsEmpty) { all.Add(opened); }
        }
        return all;
    }

    /// <summary>The only step that has checkpoints, of those that are meant.</summary>
    /// <exception cref="VerbException">There is none, or more than one.</exception>
    public static async Task<StepCheckpoints> OnlyAsync(Session session, RunState run, string? node, ByteProgress? progress = null) =>
        await AllAsync(session, run, node, progress) switch
        {
            [var only] => only,
            [] => throw new VerbException(node is null ? $"{run.Name} has no checkpoints" : $"{Text.Clean(node)} of {run.Name} has no checkpoints"),
            var several => throw new VerbException(
                $"several steps of {run.Name} have checkpoints; name one of them: {string.Join(", ", several.Select(s => s.Name == s.Step.Value ? s.Name : $"{s.Name} ({s.Step.Value})"))}"),
        };

    /// <summary>The same as the chain says now.</summary>
    public async Task<StepCheckpoints> AgainAsync() => this with { Chain = await Chain.OpenAsync(Session.Store, Run.RunId, Step.Value) };

    /// <exception cref="VerbException">There is no such checkpoint, or it was pruned.</exception>
    public Entry.Checkpointed Require(int number)
    {
        if (Left.FirstOrDefault(e => e.Number == number) is { } entry) { return entry; }
        var left = Left.IsEmpty ? "there is none left" : $"there are {string.Join(", ", Left.Reverse().Select(e => e.Number))}";
        throw new VerbException(History.All.Any(e => e.Number == number)
            ? $"checkpoint {number} of {Name} was pruned; {left}"
            : $"{Name} has no checkpoint {number}; {left}");
    }

    /// <summary>As the newest attempt had it, tags replaced.</summary>
    public async Task<CheckpointPolicy> PolicyAsync(RunFolder folder)
    {
        var claim = Chain.Owner!;
        var attempt = folder.AttemptFolder(Step.Value, new(new(claim.Node), claim.Attempt));
        return await Session.Disk.StatAsync($"{attempt}/{AttemptFiles.Spec}") is null
            ? CheckpointPolicy.Default
            : (await AttemptFiles.ReadSpecAsync(Session.Disk, attempt)).Checkpoints;
    }

    /// <summary>The attempt that made a checkpoint.</summary>
    public Entry.Claimed ClaimOf(int claim) => (Entry.Claimed)Chain.Entries[claim - 1];

    private static async Task<StepCheckpoints> OpenAsync(Session session, RunState run, NodeId step, string name, ByteProgress? progress)
    {
        var store = new CheckpointStore(session.Store, session.Disk, session.Clock, Session.Nonce, run.RunId, step.Value)
        {
            Aside = Task.Run,
            WasRead = progress is null ? null : progress.Add,
        };
        return new(session, run, step, name, await Chain.OpenAsync(session.Store, run.RunId, step.Value), store);
    }
}
