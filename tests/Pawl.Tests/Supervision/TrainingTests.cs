using Pawl.Core.Attempts;
using Pawl.Core.Chains;
using Pawl.Core.Checkpoints;
using Pawl.Core.Errors;
using Pawl.Core.Preemption;
using Pawl.Core.Workflows;
using Pawl.Supervision;
using Pawl.Supervision.Notices;
using Xunit;

namespace Pawl.Tests.Supervision;

/// <summary>Attempts of a step that trains: a shell or Python program that knows nothing but the contract.</summary>
public class TrainingTests
{
    // Trains to 1000, saves each step by a rename, and says so. Waits at the step that WAIT_AT names.
    private const string Trainer = """
        import json, os, signal, socket, sys, time
        folder, step = os.environ['PAWL_CHECKPOINT_DIR'], 0
        if os.path.exists(folder + '/step'): step = int(open(folder + '/step').read())
        line = socket.socket(socket.AF_UNIX); line.connect(os.environ['PAWL_REPORT'])
        say = lambda **what: line.send((json.dumps(what) + '\n').encode())
        say(kind='hello', sdk='test', step=step, total=1000)
        open(os.environ['PAWL_HOME'] + '/ledger', 'a').write('from %d\n' % step)
        def leave(*_): sys.exit(75)
        open('begun', 'w').write('begun')
        while 'GO' in os.environ and not os.path.exists('go'): time.sleep(0.01)
        signal.signal(signal.SIGTERM, leave)
        last = int(os.environ['TO'])
        while step < last:
            step += 1
            say(kind='step', step=step, metrics={'loss': 1 / step})
            if step % 2 == 0:
                open(folder + '/step.tmp', 'w').write('%d' % step)
                os.rename(folder + '/step.tmp', folder + '/step')
                say(kind='checkpoint', step=step, path='step', blockedSeconds=0.001, writeSeconds=0.002)
        if 'WAIT' in os.environ:
            open('up', 'w').write('up')
            while True: time.sleep(0.01)
        open('model', 'w').write('trained\n')
        """;

    [Fact]
    public async Task The_next_attempt_goes_on_from_the_newest_checkpoint()
    {
        await using var rig = new Rig();
        var first = await StopAsync(rig, Train(to: 7, wait: true));
        Assert.Equal((OutcomeKind.Preempted, 75, true), (first.Kind, first.ExitCode, first.Progressed));
        Assert.Equal((7, 1000, 1.0 / 7), (first.Training!.Step, first.Training.Total, first.Training.Metrics["loss"]));
        Assert.Equal(1, first.Training.StepsSinceCheckpoint);

        var second = await rig.RunAsync(Train(to: 9) with { Attempt = 2 });

        Assert.Equal(OutcomeKind.Succeeded, second.Kind);
        Assert.Equal(["from 0", "from 6"], await LedgerAsync(rig));
        Assert.NotNull(second.Training!.RestoredEntry);
        Assert.Equal((second.FinishedAt - second.StartedAt).TotalSeconds, second.Spent!.Total.TotalSeconds, 0.2);
    }

    [Fact]
    public async Task What_a_killed_attempt_had_in_the_store_is_restored_where_its_folder_is_gone()
    {
        await using var rig = new Rig();
        await StopAsync(rig, Train(to: 8, wait: true));
        Directory.Delete(Folder(rig), recursive: true);

        await rig.RunAsync(Train(to: 9) with { Attempt = 2 });

        Assert.Equal(["from 0", "from 8"], await LedgerAsync(rig));
    }

    [Fact]
    public async Task A_corrupt_checkpoint_is_told_of_and_the_one_before_is_used()
    {
        await using var rig = new Rig();
        await StopAsync(rig, Train(to: 4, wait: true));
        await StopAsync(rig, Train(to: 8, wait: true) with { Attempt = 2 });
        var newest = (await rig.ChainAsync()).Entries.OfType<Entry.Checkpointed>().Last().Checkpoint;
        Assert.Equal(8, newest.Step);
        var chunk = Directory.GetFiles(Path.Combine(rig.Home, "store", "chunks"), newest.Files[0].Chunks[0].Sha256, SearchOption.AllDirectories).Single();
        await File.WriteAllTextAsync(chunk, "9");
        Directory.Delete(Folder(rig), recursive: true);

        var third = await rig.RunAsync(Train(to: 9) with { Attempt = 3 });

        Assert.Contains(third.Warnings, w => w.Contains(newest.Files[0].Chunks[0].Sha256, StringComparison.Ordinal));
        var from = int.Parse((await LedgerAsync(rig))[2].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(from, 4, 6);
    }

    [Fact]
    public async Task A_checkpoint_of_another_fingerprint_is_not_restored()
    {
        await using var rig = new Rig();
        await StopAsync(rig, Train(to: 8, wait: true));

        await rig.RunAsync(Train(to: 9) with { Attempt = 2, Fingerprint = "f2" });

        Assert.Equal(["from 0", "from 0"], await LedgerAsync(rig));
    }

    [Fact]
    public async Task A_silent_trainer_is_stopped_as_hung()
    {
        await using var rig = new Rig();
        var outcome = await rig.RunAsync(Train(to: 4, wait: true) with { Checkpoints = CheckpointPolicy.Default with { HangAfter = TimeSpan.FromSeconds(1) } });

        Assert.Equal((OutcomeKind.Failed, ErrorClass.Timeout), (outcome.Kind, outcome.Class));
        Assert.Contains("hung: no step was reported for 1 second", outcome.Message, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(1), outcome.Spent!.Hung);
    }

    [Fact]
    public async Task A_trainer_that_never_reports_is_not_hung_and_a_limit_that_was_set_is_said_to_be_of_no_use()
    {
        await using var rig = new Rig();
        var outcome = await rig.RunAsync(Rig.Shell("sleep 2") with { Checkpoints = CheckpointPolicy.Default with { HangAfter = TimeSpan.FromSeconds(1) } });

        Assert.Equal(OutcomeKind.Succeeded, outcome.Kind);
        Assert.Contains("reported nothing for as long", Assert.Single(outcome.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_follows_the_last_step_may_take_as_long_as_it_likes()
    {
        await using var rig = new Rig();
        var slow = Trainer.Replace("open('model'", "time.sleep(2.5); open('model'", StringComparison.Ordinal).Replace("total=1000", "total=4", StringComparison.Ordinal);
        var outcome = await rig.RunAsync(Train(to: 4) with { Args = [slow], Checkpoints = CheckpointPolicy.Default with { HangAfter = TimeSpan.FromSeconds(1) } });

        Assert.Equal(OutcomeKind.Succeeded, outcome.Kind);
        Assert.Equal(TimeSpan.Zero, outcome.Spent!.Hung);
    }

    [Theory]
    [InlineData(4, OutcomeKind.Succeeded)]
    [InlineData(5, OutcomeKind.Failed)]
    public async Task A_trainer_taken_for_hung_succeeds_by_ending_with_0_only_if_its_last_step_was_done(int total, OutcomeKind kind)
    {
        // It does step 4 when it is told to go, and leaves with 0.
        var late = Trainer
            .Replace("def leave(*_): sys.exit(75)", "def leave(*_): say(kind='step', step=4, metrics={}); sys.exit(0)", StringComparison.Ordinal)
            .Replace("total=1000", $"total={total}", StringComparison.Ordinal);
        await using var rig = new Rig();
        var outcome = await rig.RunAsync(Train(to: 3, wait: true) with { Args = [late], Checkpoints = CheckpointPolicy.Default with { HangAfter = TimeSpan.FromSeconds(1) } });

        Assert.Equal((kind, 0), (outcome.Kind, outcome.ExitCode));
    }

    [Fact]
    public async Task Old_checkpoints_are_pruned_and_the_newest_stay()
    {
        await using var rig = new Rig();
        Outcome? last = null;
        for (var attempt = 1; attempt <= 5; attempt++)
        {
            last = await StopAsync(rig, Train(to: attempt * 2, wait: true) with { Attempt = attempt, Checkpoints = CheckpointPolicy.Default with { Keep = 2 } });
        }
        var history = new CheckpointHistory((await rig.ChainAsync()).Entries);
        var kept = history.All.Where(e => !history.IsPruned(e)).ToList();
        // The newest two, and the one that was read whole last. A checkpoint that was saved twice, before and after its step was told, is one.
        static string ContentOf(Entry.Checkpointed entry) => entry.Checkpoint.Files.Single().Chunks.Single().Sha256;
        var contents = history.All.Select(ContentOf).Reverse().Distinct().Take(2).ToList();
        var restored = history.All.Single(e => e.Number == last!.Training!.RestoredEntry);
        Assert.Equal(contents.Append(ContentOf(restored)).Distinct().Order(), kept.Select(ContentOf).Order());
        Assert.Equal(
            kept.SelectMany(e => e.Checkpoint.Files).SelectMany(f => f.Chunks).Select(c => c.Sha256).Distinct().Order(),
            Directory.GetFiles(Path.Combine(rig.Home, "store", "chunks"), "*", SearchOption.AllDirectories).Select(Path.GetFileName).Distinct().Order());
    }

    [Fact]
    public async Task A_grace_period_that_is_too_short_is_told_with_the_number_to_set()
    {
        await using var rig = new Rig();
        var outcome = await StopAsync(rig, Train(to: 4, wait: true) with { GracePeriod = TimeSpan.FromSeconds(10) });
        Assert.Contains(outcome.Warnings, w => w.Contains("terminationGracePeriodSeconds\": 1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_store_that_cannot_be_written_never_blocks_the_trainer_and_what_was_durable_stays()
    {
        await using var rig = new Rig();
        await StopAsync(rig, Train(to: 4, wait: true));
        var spec = Train(to: 8, wait: true) with { Attempt = 2 };
        var running = await rig.StartAsync(spec with { Env = spec.Env.Add(new("GO", "1")) });
        await Until.FileAsync(running.Work("begun"));
        var (aside, away) = (Path.Combine(rig.Home, "store", ".tmp"), Path.Combine(rig.Home, "store", ".tmp-away"));
        Directory.Move(aside, away);
        await File.WriteAllTextAsync(aside, "in the way");
        await File.WriteAllTextAsync(running.Work("go"), "go");

        await Until.FileAsync(running.Work("up"));
        var log = Path.Combine(running.Folder, "main.log");
        await Until.True(() => File.Exists(log) && File.ReadAllText(log).Contains("could not be carried to the store", StringComparison.Ordinal), "it is said");
        Assert.Contains((await rig.ChainAsync()).Entries, e => e is Entry.Checkpointed { Checkpoint.Step: 4 });
        // The store makes its folder anew, at any of its tries.
        File.Delete(aside);
        running.Stops.Post(new StopRequest(StopKind.Terminate, StopReason.Preemption, "told to go"));

        Assert.Equal(OutcomeKind.Preempted, (await running.Ended)!.Kind);
        Assert.Equal(8, (await rig.ChainAsync()).Entries.OfType<Entry.Checkpointed>().Last().Checkpoint.Step);
    }

    [Fact]
    public async Task On_a_host_that_leaves_the_trainer_is_stopped_in_time_and_its_last_checkpoint_is_in_the_store()
    {
        var board = new NoticeBoard();
        await using var rig = new Rig(notices: board);
        var running = await rig.StartAsync(Train(to: 8, wait: true));
        await Until.FileAsync(running.Work("up"));
        board.Put("file", [new Notice("n", NoticeSource.File, NoticeKind.Leaving, DateTimeOffset.UtcNow.AddSeconds(8), "the host goes")]);

        var outcome = (await running.Ended)!;

        Assert.Equal((OutcomeKind.Preempted, 75, "the host goes"), (outcome.Kind, outcome.ExitCode, outcome.Message));
        Assert.Equal(8, (await rig.ChainAsync()).Entries.OfType<Entry.Checkpointed>().Last().Checkpoint.Step);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task On_a_host_that_leaves_a_trainer_that_says_nothing_has_its_whole_grace_period()
    {
        const string Silent = """
            import os, signal, sys, time
            def leave(*_):
                for part in range(60): time.sleep(0.1)
                path = os.environ['PAWL_CHECKPOINT_DIR'] + '/step'
                open(path + '.tmp', 'w').write('1')
                os.rename(path + '.tmp', path)
                sys.exit(75)
            signal.signal(signal.SIGTERM, leave)
            open('up', 'w').write('up')
            while True: time.sleep(0.01)
            """;
        var board = new NoticeBoard();
        await using var rig = new Rig(notices: board);
        var running = await rig.StartAsync(Train(to: 0) with { Args = [Silent], GracePeriod = TimeSpan.FromSeconds(7.5) });
        await Until.FileAsync(running.Work("up"));
        board.Put("file", [new Notice("n", NoticeSource.File, NoticeKind.Leaving, DateTimeOffset.UtcNow.AddSeconds(12), "the host goes")]);

        var outcome = (await running.Ended)!;

        Assert.Equal((OutcomeKind.Preempted, 75), (outcome.Kind, outcome.ExitCode));
        Assert.Single((await rig.ChainAsync()).Entries.OfType<Entry.Checkpointed>());
    }

    [Fact]
    public async Task A_notice_that_is_lifted_in_time_stops_nothing()
    {
        var board = new NoticeBoard();
        await using var rig = new Rig(notices: board);
        var spec = Train(to: 8);
        var running = await rig.StartAsync(spec with { Env = spec.Env.Add(new("GO", "1")) });
        await Until.FileAsync(running.Work("begun"));
        board.Put("file", [new Notice("n", NoticeSource.File, NoticeKind.Leaving, DateTimeOffset.UtcNow.AddHours(1), "the host goes")]);
        board.Put("file", []);
        await File.WriteAllTextAsync(running.Work("go"), "go");

        Assert.Equal(OutcomeKind.Succeeded, (await running.Ended)!.Kind);
    }

    private static AttemptSpec Train(int to, bool wait = false) => Rig.Shell("") with
    {
        Command = ["python3", "-c"],
        Args = [Trainer],
        Env = wait ? [new EnvVar("TO", $"{to}"), new EnvVar("WAIT", "1")] : [new EnvVar("TO", $"{to}")],
    };

    // Told to go as soon as it has reported its last step.
    private static async Task<Outcome> StopAsync(Rig rig, AttemptSpec spec)
    {
        var running = await rig.StartAsync(spec);
        await Until.FileAsync(running.Work("up"));
        running.Stops.Post(new StopRequest(StopKind.Terminate, StopReason.Preemption, "told to go"));
        return await running.Ended ?? throw new InvalidOperationException("the attempt was overtaken");
    }

    private static string Folder(Rig rig) => Path.Combine(rig.Home, "runs", Rig.RunId, Names.Folder(Rig.Step), AttemptFiles.Checkpoint);

    private static Task<string[]> LedgerAsync(Rig rig) => File.ReadAllLinesAsync(Path.Combine(rig.Home, "ledger"));
}
