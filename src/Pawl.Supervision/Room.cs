using Pawl.Core.Attempts;
using Pawl.Supervision.Machine;

namespace Pawl.Supervision;

public sealed partial class Attempt
{
    /// <summary>Waits until this machine has room for what the step requests.</summary>
    /// <returns>The step with what it got; and where it was stopped, or its time was over, before there was room, how it ended.</returns>
    /// <exception cref="IOException">There never will be.</exception>
    private async Task<(AttemptSpec Spec, Ran? Ended)> TakeRoomAsync(AttemptSpec spec, MachineShare share, Stopping stopping)
    {
        var since = clock.GetTimestamp();
        var isOver = false;
        using var late = new CancellationTokenSource();
        await UnlessStoppedAsync(stopping, async stop =>
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
            var taking = share.TakeAsync(spec, either.Token);
            if (spec.Timeout is { } timeout)
            {
                using var waited = new CancellationTokenSource();
                await Task.WhenAny(taking, Cutoff.AfterAsync(timeout, clock, waited.Token));
                isOver = !taking.IsCompleted;
                waited.Cancel();
                if (isOver) { late.Cancel(); }
            }
            try
            {
                spec = await taking;
            }
            catch (OperationCanceledException) when (isOver)
            {
                return;
            }
        });
        if (await stopping.TakeAsync() is { } request) { return (spec, Stopped(request)); }
        if (isOver) { return (spec, new Ran(Classify.Halted(HaltOf(null), null), null, "")); }
        return (spec.Timeout is { } all ? spec with { Deadline = Sooner(spec.Deadline, all - clock.GetElapsedTime(since)) } : spec, null);
    }

    private static TimeSpan Sooner(TimeSpan? deadline, TimeSpan left)
    {
        var least = left > TimeSpan.Zero ? left : TimeSpan.Zero;
        return deadline < least ? deadline.Value : least;
    }
}
