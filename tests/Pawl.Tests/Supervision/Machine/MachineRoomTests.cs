using Pawl.Core.Attempts;
using Pawl.Storage.Files;
using Pawl.Supervision;
using Pawl.Supervision.Machine;
using Xunit;

namespace Pawl.Tests.Supervision.Machine;

/// <summary>A machine of 2 cores, 1,000 bytes and 2 GPUs, shared out by files and locks.</summary>
public sealed class MachineRoomTests : IDisposable
{
    private static readonly Needs Size = new(2_000, 1_000, 2);

    private readonly string _folder = Directory.CreateTempSubdirectory("pawl-room-").FullName;
    private readonly List<Asking> _asked = [];
    private readonly Ender _ender = new();

    private string Room => Path.Combine(_folder, "room");

    [Fact]
    public async Task Those_that_fit_together_are_there_together()
    {
        await Ask("a", new Needs(1_000, 400, 0)).Taken;
        await Ask("b", new Needs(1_000, 600, 0)).Taken;
        Assert.Equal(2, Files().Length);
    }

    [Theory]
    [InlineData(1_500, 0, 0)]
    [InlineData(0, 600, 0)]
    [InlineData(0, 0, 2)]
    public async Task What_does_not_fit_waits_until_room_is_given_back(long cpu, long memory, long gpus)
    {
        var first = await Ask("a", new Needs(cpu, memory, gpus)).Taken;
        var second = Ask("b", new Needs(cpu, memory, gpus));
        Assert.EndsWith("are taken, by run-a a", await second.Waits, StringComparison.Ordinal);
        Assert.False(second.Taken.IsCompleted);
        await first.GiveBackAsync();
        await second.Taken;
    }

    [Fact]
    public async Task A_large_one_is_not_starved_by_small_ones_that_come_after_it()
    {
        var first = await Ask("a", new Needs(1_000, 0, 0)).Taken;
        var large = Ask("large", new Needs(2_000, 0, 0));
        await large.Waits;
        var small = Ask("small", new Needs(1_000, 0, 0));
        await small.Waits;
        await first.GiveBackAsync();
        var second = await large.Taken;
        Assert.False(small.Taken.IsCompleted);
        await second.GiveBackAsync();
        await small.Taken;
    }

    [Fact]
    public async Task Who_asks_for_something_else_need_not_stand_in_line()
    {
        await Ask("a", new Needs(1_000, 0, 0)).Taken;
        await Ask("large", new Needs(2_000, 0, 0)).Waits;
        await Ask("other", new Needs(0, 500, 1)).Taken;
    }

    [Fact]
    public async Task No_two_have_the_same_gpu()
    {
        var first = await Ask("a", new Needs(0, 0, 1)).Taken;
        var second = await Ask("b", new Needs(0, 0, 1)).Taken;
        Assert.Equal([0], first.Gpus);
        Assert.Equal([1], second.Gpus);
        var third = Ask("c", new Needs(0, 0, 1));
        Assert.Equal("waits for 1 GPU: 2 GPUs of this machine's 2 GPUs are taken, by run-a a, run-b b", await third.Waits);
        await second.GiveBackAsync();
        Assert.Equal([1], (await third.Taken).Gpus);
    }

    [Fact]
    public async Task Who_gives_up_waiting_has_taken_nothing()
    {
        await Ask("a", new Needs(2_000, 0, 0)).Taken;
        var waiting = Ask("b", new Needs(500, 0, 0));
        await waiting.Waits;
        waiting.Stop.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.Taken);
        Assert.Single(Files());
    }

    [Fact]
    public async Task What_a_dead_supervisor_left_running_keeps_its_room_until_it_is_ended()
    {
        Left("0000000001-dead", new Needs(1_500, 0, 0), [0]);
        _ender.Hold = new TaskCompletionSource();
        await Ask("small", new Needs(500, 0, 1)).Taken;
        Assert.Empty(_ender.Ended);

        var large = Ask("large", new Needs(1_000, 0, 0));
        await _ender.Asked.Task;
        Assert.False(large.Taken.IsCompleted);
        _ender.Hold.SetResult();
        await large.Taken;
        Assert.Equal(["/attempts/0000000001-dead"], _ender.Ended);
        Assert.Equal(2, Files().Length);
    }

    [Fact]
    public async Task What_cannot_be_ended_keeps_its_room()
    {
        Left("0000000001-dead", new Needs(2_000, 0, 0), []);
        _ender.Trouble = new IOException("the engine does not answer");
        var waiting = Ask("b", new Needs(500, 0, 0));
        Assert.EndsWith("by run-0000000001-dead node", await waiting.Waits, StringComparison.Ordinal);
        Assert.False(waiting.Taken.IsCompleted);
    }

    [Fact]
    public async Task Who_died_waiting_stands_in_nobodys_way()
    {
        Left("0000000001-dead", new Needs(2_000, 0, 0), null);
        File.WriteAllText(Path.Combine(Room, "0000000002-torn.json"), "{\"attempt\":");
        await Ask("b", Size).Taken;
        Assert.Single(Files());
        Assert.Empty(_ender.Ended);
    }

    [Fact]
    public async Task More_than_there_is_is_refused_at_once()
    {
        var refused = await Assert.ThrowsAsync<IOException>(() => Ask("a", new Needs(2_500, 0, 3)).Taken);
        Assert.StartsWith("the step requests 2.5 cores and 3 GPUs, and this machine has 2 cores and 2 GPUs;", refused.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Room));
    }

    [Fact]
    public async Task Who_uses_a_daemon_goes_ahead_of_those_who_wait_for_its_end()
    {
        await Ask("daemon", new Needs(1_000, 0, 0), run: "r", isDaemon: true).Taken;
        await Ask("large", new Needs(2_000, 0, 0)).Waits;
        await Ask("user", new Needs(1_000, 0, 0), run: "r").Taken;
    }

    [Fact]
    public async Task What_does_not_fit_beside_the_daemons_that_it_uses_is_refused()
    {
        await Ask("daemon", new Needs(1_000, 0, 0), run: "r", isDaemon: true).Taken;
        var refused = await Assert.ThrowsAsync<IOException>(() => Ask("user", new Needs(1_500, 0, 0), run: "r").Taken);
        Assert.StartsWith("the step requests 1.5 cores, and daemons of its own run hold 1 core of this machine's 2 cores", refused.Message, StringComparison.Ordinal);
        Assert.Single(Files());
    }

    public void Dispose()
    {
        foreach (var asking in _asked)
        {
            asking.Stop.Cancel();
            asking.Stop.Dispose();
        }
        Directory.Delete(_folder, recursive: true);
    }

    // Each as from a process of its own: nothing but the folder is shared.
    private Asking Ask(string name, Needs needs, string? run = null, bool isDaemon = false)
    {
        var asking = new Asking();
        var room = new MachineRoom(new Disk(), _ender, TimeProvider.System, () => Room, () => Size);
        var spec = Rig.Shell("true") with { RunId = run ?? name, RunName = $"run-{name}", Node = name, IsDaemon = isDaemon, Needs = needs };
        asking.Taken = room.TakeAsync(Path.Combine(_folder, "attempts", name), spec, asking.SayAsync, asking.Stop.Token);
        _asked.Add(asking);
        return asking;
    }

    private void Left(string name, Needs needs, int[]? got)
    {
        Directory.CreateDirectory(Room);
        var entry = new RoomEntry($"/attempts/{name}", "gone", $"run-{name}", "node", IsDaemon: false, needs, null);
        File.WriteAllBytes(Path.Combine(Room, $"{name}.json"), got is null ? entry.Asked() : [.. entry.Asked(), .. RoomEntry.Got([.. got])]);
    }

    private string[] Files() => Directory.GetFiles(Room, "*.json");

    private sealed class Asking
    {
        private readonly TaskCompletionSource<string> _waits = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationTokenSource Stop { get; } = new();

        public Task<HeldRoom> Taken { get; set; } = null!;

        /// <summary>What it said first.</summary>
        public Task<string> Waits => _waits.Task;

        public ValueTask SayAsync(string text)
        {
            _waits.TrySetResult(text);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Ender : IContainment
    {
        public List<string> Ended { get; } = [];

        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource? Hold { get; set; }

        public IOException? Trouble { get; set; }

        public async ValueTask EmptyAsync(string attemptFolder)
        {
            if (Trouble is { } trouble) { throw trouble; }
            Asked.TrySetResult();
            if (Hold is { } hold) { await hold.Task; }
            Ended.Add(attemptFolder);
        }

        public ValueTask<IStepProcess> StartAsync(StepStart start) => throw new NotSupportedException();
    }
}
