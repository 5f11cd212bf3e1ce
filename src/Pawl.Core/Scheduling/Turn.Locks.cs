using System.Collections.Immutable;
using Pawl.Core.Expressions;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

internal sealed partial class Turn
{
    // As Argo names it for a node without a program.
    private const string TimedOut = "timeout";

    /// <summary>What a node waits for before it begins.</summary>
    /// <param name="Locks">Null is none.</param>
    /// <param name="WakeAt">When it has waited too long; null is never.</param>
    private sealed record Pending(ImmutableArray<LockKey>? Locks, MemoKey? Memo, DateTimeOffset? WakeAt);

    /// <returns>Null where a node of the template begins at once.</returns>
    /// <exception cref="ExpressionException">The name of a lock, a key or a time cannot be made out.</exception>
    private Pending? PendingOf(Template template, Bound bound)
    {
        if (template is { Locks.IsEmpty: true, Memoize: null } && !CacheAnnotations.AnyIn(template.Annotations)) { return null; }
        var scope = Scopes.Bare(Run, bound, template);
        var memo = MemoOf(template, scope);
        return template.Locks.IsEmpty && memo is null ? null : new Pending(
            template.Locks.IsEmpty ? null : [.. template.Locks.Select(l => l.Resolve(scope)).Distinct()],
            memo,
            now + Timeouts.WhilePending(template, scope));
    }

    // Nothing of it has begun: it ends without a trace.
    private void ExaminePending(Node node)
    {
        if (Stops(node)) { End(node, Phase.Failed, StopMessage); }
        else if (node.WakeAt <= now) { End(node, Phase.Failed, TimedOut); }
    }

    /// <returns>False where the run needs none, or has them.</returns>
    private bool AskOwnLocks()
    {
        if (Run.Workflow.Locks.IsEmpty || !Run.OwnLocks.IsEmpty) { return false; }
        try { Emit(new RunEvent.LocksAsked(now, [.. Run.Workflow.Locks.Select(l => l.Resolve(Scopes.Globals(Run))).Distinct()])); }
        catch (ExpressionException e) { Emit(new RunEvent.RunEnded(now, Phase.Error, e.Message)); }
        return true;
    }

    private void TakeLocks(NodeId? id)
    {
        if (id is null)
        {
            if (Run.AwaitsOwnLocks) { Emit(new RunEvent.LocksTaken(now, null, null)); }
            return;
        }
        if (Run.Find(id.Value) is not { AwaitsLocks: true } node) { return; }
        try { Emit(new RunEvent.LocksTaken(now, id, EndOfGate(node))); }
        catch (ExpressionException e) { End(node, Phase.Error, e.Message); }
    }

    private void AwaitLocks(NodeId? id, string message)
    {
        var isNews = id is { } node
            ? Run.Find(node) is { AwaitsLocks: true } waiting && waiting.Message != message
            : Run.AwaitsOwnLocks && Run.Message != message;
        if (isNews) { Emit(new RunEvent.LocksBusy(now, id, message)); }
    }

    private void FailLocks(NodeId? id, string message)
    {
        if (id is { } node)
        {
            if (Run.Find(node) is { AwaitsLocks: true } waiting) { End(waiting, Phase.Error, message); }
        }
        else if (Run.AwaitsOwnLocks && Run.Nodes.IsEmpty) { Emit(new RunEvent.RunEnded(now, Phase.Failed, $"Failed to acquire the synchronization lock. {message}")); }
        // What a retry has opened again is ended by hand, or goes on when there is a limit.
        else { AwaitLocks(null, message); }
    }

    // Only after a retry: what it opened inside a node that had locks waits until that has them again.
    private bool IsBehindLocks(Node node)
    {
        if (Run.LockQueues.ByTemplate.IsEmpty) { return false; }
        for (var around = node.Boundary; around is { } id; around = Run.Nodes[id].Boundary)
        {
            if (Run.Nodes[id].AwaitsLocks) { return true; }
        }
        return false;
    }
}
