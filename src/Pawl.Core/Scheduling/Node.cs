using System.Collections.Immutable;
using Pawl.Core.Attempts;
using Pawl.Core.Goodput;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>One vertex of a run's tree, named as Argo names it.</summary>
public sealed record Node
{
    public required NodeId Id { get; init; }

    public required string DisplayName { get; init; }

    public required NodeType Type { get; init; }

    public required Phase Phase { get; init; }

    public required string Template { get; init; }

    /// <summary>The node that created this one and is told when it is settled; null of the entry node and of the exit handler.</summary>
    public NodeId? Parent { get; init; }

    /// <summary>The nearest enclosing Steps or DAG node.</summary>
    public NodeId? Boundary { get; init; }

    /// <summary>The step or task this node was called as; empty of groups, tries and roots.</summary>
    public string Call { get; init; } = "";

    public string Message { get; init; } = "";

    public DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public Bound Inputs { get; init; } = Bound.Nothing;

    public NodeOutputs Outputs { get; init; } = NodeOutputs.None;

    public int? ExitCode { get; init; }

    /// <summary>True of every exit handler and all below it: a stop lets it run on.</summary>
    public bool Hooked { get; init; }

    /// <summary>The name of the hook that this node was called as; null of all others. It has no parent.</summary>
    public string? Hook { get; init; }

    /// <summary>Of a hook: the node beside which it was called and which waits for it; null of a hook of the run.</summary>
    public NodeId? Owner { get; init; }

    /// <summary>Its call has hooks: that it is settled is then a fact of its own.</summary>
    public bool HasHooks { get; init; }

    /// <summary>A hook of it asks about other calls: it is looked at again when one of them begins or ends.</summary>
    public bool Watches { get; init; }

    /// <summary>Hooks that began, in that order.</summary>
    public ImmutableList<NodeId> Hooks { get; init; } = [];

    /// <summary>Those of them that have not ended.</summary>
    public int OpenHooks { get; init; }

    /// <summary>Nested template calls above this node.</summary>
    public int Depth { get; init; }

    /// <summary>Contained nodes, in the order of their creation.</summary>
    public ImmutableList<NodeId> Children { get; init; } = [];

    /// <summary>When this node wants to be looked at again: the end of a backoff, a suspend, a deadline.</summary>
    public DateTimeOffset? WakeAt { get; init; }

    /// <summary>What it holds while it runs; of a try nothing, its Retry node holds them.</summary>
    public ImmutableArray<LockKey> Locks { get; init; } = [];

    /// <summary>It was given its locks.</summary>
    public bool HasLocks { get; init; }

    /// <summary>It waits for its locks; until then nothing of it begins.</summary>
    public bool AwaitsLocks => Phase == Phase.Pending && !Locks.IsEmpty && !HasLocks;

    /// <summary>Under what its outputs are kept for later calls; null is nowhere.</summary>
    public MemoKey? Memo { get; init; }

    /// <summary>They were there already; null until somebody has looked.</summary>
    public bool? MemoHit { get; init; }

    /// <summary>Why what was there was of no use; null where nothing was wrong.</summary>
    public string? MemoProblem { get; init; }

    /// <summary>Somebody is to look whether they are there.</summary>
    public bool AwaitsRecall => Phase == Phase.Pending && Memo is not null && MemoHit is null && !AwaitsLocks;

    /// <summary>It has succeeded, and its outputs are on their way to where they are kept; that ends it.</summary>
    public bool IsRemembering { get; init; }

    // Leaves

    /// <summary>The newest attempt's number; 0 before the first.</summary>
    public int Attempt { get; init; }

    /// <summary>The newest attempt was started and has not ended.</summary>
    public bool AttemptRuns { get; init; }

    /// <summary>Sequence number of the event that started the newest attempt.</summary>
    public long AttemptSequence { get; init; }

    public DateTimeOffset? AttemptStartedAt { get; init; }

    /// <summary>The chance that expressions of the newest attempt's spec see.</summary>
    public ulong AttemptSeed { get; init; }

    /// <summary>The newest attempt was told to go, and has not ended.</summary>
    public RunEvent.PreemptionBegan? Preemption { get; init; }

    public int LostInARow { get; init; }

    public int PreemptedInARow { get; init; }

    /// <summary>Where the node's time went from its start until <see cref="SpentUntil"/>; of leaves and of Retry nodes around them.</summary>
    public Ledger Spent { get; init; } = Ledger.None;

    public DateTimeOffset SpentUntil { get; init; }

    /// <summary>The outcome of the newest attempt that ended.</summary>
    public Outcome? Last { get; init; }

    // Groups, steps, dags and Retry nodes

    /// <summary>What a group is to start, whole: kept so that a retry can find what is missing.</summary>
    public ImmutableArray<Fanout> Fanouts { get; init; } = [];

    /// <summary>Of a DAG whose target held tags: what they gave.</summary>
    public string? Target { get; init; }

    /// <summary>What may start as soon as there is room, in order.</summary>
    public ReadyStarts Ready { get; init; }

    /// <summary>Of groups and dags: starts or tasks in all.</summary>
    public int Total { get; init; }

    /// <summary>Starts or tasks not yet settled; of a Retry node 1 while a try goes on.</summary>
    public int Open { get; init; }

    /// <summary>Of a Steps or DAG node: leaves, steps and dags directly inside it that exist and have not ended.</summary>
    public int Active { get; init; }

    /// <summary>Of a Steps or DAG node: leaves, steps and dags directly inside it that are Failed or Error, tries among them.</summary>
    public int Failures { get; init; }

    /// <summary>The first child whose end its call does not excuse.</summary>
    public NodeId? BadChild { get; init; }

    /// <summary>Of a DAG: dependencies that are not settled, by task.</summary>
    public ImmutableDictionary<string, int> Awaited { get; init; } = ImmutableDictionary<string, int>.Empty;

    /// <summary>A pod that is ready for others and runs on until what is around it is through.</summary>
    public bool Daemoned { get; init; }

    /// <summary>Of a daemon that is ready: where others reach it.</summary>
    public string? Ip { get; init; }

    /// <summary>Its phase is final and nothing of its own runs. Of this the indices and counters of a run are made.</summary>
    public bool IsEnded => Phase.IsFulfilled();

    /// <summary>Those who depend on it may go on: it has ended, or is a daemon that is ready.</summary>
    public bool IsFulfilled => IsEnded || Daemoned;

    /// <summary>It is fulfilled and no hook of it is open: what its parent waits for, and was told of once.</summary>
    public bool IsSettled { get; init; }

    public AttemptId CurrentAttempt => new(Id, Attempt);
}

/// <summary>A child that a group or dag is to start.</summary>
/// <param name="Call">Name of the step or task.</param>
/// <param name="Index">Of its item, from 0; -1 where the call does not loop, or over nothing.</param>
public sealed record Start(string Call, int Index, Item? Item);

/// <summary>Input values of a node, and what else its template may name.</summary>
/// <param name="Parameters">By parameter name.</param>
/// <param name="Artifacts">By artifact name; an optional one that nobody supplied is absent.</param>
/// <param name="Variables">Values that cannot be computed again later, by tag: <c>retries</c>, <c>lastRetry.exitCode</c>, <c>workflow.status</c>.</param>
public sealed record Bound(
    ImmutableSortedDictionary<string, string> Parameters,
    ImmutableSortedDictionary<string, BoundArtifact> Artifacts,
    ImmutableSortedDictionary<string, string> Variables)
{
    internal static ImmutableSortedDictionary<string, string> NoText { get; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    internal static ImmutableSortedDictionary<string, BoundArtifact> NoArtifacts { get; } =
        ImmutableSortedDictionary.Create<string, BoundArtifact>(StringComparer.Ordinal);

    // Below the empty maps: static fields are set in the order they are written.
    public static Bound Nothing { get; } = new(NoText, NoArtifacts, NoText);
}

/// <summary>An artifact handed to a node: a promoted one, or raw text.</summary>
public sealed record BoundArtifact(ArtifactRef? Stored, string? RawData)
{
    /// <summary>Where it is instead of pawl's own store.</summary>
    public ArtifactLocation? Location { get; init; }

    /// <summary>Of what lies at <see cref="Location"/>.</summary>
    public Archive? Archive { get; init; }

    /// <summary>What of it is meant; null is all.</summary>
    public string? SubPath { get; init; }
}
