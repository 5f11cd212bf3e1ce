using System.Text;
using Pawl.Core.Scheduling;
using Pawl.Engine.Loop;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>Events and states as text that is equal where they mean the same: collections do not compare by content.</summary>
internal static class Print
{
    public static string Event(RunEvent e) => Encoding.UTF8.GetString(EventJson.Write(e).Span);

    public static string NodeOf(RunEvent e) => e switch
    {
        RunEvent.NodeStarted s => s.Id.Value,
        RunEvent.NodeSkipped s => s.Id.Value,
        RunEvent.NodeEnded s => s.Id.Value,
        RunEvent.NodeSettled s => s.Id.Value,
        RunEvent.DaemonReady d => $"{d.Node}#{d.Number}",
        RunEvent.AttemptStarted a => $"{a.Node}#{a.Number}",
        RunEvent.AttemptEnded a => $"{a.Node}#{a.Number}",
        RunEvent.AttemptPostponed a => a.Node.Value,
        RunEvent.BackoffBegan b => b.Node.Value,
        RunEvent.LocksTaken l => $"{l.Node}",
        RunEvent.LocksBusy l => $"{l.Node}",
        RunEvent.Recalled r => r.Id.Value,
        RunEvent.NodeMade m => m.Id.Value,
        RunEvent.PreemptionBegan p => $"{p.Node}#{p.Number}",
        _ => e.GetType().Name,
    };

    /// <param name="touched">Differs between a run that was folded event by event and one folded turn by turn; means only work to do.</param>
    public static string State(RunState run, bool touched = false)
    {
        var text = new StringBuilder();
        text.AppendLine($"{run.Sequence} {run.Phase} {run.Message} {run.StartedAt:O} {run.FinishedAt:O} {run.Suspended}");
        text.AppendLine($"paused {run.Paused} shut {run.ShutDown} leaving {run.Leaving} hints {string.Join(' ', run.Hints.Order(StringComparer.Ordinal))}");
        Outputs(text, run.Globals);
        text.AppendLine($"running {string.Join(' ', run.Running)}");
        text.AppendLine($"waiting {Queues(run.Waiting)}");
        text.AppendLine($"fertile {Queues(run.Fertile)}");
        text.AppendLine($"wakes {string.Join(' ', run.Wakes)}");
        text.AppendLine($"stalled {string.Join(' ', run.Stalled)} {run.Characters}");
        text.AppendLine($"live {run.Live} watchers {string.Join(' ', run.Watchers.OrderBy(w => w.Key).Select(w => $"{w.Key}: {string.Join(' ', w.Value)}"))}");
        text.AppendLine($"gates {string.Join(' ', run.Gates)}");
        text.AppendLine($"locks {string.Join(' ', run.OwnLocks)} {run.HasOwnLocks} {Queues(run.LockQueues)} {string.Join(' ', run.LockHolders)} {string.Join(' ', run.Memos)}");
        text.AppendLine($"past {string.Join(' ', run.PastAttempts.OrderBy(p => p.Key))}");
        text.AppendLine($"requests {string.Join(' ', run.Requests.Order(StringComparer.Ordinal))}");
        if (touched) { text.AppendLine($"touched {string.Join(' ', run.Touched)}"); }
        foreach (var n in run.Nodes.Values.OrderBy(n => n.Id))
        {
            text.AppendLine($"{n.Id} {n.DisplayName} {n.Type} {n.Phase} {n.Template} {n.Parent} {n.Boundary} '{n.Call}' '{n.Message}' "
                + $"{n.StartedAt:O} {n.FinishedAt:O} {n.ExitCode} {n.Hooked} {n.Depth} {n.WakeAt:O} {n.Attempt} {n.AttemptRuns} {n.AttemptSequence} "
                + $"{n.IsSettled} {n.Daemoned} {n.Ip} {n.Hook} {n.Owner} {n.HasHooks} {n.Watches} {string.Join(' ', n.Hooks)} {n.OpenHooks} {n.LostInARow} {n.PreemptedInARow} {n.Preemption} {n.Total} {n.Open} {n.Active} {n.Failures} {n.BadChild} {n.Target} {string.Join(' ', n.Locks)} {n.HasLocks} {n.Memo} {n.MemoHit} {n.MemoProblem} {n.IsRemembering}");
            text.AppendLine($"  {string.Join(' ', n.Children)} | {string.Join(' ', n.Fanouts.Select(f => $"{f.Call}*{f.Count}"))} | {string.Join(' ', n.Ready)}");
            text.AppendLine($"  {string.Join(' ', n.Awaited.OrderBy(a => a.Key, StringComparer.Ordinal))} | {n.Last?.Kind} {n.Last?.Message}");
            text.AppendLine($"  {string.Join(' ', n.Inputs.Parameters)} {string.Join(' ', n.Inputs.Artifacts)} {string.Join(' ', n.Inputs.Variables)}");
            Outputs(text, n.Outputs);
        }
        return text.ToString();
    }

    private static string Queues(Queues queues) => string.Join(' ', queues.ByTemplate.Select(q => $"{q.Key}: {string.Join(' ', q.Value)}"));

    private static void Outputs(StringBuilder text, Pawl.Core.Attempts.NodeOutputs outputs) =>
        text.AppendLine($"  {string.Join(' ', outputs.Parameters)} {string.Join(' ', outputs.Artifacts)} {outputs.Result}");
}
