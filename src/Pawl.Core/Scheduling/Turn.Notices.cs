using System.Collections.Immutable;
using System.Globalization;
using Pawl.Core.Attempts;
using Pawl.Core.Errors;
using Pawl.Core.Preemption;

namespace Pawl.Core.Scheduling;

internal sealed partial class Turn
{
    // The list is all that is in force now: what is not in it any more was cancelled.
    private void Heed(ImmutableArray<Notice> notices)
    {
        foreach (var hint in notices.Where(n => n.Kind is NoticeKind.Hint && !Run.Hints.Contains(n.Id)))
        {
            Emit(new RunEvent.Hinted(now, hint.Id, hint.Source, hint.Message));
        }
        if (Notice.First(notices) is { } first)
        {
            if (Run.Leaving is not { } known || (known.Notice, known.Deadline) != (first.Id, first.By))
            {
                Emit(new RunEvent.Leaving(now, first.Id, first.Source, first.By, first.Message));
            }
        }
        else if (Run.Leaving is { } gone)
        {
            Emit(new RunEvent.Stays(now, $"{gone.Source}: the notice is no longer in force"));
            CountPreempted(gone.At);
        }
    }

    // While the host was about to go nobody asked what follows a preemption there; now what waits would start again.
    private void CountPreempted(DateTimeOffset since)
    {
        foreach (var id in Run.Waiting.ByTemplate.Values.SelectMany(ids => ids))
        {
            if (Run.Paused is not null) { return; }
            if (Run.Nodes[id] is { Last.Kind: OutcomeKind.Preempted } node && node.SpentUntil >= since) { AfterStop(node, RestartRules.AfterPreempted(node.PreemptedInARow, now)); }
        }
    }

    /// <summary>The host goes and nothing of the run is left on it.</summary>
    private bool PauseToLeave()
    {
        if (Run.Leaving is not { } leaving || Run.Paused is not null || !Run.Running.IsEmpty) { return false; }
        var time = leaving.Deadline.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        Emit(new RunEvent.Paused(now, Kill: false,
            $"this machine goes by {time} ({leaving.Source}: {leaving.Message}); the run can go on after its reboot, or elsewhere"));
        return true;
    }

    // An attempt that is to go sooner already is left to that.
    private void Preempt(Request.Preempt asked)
    {
        if (Run.IsDone) { return; }
        var deadline = now + asked.Notice;
        foreach (var id in Run.Running.Where(id => asked.Nodes.IsEmpty || asked.Nodes.Contains(id)))
        {
            if (Run.Nodes[id] is { } node && (node.Preemption is not { } known || known.Deadline > deadline))
            {
                Emit(new RunEvent.PreemptionBegan(now, id, node.Attempt, deadline, RehearsedPreemption.Message(asked.Notice)));
            }
        }
    }
}
