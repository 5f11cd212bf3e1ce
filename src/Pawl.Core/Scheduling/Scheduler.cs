namespace Pawl.Core.Scheduling;

/// <summary>The rules of a run: what news means, what a fact changes, and what should therefore be so.</summary>
/// <remarks>
/// Decide asks, Apply remembers, Wanted demands. None of them reads a clock, a file or chance. Decide always leaves nothing due, so
/// any prefix of a journal that ends with a turn can be taken up again by a <see cref="Observation.Tick"/>.
/// </remarks>
public static partial class Scheduler
{
    /// <summary>First what the news means, then what is now due: the facts to write before anything is done.</summary>
    public static IReadOnlyList<RunEvent> Decide(RunState run, Observation seen)
    {
        var turn = new Turn(run, seen.At, seen.Seed);
        turn.Learn(seen);
        turn.Settle();
        return turn.Events;
    }

    /// <summary>Applies all events of one decision, which has looked at whatever they touched.</summary>
    public static RunState ApplyTurn(RunState run, IReadOnlyList<RunEvent> events) =>
        events.Aggregate(run, Apply) with { Touched = [] };

    /// <summary>What should be so now, in a fixed order.</summary>
    /// <param name="now">Of the last decision: what was due by then and was not done waits for room, not for time.</param>
    public static IEnumerable<Want> Wanted(RunState run, DateTimeOffset now)
    {
        foreach (var id in run.Running)
        {
            var node = run.Nodes[id];
            yield return Stops(run, node) is { } stop ? stop : new Want.Run(node.CurrentAttempt);
        }
        foreach (var locks in LocksWanted(run)) { yield return locks; }
        foreach (var memo in MemosWanted(run)) { yield return memo; }
        if (NextWake(run, now) is { } at) { yield return new Want.WakeAt(at); }
    }

    /// <summary>The next time at which something is due by itself; null where only news can move the run.</summary>
    public static DateTimeOffset? NextWake(RunState run, DateTimeOffset now)
    {
        if (run.IsDone || run.Paused is not null) { return null; }
        DateTimeOffset? wake = null;
        foreach (var w in run.Wakes)
        {
            if (w.At > now) { wake = w.At; break; }
        }
        return Deadline(run) is { } deadline && deadline > now && (wake is null || deadline < wake) ? deadline : wake;
    }

    /// <summary>When the run is shut down by itself; it does not hurry an exit handler.</summary>
    internal static DateTimeOffset? Deadline(RunState run) =>
        run.Workflow.ActiveDeadlineSeconds is { } seconds && run.ShutDown is null && run.Find(run.EntryId) is not { IsEnded: true }
            ? run.StartedAt + Seconds(seconds)
            : null;

    // Beyond a century a deadline is none, and the sum stays inside the calendar.
    private static TimeSpan Seconds(long seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 3_155_760_000));

    /// <summary>A daemon of which what is around it is through; one that is a run or a hook by itself is through as soon as it is ready.</summary>
    internal static bool IsUnneeded(RunState run, Node node)
    {
        var whole = IsTry(run, node) ? run.Nodes[node.Parent!.Value] : node;
        return whole is { Daemoned: true, Type: NodeType.Pod or NodeType.Retry }
            && (whole.Boundary is not { } boundary || whole.Hook is not null || run.Nodes[boundary].IsEnded);
    }

    private static bool IsTry(RunState run, Node node) => node.Parent is { } parent && run.Find(parent) is { Type: NodeType.Retry };

    private static Want.Stop? Stops(RunState run, Node node) => run switch
    {
        { ShutDown: { Strategy: Shutdown.Terminate } s } => new(node.CurrentAttempt, Kill: false, Preempt: false, s.Message),
        { ShutDown: { } s } when !node.Hooked => new(node.CurrentAttempt, Kill: false, Preempt: false, s.Message),
        _ when IsUnneeded(run, node) => new(node.CurrentAttempt, Kill: false, Preempt: false, "what the daemon was for is through"),
        { Paused: { } p } => new(node.CurrentAttempt, p.Kill, Preempt: true, p.Reason),
        _ => node.Preemption is { } p ? new(node.CurrentAttempt, Kill: false, Preempt: true, p.Message, p.Deadline) : null,
    };
}
