using Pawl.Core.Attempts;
using Pawl.Core.Errors;
using Pawl.Core.Workflows;
using Pawl.Supervision;
using Pawl.Supervision.Processes;
using Pawl.Supervision.Engines;
using Pawl.Supervision.Logs;
using Xunit;

namespace Pawl.Tests.Supervision.Engines;

/// <summary>Steps in containers, by the real podman.</summary>
[Trait("Category", "Slow")]
public sealed class EngineTests
{
    [Fact]
    public async Task The_image_says_what_runs_where_the_step_does_not()
    {
        await using var rig = Containers.Rig();
        var spec = Containers.Shell("") with { Image = Containers.Said, Command = [], Args = [] };

        Assert.Equal("entrypoint command", (await rig.RunAsync(spec)).Outputs.Result);
        Assert.Equal("entrypoint other", (await rig.RunAsync(spec with { Attempt = 2, Args = ["other"], Fingerprint = "f2" })).Outputs.Result);
        Assert.Equal("image", (await rig.RunAsync(spec with { Attempt = 3, Command = ["sh", "-c"], Args = ["echo $OF_IMAGE"], Fingerprint = "f3" })).Outputs.Result);
    }

    [Fact]
    public async Task Absolute_paths_are_those_of_the_container_and_its_outputs_are_taken_out_of_it()
    {
        await using var rig = Containers.Rig();
        var outcome = await rig.RunAsync(Containers.Shell("cat /etc/given >/result; mkdir -p /out/deep; echo file >/out/deep/f; echo own >own") with
        {
            Inputs = [new InputFile("in", "/etc/given", null, "given", null)],
            OutputParameters = [new OutputParameter("p", "/result", null)],
            OutputArtifacts = [new OutputFile("folder", "/out", false, null), new OutputFile("own", "own", false, null)],
        });

        Assert.Equal((OutcomeKind.Succeeded, "given"), (outcome.Kind, outcome.Outputs.Parameters["p"]));
        Assert.Equal((ArtifactKind.Folder, ArtifactKind.File), (outcome.Outputs.Artifacts["folder"].Kind, outcome.Outputs.Artifacts["own"].Kind));
        Assert.False(File.Exists("/etc/given"));
    }

    [Fact]
    public async Task The_step_has_the_environment_of_the_image_and_its_own_and_nothing_of_the_machine()
    {
        await using var rig = Containers.Rig();
        var outcome = await rig.RunAsync(Containers.Shell("echo \"$PATH|$LINES_OF|$SECRET\"") with { Env = [new("LINES_OF", "two\nlines")] });

        Assert.Equal("/usr/local/bin:/bin:/usr/bin|two\nlines|", outcome.Outputs.Result);
    }

    [Theory]
    [InlineData(0, OutcomeKind.Succeeded)]
    [InlineData(7, OutcomeKind.Failed)]
    [InlineData(75, OutcomeKind.Failed)]
    public async Task Its_code_is_the_containers(int code, OutcomeKind kind)
    {
        await using var rig = Containers.Rig();
        var outcome = await rig.RunAsync(Containers.Shell($"echo out; echo err >&2; exit {code}"));

        Assert.Equal((kind, code, "out"), (outcome.Kind, outcome.ExitCode, outcome.Outputs.Result));
        Assert.Equal("podman", outcome.Containment);
    }

    [Fact]
    public async Task Too_much_memory_is_said_to_be_that()
    {
        await using var rig = Containers.Rig();
        var outcome = await rig.RunAsync(Containers.Shell("tail /dev/zero") with { MemoryLimit = 32 << 20 });

        Assert.Equal((OutcomeKind.Failed, ErrorClass.OutOfMemory, 137), (outcome.Kind, outcome.Class, outcome.ExitCode));
    }

    [Fact]
    public async Task A_command_that_the_image_does_not_have_is_the_steps_fault()
    {
        await using var rig = Containers.Rig();
        var outcome = await rig.RunAsync(Containers.Shell("") with { Command = ["no-such-program"], Args = [] });

        Assert.Equal((OutcomeKind.Failed, 64), (outcome.Kind, outcome.ExitCode));
        Assert.Contains("no-such-program", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_image_that_is_not_here_and_may_not_be_pulled_is_an_error()
    {
        await using var rig = Containers.Rig();
        var outcome = await rig.RunAsync(Containers.Shell("true") with { Image = "localhost/pawl-nobody:1", PullPolicy = "Never" });

        Assert.Equal(OutcomeKind.Errored, outcome.Kind);
        Assert.StartsWith("main: could not be started: podman cannot make a container of the image localhost/pawl-nobody:1", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_stop_signal_reaches_the_program()
    {
        await using var rig = Containers.Rig();
        var running = await rig.StartAsync(Containers.Shell("trap 'echo saved >saved; exit 0' TERM; echo up >up; while :; do sleep 0.1; done"));
        await Until.FileAsync(running.Work("up"));
        running.Stops.Post(new StopRequest(StopKind.Terminate, StopReason.Preemption, "the host goes"));

        Assert.Equal(OutcomeKind.Preempted, (await running.Ended)!.Kind);
        Assert.True(File.Exists(running.Work("saved")));
    }

    [Fact]
    public async Task One_that_ignores_it_is_killed_after_the_grace_period()
    {
        await using var rig = Containers.Rig();
        var running = await rig.StartAsync(Containers.Shell("trap '' TERM; echo up >up; while :; do sleep 0.1; done") with { GracePeriod = TimeSpan.FromMilliseconds(300) });
        await Until.FileAsync(running.Work("up"));
        running.Stops.Post(new StopRequest(StopKind.Terminate, StopReason.Shutdown, "enough"));

        Assert.Equal((OutcomeKind.Failed, "enough"), ((await running.Ended)!.Kind, (await running.Ended)!.Message));
    }

    [Fact]
    public async Task Whoever_comes_later_ends_what_a_dead_supervisor_left()
    {
        await using var rig = Containers.Rig();
        var running = await rig.StartAsync(Containers.Shell("echo up >up; sleep 600"));
        await Until.FileAsync(running.Work("up"));

        await new Containment(wholeProcess: false).EmptyAsync(running.Folder);

        var engine = ContainerEngine.Find()!;
        var token = File.ReadAllText(Path.Combine(running.Folder, "engine.json")).Split('"')[^2];
        Assert.Equal("", engine.Run(["ps", "--all", "--quiet", "--filter", $"label=pawl.attempt={token}"], "/").Said.Trim());
        await running.Ended;
    }

    [Fact]
    public async Task Containers_of_a_step_share_volumes_and_the_network_of_the_machine()
    {
        await using var rig = Containers.Rig();
        var mount = new Mount("v", MountKind.EmptyDir, "", "/shared", null, false);
        var outcome = await rig.RunAsync(Containers.Shell("while [ ! -e /shared/up ]; do sleep 0.1; done; cat /shared/up /shared/first") with
        {
            Mounts = [mount],
            GracePeriod = TimeSpan.FromSeconds(1),
            Init = [Named("first", "echo first >/shared/first") with { Mounts = [mount] }],
            Sidecars = [Named("beside", "echo up >/shared/up; sleep 600") with { Mounts = [mount] }],
        });

        Assert.Equal((OutcomeKind.Succeeded, "up\nfirst"), (outcome.Kind, outcome.Outputs.Result));
    }

    [Fact]
    public async Task A_script_and_the_aliases_of_hosts_are_there()
    {
        await using var rig = Containers.Rig();
        var running = await rig.StartAsync(Containers.Shell("") with
        {
            Command = ["sh"],
            Args = [],
            Source = "grep pawl-alias /etc/hosts; echo script >&2",
            HostAliases = [new HostAlias("127.0.0.9", ["pawl-alias.example"])],
        });

        Assert.StartsWith("127.0.0.9", (await running.Ended)!.Outputs.Result, StringComparison.Ordinal);
        Assert.Contains(LogLine.Parse(Path.Combine(running.Folder, AttemptFiles.Log)), l => l is { Stream: "stderr", Text: "script" });
    }

    private static ContainerSpec Named(string name, string script) => new() { Name = name, Image = Containers.Busybox, Command = ["sh", "-c"], Args = [script] };
}
