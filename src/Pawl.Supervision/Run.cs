using System.Collections.Immutable;
using Pawl.Core.Attempts;
using Pawl.Core.Goodput;
using Pawl.Core.Workflows;
using Pawl.Supervision.Checkpoints;
using Pawl.Supervision.Pods;

namespace Pawl.Supervision;

public sealed partial class Attempt
{
    /// <param name="Output">Null where the command never ran.</param>
    /// <param name="End">Of the main process, likewise.</param>
    private sealed record Ran(Verdict Verdict, StepOutput? Output, string Containment, ProcessEnd? End = null)
    {
        public TrainingRecord? Training { get; init; }

        public bool Progressed { get; init; }

        public ImmutableArray<ContainerEnd> Containers { get; init; } = [];

        /// <summary>Where the time went, given how long the stages took.</summary>
        public Func<Stages, AttemptTime>? Time { get; init; }
    }

    /// <summary>Starts the command and sees it to its end, its deadline, or the end of its grace period.</summary>
    /// <param name="plan">Null of a step that is one process.</param>
    private async Task<Ran> RunCommandAsync(AttemptSpec spec, StepStart start, PodPlan? plan, Stopping stopping, TrainerSide trainer)
    {
        IStepProcess process;
        var announced = Task.CompletedTask;
        try
        {
            if (plan is null) { process = await containment.StartAsync(start); }
            else
            {
                var pod = Pod.Start(plan, containment, disk, clock);
                if (spec.IsDaemon) { announced = AnnounceAsync(pod, start.AttemptFolder); }
                process = pod;
            }
        }
        catch (StepStartException e)
        {
            return new Ran(Classify.NotStarted(e), null, "");
        }
        catch (IOException e)
        {
            return new Ran(Verdict.Errored($"main: could not be started: {e.Message}"), null, "");
        }

        // Whatever goes wrong here, nothing of the attempt is left running behind it.
        await using (process)
        {
            trainer.Begin(process.Note);
            var halt = await WaitAsync(spec, process, stopping, trainer);
            if (halt is not null && !process.Ended.IsCompleted)
            {
                halt = halt with { Killed = true };
                // Its time is over, however long the store takes for what is under way.
                await trainer.LetGoAsync();
                await process.CloseAsync();
            }
            await trainer.EndAsync();
            var output = await process.CloseAsync();
            var end = await process.Ended;
            await announced;
            // It was only slow: what it told its end with is done all the same.
            if (halt is { Cause: HaltCause.Hung } && end is { ExitCode: 0, Signal: null } && trainer.Log.IsOver) { halt = null; }
            return new Ran(Classify.Ended(end, halt), output, process.Containment, end) { Containers = process.Containers };
        }
    }

    /// <summary>Says that a daemon is ready, once it is.</summary>
    private async Task AnnounceAsync(Pod pod, string folder)
    {
        var ready = pod.ReadyAsync();
        await Task.WhenAny(ready, pod.Ended);
        if (ready.IsCompletedSuccessfully && !pod.Ended.IsCompleted) { await AttemptFiles.WriteReadyAsync(disk, folder, containment.Address); }
    }

    /// <returns>Null where the process ended before a stop signal was sent; else why it was told to stop, and it may still run.</returns>
    private async Task<Halt?> WaitAsync(AttemptSpec spec, IStepProcess process, Stopping stopping, TrainerSide trainer)
    {
        using var waited = new CancellationTokenSource();
        await (spec.Deadline is { } deadline
            ? Task.WhenAny(process.Ended, stopping.Next, trainer.Alarm, Cutoff.AfterAsync(deadline, clock, waited.Token))
            : Task.WhenAny(process.Ended, stopping.Next, trainer.Alarm));
        var ended = process.Ended.IsCompleted;
        waited.Cancel();
        if (ended) { return null; }

        var request = await stopping.TakeAsync();
        var halt = request is null && trainer.Alarm.IsCompleted ? await trainer.Alarm : HaltOf(request);
        return await TerminateAsync(spec, process, stopping, trainer) ? HaltOf(await stopping.TakeAsync(), halt) : null;
    }

    /// <summary>preStop, stop signal, and the wait for the end of the grace period; killing is the caller's.</summary>
    /// <returns>False where the process ended by itself before the stop signal.</returns>
    private async Task<bool> TerminateAsync(AttemptSpec spec, IStepProcess process, Stopping stopping, TrainerSide trainer)
    {
        using var kill = new Cutoff(clock);
        kill.NoLaterThan(spec.GracePeriod);
        await MustKillAsync(kill, stopping, trainer, isTold: false);
        if (spec.PreStop is { } hook) { await PreStopAsync(hook, process, kill, stopping, trainer); }
        if (process.Ended.IsCompleted) { return false; }
        // Sent also where no time is left for it: a program may have as little as a line to write.
        if (await stopping.TakeAsync() is not { Kind: StopKind.Kill })
        {
            trainer.Notify(kill.Left!.Value);
            await process.TerminateAsync();
            await EndOrKillAsync(process.Ended, process, kill, stopping, trainer, isTold: true);
        }
        return true;
    }

    // As in Kubernetes a failing preStop does not keep the stop signal back.
    private async Task PreStopAsync(ContainerAction hook, IStepProcess process, Cutoff kill, Stopping stopping, TrainerSide trainer)
    {
        if (await MustKillAsync(kill, stopping, trainer, isTold: false)) { return; }
        using var cut = new CancellationTokenSource();
        var preStop = Actions.DoAsync(hook, process, containment, clock, cut.Token);
        await EndOrKillAsync(preStop, process, kill, stopping, trainer, isTold: false);
        cut.Cancel();
        try
        {
            await preStop;
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }

    private static async Task EndOrKillAsync(Task end, IStepProcess process, Cutoff kill, Stopping stopping, TrainerSide trainer, bool isTold)
    {
        while (true)
        {
            // Taken before the look, so that nothing falls between.
            var planned = trainer.Planned;
            if (end.IsCompleted || process.Ended.IsCompleted || await MustKillAsync(kill, stopping, trainer, isTold)) { return; }
            await Task.WhenAny(end, process.Ended, kill.Come, stopping.Next, planned);
        }
    }

    /// <summary>Takes what came meanwhile: whoever has less time than it was told is told anew.</summary>
    private static async ValueTask<bool> MustKillAsync(Cutoff kill, Stopping stopping, TrainerSide trainer, bool isTold)
    {
        var request = await stopping.TakeAsync();
        if (kill.NoLaterThan(request?.Deadline) | kill.NoLaterThan(trainer.KillBy) && isTold) { trainer.Notify(kill.Left!.Value); }
        return kill.Come.IsCompleted || request is { Kind: StopKind.Kill };
    }

    /// <param name="before">What it was stopped for first; a deadline that has passed, a trainer that hung, stays the cause.</param>
    private static Halt HaltOf(StopRequest? request, Halt? before = null) => (request, before) switch
    {
        (null, null) => new Halt(HaltCause.Deadline, ""),
        (_, { Cause: HaltCause.Deadline or HaltCause.Hung or HaltCause.Overtaken }) => before,
        ({ Reason: StopReason.Shutdown }, _) => new Halt(HaltCause.Shutdown, request.Message),
        (not null, _) => new Halt(HaltCause.Preemption, request.Message),
        (null, _) => before,
    };
}
