using System.Collections.Immutable;
using System.Text.Json;
using Pawl.Cli.Views;
using Pawl.Core.Attempts;
using Pawl.Core.Goodput;
using Pawl.Core.Workflows;
using Pawl.Engine.Homes;
using Xunit;

namespace Pawl.Tests.Cli.Views;

public sealed class TrainingsTests
{
    private static readonly TrainingRecord Record = new()
    {
        Step = 120,
        Total = 1000,
        RestoredEntry = 7,
        Checkpoints = 3,
        BytesWritten = 2048,
        StepsSinceCheckpoint = 20,
        Blocked = new Spread(3, 0.001, 0.0042, 0.0042),
        Written = new Spread(3, 0.1, 0.25, 0.25),
        Uploaded = new Spread(3, 1, 1.5, 1.5),
        Interval = 12.5,
        PredictedWaste = 0.021,
        Metrics = ImmutableSortedDictionary<string, double>.Empty.Add("accuracy", 0.5).Add("bad", double.NaN).Add("val\e[31m_loss", 0.3125).Add("z", 1),
    };

    private static readonly Screen Paper = new(TextWriter.Null, false, false, false);

    [Fact]
    public void A_line_says_the_step_and_few_metrics_losses_first() =>
        Assert.Equal("step 120/1000 val_loss=0.3125 accuracy=0.5 bad=NaN", Trainings.Line(Record));

    [Fact]
    public void A_trainer_that_reports_no_step_has_no_line() => Assert.Equal("", Trainings.Line(Record with { Step = null }));

    [Fact]
    public void Get_shows_training_the_ledger_and_each_warning_once()
    {
        var run = Ended().Run;
        var lines = RunText.Lines(run, new Home("/h"), null, Paper, Played.Noon, wide: false, Told(run)).ToList();
        Assert.Contains("Training prepare:", lines);
        Assert.Contains("  Checkpoints:       3 (2.0 KiB new), restored from entry 7, 20 steps since the last", lines);
        Assert.Contains("  Checkpoint p99:    blocked 4.2 ms, written 250 ms, uploaded 1.5 s", lines);
        Assert.Contains("  Interval:          12.5 s", lines);
        Assert.Contains("  Waste:             predicted 2.1 %, measured 50 %", lines);
        Assert.Single(lines, l => l == "⚠ prepare: the grace period is too short");
        Assert.Contains(lines, l => l.Contains("prepare", StringComparison.Ordinal) && l.EndsWith("2 warnings", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("prepare   50 %", StringComparison.Ordinal));
    }

    [Fact]
    public void The_object_has_seconds_and_null_for_what_is_no_number()
    {
        var run = Ended().Run;
        using var json = JsonDocument.Parse(RunJson.Text(w => RunJson.Write(w, run, new RunFacts(new Home("/h"), null, null, [], Told(run)))));
        var pawl = json.RootElement.GetProperty("status").GetProperty("pawl");
        var node = pawl.GetProperty("nodes").GetProperty(Names.ArgoId("w", new NodeId("w[0].prepare")));
        Assert.Equal(0.25, node.GetProperty("training").GetProperty("written").GetProperty("p99").GetDouble());
        Assert.Equal(0.5, node.GetProperty("training").GetProperty("measuredWaste").GetDouble());
        Assert.Equal(JsonValueKind.Null, node.GetProperty("training").GetProperty("metrics").GetProperty("bad").ValueKind);
        Assert.Equal(5, node.GetProperty("spent").GetProperty("productive").GetDouble());
        Assert.Equal(10, pawl.GetProperty("spent").GetProperty("total").GetDouble());
        Assert.Equal(2, node.GetProperty("warnings").GetArrayLength());
    }

    private static Dictionary<NodeId, TrainingRecord> Told(Pawl.Core.Scheduling.RunState run) =>
        run.Nodes.Values.Where(n => n.Last?.Training is not null).ToDictionary(n => n.Id, n => n.Last!.Training!);

    private static Played Ended()
    {
        var played = Played.From(Samples.Steps).After(10);
        return played.Ends("w[0].prepare", new Outcome
        {
            Kind = OutcomeKind.Failed,
            Class = Pawl.Core.Errors.ErrorClass.Permanent,
            ExitCode = 1,
            StartedAt = Played.Noon,
            FinishedAt = played.Now,
            Training = Record,
            Spent = new Ledger { Productive = TimeSpan.FromSeconds(5), Lost = TimeSpan.FromSeconds(5) },
            Warnings = ["the grace period is too short", "the grace period is too short"],
        });
    }
}
