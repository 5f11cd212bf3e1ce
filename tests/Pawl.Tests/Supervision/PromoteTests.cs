using System.Security.Cryptography;
using System.Text;
using Pawl.Core.Attempts;
using Pawl.Core.Chains;
using Pawl.Core.Workflows;
using Xunit;

namespace Pawl.Tests.Supervision;

public sealed class PromoteTests
{
    [Fact]
    public async Task Outputs_are_stored_under_the_claims_number_with_their_digest()
    {
        await using var rig = new Rig();

        var outcome = await rig.RunAsync(Rig.Shell("mkdir out; printf weights >out/model") with
        {
            OutputArtifacts = [new OutputFile("model", "out/model", false, null)],
        });

        var model = outcome.Outputs.Artifacts["model"];
        Assert.Equal($"artifacts/{Rig.RunId}/{Names.Folder(Rig.Step)}/1/model", model.Key);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData("weights"u8)), model.Sha256);
        Assert.Equal("weights", await rig.ReadAsync(model));
        Assert.Equal(model, (await rig.ChainAsync()).Completed!.Outputs.Artifacts["model"]);
    }

    [Fact]
    public async Task A_missing_output_is_an_error_of_the_attempt_and_the_step_is_not_completed()
    {
        await using var rig = new Rig();

        var outcome = await rig.RunAsync(Rig.Shell("true") with { OutputArtifacts = [new OutputFile("model", "out/model", false, null)] });

        Assert.Equal(
            (OutcomeKind.Errored, 0, "wait: output artifact 'model': there is nothing at out/model"),
            (outcome.Kind, outcome.ExitCode, outcome.Message));
        Assert.Null((await rig.ChainAsync()).Completed);
    }

    [Fact]
    public async Task A_missing_optional_output_is_left_out()
    {
        await using var rig = new Rig();

        var outcome = await rig.RunAsync(Rig.Shell("true") with { OutputArtifacts = [new OutputFile("plot", "plot", true, null)] });

        Assert.Equal(OutcomeKind.Succeeded, outcome.Kind);
        Assert.Empty(outcome.Outputs.Artifacts);
    }

    [Fact]
    public async Task A_failed_command_keeps_its_message_and_the_outputs_it_left()
    {
        await using var rig = new Rig();

        var outcome = await rig.RunAsync(Rig.Shell("echo 0.5 >accuracy; exit 3") with
        {
            OutputParameters = [new OutputParameter("accuracy", "accuracy", null)],
            OutputArtifacts = [new OutputFile("model", "model", false, null)],
        });

        Assert.Equal((OutcomeKind.Failed, "main: Error (exit code 3)"), (outcome.Kind, outcome.Message));
        Assert.Equal("0.5", outcome.Outputs.Parameters["accuracy"]);
        Assert.Equal("0.5", Assert.IsType<Entry.Ended>((await rig.ChainAsync()).Entries[^1]).Outcome.Outputs.Parameters["accuracy"]);
    }

    [Theory]
    [InlineData("printf 'a\\n\\n' >p", null, "a\n")]
    [InlineData("printf '' >p", "unused", "")]
    [InlineData("true", "default", "default")]
    public async Task A_parameter_is_the_text_of_its_file_or_its_default(string script, string? or, string expected)
    {
        await using var rig = new Rig();

        var outcome = await rig.RunAsync(Rig.Shell(script) with { OutputParameters = [new OutputParameter("p", "p", or)] });

        Assert.Equal(expected, outcome.Outputs.Parameters["p"]);
    }

    [Theory]
    [InlineData("true", "there is no file at p")]
    [InlineData("head -c 300000 /dev/zero >p", "at most")]
    [InlineData("mkdir p", "p")]
    public async Task A_parameter_that_cannot_be_read_is_an_error(string script, string why)
    {
        await using var rig = new Rig();

        var outcome = await rig.RunAsync(Rig.Shell(script) with { OutputParameters = [new OutputParameter("p", "p", null)] });

        Assert.Equal(OutcomeKind.Errored, outcome.Kind);
        Assert.StartsWith("wait: output parameter 'p': ", outcome.Message, StringComparison.Ordinal);
        Assert.Contains(why, outcome.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ln -s /etc/passwd model")]
    [InlineData("ln -s /etc out && mkdir -p x", "out/passwd")]
    [InlineData("mkfifo model")]
    public async Task An_output_that_leads_out_of_the_attempt_or_is_no_file_is_refused(string script, string path = "model")
    {
        await using var rig = new Rig();

        var outcome = await rig.RunAsync(Rig.Shell(script) with
        {
            OutputArtifacts = [new OutputFile("model", path, true, null)],
            OutputParameters = [new OutputParameter("p", path, "default")],
        });

        Assert.Equal(OutcomeKind.Errored, outcome.Kind);
        Assert.Empty(outcome.Outputs.Artifacts);
        Assert.Empty(outcome.Outputs.Parameters);
    }

    [Theory]
    [InlineData("../spec.json")]
    [InlineData("a/../../outcome.json")]
    [InlineData("/etc/passwd")]
    [InlineData("/lib64/x")]
    [InlineData("/")]
    public async Task A_declared_path_outside_is_refused_before_the_command_runs(string path)
    {
        await using var rig = new Rig();

        var running = await rig.StartAsync(Rig.Shell("touch ran") with { OutputArtifacts = [new OutputFile("x", path, true, null)] });
        var outcome = await running.Ended;

        Assert.Equal(OutcomeKind.Errored, outcome!.Kind);
        Assert.StartsWith("init: path '", outcome.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(running.Work("ran")));
    }

    [Fact]
    public async Task An_input_is_not_laid_out_through_a_link_of_the_snapshot_or_of_another_input()
    {
        await using var rig = new Rig();
        var running = await rig.StartAsync(Rig.Shell("true") with
        {
            Inputs = [new InputFile("a", "file", null, "x", null), new InputFile("b", "file/inner", null, "y", null)],
        });

        Assert.Equal(OutcomeKind.Errored, (await running.Ended)!.Kind);
    }

    [Fact]
    public async Task A_step_that_edits_its_input_does_not_change_the_stored_artifact()
    {
        await using var rig = new Rig();
        var stored = await rig.StoredAsync("original");

        await rig.RunAsync(Rig.Shell("echo edited >data || { rm -f data; echo edited >data; }") with
        {
            Inputs = [new InputFile("data", "data", stored, null, 0b110_100_100)],
        });

        Assert.Equal("original", await rig.ReadAsync(stored));
        Assert.Null(await rig.Artifacts.VerifyAsync(stored));
    }

    [Fact]
    public async Task The_result_is_the_end_of_stdout_256_KiB_long()
    {
        await using var rig = new Rig();

        var outcome = await rig.RunAsync(Rig.Shell("head -c 300000 /dev/zero | tr '\\0' x; echo; echo the end"));

        Assert.Equal((256 << 10) - 1, outcome.Outputs.Result!.Length);
        Assert.EndsWith("xx\nthe end", outcome.Outputs.Result, StringComparison.Ordinal);
        Assert.Equal(8 << 10, Encoding.UTF8.GetByteCount(outcome.LogTail));
    }
}
