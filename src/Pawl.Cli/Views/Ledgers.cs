using Pawl.Core.Goodput;
using Pawl.Core.Scheduling;

namespace Pawl.Cli.Views;

/// <summary>Where the time of steps went, as tables and as JSON.</summary>
public static class Ledgers
{
    /// <summary>By name, in the order in which they are shown; the names are those of the JSON.</summary>
    public static IReadOnlyList<(string Name, string Heading, Func<Ledger, TimeSpan> Time)> Buckets { get; } =
    [
        ("productive", "PRODUCTIVE", l => l.Productive),
        ("replayed", "REPLAYED", l => l.Replayed),
        ("checkpointStall", "STALL", l => l.CheckpointStall),
        ("restore", "RESTORE", l => l.Restore),
        ("startUp", "START-UP", l => l.StartUp),
        ("backoff", "BACKOFF", l => l.Backoff),
        ("waiting", "WAITING", l => l.Waiting),
        ("hung", "HUNG", l => l.Hung),
        ("lost", "LOST", l => l.Lost),
    ];

    /// <summary>Of the step to which a leaf belongs: all its tries and attempts that ended; null where there is none.</summary>
    /// <param name="leaf">Its newest.</param>
    public static Ledger? OfStep(RunState run, Node leaf)
    {
        // A Retry node learns of a try's time when the try has ended.
        var spent = run.Find(run.StepOf(leaf)) is { Type: NodeType.Retry } retry
            ? retry.Spent + (leaf.IsEnded ? Ledger.None : leaf.Spent)
            : leaf.Spent;
        return spent.Total > TimeSpan.Zero ? spent : null;
    }

    /// <summary>Of all steps together; null where none was measured.</summary>
    public static Ledger? OfRun(RunState run)
    {
        Ledger? all = null;
        foreach (var step in run.Nodes.Values.Where(n => n.Type == NodeType.Pod).OrderBy(n => n.Id).GroupBy(run.StepOf))
        {
            // Of several tries at most one has not ended.
            if (OfStep(run, step.FirstOrDefault(n => !n.IsEnded) ?? step.First()) is { } spent) { all = (all ?? Ledger.None) + spent; }
        }
        return all;
    }

    /// <summary>A row for each step that is given, and one for the whole run.</summary>
    public static IEnumerable<string> Lines(IReadOnlyList<(string Name, Ledger Spent)> steps, Ledger run)
    {
        List<IReadOnlyList<string>> cells = [["STEP", "GOODPUT", .. Buckets.Select(b => b.Heading), "TOTAL"]];
        foreach (var (name, spent) in steps) { cells.Add(Row(name, spent)); }
        cells.Add(Row("(run)", run));
        return Table.Lines(cells);
    }

    private static IReadOnlyList<string> Row(string name, Ledger spent) =>
        [name, Trainings.Percent(spent.Goodput), .. Buckets.Select(b => Short(b.Time(spent))), Short(spent.Total)];

    // A tenth matters below a minute and nowhere else.
    private static string Short(TimeSpan time) => time switch
    {
        { Ticks: 0 } => "-",
        { TotalMinutes: < 1 } => FormattableString.Invariant($"{time.TotalSeconds:0.0}s"),
        _ => Text.Duration(time),
    };
}
