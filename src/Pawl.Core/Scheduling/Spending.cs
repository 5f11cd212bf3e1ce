using Pawl.Core.Attempts;
using Pawl.Core.Goodput;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

// The ledger of every leaf and of what retries leaves: whenever something begins or ends for it, the time until then goes into a bucket.
public static partial class Scheduler
{
    /// <summary>Nothing of the node ran until now: as long as a rule said so it was backoff.</summary>
    private static Node Idle(RunState run, Node node, DateTimeOffset until)
    {
        if (!HasLedger(run, node) || until <= node.SpentUntil) { return node; }
        var gap = until - node.SpentUntil;
        var backoff = node.Phase != Phase.Pending && node.WakeAt is { } wake && wake > node.SpentUntil ? Least(wake - node.SpentUntil, gap) : TimeSpan.Zero;
        return node with { Spent = node.Spent + new Ledger { Backoff = backoff, Waiting = gap - backoff }, SpentUntil = until };
    }

    /// <summary>An attempt ran until now, as far as its outcome says; after its end nobody was there to hear of it.</summary>
    private static Node Spent(Node node, DateTimeOffset until, Outcome outcome)
    {
        if (until <= node.SpentUntil) { return node; }
        var wall = until - node.SpentUntil;
        var unheard = outcome.FinishedAt > node.SpentUntil && outcome.FinishedAt < until ? until - outcome.FinishedAt : TimeSpan.Zero;
        var own = outcome.Spent ?? outcome.Kind switch
        {
            OutcomeKind.Lost => new Ledger { Lost = wall },
            // Known from the chain alone.
            OutcomeKind.Succeeded => new Ledger { Productive = wall - unheard },
            _ => Ledger.None,
        };
        return node with { Spent = node.Spent + own.Within(wall - unheard) + new Ledger { Waiting = unheard }, SpentUntil = until };
    }

    /// <summary>One of a Retry node's tries has ended.</summary>
    private static Node Spent(RunState run, Node retry, Node tried) =>
        HasLedger(run, retry) ? retry with { Spent = retry.Spent + tried.Spent, SpentUntil = tried.FinishedAt ?? retry.SpentUntil } : retry;

    /// <summary>Its time is accounted for.</summary>
    public static bool HasLedger(RunState run, Node node) =>
        node.Type is NodeType.Pod || (node.Type is NodeType.Retry && run.Workflow.Templates[node.Template].Body is TemplateBody.Leaf);

    private static TimeSpan Least(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
