using Pawl.Core.Attempts;
using Pawl.Core.Chains;
using Pawl.Core.Errors;
using Pawl.Core.Workflows;
using Pawl.Supervision;
using Xunit;

namespace Pawl.Tests.Supervision;

public sealed class AttemptTests
{
    [Fact]
    public async Task A_command_that_exits_with_0_succeeds_and_completes_the_step()
    {
        await using var rig = new Rig();

        var outcome = await rig.RunAsync(Rig.Shell("echo hello; echo oops >&2"));

        Assert.Equal((OutcomeKind.Succeeded, 0, "", "hello"), (outcome.Kind, outcome.ExitCode, outcome.Message, outcome.Outputs.Result));
        Assert.Contains("oops", outcome.LogTail, StringComparison.Ordinal);
        Assert.Equal(["claim", "guard", "empty", "layout", "restore", "run", "promote"], outcome.Stages.Select(s => s.Stage));
        var entries = (await rig.ChainAsync()).Entries;
        Assert.Collection(entries,
            e => Assert.Equal((1, "host"), (Assert.IsType<Entry.Claimed>(e).Attempt, ((Entry.Claimed)e).Host)),
            e => Assert.Equal((1, "f1"), (Assert.IsType<Entry.Completed>(e).Claim, ((Entry.Completed)e).Fingerprint)));
    }

    [Theory]
    [InlineData("exit 7", 7, ErrorClass.Permanent, "main: Error (exit code 7)")]
    [InlineData("exit 75", 75, ErrorClass.Transient, "main: Error (exit code 75)")]
    [InlineData("exit 137", 137, ErrorClass.Permanent, "main: Error (exit code 137)")]
    [InlineData("kill -9 $$", 137, ErrorClass.Killed, "main: Error (exit code 137)")]
    [InlineData("kill -SEGV $$", 139, ErrorClass.Permanent, "main: Error (exit code 139)")]
    [InlineData("kill -PIPE $$", 141, ErrorClass.Permanent, "main: Error (exit code 141)")]
    public async Task A_command_that_ends_otherwise_has_failed(string script, int code, ErrorClass cause, string message)
    {
        await using var rig = new Rig();

        var outcome = await rig.RunAsync(Rig.Shell(script));

        Assert.Equal((OutcomeKind.Failed, code, cause, message), (outcome.Kind, outcome.ExitCode, outcome.Class, outcome.Message));
        Assert.Equal(OutcomeKind.Failed, Assert.IsType<Entry.Ended>((await rig.ChainAsync()).Entries[^1]).Outcome.Kind);
    }

    [Fact]
    public async Task A_command_that_is_not_there_fails_with_64_and_says_where_it_was_sought()
    {
        await using var rig = new Rig();

        var outcome = await rig.RunAsync(Rig.Shell("") with { Command = ["no-such-trainer"], Args = [] });

        Assert.Equal((OutcomeKind.Failed, 64), (outcome.Kind, outcome.ExitCode));
        Assert.StartsWith("main: Error (exit code 64): command 'no-such-trainer' was not found in PATH /", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_argument_that_no_program_can_be_given_fails_instead_of_being_cut()
    {
        await using var rig = new Rig();

        var outcome = await rig.RunAsync(Rig.Shell("true\0rm -rf x"));

        Assert.Equal((OutcomeKind.Failed, 126), (outcome.Kind, outcome.ExitCode));
        Assert.Contains("holds a NUL", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_may_not_be_executed_fails_with_126()
    {
        await using var rig = new Rig();

        var outcome = await rig.RunAsync(Rig.Shell("") with
        {
            Command = ["./tool"],
            Args = [],
            Inputs = [new InputFile("tool", "tool", null, "text", 0b110_100_100)],
        });

        Assert.Equal((OutcomeKind.Failed, 126), (outcome.Kind, outcome.ExitCode));
    }

    [Fact]
    public async Task An_attempt_with_an_outcome_runs_nothing()
    {
        await using var rig = new Rig();
        var spec = Rig.Shell("echo ran >>$PAWL_HOME/ledger");
        await rig.RunAsync(spec);

        var again = await rig.RunAsync(spec);

        Assert.False(again.Reused);
        Assert.Single(await File.ReadAllLinesAsync(LedgerOf(rig)));
    }

    [Fact]
    public async Task A_completed_step_is_reused_with_its_outputs_and_never_run_again()
    {
        await using var rig = new Rig();
        var spec = Rig.Shell("echo ran >>$PAWL_HOME/ledger; echo weights >model; echo 0.97 >accuracy") with
        {
            OutputArtifacts = [new OutputFile("model", "model", false, null)],
            OutputParameters = [new OutputParameter("accuracy", "accuracy", null)],
        };
        await rig.RunAsync(spec);

        var second = await rig.RunAsync(spec with { Attempt = 2 });

        Assert.True(second.Reused);
        Assert.Equal("0.97", second.Outputs.Parameters["accuracy"]);
        Assert.Equal("weights\n", await rig.ReadAsync(second.Outputs.Artifacts["model"]));
        Assert.Single(await File.ReadAllLinesAsync(LedgerOf(rig)));
    }

    [Fact]
    public async Task A_completed_step_of_another_fingerprint_runs()
    {
        await using var rig = new Rig();
        var spec = Rig.Shell("echo ran >>$PAWL_HOME/ledger");
        await rig.RunAsync(spec);

        var second = await rig.RunAsync(spec with { Attempt = 2, Fingerprint = "f2" });

        Assert.False(second.Reused);
        Assert.Equal(2, (await File.ReadAllLinesAsync(LedgerOf(rig))).Length);
    }

    [Fact]
    public async Task A_completed_step_whose_output_is_corrupt_is_an_error_that_names_it_and_is_not_run_again()
    {
        await using var rig = new Rig();
        var spec = Rig.Shell("echo ran >>$PAWL_HOME/ledger; echo weights >model") with
        {
            OutputArtifacts = [new OutputFile("model", "model", false, null)],
        };
        var first = await rig.RunAsync(spec);
        await FlipAsync(rig, first.Outputs.Artifacts["model"]);

        var second = await rig.RunAsync(spec with { Attempt = 2 });

        Assert.Equal(OutcomeKind.Errored, second.Kind);
        Assert.Contains("output artifact 'model'", second.Message, StringComparison.Ordinal);
        Assert.Single(await File.ReadAllLinesAsync(LedgerOf(rig)));
    }

    [Fact]
    public async Task A_corrupt_input_is_an_error_that_names_it_and_the_command_is_not_run()
    {
        await using var rig = new Rig();
        var input = await rig.StoredAsync("data");
        await FlipAsync(rig, input);

        var outcome = await rig.RunAsync(Rig.Shell("echo ran >>$PAWL_HOME/ledger") with
        {
            Inputs = [new InputFile("data", "data", input, null, null)],
        });

        Assert.Equal(OutcomeKind.Errored, outcome.Kind);
        Assert.StartsWith("init: ", outcome.Message, StringComparison.Ordinal);
        Assert.Contains(input.Key, outcome.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(LedgerOf(rig)));
    }

    [Fact]
    public async Task An_attempt_that_another_supervisor_claimed_does_not_run()
    {
        await using var rig = new Rig();
        var spec = Rig.Shell("echo ran >>$PAWL_HOME/ledger");
        var chain = await rig.ChainAsync();
        await chain.TryAppendAsync(new Entry.Claimed(spec.Node, spec.Attempt, spec.Fingerprint, 1, "other", "n"), DateTimeOffset.UnixEpoch);

        var running = await rig.StartAsync(spec);

        Assert.Null(await running.Ended);
        Assert.False(File.Exists(LedgerOf(rig)));
        Assert.False(File.Exists(Path.Combine(running.Folder, AttemptFiles.Outcome)));
    }

    [Fact]
    public async Task An_attempt_that_is_overtaken_while_it_runs_changes_nothing()
    {
        await using var rig = new Rig();
        var spec = Rig.Shell("echo up >up; while [ ! -e go ]; do sleep 0.01; done; echo late >model") with
        {
            OutputArtifacts = [new OutputFile("model", "model", false, null)],
        };
        var running = await rig.StartAsync(spec);
        await Until.FileAsync(running.Work("up"));
        var chain = await rig.ChainAsync();
        await chain.TryAppendAsync(new Entry.Claimed(spec.Node, 2, spec.Fingerprint, 2, "other", "n"), DateTimeOffset.UnixEpoch);
        await File.WriteAllTextAsync(running.Work("go"), "");

        Assert.Null(await running.Ended);
        Assert.All((await rig.ChainAsync()).Entries, e => Assert.IsType<Entry.Claimed>(e));
        Assert.False(File.Exists(Path.Combine(running.Folder, AttemptFiles.Outcome)));
    }

    [Fact]
    public async Task A_broken_chain_is_an_error_and_the_command_is_not_run()
    {
        await using var rig = new Rig();
        var spec = Rig.Shell("echo ran >>$PAWL_HOME/ledger");
        await rig.RunAsync(spec);
        var first = Directory.GetFiles(Path.Combine(rig.Home, "store", "steps"), "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        await rig.Disk.SetModeAsync(first, 0b110_000_000);
        await File.WriteAllTextAsync(first, "{");

        var outcome = await rig.RunAsync(spec with { Attempt = 2 });

        Assert.Equal(OutcomeKind.Errored, outcome.Kind);
        Assert.Single(await File.ReadAllLinesAsync(LedgerOf(rig)));
    }

    [Fact]
    public async Task The_step_sees_who_it_is_and_nothing_of_the_shell()
    {
        await using var rig = new Rig();
        var outcome = await rig.RunAsync(Rig.Shell("env") with { Env = [new EnvVar("EPOCHS", "3"), new EnvVar("dotted.name", "kept")] });

        var seen = outcome.Outputs.Result!.Split('\n');
        Assert.Contains($"PAWL_RUN_ID={Rig.RunId}", seen);
        Assert.Contains("PAWL_NODE=digits.train(0)", seen);
        Assert.Contains("PAWL_ATTEMPT=1", seen);
        Assert.Contains($"PAWL_IDEMPOTENCY_KEY={Rig.RunId}/digits.train", seen);
        Assert.Contains("PAWL_GRACE_SECONDS=20", seen);
        Assert.Contains($"PAWL_HOME={rig.Home}", seen);
        Assert.Contains("EPOCHS=3", seen);
        Assert.DoesNotContain(seen, l => l.StartsWith("SECRET", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_variable_whose_name_no_shell_can_say_reaches_the_program()
    {
        await using var rig = new Rig();
        var outcome = await rig.RunAsync(Rig.Shell("") with { Command = ["env"], Args = [], Env = [new EnvVar("dotted.name", "kept")] });

        Assert.Contains("dotted.name=kept", outcome.Outputs.Result!.Split('\n'));
    }

    [Fact]
    public async Task A_script_is_written_to_a_file_that_the_command_gets_last()
    {
        await using var rig = new Rig();
        var outcome = await rig.RunAsync(Rig.Shell("") with { Command = ["python"], Args = ["-u"], Source = "import sys\nprint('I am', sys.version_info.major)" });

        Assert.Equal((OutcomeKind.Succeeded, "I am 3"), (outcome.Kind, outcome.Outputs.Result));
    }

    [Fact]
    public async Task The_snapshot_is_laid_out_first_and_inputs_replace_files_of_it()
    {
        await using var rig = new Rig();
        var project = Directory.CreateDirectory(Path.Combine(rig.Outside, "project")).FullName;
        await File.WriteAllTextAsync(Path.Combine(project, "train.py"), "print(open('data').read() + open('lib/x').read())");
        await File.WriteAllTextAsync(Path.Combine(project, "data"), "of the snapshot");
        Directory.CreateDirectory(Path.Combine(project, "lib"));
        await File.WriteAllTextAsync(Path.Combine(project, "lib", "x"), " and code");
        var snapshot = await rig.Artifacts.StageAsync(rig.Outside, "project", $"artifacts/{Rig.RunId}/snapshot");

        var outcome = await rig.RunAsync(Rig.Shell("") with
        {
            Snapshot = snapshot,
            Command = ["python3", "train.py"],
            Args = [],
            Inputs = [new InputFile("data", "data", await rig.StoredAsync("promoted"), null, null)],
        });

        Assert.Equal("promoted and code", outcome.Outputs.Result);
    }

    [Fact]
    public async Task A_spec_and_an_outcome_are_read_back_as_they_were_written()
    {
        await using var rig = new Rig();
        var spec = Rig.Shell("exit 3") with { Deadline = TimeSpan.FromMinutes(3), MemoryLimit = 5, Inputs = [new InputFile("a", "a", null, "x", 0b111_000_000)] };
        var folder = await rig.PrepareAsync(spec);
        var outcome = await rig.RunAsync(spec);

        Assert.Equal(
            SupervisionJson.Write(spec),
            SupervisionJson.Write(await AttemptFiles.ReadSpecAsync(rig.Disk, folder)));
        Assert.Equal(
            SupervisionJson.Write(outcome!),
            SupervisionJson.Write((await AttemptFiles.ReadOutcomeAsync(rig.Disk, folder))!));
    }

    [Theory]
    [InlineData(99)]
    [InlineData(0)]
    public async Task A_spec_of_a_newer_pawl_or_of_none_is_refused(int schema)
    {
        await using var rig = new Rig();
        var folder = await rig.PrepareAsync(Rig.Shell("true") with { Schema = schema });

        var refused = await Assert.ThrowsAsync<IOException>(async () => await AttemptFiles.ReadSpecAsync(rig.Disk, folder));
        Assert.Contains($"schema {schema}", refused.Message, StringComparison.Ordinal);
    }

    private static string LedgerOf(Rig rig) => Path.Combine(rig.Home, "ledger");

    private static async Task FlipAsync(Rig rig, ArtifactRef artifact)
    {
        var path = Path.Combine(rig.Home, "store", artifact.Key);
        await rig.Disk.SetModeAsync(path, 0b110_000_000);
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[0] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);
    }
}
