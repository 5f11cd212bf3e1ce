using System.Net;
using System.Net.Sockets;
using Pawl.Core.Attempts;
using Pawl.Core.Errors;
using Pawl.Core.Workflows;
using Pawl.Supervision;
using Pawl.Supervision.Logs;
using Pawl.Tests.Supervision.Mounts;
using Xunit;

namespace Pawl.Tests.Supervision.Pods;

/// <summary>Steps of several containers, as real processes.</summary>
public sealed class PodTests
{
    [Fact]
    public async Task Init_containers_run_one_after_another_before_the_command()
    {
        await using var rig = new Rig();
        var outcome = await rig.RunAsync(Pod("cat order") with { Init = [Named("one", "echo one >>order"), Named("two", "echo two >>order")] });

        Assert.Equal((OutcomeKind.Succeeded, "one\ntwo"), (outcome.Kind, outcome.Outputs.Result));
        Assert.Equal(["one", "two"], outcome.Containers.Select(c => c.Name));
    }

    [Fact]
    public async Task An_init_container_that_fails_keeps_the_command_from_running_and_is_an_error()
    {
        await using var rig = new Rig();
        var running = await rig.StartAsync(Pod("touch ran") with { Init = [Named("one", "exit 3")] });
        var outcome = await running.Ended;

        Assert.Equal((OutcomeKind.Errored, "one: Error (exit code 3)"), (outcome!.Kind, outcome.Message));
        Assert.False(File.Exists(running.Work("ran")));
    }

    [Fact]
    public async Task A_sidecar_runs_beside_the_command_and_is_stopped_when_that_has_ended()
    {
        await using var rig = new Rig();
        var outcome = await rig.RunAsync(Pod("while [ ! -e up ]; do sleep 0.01; done; echo done") with
        {
            Sidecars = [Named("beside", "trap 'echo bye; exit 0' TERM; touch up; while :; do sleep 0.05; done")],
        });

        Assert.Equal((OutcomeKind.Succeeded, "done"), (outcome.Kind, outcome.Outputs.Result));
        Assert.Equal(new ContainerEnd("beside", OutcomeKind.Succeeded, 0, ""), Assert.Single(outcome.Containers));
    }

    [Fact]
    public async Task A_sidecar_that_ignores_the_stop_signal_is_killed_after_the_grace_period_and_that_is_no_failure()
    {
        await using var rig = new Rig();
        var outcome = await rig.RunAsync(Pod("while [ ! -e up ]; do sleep 0.01; done") with
        {
            GracePeriod = TimeSpan.FromMilliseconds(200),
            Sidecars = [Named("deaf", "trap '' TERM; touch up; while :; do sleep 0.05; done")],
        });

        Assert.Equal(OutcomeKind.Succeeded, outcome.Kind);
    }

    [Fact]
    public async Task A_sidecar_that_fails_fails_the_step()
    {
        await using var rig = new Rig();
        var outcome = await rig.RunAsync(Pod("while [ ! -e ended ]; do sleep 0.01; done") with { Sidecars = [Named("bad", "touch ended; exit 4")] });

        Assert.Equal((OutcomeKind.Failed, "bad: Error (exit code 4)"), (outcome.Kind, outcome.Message));
    }

    [Fact]
    public async Task Members_of_a_set_wait_for_those_they_depend_on_and_main_gives_the_result()
    {
        await using var rig = new Rig();
        var outcome = await rig.RunAsync(Set(Named("main", "cat a b") with { Dependencies = ["a", "b"] }, Named("a", "echo a >a"), Named("b", "echo b >b") with { Dependencies = ["a"] }));

        Assert.Equal((OutcomeKind.Succeeded, "a\nb"), (outcome.Kind, outcome.Outputs.Result));
        Assert.Equal(["main", "a", "b"], outcome.Containers.Select(c => c.Name));
    }

    [Fact]
    public async Task A_member_whose_dependency_failed_ends_with_its_code_and_does_not_run()
    {
        await using var rig = new Rig();
        var running = await rig.StartAsync(Set(Named("a", "exit 7"), Named("b", "touch ran") with { Dependencies = ["a"] }));
        var outcome = await running.Ended;

        Assert.Equal((OutcomeKind.Failed, "a: Error (exit code 7)", 7), (outcome!.Kind, outcome.Message, outcome.ExitCode));
        Assert.Equal(new ContainerEnd("b", OutcomeKind.Failed, 7, ""), outcome.Containers[1]);
        Assert.False(File.Exists(running.Work("ran")));
    }

    [Fact]
    public async Task A_member_whose_command_is_not_found_is_an_error()
    {
        await using var rig = new Rig();
        var outcome = await rig.RunAsync(Set(Named("a", "") with { Command = ["no-such-program"], Args = [] }));

        Assert.Equal((OutcomeKind.Errored, 64), (outcome.Kind, outcome.ExitCode));
        Assert.StartsWith("a: Error (exit code 64): command 'no-such-program' was not found", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_set_runs_a_failed_member_again_in_place_as_often_as_it_may()
    {
        await using var rig = new Rig();
        var spec = Set(Named("a", "[ -e tried ] || { touch tried; exit 1; }"));

        Assert.Equal(OutcomeKind.Succeeded, (await rig.RunAsync(spec with { SetRuns = new SetRuns(2, TimeSpan.Zero) })).Kind);
        Assert.Equal(OutcomeKind.Failed, (await rig.RunAsync(spec with { Attempt = 2, SetRuns = new SetRuns(1, TimeSpan.Zero), Fingerprint = "other" })).Kind);
    }

    [Fact]
    public async Task Every_container_has_a_log_of_its_own()
    {
        await using var rig = new Rig();
        var running = await rig.StartAsync(Pod("echo of main") with { Init = [Named("one", "echo of one")] });
        await running.Ended;

        Assert.Equal("of main", Assert.Single(LogLine.Parse(AttemptFiles.LogOf(running.Folder, "main"))).Text);
        Assert.Equal("of one", Assert.Single(LogLine.Parse(AttemptFiles.LogOf(running.Folder, "one"))).Text);
    }

    [Fact]
    public async Task A_request_to_stop_reaches_every_member()
    {
        await using var rig = new Rig();
        var running = await rig.StartAsync(Set(Named("a", "trap 'touch a; exit 0' TERM; echo up >up-a; while :; do sleep 0.05; done"), Named("b", "trap 'touch b; exit 0' TERM; echo up >up-b; while :; do sleep 0.05; done")));
        await Until.FileAsync(running.Work("up-a"));
        await Until.FileAsync(running.Work("up-b"));
        running.Stops.Post(new StopRequest(StopKind.Terminate, StopReason.Preemption, "the host goes"));
        var outcome = await running.Ended;

        Assert.Equal((OutcomeKind.Preempted, ErrorClass.Preempted), (outcome!.Kind, outcome.Class));
        Assert.True(File.Exists(running.Work("a")) && File.Exists(running.Work("b")));
    }

    [Fact]
    public async Task A_deadline_ends_all_of_it_though_nobody_listens()
    {
        await using var rig = new Rig();
        var outcome = await rig.RunAsync(Pod("trap '' TERM; while :; do sleep 0.05; done") with
        {
            Deadline = TimeSpan.FromMilliseconds(300),
            GracePeriod = TimeSpan.FromMilliseconds(100),
            Sidecars = [Named("deaf", "trap '' TERM; while :; do sleep 0.05; done")],
        });

        Assert.Equal((OutcomeKind.Failed, ErrorClass.Timeout), (outcome.Kind, outcome.Class));
    }

    [Fact]
    public async Task A_failing_postStart_kills_the_container()
    {
        await using var rig = new Rig();
        var outcome = await rig.RunAsync(Pod("sleep 600") with { PostStart = new ContainerAction.Exec(["sh", "-c", "exit 9"]) });

        Assert.Equal((OutcomeKind.Failed, "main: Error (exit code 137): postStart failed: exit code 9"), (outcome.Kind, outcome.Message));
    }

    [Fact]
    public async Task A_container_that_pauses_goes_on_when_its_marker_is_there()
    {
        await using var rig = new Rig();
        var running = await rig.StartAsync(Pod("echo ran >ran") with { Env = [new(AttemptSpec.PauseBefore, "true"), new(AttemptSpec.PauseAfter, "true")] });
        var markers = Path.Combine(running.Folder, AttemptFiles.Containers, "main");
        await Until.True(() => Directory.Exists(markers), "it paused");
        Assert.False(File.Exists(running.Work("ran")));
        await File.WriteAllTextAsync(Path.Combine(markers, "before"), "");
        await Until.FileAsync(running.Work("ran"));
        Assert.False(running.Ended.IsCompleted);
        await File.WriteAllTextAsync(Path.Combine(markers, "after"), "");

        Assert.Equal(OutcomeKind.Succeeded, (await running.Ended)!.Kind);
    }

    [Fact]
    public async Task A_daemon_says_that_it_is_ready_when_its_probe_passes()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using var rig = new Rig();
        var running = await rig.StartAsync(Pod("echo up >up; sleep 600") with
        {
            IsDaemon = true,
            GracePeriod = TimeSpan.FromMilliseconds(200),
            Ready = new Probe(new ContainerAction.HttpGet(null, port, "/ready", false, []), 0, 1, 5, 1),
        });
        using (var asked = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken))
        {
            await Until.FileAsync(running.Work("up"));
            Assert.Null(await AttemptFiles.ReadReadyAsync(rig.Disk, running.Folder));
            await asked.GetStream().WriteAsync("HTTP/1.1 204 No Content\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        }
        await Until.FileAsync(Path.Combine(running.Folder, AttemptFiles.Ready));

        Assert.Equal("127.0.0.1", await AttemptFiles.ReadReadyAsync(rig.Disk, running.Folder));
        running.Stops.Post(new StopRequest(StopKind.Terminate, StopReason.Shutdown, "enough"));
        Assert.Equal(OutcomeKind.Failed, (await running.Ended)!.Kind);
    }

    [Fact]
    public async Task A_step_sees_the_aliases_of_hosts_and_the_machine_does_not()
    {
        await using var rig = Views.Rig();
        var outcome = await rig.RunAsync(Pod("getent hosts pawl-alias.example") with { HostAliases = [new HostAlias("127.0.0.9", ["pawl-alias.example"])] });

        Assert.Equal(OutcomeKind.Succeeded, outcome.Kind);
        Assert.StartsWith("127.0.0.9", outcome.Outputs.Result, StringComparison.Ordinal);
        Assert.DoesNotContain("pawl-alias", await File.ReadAllTextAsync("/etc/hosts", TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Containers_share_a_volume_each_at_its_own_place()
    {
        await using var rig = Views.Rig();
        var (here, there) = (Views.Scratch(), Views.Scratch());
        var outcome = await rig.RunAsync(Pod($"cat {here}/word") with
        {
            Mounts = [new Mount("v", MountKind.EmptyDir, "", here, null, ReadOnly: true)],
            Init = [Named("one", $"echo shared >{there}/word") with { Mounts = [new Mount("v", MountKind.EmptyDir, "", there, null, false)] }],
        });

        Assert.Equal((OutcomeKind.Succeeded, "shared"), (outcome.Kind, outcome.Outputs.Result));
    }

    private static AttemptSpec Pod(string script) => Rig.Shell(script) with { Schema = AttemptSpec.CurrentSchema };

    private static AttemptSpec Set(params ContainerSpec[] members) => Pod("") with { Command = [], Args = [], Set = [.. members] };

    private static ContainerSpec Named(string name, string script) => new() { Name = name, Command = ["sh", "-c"], Args = [script] };
}
