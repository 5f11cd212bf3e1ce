namespace Pawl.Core.Scheduling;

// What memoize keeps: whether something is there is asked of the world, and a node ends only when what it made is kept.
public static partial class Scheduler
{
    private static IEnumerable<Want> MemosWanted(RunState run)
    {
        if (run.IsDone) { yield break; }
        foreach (var id in run.Memos)
        {
            var node = run.Nodes[id];
            yield return node.IsRemembering ? new Want.Remember(id, node.Memo!, node.Outputs) : new Want.Recall(id, node.Memo!);
        }
    }

    private static RunState LookedUp(RunState run, RunEvent.Recalled r) => run.With(r.Id, n => Idle(run, n, r.At) with
    {
        Phase = r.Hit ? n.Phase : Phase.Running,
        Memo = n.Memo is { ByContent: true } memo ? (r.Key is { } key ? memo with { Key = key } : null) : n.Memo,
        MemoHit = r.Hit,
        MemoProblem = r.Problem,
        WakeAt = r.WakeAt,
        Message = "",
    }).Touch(r.Id);
}
