using System.Text.Json;
using Xunit;

namespace Pawl.Tests.Cli;

public sealed class ProgramTests : PawlProgram
{
    [Fact]
    public async Task A_run_that_succeeds_ends_with_0_and_plain_lines()
    {
        var ended = await PawlAsync("run", Write("w.yaml", Samples.Steps));
        Assert.Equal((0, ""), (ended.Code, ended.Error));
        Assert.Contains("prepare  Succeeded", ended.Output, StringComparison.Ordinal);
        Assert.Contains("Closer look: pawl get w-", ended.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', ended.Output);
    }

    [Fact]
    public async Task A_failed_run_ends_with_1_and_names_the_log_to_read()
    {
        var ended = await PawlAsync("run", Write("w.yaml", Samples.Step("echo no; exit 3")), "--name", "bad");
        Assert.Equal(1, ended.Code);
        Assert.Contains("✖ bad Failed", ended.Output, StringComparison.Ordinal);
        Assert.Contains("Closer look: pawl logs bad bad", ended.Output, StringComparison.Ordinal);
        Assert.Equal("bad: no\n", (await PawlAsync("logs", "bad", "bad")).Output);
    }

    [Fact]
    public async Task A_failed_run_is_retried_and_what_succeeded_is_kept()
    {
        var file = Write("w.yaml", Samples.Step($"test -e {Folder}/there"));
        Assert.Equal(1, (await PawlAsync("run", file)).Code);
        Write("there", "");
        Assert.Equal(0, (await PawlAsync("retry", "@latest")).Code);
        var again = await PawlAsync("retry", "@latest");
        Assert.Equal(1, again.Code);
        Assert.Contains("is Succeeded; only a run that is Failed or Error can be retried", again.Error, StringComparison.Ordinal);

        // What had succeeded runs again where it is named, although its outputs are there.
        File.Delete($"{Folder}/there");
        Assert.Equal(2, (await PawlAsync("retry", "@latest", "--restart-successful")).Code);
        Assert.Equal(1, (await PawlAsync("retry", "@latest", "--restart-successful", "--node-field-selector", "phase=Failed")).Code);
        Assert.Equal(1, (await PawlAsync("retry", "@latest", "--restart-successful", "--node-field-selector", "phase=Succeeded")).Code);
        Write("there", "");
        Assert.Equal(0, (await PawlAsync("retry", "@latest")).Code);
    }

    [Fact]
    public async Task Ctrl_C_pauses_and_resume_goes_on_with_the_next_attempt()
    {
        var file = Write("w.yaml", Samples.Step("test -e $PAWL_CHECKPOINT_DIR/x && exit 0\ntrap 'touch $PAWL_CHECKPOINT_DIR/x; exit 75' TERM\necho begun\nsleep 100 & wait"));
        using var run = Start("run", file, "--name", "w");
        await LoggedAsync("w", "begun");
        Send(run, Interrupt);
        var paused = await EndAsync(run);
        Assert.Equal(3, paused.Code);
        Assert.Contains("stopping: steps get SIGTERM and 30s to save; Ctrl-C again kills them", paused.Output, StringComparison.Ordinal);
        Assert.Contains("Go on with: pawl resume w", paused.Output, StringComparison.Ordinal);
        Assert.Contains("Running (Paused)", (await PawlAsync("list")).Output, StringComparison.Ordinal);

        var resumed = await PawlAsync("resume", "@latest");
        Assert.Equal(0, resumed.Code);
        Assert.Contains("w  Running  attempt 2", resumed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ctrl_C_twice_kills_a_step_that_does_not_listen()
    {
        using var run = Start("run", Write("w.yaml", Samples.Step("trap '' TERM\necho begun\nwhile :; do sleep 1; done")), "--name", "w", "--grace", "10m");
        await LoggedAsync("w", "begun");
        Send(run, Interrupt);
        await UntilAsync(run, "Ctrl-C again kills them");
        Send(run, Interrupt);
        Assert.Equal(3, (await EndAsync(run)).Code);
        Assert.Contains("\"state\": \"Paused\"", (await PawlAsync("get", "w", "-o", "json")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_gate_of_a_run_that_nobody_owned_is_passed_only_by_name()
    {
        using (var run = Start("run", Write("w.yaml", Samples.Gate), "--name", "w"))
        {
            await UntilAsync(run, "waits at approve");
            Send(run, Kill);
            await run.WaitForExitAsync();
        }
        for (var i = 0; i < 3; i++)
        {
            var resumed = await PawlAsync("resume", "w");
            Assert.Equal(3, resumed.Code);
            Assert.Contains("Pass it with: pawl resume w --node-field-selector displayName=approve", resumed.Output, StringComparison.Ordinal);
        }
        Assert.Contains("It would pass approve.", (await PawlAsync("resume", "w", "--dry-run", "--node-field-selector", "displayName=approve")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await PawlAsync("resume", "w", "--node-field-selector", "displayName=approve")).Code);
    }

    [Fact]
    public async Task A_resume_in_another_terminal_passes_the_gate_of_a_run_that_is_driven()
    {
        using var run = Start("run", Write("w.yaml", Samples.Gate), "--name", "w");
        await UntilAsync(run, "waits at approve");
        Assert.Equal(new Ended(0, "w passed approve\n", ""), await PawlAsync("resume", "w"));
        Assert.Equal(0, (await EndAsync(run)).Code);
        var again = await PawlAsync("resume", "w");
        Assert.Equal((0, "pawl: w has ended (Succeeded); there is nothing to resume\n"), (again.Code, again.Error));
    }

    [Fact]
    public async Task A_run_is_stopped_from_another_terminal()
    {
        using var run = Start("run", Write("w.yaml", Samples.Step("echo begun; sleep 100")), "--name", "w", "--grace", "1s");
        await LoggedAsync("w", "begun");
        Assert.Equal(0, (await PawlAsync("stop", "w", "--message", "wrong data")).Code);
        Assert.Equal(1, (await EndAsync(run)).Code);
        Assert.Contains("cannot stop a completed workflow", (await PawlAsync("stop", "w")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_engine_a_run_is_suspended_stopped_and_deleted_by_the_verb_itself()
    {
        using (var run = Start("run", Write("w.yaml", Samples.Gate), "--name", "w"))
        {
            await UntilAsync(run, "waits at approve");
            Send(run, Kill);
            await run.WaitForExitAsync();
        }
        Assert.Equal(new Ended(0, "w is suspended\n", ""), await PawlAsync("suspend", "w"));
        Assert.Equal(1, (await PawlAsync("delete", "w")).Code);
        Assert.Equal(0, (await PawlAsync("stop", "w")).Code);
        Assert.Contains("Failed", (await PawlAsync("list")).Output, StringComparison.Ordinal);
        Assert.Equal(new Ended(0, "w was deleted\n", ""), await PawlAsync("delete", "w"));
        Assert.Equal("[]\n", (await PawlAsync("list", "-o", "json")).Output);
    }

    [Fact]
    public async Task Delete_with_force_kills_what_still_runs()
    {
        using var run = Start("run", Write("w.yaml", Samples.Step("trap '' TERM\necho begun\nwhile :; do sleep 1; done")), "--name", "w", "--grace", "10m");
        await LoggedAsync("w", "begun");
        var refused = await PawlAsync("delete", "w");
        Assert.Equal(1, refused.Code);
        Assert.Contains("is driven by process", refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await PawlAsync("delete", "w", "--force")).Code);
        Assert.Equal(3, (await EndAsync(run)).Code);
    }

    [Fact]
    public async Task A_submitted_run_goes_on_by_itself_and_its_logs_can_be_followed()
    {
        var submitted = await PawlAsync("submit", Write("w.yaml", Samples.Step("echo one\necho two >&2")), "-o", "name", "--name", "w");
        Assert.Equal(new Ended(0, "w\n", ""), submitted);
        var logs = await PawlAsync("logs", "w", "-f");
        Assert.Equal(["w: one", "w: two"], logs.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order());
        using var json = JsonDocument.Parse((await PawlAsync("get", "w", "-o", "json")).Output);
        Assert.Equal("Succeeded", json.RootElement.GetProperty("status").GetProperty("phase").GetString());
        using var line = JsonDocument.Parse((await PawlAsync("logs", "w", "-o", "json", "--tail", "1")).Output);
        Assert.Equal(1, line.RootElement.GetProperty("attempt").GetInt32());
    }

    [Fact]
    public async Task A_flipped_byte_in_an_artifact_is_reported_by_name()
    {
        var file = Write("w.yaml", Samples.Step($"echo precious > /tmp/pawl-cli-{Path.GetFileName(Folder)}", $"outputs: {{artifacts: [{{name: model, path: /tmp/pawl-cli-{Path.GetFileName(Folder)}}}]}}"));
        Assert.Equal(0, (await PawlAsync("run", file)).Code);
        Assert.Equal(0, (await PawlAsync("get", "@latest")).Code);
        using var json = JsonDocument.Parse((await PawlAsync("get", "@latest", "-o", "json")).Output);
        var artifact = json.RootElement.GetProperty("status").GetProperty("pawl").GetProperty("artifacts")[0].GetProperty("file").GetString()!;
        File.Delete(artifact);
        File.WriteAllText(artifact, "precioUs\n");
        var got = await PawlAsync("get", "@latest");
        Assert.Equal(1, got.Code);
        Assert.Contains("artifact model of", got.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parameters_come_from_the_file_and_then_from_the_line()
    {
        var manifest = Write("w.yaml", Samples.Step("echo {{workflow.parameters.a}} {{workflow.parameters.b}}").Replace(
            "  entrypoint: main", "  entrypoint: main\n  arguments: {parameters: [{name: a}, {name: b, value: x}]}", StringComparison.Ordinal));
        var missing = await PawlAsync("run", manifest);
        Assert.Equal(1, missing.Code);
        Assert.Contains("no run was created", missing.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await PawlAsync("run", manifest, "-f", Write("p.yaml", "a: 1\nb: \"2\"\n"), "-p", "b=three=3", "--name", "w")).Code);
        Assert.Equal("w: 1 three=3\n", (await PawlAsync("logs", "w")).Output);
    }

    [Theory]
    [InlineData(2, "frob")]
    [InlineData(2, "run")]
    [InlineData(2, "checkpoint")]
    [InlineData(2, "checkpoint", "verify", "w", "--entry", "x")]
    [InlineData(2, "list", "-o", "xml")]
    [InlineData(2, "run", "w.yaml", "-p", "novalue")]
    [InlineData(2, "resume", "w", "--node-field-selector", "colour=red")]
    [InlineData(1, "run", "absent.yaml")]
    [InlineData(1, "get", "@latest")]
    [InlineData(0, "list")]
    [InlineData(0, "--version")]
    [InlineData(0, "--help")]
    public async Task The_exit_code_tells_a_wrong_line_from_a_failure(int code, params string[] args)
    {
        var ended = await PawlAsync(args);
        Assert.Equal(code, ended.Code);
        Assert.DoesNotContain("   at ", ended.Error, StringComparison.Ordinal);
        if (code > 0) { Assert.StartsWith("pawl: ", ended.Error, StringComparison.Ordinal); }
    }

    [Theory]
    [InlineData("")]
    [InlineData("run")]
    [InlineData("submit")]
    [InlineData("resume")]
    [InlineData("list")]
    [InlineData("get")]
    [InlineData("logs")]
    [InlineData("wait")]
    [InlineData("watch")]
    [InlineData("node set")]
    [InlineData("completion")]
    [InlineData("retry")]
    [InlineData("resubmit")]
    [InlineData("suspend")]
    [InlineData("preempt")]
    [InlineData("stop")]
    [InlineData("terminate")]
    [InlineData("delete")]
    [InlineData("lint")]
    [InlineData("checkpoint")]
    [InlineData("checkpoint list")]
    [InlineData("checkpoint verify")]
    [InlineData("checkpoint restore")]
    [InlineData("checkpoint export")]
    [InlineData("checkpoint prune")]
    [InlineData("checkpoint pin")]
    [InlineData("checkpoint unpin")]
    [InlineData("template")]
    [InlineData("template create")]
    [InlineData("template list")]
    [InlineData("template get")]
    [InlineData("template delete")]
    [InlineData("cron")]
    [InlineData("cron next")]
    [InlineData("cron create")]
    [InlineData("cron list")]
    [InlineData("cron get")]
    [InlineData("cron suspend")]
    [InlineData("cron resume")]
    [InlineData("cron delete")]
    public async Task Every_verb_has_help_with_an_example(string verb)
    {
        var help = await PawlAsync([.. verb.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]);
        Assert.Equal(0, help.Code);
        Assert.Contains("\nExample", help.Output, StringComparison.Ordinal);
        Golden.Matches($"help-{(verb.Length == 0 ? "pawl" : verb.Replace(' ', '-'))}.txt", help.Output);
    }

    [Fact]
    public async Task Lint_says_everything_at_its_place_and_ends_with_1()
    {
        Write("bad.yaml", "kind: Workflow\nmetadata: {generateName: w-}\nspec:\n  entrypoint: nowhere\n  templates:\n    - name: main\n      container: {image: busybox, command: [echo], imge: x}\n");
        Write("good.yaml", Samples.Steps);
        var linted = await PawlAsync("lint", "bad.yaml", "good.yaml");
        Assert.Equal(1, linted.Code);
        Golden.Matches("lint.txt", linted.Output);
        Assert.Equal(new Ended(0, "✔ no linting errors found!\n", ""), await PawlAsync("lint", "good.yaml"));
        using var json = JsonDocument.Parse((await PawlAsync("lint", ".", "-o", "json")).Output);
        Assert.Equal("./bad.yaml", json.RootElement[0].GetProperty("file").GetString());
    }

    /// <summary>Follows the run's log until a line is in it: then the step is where the test wants it.</summary>
    private async Task LoggedAsync(string run, string text)
    {
        while (true)
        {
            // Until the run is journaled there is nothing to follow.
            using var logs = Start("logs", run, "-f");
            while (await logs.StandardOutput.ReadLineAsync() is { } line)
            {
                if (!line.Contains(text, StringComparison.Ordinal)) { continue; }
                logs.Kill();
                await logs.WaitForExitAsync();
                return;
            }
            await logs.WaitForExitAsync();
        }
    }
}
