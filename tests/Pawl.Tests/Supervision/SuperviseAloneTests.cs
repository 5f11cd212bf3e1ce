using System.Diagnostics;
using System.Globalization;
using Pawl.Core.Attempts;
using Pawl.Core.Chains;
using Pawl.Core.Workflows;
using Pawl.Storage.Chains;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;
using Pawl.Supervision;
using Pawl.Supervision.Processes;
using Pawl.Tests.Cli;
using Pawl.Tests.Supervision.Mounts;
using Xunit;

namespace Pawl.Tests.Supervision;

/// <summary>The real program with nothing but a spec and a store, as in a pod: no engine, no journal, no lock handed down.</summary>
public sealed class SuperviseAloneTests : PawlProgram
{
    private const int Terminate = 15;
    private const int Preempted = 75;

    private readonly Disk _disk = new();

    private string Home => Path.Join(Folder, "elsewhere");

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("exit 75", 75)]
    [InlineData("kill -9 $$", 137)]
    public async Task It_ends_with_the_commands_own_code(string script, int code)
    {
        var ended = await SuperviseAsync(await PrepareAsync(1, script));
        Assert.True(ended.Code == code, $"{ended.Code}: {ended.Error}");
    }

    [Fact]
    public async Task A_command_that_is_not_there_is_a_failure()
    {
        var folder = await PrepareAsync(1, "");
        var spec = await AttemptFiles.ReadSpecAsync(_disk, folder);
        await AttemptFiles.WriteSpecAsync(_disk, folder, spec with { Command = ["no-such-program"], Args = [] });
        Assert.Equal(64, (await SuperviseAsync(folder)).Code);
    }

    [Fact]
    public async Task Told_to_stop_it_ends_with_75_and_the_next_attempt_goes_on()
    {
        var first = await PrepareAsync(1, "trap 'echo leaving; exit 0' TERM; echo up > up; while :; do sleep 0.05; done");
        using (var process = StartSupervise(first))
        {
            await Until.FileAsync(Path.Join(first, "work", "up"));
            Send(process, Terminate);
            Assert.Equal(Preempted, (await EndAsync(process)).Code);
        }
        Assert.Equal(0, (await SuperviseAsync(await PrepareAsync(2, "exit 0"))).Code);
        Assert.Equal(
            ["Claimed", "Ended", "Claimed", "Completed"],
            (await ChainAsync()).Entries.Select(e => e.GetType().Name));
    }

    [Fact]
    public async Task A_second_one_of_the_same_attempt_runs_nothing()
    {
        var folder = await PrepareAsync(1, $"echo ran >> {Folder}/runs; exit 7");
        Assert.Equal(7, (await SuperviseAsync(folder)).Code);
        Assert.Equal(7, (await SuperviseAsync(folder)).Code);

        // Without its outcome nobody knows what it did, so it is lost, not started again.
        File.Delete(Path.Join(folder, AttemptFiles.Outcome));
        Assert.Equal(1, (await SuperviseAsync(folder)).Code);
        Assert.Equal("ran\n", await File.ReadAllTextAsync($"{Folder}/runs"));
    }

    [Fact]
    public async Task A_second_one_beside_the_first_leaves_at_once()
    {
        var folder = await PrepareAsync(1, "echo up > up; while [ ! -e go ]; do sleep 0.05; done");
        using var first = StartSupervise(folder);
        await Until.FileAsync(Path.Join(folder, "work", "up"));
        var second = await SuperviseAsync(folder);
        Assert.Equal(1, second.Code);
        Assert.Contains("another supervisor runs this attempt", second.Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Join(folder, "work", "go"), "");
        Assert.Equal(0, (await EndAsync(first)).Code);
    }

    [Fact]
    public async Task A_step_that_is_completed_is_not_run_again()
    {
        Assert.Equal(0, (await SuperviseAsync(await PrepareAsync(1, "exit 0"))).Code);
        Assert.Equal(0, (await SuperviseAsync(await PrepareAsync(2, "exit 0"))).Code);
        Assert.Single((await ChainAsync()).Entries.OfType<Entry.Completed>());
    }

    [Fact]
    public async Task Killed_while_its_step_runs_in_a_mount_view_it_leaves_what_the_next_attempt_ends()
    {
        Views.Require();
        var outputs = new OutputFile("x", Views.Scratch(), true, null);
        var first = await PrepareAsync(1, "trap '' TERM; echo $$ >pid; while :; do sleep 0.05; done", outputs);
        using var process = StartSupervise(first);
        var pid = int.Parse(await Until.FileAsync(Path.Join(first, "work", "pid")), CultureInfo.InvariantCulture);
        Send(process, Kill);
        await EndAsync(process);
        Assert.False(ProcessTable.Find(pid) is null or { IsDead: true });

        Assert.Equal(0, (await SuperviseAsync(await PrepareAsync(2, "exit 0", outputs))).Code);
        Assert.True(ProcessTable.Find(pid) is null or { IsDead: true });
    }

    [Theory]
    [InlineData]
    [InlineData("--home")]
    [InlineData("folder", "--home")]
    [InlineData("folder", "--lock-fd", "x")]
    [InlineData("folder", "--other", "x")]
    public async Task Another_line_is_a_usage_error(params string[] args) =>
        Assert.Equal(2, (await PawlAsync(["supervise", .. args])).Code);

    private async Task<string> PrepareAsync(int attempt, string script, params OutputFile[] outputs)
    {
        var folder = Path.Join(Home, "runs", Rig.RunId, Names.Folder(Rig.Step), attempt.ToString(CultureInfo.InvariantCulture));
        await _disk.MakeFolderAsync(folder);
        await AttemptFiles.WriteSpecAsync(_disk, folder, Rig.Shell(script) with { Attempt = attempt, OutputArtifacts = [.. outputs] });
        return folder;
    }

    private Process StartSupervise(string folder) => Start("supervise", folder, "--home", Home);

    private Task<Ended> SuperviseAsync(string folder) => PawlAsync("supervise", folder, "--home", Home);

    private ValueTask<Chain> ChainAsync() =>
        Chain.OpenAsync(new LocalStore(_disk, Path.Join(Home, "store"), () => "test", "boot"), Rig.RunId, Rig.Step);
}
