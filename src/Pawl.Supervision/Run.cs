using Pawl.Core.Attempts;

namespace Pawl.Supervision;

public sealed partial class Attempt
{
    private sealed record Ran(Verdict Verdict, StepOutput? Output, string Containment);

    /// <summary>Starts the command and sees it to its end, its deadline, or the end of its grace period.</summary>
    private async Task<Ran> RunCommandAsync(AttemptSpec spec, StepStart start, Stopping stopping)
    {
        IStepProcess process;
        try
        {
            process = await containment.StartAsync(start);
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
            var halt = await WaitAsync(spec, process, stopping);
            if (halt is not null && !process.Ended.IsCompleted) { halt = halt with { Killed = true }; }
            var output = await process.CloseAsync();
            return new Ran(Classify.Ended(await process.Ended, halt), output, process.Containment);
        }
    }

    /// <returns>Null where the process ended before a stop signal was sent; else why it was told to stop, and it may still run.</returns>
    private async Task<Halt?> WaitAsync(AttemptSpec spec, IStepProcess process, Stopping stopping)
    {
        using var waited = new CancellationTokenSource();
        await (spec.Deadline is { } deadline
            ? Task.WhenAny(process.Ended, stopping.Next, AfterAsync(deadline, waited.Token))
            : Task.WhenAny(process.Ended, stopping.Next));
        var ended = process.Ended.IsCompleted;
        waited.Cancel();
        if (ended) { return null; }

        var halt = HaltOf(await stopping.TakeAsync());
        return await TerminateAsync(spec, process, stopping) ? HaltOf(await stopping.TakeAsync(), halt) : null;
    }

    /// <summary>preStop, stop signal, and the wait for the end of the grace period; killing is the caller's.</summary>
    /// <returns>False where the process ended by itself before the stop signal.</returns>
    private async Task<bool> TerminateAsync(AttemptSpec spec, IStepProcess process, Stopping stopping)
    {
        using var over = new CancellationTokenSource();
        var grace = AfterAsync(spec.GracePeriod, over.Token);
        try
        {
            if (!spec.PreStop.IsEmpty) { await PreStopAsync(spec, process, grace, stopping); }
            if (process.Ended.IsCompleted) { return false; }
            if (!await MustKillAsync(grace, stopping))
            {
                await process.TerminateAsync();
                await EndOrKillAsync(process.Ended, process, grace, stopping);
            }
            return true;
        }
        finally
        {
            over.Cancel();
        }
    }

    // As in Kubernetes a failing preStop does not keep the stop signal back.
    private static async Task PreStopAsync(AttemptSpec spec, IStepProcess process, Task grace, Stopping stopping)
    {
        if (await MustKillAsync(grace, stopping)) { return; }
        using var cut = new CancellationTokenSource();
        var preStop = process.RunBesideAsync(spec.PreStop, cut.Token).AsTask();
        await EndOrKillAsync(preStop, process, grace, stopping);
        cut.Cancel();
        try
        {
            await preStop;
        }
        catch (Exception e) when (e is OperationCanceledException or StepStartException)
        {
            return;
        }
    }

    private static async Task EndOrKillAsync(Task end, IStepProcess process, Task grace, Stopping stopping)
    {
        while (!end.IsCompleted && !process.Ended.IsCompleted && !await MustKillAsync(grace, stopping))
        {
            await Task.WhenAny(end, process.Ended, grace, stopping.Next);
        }
    }

    private static async ValueTask<bool> MustKillAsync(Task grace, Stopping stopping) =>
        grace.IsCompleted || await stopping.TakeAsync() is { Kind: StopKind.Kill };

    // A timer takes at most some 49 days.
    private async Task AfterAsync(TimeSpan time, CancellationToken stop)
    {
        for (var most = TimeSpan.FromDays(40); time > most; time -= most) { await Task.Delay(most, clock, stop); }
        await Task.Delay(time, clock, stop);
    }

    /// <param name="before">What it was stopped for first; a deadline that has passed stays the cause.</param>
    private static Halt HaltOf(StopRequest? request, Halt? before = null) => (request, before) switch
    {
        (null, null) or (_, { Cause: HaltCause.Deadline }) => new Halt(HaltCause.Deadline, ""),
        ({ Reason: StopReason.Shutdown }, _) => new Halt(HaltCause.Shutdown, request.Message),
        (not null, _) => new Halt(HaltCause.Preemption, request.Message),
        (null, _) => before,
    };
}
