using System.Diagnostics;
using Pawl.Tests.Storage;
using Pawl.Training;
using Xunit;

namespace Pawl.Tests.Training;

/// <summary>A disk that refuses: the loop goes on, somebody is told, and what was durable stays.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly List<string> _warnings = [];
    private bool _isMounted;

    public void Dispose()
    {
        if (_isMounted) { Mounting("umount", _folder["small"]); }
        _folder.Dispose();
    }

    [Fact]
    public void On_a_full_disk_the_loop_goes_on_and_the_last_good_checkpoint_stays()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "mounting a small tmpfs needs root");
        Directory.CreateDirectory(_folder["small"]);
        _isMounted = Mounting("mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", _folder["small"]);
        Assert.SkipUnless(_isMounted, "a tmpfs cannot be mounted here");

        var left = Assert.Throws<PreemptedException>(() =>
        {
            using var run = TrainingRun.Start(Options());
            var state = run.Restore(() => new Megabyte());
            foreach (var step in run.Steps(10))
            {
                state.Numbers[0] = step;
                run.CheckpointIfDue(state);
                Assert.True(SpinWait.SpinUntil(() => run.IsWriterIdle, TimeSpan.FromSeconds(20)));
                if (step == 5) { run.Tell(TimeSpan.FromSeconds(20)); }
            }
        });

        Assert.Equal((5, 1), (left.Step, left.SavedStep));
        Assert.Contains(_warnings, w => w.Contains("step 2 was not saved: No space left", StringComparison.Ordinal) && w.Contains("step 1 is still the newest", StringComparison.Ordinal));
        Assert.Equal("step-000000000001.pawl", Path.GetFileName(Assert.Single(Directory.GetFileSystemEntries(_folder["small"]))));
        using var next = TrainingRun.Start(Options());
        Assert.Equal(1, next.Restore(() => new Megabyte()).Numbers[0]);
    }

    [Fact]
    public async Task A_flush_that_fails_makes_no_checkpoint_and_does_not_end_the_training()
    {
        Probe.SkipWithoutStrace();
        var start = new ProcessStartInfo("/usr/bin/strace")
        {
            ArgumentList =
            {
                "-f", "-qq", "-o", "/dev/null", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO",
                "dotnet", Path.Combine(AppContext.BaseDirectory, "Pawl.Trainer.dll"), _folder.Path, "20",
            },
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["PAWL_CHECKPOINT_DIR"] = _folder["checkpoints"];
        start.Environment["PAWL_CHECKPOINT_EVERY"] = "steps:5";
        using var trainer = Process.Start(start)!;
        var errors = await trainer.StandardError.ReadToEndAsync();
        await trainer.WaitForExitAsync();

        Assert.Equal(0, trainer.ExitCode);
        Assert.Contains("was not saved", errors, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder["checkpoints"]));
        Assert.NotNull(TrainerProcess.Model(_folder.Path));
    }

    private TrainingOptions Options() => new()
    {
        CheckpointFolder = _folder["small"],
        Every = new CheckpointEvery.Steps(1),
        HandleSignals = false,
        Warn = text => { lock (_warnings) { _warnings.Add(text); } },
    };

    private static bool Mounting(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }

    private sealed class Megabyte : ITrainingState
    {
        public double[] Numbers { get; } = new double[128 * 1024];

        public void Write(StateWriter to) => to.Write<double>("numbers", Numbers);

        public void Read(StateReader from) => from.Read<double>("numbers", Numbers);
    }
}
