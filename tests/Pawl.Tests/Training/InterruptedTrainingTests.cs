using Pawl.Tests.Storage;
using Pawl.Tests.Supervision;
using Xunit;

namespace Pawl.Tests.Training;

/// <summary>A real training, told to go or killed, against the same one that nobody disturbs.</summary>
[Trait("Category", "Slow")]
public sealed class InterruptedTrainingTests : IDisposable
{
    private const int Preempted = 75;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Told_to_go_at_every_step_it_does_each_once_and_saves_no_unfinished_model()
    {
        const long Total = 25;
        var (model, steps) = await TrainerProcess.UndisturbedAsync(_folder["straight"], Total);
        var folder = Directory.CreateDirectory(_folder["disturbed"]).FullName;

        // Before the first step, within each, and once more when all are done.
        for (var stop = 0L; stop <= Total; stop++)
        {
            using var trainer = TrainerProcess.Start(folder, Total, stop, every: "steps:10");
            Assert.Equal($"{Math.Max(0, stop - 1)}", await trainer.UntilAsync("from "));
            Assert.Equal($"{stop}", await trainer.UntilAsync("at "));
            trainer.Stop();
            var (code, errors) = await trainer.EndAsync();
            Assert.True(code == Preempted, $"stopped at {stop}, it ended with {code}: {errors}");
            Assert.Equal(stop, TrainerProcess.Steps(folder).Count);
            Assert.Null(TrainerProcess.Model(folder));
        }

        using var last = TrainerProcess.Start(folder, Total);
        Assert.Equal((0, ""), await last.EndAsync());
        Assert.Equal(steps, TrainerProcess.Steps(folder));
        Assert.Equal(model, TrainerProcess.Model(folder));
    }

    [Fact]
    public async Task Told_to_go_while_the_model_is_saved_it_does_no_step_again()
    {
        const long Total = 7;
        var folder = Directory.CreateDirectory(_folder["after"]).FullName;
        using (var trainer = TrainerProcess.Start(folder, Total, Total + 1, every: "steps:100"))
        {
            Assert.Equal($"{Total + 1}", await trainer.UntilAsync("at "));
            // Its state lies there before the model does: a kill in between costs no step.
            await Until.FileAsync($"{folder}/checkpoints/step-000000000007.pawl");
            trainer.Kill();
            await trainer.EndAsync();
        }
        using var again = TrainerProcess.Start(folder, Total);
        Assert.Equal((0, ""), await again.EndAsync());
        Assert.Equal(Total, TrainerProcess.Steps(folder).Count);
    }

    [Fact]
    public async Task Killed_fifty_times_it_comes_to_the_same_and_repeats_at_most_an_interval_each_time()
    {
        const long Total = 30_000;
        const int Kills = 50;
        const int Interval = 100;
        var (model, steps) = await TrainerProcess.UndisturbedAsync(_folder["straight"], Total);
        var folder = Directory.CreateDirectory(_folder["disturbed"]).FullName;
        var random = new Random(3);

        // Slow enough that a checkpoint is in place long before the next is due: what is done while one is on its way comes on top.
        var slow = Path.Combine(folder, "slow");
        await File.WriteAllTextAsync(slow, "");
        for (var kill = 0; kill < Kills; kill++)
        {
            using var trainer = TrainerProcess.Start(folder, Total, every: $"steps:{Interval}");
            Assert.NotNull(await trainer.UntilAsync("from "));
            await Task.Delay(random.Next(400));
            trainer.Kill();
            Assert.Equal(128 + 9, (await trainer.EndAsync()).Code);
        }
        File.Delete(slow);

        using var last = TrainerProcess.Start(folder, Total, every: $"steps:{Interval}");
        Assert.Equal((0, ""), await last.EndAsync());
        var done = TrainerProcess.Steps(folder);
        Assert.Equal(model, TrainerProcess.Model(folder));
        var repeated = done.Count - Total;
        TestContext.Current.SendDiagnosticMessage($"{repeated} steps were repeated after {Kills} kills");
        Assert.True(repeated <= (long)Kills * Interval, $"{repeated} steps were repeated after {Kills} kills");
        // Each time a step is done it sees the same samples, and none is missing.
        Assert.Equal(steps, done.DistinctBy(s => s.Step).OrderBy(s => s.Step));
        Assert.Equal(done.Distinct().Count(), steps.Count);
    }
}
