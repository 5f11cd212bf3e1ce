using System.Collections.Immutable;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

public sealed partial record RunState
{
    /// <summary>What the run itself holds while it goes on; empty where it holds none or has not begun.</summary>
    public ImmutableArray<LockKey> OwnLocks { get; init; } = [];

    /// <summary>The run was given its own locks.</summary>
    public bool HasOwnLocks { get; init; }

    /// <summary>Nothing of the run begins before it has its own locks.</summary>
    public bool AwaitsOwnLocks => !IsDone && !OwnLocks.IsEmpty && !HasOwnLocks;

    /// <summary>Nodes that wait for locks, by the names of the locks.</summary>
    public Queues LockQueues { get; private init; }

    /// <summary>Nodes that hold locks. A daemon gives them back once it is ready, though it goes on (Argo).</summary>
    public ImmutableSortedSet<NodeId> LockHolders { get; private init; } = [];

    /// <summary>Something of it waits for news from outside that needs nobody's hand.</summary>
    private bool AwaitsOthers => AwaitsOwnLocks || !LockQueues.ByTemplate.IsEmpty || !Memos.IsEmpty;

    /// <summary>Nodes whose outputs are looked up, or on their way to where they are kept.</summary>
    public ImmutableSortedSet<NodeId> Memos { get; private init; } = [];

    /// <summary>Some template of it, or the run itself, is to hold locks.</summary>
    public bool UsesLocks => !Workflow.Locks.IsEmpty || Workflow.Templates.Values.Any(t => !t.Locks.IsEmpty);

    private RunState Locking(NodeId id, Node? before, Node? after)
    {
        var run = this;
        var (waited, waits) = (LocksOf(before), LocksOf(after));
        if (waited != waits) { run = run with { LockQueues = Moved(LockQueues, id, waited, waits) }; }
        if (Holds(before) != Holds(after)) { run = run with { LockHolders = Holds(after) ? LockHolders.Add(id) : LockHolders.Remove(id) }; }
        if (Remembers(before) != Remembers(after)) { run = run with { Memos = Remembers(after) ? Memos.Add(id) : Memos.Remove(id) }; }
        return run;
    }

    private static string? LocksOf(Node? node) => node is { AwaitsLocks: true } ? string.Join(' ', node.Locks.Select(l => l.Name)) : null;

    private static bool Remembers(Node? node) => node is { AwaitsRecall: true } or { IsRemembering: true, IsEnded: false };

    private static bool Holds(Node? node) => node is { HasLocks: true, IsFulfilled: false };
}
