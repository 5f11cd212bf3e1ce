namespace Pawl.Core.Scheduling;

// Locks of synchronization: what is asked for is a want, what was given is a fact, and what is no longer wanted is let go.
public static partial class Scheduler
{
    // Those first in the queue of the same locks; the others have their turn when these have had theirs.
    private const int MostOffered = 16;

    private static IEnumerable<Want.Lock> LocksWanted(RunState run)
    {
        if (run.IsDone) { yield break; }
        // Whoever does not go on at once would keep others waiting who can.
        var asks = run.Paused is null && run.Leaving is null;
        if (!run.OwnLocks.IsEmpty && (run.HasOwnLocks || asks)) { yield return new Want.Lock(null, run.OwnLocks, run.HasOwnLocks); }
        foreach (var id in run.LockHolders) { yield return new Want.Lock(id, run.Nodes[id].Locks, IsHeld: true); }
        if (!asks || run.Suspended || run.AwaitsOwnLocks) { yield break; }
        foreach (var (_, ids) in run.LockQueues.ByTemplate)
        {
            foreach (var id in ids.Take(MostOffered)) { yield return new Want.Lock(id, run.Nodes[id].Locks, IsHeld: false); }
        }
    }

    private static RunState LocksGiven(RunState run, RunEvent.LocksTaken l) => l.Node is { } id
        ? run.With(id, n => n.Memo is not null && n.MemoHit is null
            ? n with { HasLocks = true, Message = "" }
            : Idle(run, n, l.At) with { Phase = Phase.Running, HasLocks = true, WakeAt = l.WakeAt, Message = "" }).Touch(id)
        : run with { Phase = Phase.Running, HasOwnLocks = true, Message = "" };

    private static RunState LocksRefused(RunState run, RunEvent.LocksBusy l) =>
        l.Node is { } id ? run.With(id, n => n with { Message = l.Message }) : run with { Message = l.Message };
}
