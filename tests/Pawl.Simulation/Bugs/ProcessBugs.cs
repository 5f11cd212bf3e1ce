using System.Collections.Immutable;
using Pawl.Simulation.Disk;
using Pawl.Simulation.Processes;
using Pawl.Storage.Files;
using Pawl.Supervision;

namespace Pawl.Simulation.Bugs;

/// <summary>A supervisor is started twice.</summary>
internal sealed class SpawnsTwice(SimProcess starter, ISupervisors inner) : ISupervisors
{
    public async ValueTask StartAsync(string attemptFolder, IHeldLock held)
    {
        await inner.StartAsync(attemptFolder, held);
        starter.World.Start(Role.Supervisor, "second supervisor", me => SupervisorProgram.RunAsync(me, attemptFolder), attemptFolder);
    }
}

/// <summary>The lock is let go of when the supervisor starts, and the supervisor does not have it.</summary>
internal sealed class LockFreedAtHandOver(ISupervisors inner) : ISupervisors
{
    public async ValueTask StartAsync(string attemptFolder, IHeldLock held)
    {
        await inner.StartAsync(attemptFolder, held);
        ((SimHeldLock)held).Lock.Free();
    }
}

/// <summary>The lock stays with the engine, and goes with it.</summary>
internal sealed class LockStaysWithStarter(SimProcess starter, ISupervisors inner) : ISupervisors
{
    public async ValueTask StartAsync(string attemptFolder, IHeldLock held)
    {
        await inner.StartAsync(attemptFolder, held);
        var supervisor = ((SimHeldLock)held).Lock.Owner!;
        ((SimHeldLock)held).Lock.HandTo(starter);
        supervisor.Ended += () =>
        {
            if (((SimHeldLock)held).Lock.Owner == starter) { ((SimHeldLock)held).Lock.Free(); }
        };
    }
}

internal sealed class EmptiesNothing(IContainment inner) : IContainment
{
    public ValueTask EmptyAsync(string attemptFolder) => ValueTask.CompletedTask;

    public ValueTask<IStepProcess> StartAsync(StepStart start) => inner.StartAsync(start);
}

/// <summary>A step process that is not quite what the real one is.</summary>
internal sealed class OddProcess(IStepProcess inner, SimProcess supervisor, bool leavesOthers, bool exitsWithZero, bool deaf) : IStepProcess
{
    public int Pid => inner.Pid;

    public string Containment => inner.Containment;

    public Task<ProcessEnd> Ended { get; } = exitsWithZero ? ZeroAsync(inner.Ended) : inner.Ended;

    public void Note(string text) => inner.Note(text);

    public ValueTask TerminateAsync() => deaf ? ValueTask.CompletedTask : inner.TerminateAsync();

    public ValueTask<int> RunBesideAsync(ImmutableArray<string> command, CancellationToken stop) => inner.RunBesideAsync(command, stop);

    public async ValueTask<StepOutput> CloseAsync()
    {
        if (!leavesOthers || !inner.Ended.IsCompleted) { return await inner.CloseAsync(); }
        await supervisor.World.Turn(supervisor, "leave", "");
        return new StepOutput("", "", 0);
    }

    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private static async Task<ProcessEnd> ZeroAsync(Task<ProcessEnd> ended) => await ended with { ExitCode = 0, Signal = null };
}

internal sealed class OddContainment(IContainment inner, Func<IStepProcess, IStepProcess> odd) : IContainment
{
    public ValueTask EmptyAsync(string attemptFolder) => inner.EmptyAsync(attemptFolder);

    public async ValueTask<IStepProcess> StartAsync(StepStart start) => odd(await inner.StartAsync(start));
}

/// <summary>A clock that shows twice the time that has passed, and timers to match; or one whose timers never ring.</summary>
internal sealed class OddClock(TimeProvider inner, bool fast) : TimeProvider
{
    public override long TimestampFrequency => inner.TimestampFrequency;

    public override DateTimeOffset GetUtcNow() => fast ? inner.GetUtcNow() + (inner.GetUtcNow() - Timeline.Epoch) : inner.GetUtcNow();

    public override long GetTimestamp() => inner.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new OddTimer(inner.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan), fast);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class OddTimer(ITimer inner, bool fast) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => !fast || inner.Change(dueTime > TimeSpan.Zero ? dueTime / 2 : dueTime, period);

        public void Dispose() => inner.Dispose();

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}

/// <summary>Hints never come.</summary>
internal sealed class DeafWatch : IWatch
{
    public IFolderWatch Open(string folder) => new Deaf();

    private sealed class Deaf : IFolderWatch
    {
        public async ValueTask ChangedAsync(CancellationToken stop)
        {
            var never = new TaskCompletionSource();
            using var cancel = stop.Register(() => never.TrySetCanceled(stop));
            await never.Task;
        }

        public void Dispose() { }
    }
}
