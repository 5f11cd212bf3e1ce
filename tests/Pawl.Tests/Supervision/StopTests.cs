using Pawl.Core.Attempts;
using Pawl.Core.Chains;
using Pawl.Core.Errors;
using Pawl.Core.Preemption;
using Pawl.Core.Workflows;
using Pawl.Supervision;
using Pawl.Supervision.Notices;
using Xunit;

namespace Pawl.Tests.Supervision;

public sealed class StopTests
{
    private static readonly StopRequest Preempt = new(StopKind.Terminate, StopReason.Preemption, "the host goes");
    private static readonly StopRequest Shutdown = new(StopKind.Terminate, StopReason.Shutdown, "Stopped with strategy 'Stop'");

    // Python is its own main process: no shell in between.
    private const string Trainer = """
        import os, signal, sys, time
        def leave(*_):
            open('saved', 'w').write('saved')
            sys.exit(int(os.environ.get('LEAVE_WITH', '0')))
        signal.signal(signal.SIGTERM, signal.SIG_IGN if 'DEAF' in os.environ else leave)
        open('up', 'w').write('up')
        while not os.path.exists('go'): time.sleep(0.01)
        open('model', 'w').write('weights')
        """;

    [Theory]
    [InlineData("0")]
    [InlineData("75")]
    [InlineData("1")]
    public async Task Whatever_a_trainer_exits_with_after_the_stop_signal_it_is_preempted_and_nothing_is_promoted(string code)
    {
        await using var rig = new Rig();
        var running = await rig.StartAsync(Python() with
        {
            Env = [new("LEAVE_WITH", code)],
            OutputArtifacts = [new OutputFile("saved", "saved", false, null)],
        });
        await Until.FileAsync(running.Work("up"));
        running.Stops.Post(Preempt);

        var outcome = await running.Ended;

        Assert.Equal((OutcomeKind.Preempted, ErrorClass.Preempted, "the host goes"), (outcome!.Kind, outcome.Class, outcome.Message));
        Assert.Equal("saved", await File.ReadAllTextAsync(running.Work("saved")));
        Assert.Empty(outcome.Outputs.Artifacts);
        Assert.Equal(OutcomeKind.Preempted, Assert.IsType<Entry.Ended>((await rig.ChainAsync()).Entries[^1]).Outcome.Kind);
    }

    [Fact]
    public async Task Exit_0_before_the_stop_signal_is_a_success()
    {
        await using var rig = new Rig();
        var running = await rig.StartAsync(Python() with
        {
            // The trainer ends during preStop, of itself.
            PreStop = new ContainerAction.Exec(["sh", "-c", "touch go; while [ ! -e model ]; do sleep 0.01; done; sleep 5"]),
            OutputArtifacts = [new OutputFile("model", "model", false, null)],
        });
        await Until.FileAsync(running.Work("up"));
        running.Stops.Post(Preempt);

        var outcome = await running.Ended;

        Assert.Equal(OutcomeKind.Succeeded, outcome!.Kind);
        Assert.Equal("weights", await rig.ReadAsync(outcome.Outputs.Artifacts["model"]));
    }

    [Fact]
    public async Task A_trainer_that_ignores_the_stop_signal_is_killed_at_the_end_of_the_grace_period()
    {
        await using var rig = new Rig();
        var running = await rig.StartAsync(Python() with { Env = [new("DEAF", "1")], GracePeriod = TimeSpan.FromMilliseconds(300) });
        await Until.FileAsync(running.Work("up"));
        running.Stops.Post(Preempt);

        var outcome = await running.Ended;

        Assert.Equal((OutcomeKind.Preempted, 137), (outcome!.Kind, outcome.ExitCode));
        Assert.True(outcome.FinishedAt - outcome.StartedAt >= TimeSpan.FromMilliseconds(300));
    }

    [Fact]
    public async Task A_deadline_of_the_request_is_the_end_of_a_longer_grace_period()
    {
        await using var rig = new Rig();
        var running = await rig.StartAsync(Python() with { Env = [new("DEAF", "1")], GracePeriod = TimeSpan.FromMinutes(10) });
        await Until.FileAsync(running.Work("up"));
        await AttemptFiles.WriteStopAsync(rig.Disk, running.Folder, Preempt with { Deadline = DateTimeOffset.UtcNow.AddMilliseconds(300) });

        var outcome = await running.Ended.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal((OutcomeKind.Preempted, 137), (outcome!.Kind, outcome.ExitCode));
    }

    [Fact]
    public async Task A_deadline_far_away_does_not_lengthen_the_grace_period()
    {
        await using var rig = new Rig();
        var running = await rig.StartAsync(Python() with { Env = [new("DEAF", "1")], GracePeriod = TimeSpan.FromMilliseconds(300) });
        await Until.FileAsync(running.Work("up"));
        running.Stops.Post(Preempt with { Deadline = DateTimeOffset.MaxValue });

        var outcome = await running.Ended.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal((OutcomeKind.Preempted, 137), (outcome!.Kind, outcome.ExitCode));
    }

    [Fact]
    public async Task A_second_request_with_an_earlier_deadline_shortens_the_wait()
    {
        await using var rig = new Rig();
        var running = await rig.StartAsync(Python() with { Command = ["python3", "-c", Trainer.Replace("sys.exit(", "int(", StringComparison.Ordinal)], GracePeriod = TimeSpan.FromMinutes(10) });
        await Until.FileAsync(running.Work("up"));
        await AttemptFiles.WriteStopAsync(rig.Disk, running.Folder, Preempt with { Deadline = DateTimeOffset.UtcNow.AddMinutes(5) });
        await Until.FileAsync(running.Work("saved"));
        await AttemptFiles.WriteStopAsync(rig.Disk, running.Folder, Preempt with { Deadline = DateTimeOffset.UtcNow.AddMilliseconds(300), Message = "sooner" });

        var outcome = await running.Ended.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal((OutcomeKind.Preempted, 137, "sooner"), (outcome!.Kind, outcome.ExitCode, outcome.Message));
    }

    [Fact]
    public async Task A_notice_that_comes_during_the_grace_period_shortens_it()
    {
        var board = new NoticeBoard();
        await using var rig = new Rig(notices: board);
        var running = await rig.StartAsync(Python() with { Env = [new("DEAF", "1")], GracePeriod = TimeSpan.FromMinutes(10) });
        await Until.FileAsync(running.Work("up"));
        running.Stops.Post(Preempt);
        board.Put("file", [new Notice("n", NoticeSource.File, NoticeKind.Leaving, DateTimeOffset.UtcNow.AddSeconds(2), "the host goes now")]);

        var outcome = await running.Ended.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal((OutcomeKind.Preempted, 137, "the host goes"), (outcome!.Kind, outcome.ExitCode, outcome.Message));
    }

    [Fact]
    public async Task A_second_request_that_says_kill_does_not_wait_for_the_grace_period()
    {
        await using var rig = new Rig();
        var running = await rig.StartAsync(Python() with { Env = [new("DEAF", "1")], GracePeriod = TimeSpan.FromMinutes(10) });
        await Until.FileAsync(running.Work("up"));
        await AttemptFiles.WriteStopAsync(rig.Disk, running.Folder, Preempt);
        await AttemptFiles.WriteStopAsync(rig.Disk, running.Folder, Preempt with { Kind = StopKind.Kill });

        var outcome = await running.Ended.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal((OutcomeKind.Preempted, 137), (outcome!.Kind, outcome.ExitCode));
    }

    [Fact]
    public async Task A_shutdown_fails_the_attempt_with_its_message_and_saves_its_outputs()
    {
        await using var rig = new Rig();
        var running = await rig.StartAsync(Python() with { OutputArtifacts = [new OutputFile("saved", "saved", false, null)] });
        await Until.FileAsync(running.Work("up"));
        await AttemptFiles.WriteStopAsync(rig.Disk, running.Folder, Shutdown);

        var outcome = await running.Ended;

        Assert.Equal((OutcomeKind.Failed, "Stopped with strategy 'Stop'"), (outcome!.Kind, outcome.Message));
        Assert.Equal("saved", await rig.ReadAsync(outcome.Outputs.Artifacts["saved"]));
    }

    [Fact]
    public async Task Past_its_deadline_an_attempt_is_stopped_and_has_failed_in_Argos_words()
    {
        await using var rig = new Rig();

        var outcome = await rig.RunAsync(Python() with { Deadline = TimeSpan.FromMilliseconds(500) });

        Assert.Equal(
            (OutcomeKind.Failed, ErrorClass.Timeout, "Pod was active on the node longer than the specified deadline"),
            (outcome.Kind, outcome.Class, outcome.Message));
    }

    [Fact]
    public async Task A_request_that_came_before_the_command_started_keeps_it_from_running()
    {
        await using var rig = new Rig();
        var spec = Python();
        await AttemptFiles.WriteStopAsync(rig.Disk, await rig.PrepareAsync(spec), Preempt);

        var running = await rig.StartAsync(spec);
        var outcome = await running.Ended;

        Assert.Equal((OutcomeKind.Preempted, (int?)null), (outcome!.Kind, outcome.ExitCode));
        Assert.False(File.Exists(running.Work("up")));
    }

    [Fact]
    public async Task PreStop_runs_before_the_stop_signal_in_the_folder_and_environment_of_the_step()
    {
        await using var rig = new Rig();
        var running = await rig.StartAsync(Python() with
        {
            Env = [new("WORD", "from the manifest")],
            PreStop = new ContainerAction.Exec(["sh", "-c", "[ -e saved ] || echo $WORD before the signal >prestop"]),
        });
        await Until.FileAsync(running.Work("up"));
        running.Stops.Post(Preempt);
        await running.Ended;

        Assert.Equal("from the manifest before the signal\n", await File.ReadAllTextAsync(running.Work("prestop")));
        Assert.True(File.Exists(running.Work("saved")));
    }

    [Fact]
    public async Task The_time_of_preStop_is_part_of_the_grace_period()
    {
        await using var rig = new Rig();
        var running = await rig.StartAsync(Python() with { Env = [new("DEAF", "1")], PreStop = new ContainerAction.Exec(["sleep", "600"]), GracePeriod = TimeSpan.FromMilliseconds(300) });
        await Until.FileAsync(running.Work("up"));
        running.Stops.Post(Preempt);

        var outcome = await running.Ended.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal((OutcomeKind.Preempted, 137), (outcome!.Kind, outcome.ExitCode));
    }

    [Theory]
    [InlineData("python3 $TRAINER; true")]
    [InlineData("sh -c 'python3 $TRAINER; true'; true")]
    [InlineData("trap 'true' TERM; python3 $TRAINER; true")]
    public async Task Through_shells_the_stop_signal_reaches_the_trainer_which_gets_its_time_to_save(string command)
    {
        await using var rig = new Rig();
        var running = await rig.StartAsync(Rig.Shell(command) with
        {
            Env = [new("TRAINER", "trainer.py")],
            Inputs = [new InputFile("trainer", "trainer.py", null, Trainer, null)],
        });
        await Until.FileAsync(running.Work("up"));
        running.Stops.Post(Preempt);

        var outcome = await running.Ended.WaitAsync(TimeSpan.FromSeconds(15));

        Assert.Equal(OutcomeKind.Preempted, outcome!.Kind);
        Assert.Equal("saved", await File.ReadAllTextAsync(running.Work("saved")));
    }

    [Theory]
    [InlineData("python3 $TRAINER 2>&1 | tee said")]
    [InlineData("(python3 $TRAINER; true) | cat | tee said")]
    [InlineData("python3 $TRAINER > >(tee said); true")]
    [InlineData("yes | python3 $TRAINER | tee said")]
    public async Task In_a_pipeline_the_trainer_gets_the_stop_signal_and_whoever_reads_from_it_hears_its_last_words(string command)
    {
        await using var rig = new Rig();
        var running = await rig.StartAsync(Rig.Shell(command) with
        {
            Command = ["bash", "-c"],
            Env = [new("TRAINER", "trainer.py"), new("LEAVE_WITH", "75")],
            Inputs = [new InputFile("trainer", "trainer.py", null, Trainer.Replace("open('saved'", "time.sleep(0.3); print('saving', flush=True); open('saved'", StringComparison.Ordinal), null)],
        });
        await Until.FileAsync(running.Work("up"));
        running.Stops.Post(Preempt);

        var outcome = await running.Ended.WaitAsync(TimeSpan.FromSeconds(15));

        Assert.Equal(OutcomeKind.Preempted, outcome!.Kind);
        Assert.Equal("saved", await File.ReadAllTextAsync(running.Work("saved")));
        Assert.Equal("saving\n", await File.ReadAllTextAsync(running.Work("said")));
        Assert.Equal("saving", outcome.LogTail.Trim());
    }

    private static AttemptSpec Python() => Rig.Shell("") with { Command = ["python3", "-c", Trainer], Args = [] };
}
