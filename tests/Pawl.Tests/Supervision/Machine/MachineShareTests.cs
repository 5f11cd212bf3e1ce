using Pawl.Core.Attempts;
using Pawl.Core.Workflows;
using Pawl.Supervision;
using Pawl.Supervision.Engines;
using Pawl.Supervision.Machine;
using Xunit;

namespace Pawl.Tests.Supervision.Machine;

/// <summary>Attempts on a machine of 2 cores and 2 GPUs.</summary>
public sealed class MachineShareTests : IAsyncDisposable
{
    private const string SayGpus = "echo $CUDA_VISIBLE_DEVICES,$NVIDIA_VISIBLE_DEVICES";

    private readonly Rig _rig = new();

    private string Folder => Path.Combine(_rig.Home, "room");

    public MachineShareTests() => _rig.Room = Room();

    [Fact]
    public async Task A_step_sees_the_gpus_that_it_has_whatever_it_says_itself()
    {
        var held = await HoldAsync(new Needs(0, 0, 1));
        var outcome = await _rig.RunAsync(Rig.Shell(SayGpus) with { Needs = new Needs(0, 0, 1), Env = [new EnvVar("CUDA_VISIBLE_DEVICES", "0")] });
        Assert.Equal("1,1", outcome.Outputs.Result);
        await held.GiveBackAsync();
    }

    [Fact]
    public async Task A_step_that_asks_for_none_is_told_of_none()
    {
        var outcome = await _rig.RunAsync(Rig.Shell(SayGpus) with { Needs = new Needs(1_000, 0, 0) });
        Assert.Equal(",", outcome.Outputs.Result);
    }

    [Fact]
    public async Task Who_asks_for_nothing_touches_nothing()
    {
        await _rig.RunAsync(Rig.Shell("true"));
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task The_wait_for_room_is_shown_and_is_no_part_of_the_start()
    {
        var held = await HoldAsync(new Needs(1_500, 0, 0));
        var running = await _rig.StartAsync(Rig.Shell("true") with { Needs = new Needs(1_000, 0, 0) });
        await Until.True(() => File.Exists(Path.Combine(running.Folder, AttemptFiles.Waiting)), "it said that it waits");
        Assert.Equal("waits for 1 core: 1.5 cores of this machine's 2 cores are taken, by digits other", await AttemptFiles.ReadWaitingAsync(_rig.Disk, running.Folder));
        await held.GiveBackAsync();
        var outcome = (await running.Ended)!;
        Assert.Equal(OutcomeKind.Succeeded, outcome.Kind);
        Assert.Equal(outcome.Stages.Single(s => s.Stage == "room").Seconds, outcome.Spent!.Waiting.TotalSeconds, tolerance: 0.001);
        Assert.False(File.Exists(Path.Combine(running.Folder, AttemptFiles.Waiting)));
        Assert.Empty(Directory.GetFiles(Folder, "*.json"));
    }

    [Fact]
    public async Task A_step_that_waits_for_room_is_stopped_at_once()
    {
        var held = await HoldAsync(new Needs(2_000, 0, 0));
        var running = await _rig.StartAsync(Rig.Shell("true") with { Needs = new Needs(1_000, 0, 0) });
        await Until.True(() => File.Exists(Path.Combine(running.Folder, AttemptFiles.Waiting)), "it said that it waits");
        running.Stops.Post(new StopRequest(StopKind.Terminate, StopReason.Preemption, "the machine goes"));
        var outcome = (await running.Ended)!;
        Assert.Equal(OutcomeKind.Preempted, outcome.Kind);
        Assert.True(outcome.Spent!.Waiting > TimeSpan.Zero);
        Assert.Single(Directory.GetFiles(Folder, "*.json"));
        await held.GiveBackAsync();
    }

    [Fact]
    public async Task The_wait_for_room_counts_into_the_timeout()
    {
        var held = await HoldAsync(new Needs(2_000, 0, 0));
        var outcome = await _rig.RunAsync(Rig.Shell("true") with { Needs = new Needs(1_000, 0, 0), Timeout = TimeSpan.FromMilliseconds(200) });
        Assert.Equal((OutcomeKind.Failed, "Pod was active on the node longer than the specified deadline"), (outcome.Kind, outcome.Message));
        await held.GiveBackAsync();
    }

    [Fact]
    public async Task A_request_that_the_machine_cannot_meet_is_an_error_that_says_so()
    {
        var outcome = await _rig.RunAsync(Rig.Shell("true") with { Needs = new Needs(0, 0, 3) });
        Assert.Equal(OutcomeKind.Errored, outcome.Kind);
        Assert.StartsWith("init: the step requests 3 GPUs, and this machine has 2 GPUs;", outcome.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/usr/bin/podman", "--device nvidia.com/gpu=0 --device nvidia.com/gpu=2")]
    [InlineData("/usr/bin/docker", "--gpus \"device=0,2\"")]
    public void A_container_gets_the_gpus_that_it_has(string engine, string words) =>
        Assert.Equal(words, string.Join(' ', EngineProcess.GpusOf(new ContainerEngine(engine), [0, 2])));

    public async ValueTask DisposeAsync() => await _rig.DisposeAsync();

    private MachineRoom Room() => new(_rig.Disk, _rig.Containment, TimeProvider.System, () => Folder, () => new Needs(2_000, 1L << 40, 2));

    private Task<HeldRoom> HoldAsync(Needs needs) => Room().TakeAsync(
        Path.Combine(_rig.Home, "other"), Rig.Shell("") with { Node = "other", Needs = needs }, _ => ValueTask.CompletedTask, CancellationToken.None);
}
