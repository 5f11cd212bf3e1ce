using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;

namespace Pawl.Simulation;

/// <summary>Watches that attempts are told to go for a reason only, and that a run pauses where the same work would be lost again, and only there.</summary>
public sealed class PreemptionJudge(World world, Workload workload)
{
    private const int MostInARow = 3;

    // What slow calls may add between a reason and the stop signal.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(25);

    // A supervisor takes its time to hear; nobody's limit is shorter than that.
    private static readonly TimeSpan LeastSilence = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, List<bool>> _rows = new(StringComparer.Ordinal);
    private bool _isPaused;
    private bool _isLeaving;

    /// <summary>Pauses so far, whoever asked for them: each makes what runs begin again.</summary>
    public int Pauses { get; private set; }

    /// <summary>A program is about to get the stop signal.</summary>
    public void Stopping(Start start)
    {
        var chain = ChainView.Of(world, workload.ChainFolder(start.Step));
        var template = workload.Scripts[start.Template];
        var now = world.Timeline.Now;
        // Told over the line before, a trainer may have saved since, and have been heard of.
        var isDue = start.WasAsked || world.Disk.Find($"{start.Folder}/stop.json") is not null
            || world.Notices.LeavingSince is not null || now - world.Notices.LiftedAt <= Slack
            || chain.NewestClaim?.Number != chain.ClaimOf(start.Node, start.Attempt)?.Number
            || (template.Training is { HangAfter: not null } && now - start.HeardAt >= LeastSilence)
            || world.Faults!.Struck.ContainsKey(Fault.StopSupervisor) || world.Faults.Struck.ContainsKey(Fault.Overtake);
        if (!isDue) { world.Break("policy", $"{start} was told to go, and nobody wanted it to"); }
    }

    public void Journaled(RunEvent e)
    {
        switch (e)
        {
            case RunEvent.Paused paused:
                (_isPaused, Pauses) = (true, Pauses + 1);
                CheckPause(paused);
                foreach (var full in _rows.Values.Where(r => r.Count >= MostInARow)) { full.Clear(); }
                break;
            case RunEvent.Leaving or RunEvent.Stays:
                _isLeaving = e is RunEvent.Leaving;
                break;
            case RunEvent.AttemptStarted started:
                _isPaused = false;
                if (RowOf(started.Node.Value) is { Count: >= MostInARow } row && row.TakeLast(MostInARow).All(made => !made))
                {
                    world.Break("policy", $"{started.Node}#{started.Number} was started after {row.Count} preemptions that brought nothing; the run was to pause");
                }
                break;
            case RunEvent.AttemptEnded ended:
                Ended(ended);
                break;
        }
    }

    private void Ended(RunEvent.AttemptEnded e)
    {
        var row = RowOf(e.Node.Value);
        // On a host that goes the run pauses for that, whatever the count, unless the host stays after all.
        if (e.Outcome.Kind is not OutcomeKind.Preempted || _isPaused || _isLeaving) { row.Clear(); }
        else { row.Add(Progressed(e)); }
    }

    // The first of the row may have made one: what the others lose again came after it. An entry that only heals what rotted is no progress.
    private void CheckPause(RunEvent.Paused paused)
    {
        if (world.Disk.HasRotted || !paused.Reason.Contains("in a row without progress", StringComparison.Ordinal)) { return; }
        foreach (var (node, row) in _rows.Where(r => paused.Reason.StartsWith($"{r.Key}: ", StringComparison.Ordinal)))
        {
            if (row.TakeLast(MostInARow - 1).Any(made => made)) { world.Break("policy", $"the run paused because {node} makes no progress; it had made a checkpoint"); }
        }
    }

    private bool Progressed(RunEvent.AttemptEnded e)
    {
        var chain = ChainView.Of(world, workload.ChainFolder(Nodes.StepOf(e.Node.Value)));
        var claim = chain.ClaimOf(e.Node.Value, e.Number);
        return claim is not null && chain.Entries.Any(c => c.Checkpoint is not null && c.Claim == claim.Number);
    }

    private List<bool> RowOf(string node)
    {
        if (!_rows.TryGetValue(node, out var row)) { _rows[node] = row = []; }
        return row;
    }
}
