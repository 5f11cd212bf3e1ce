using System.Diagnostics;
using Pawl.Core.Attempts;
using Pawl.Core.Errors;
using Pawl.Core.Expressions;
using Pawl.Core.Expressions.Expr;
using Pawl.Core.Goodput;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>One decision in the making: the events so far, and the run as it is after them.</summary>
internal sealed partial class Turn(RunState run, DateTimeOffset now, ulong seed)
{
    // What was due by then an earlier turn has looked at.
    private readonly DateTimeOffset _looked = run.At;

    public RunState Run { get; private set; } = run with { Moment = new ExprMoment(now, seed) };

    public List<RunEvent> Events { get; } = [];

    // Of attempts begun in this turn.
    private ulong? Seed => seed == 0 ? null : seed;

    private void Emit(RunEvent e)
    {
        // Metrics of the run while it is one, those of a node once it has its outputs.
        if (e is RunEvent.RunEnded last && MetricRules.Of(Run, last) is { } whole) { Append(whole); }
        Append(e);
        if (e is RunEvent.NodeEnded ended && MetricRules.Of(Run, ended) is { } measured) { Append(measured); }
    }

    private void Append(RunEvent e)
    {
        Events.Add(e);
        Run = Scheduler.Apply(Run, e);
    }

    // News of an attempt that is not current is late or a repeat, and changes nothing.
    public void Learn(Observation seen)
    {
        switch (seen)
        {
            case Observation.Tick:
                break;
            case Observation.Opened o:
                if (!Run.IsDone) { Emit(new RunEvent.Opened(now, o.Host, o.Version)); }
                break;
            case Observation.Ended e:
                if (IsCurrent(e.Attempt)) { EndAttempt(e.Attempt, e.Outcome); }
                break;
            case Observation.Lost l:
                if (IsCurrent(l.Attempt))
                {
                    EndAttempt(l.Attempt, new Outcome
                    {
                        Kind = OutcomeKind.Lost,
                        Class = ErrorClass.Lost,
                        Message = l.Message,
                        StartedAt = now,
                        FinishedAt = now,
                        Progressed = l.SavedAt is not null,
                        Spent = Kept(Run.Nodes[l.Attempt.Node], l.SavedAt),
                    });
                }
                break;
            case Observation.Ready r:
                if (IsCurrent(r.Attempt) && Run.Nodes[r.Attempt.Node] is var daemon && (!daemon.Daemoned || daemon.Ip != r.Address))
                {
                    Emit(new RunEvent.DaemonReady(now, r.Attempt.Node, r.Attempt.Number, r.Address));
                }
                break;
            case Observation.LocksTaken l:
                TakeLocks(l.Node);
                break;
            case Observation.LocksBusy l:
                AwaitLocks(l.Node, l.Message);
                break;
            case Observation.Recalled r:
                Recall(r);
                break;
            case Observation.Remembered r:
                Remembered(r.Node, r.Problem);
                break;
            case Observation.LocksFailed l:
                FailLocks(l.Node, l.Message);
                break;
            case Observation.Noticed n:
                if (!Run.IsDone) { Heed(n.Notices); }
                break;
            case Observation.Asked a:
                if (!Run.Requests.Contains(a.Name)) { Answer(a); }
                break;
            default:
                throw new UnreachableException($"{seen.GetType().Name} is not handled");
        }
    }

    /// <summary>Goes on until nothing is due at this time.</summary>
    public void Settle()
    {
        if (Run.Submitted is null) { return; }
        Run = Run with { Touched = Run.Touched.Union(Run.Wakes.TakeWhile(w => w.At <= now).Where(w => w.At > _looked).Select(w => w.Node)) };
        while (!Run.IsDone)
        {
            if (Scheduler.Deadline(Run) <= now)
            {
                Emit(new RunEvent.ShutdownBegan(now, Shutdown.Deadline, "Step exceeded its deadline"));
            }
            if (!Run.Touched.IsEmpty)
            {
                var id = Run.Touched.Min;
                Run = Run with { Touched = Run.Touched.Remove(id) };
                if (Run.Find(id) is { IsEnded: false } node) { Examine(node); }
                if (Run.Find(id) is { HasHooks: true } owner) { ExamineHooks(owner); }
                continue;
            }
            // What was begun goes before what was not.
            if (!(LookAtRoots() || Reattempt() || Grow() || GiveUp() || PauseToLeave())) { return; }
        }
    }

    // What a lost attempt had saved it had not worked for in vain.
    private Ledger Kept(Node node, DateTimeOffset? savedAt)
    {
        var wall = now - node.SpentUntil;
        var kept = savedAt > node.SpentUntil ? savedAt.Value - node.SpentUntil : TimeSpan.Zero;
        if (kept > wall) { kept = wall; }
        return new Ledger { Productive = kept, Lost = wall - kept };
    }

    private bool IsCurrent(AttemptId attempt) =>
        Run.Find(attempt.Node) is { AttemptRuns: true, IsEnded: false } n && n.Attempt == attempt.Number;

    /// <summary>A shutdown is in force for this node.</summary>
    private bool Stops(Node node) => Run.ShutDown is { } s && (s.Strategy == Shutdown.Terminate || !node.Hooked);

    /// <summary>A daemon that nobody waits for any more: however it ends now, it did what it was for.</summary>
    private bool IsUnneeded(Node node) => !Stops(node) && Scheduler.IsUnneeded(Run, node);

    // What a node without a process of its own says when a shutdown ends it.
    private string StopMessage => Run.ShutDown!.Strategy == Shutdown.Deadline
        ? Run.ShutDown.Message
        : $"Stopped with strategy '{Run.ShutDown.Strategy}'";

    /// <summary>Nothing new may start.</summary>
    private bool IsHeld => Run.Paused is not null || Run.Suspended || Run.Leaving is not null || Run.AwaitsOwnLocks;

    private void EndAttempt(AttemptId attempt, Outcome outcome)
    {
        Emit(new RunEvent.AttemptEnded(now, attempt.Node, attempt.Number, outcome));
        var node = Run.Nodes[attempt.Node];
        if (IsUnneeded(node))
        {
            End(node, Phase.Succeeded, "", outcome);
            return;
        }
        switch (outcome.Kind)
        {
            case OutcomeKind.Succeeded:
                End(node, Phase.Succeeded, "", outcome);
                break;
            case OutcomeKind.Failed:
                End(node, Phase.Failed, outcome.Message, outcome);
                break;
            case OutcomeKind.Errored:
                End(node, Phase.Error, outcome.Message, outcome);
                break;
            case OutcomeKind.Preempted or OutcomeKind.Lost when Stops(node):
                End(node, Phase.Failed, Run.ShutDown!.Message, outcome);
                break;
            case OutcomeKind.Preempted:
                // During a pause the stop was ours; on a host that goes nothing is started again, and the run pauses with the last of its attempts.
                if (Run.Paused is null && Run.Leaving is null) { AfterStop(node, RestartRules.AfterPreempted(node.PreemptedInARow, now)); }
                break;
            case OutcomeKind.Lost:
                AfterStop(node, RestartRules.AfterLost(node.LostInARow, now));
                break;
            default:
                throw new UnreachableException($"{outcome.Kind} is not handled");
        }
    }

    // Neither spends a retry: the next attempt is of the same node. A node left waiting is attempted as soon as there is room.
    private void AfterStop(Node node, RestartVerdict verdict)
    {
        switch (verdict)
        {
            case RestartVerdict.Restart r:
                if (r.At > now) { Emit(new RunEvent.AttemptPostponed(now, node.Id, r.At, $"{node.Message}; next attempt in {Durations.Format(r.At - now)}")); }
                break;
            case RestartVerdict.Pause p:
                Emit(new RunEvent.Paused(now, Kill: false, $"{node.Id}: {p.Message}"));
                break;
            case RestartVerdict.GiveUp g:
                Emit(new RunEvent.NodeEnded(now, node.Id, Phase.Error, g.Message, NodeOutputs.None, null));
                break;
            default:
                throw new UnreachableException($"{verdict.GetType().Name} is not handled");
        }
    }

    private void End(Node node, Phase phase, string message, Outcome outcome) => End(node, phase, message, outcome.Outputs, outcome.ExitCode);

    private void End(Node node, Phase phase, string message, NodeOutputs? outputs = null, int? exitCode = null)
    {
        if (!Keeps(node, phase, outputs ?? NodeOutputs.None, exitCode)) { EndAtOnce(node, phase, message, outputs ?? NodeOutputs.None, exitCode); }
    }

    private void EndAtOnce(Node node, Phase phase, string message, NodeOutputs outputs, int? exitCode)
    {
        var ended = new RunEvent.NodeEnded(now, node.Id, phase, message, outputs, exitCode);
        try { ended = ended with { Exports = Exports.Of(Run, node) }; }
        catch (ExpressionException e) { ended = ended with { Phase = Phase.Error, Message = $"globalName: {e.Message}" }; }
        Emit(ended);
    }
}
