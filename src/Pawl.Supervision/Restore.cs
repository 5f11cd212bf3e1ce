using Pawl.Core.Attempts;
using Pawl.Core.Preemption;
using Pawl.Storage.Checkpoints;
using Pawl.Supervision.Checkpoints;

namespace Pawl.Supervision;

public sealed partial class Attempt
{
    private static readonly Halt Overtaken = new(HaltCause.Overtaken, "another owner has claimed the step");

    /// <summary>Fills the checkpoint folder with the newest checkpoint that verifies.</summary>
    /// <returns>Null where the step has another owner.</returns>
    private async Task<TrainerSide?> RestoreAsync(string folder, AttemptSpec spec, OwnedChain owned, Warnings warnings, CancellationToken stop)
    {
        var checkpoints = new CheckpointStore(store, disk, clock, host.Nonce, spec.RunId, spec.Step)
        {
            Aside = trainers.Aside,
            ChunkSize = trainers.ChunkSize,
        };
        return await TrainerSide.OpenAsync(trainers, checkpoints, owned, disk, folder, spec, warnings, clock, host.Boot, stop);
    }

    /// <summary>Carries to the store what the trainer left whole when it ended; a request to kill, or the end of the host, cuts it short.</summary>
    private async Task SaveAsync(Ran ran, Stopping stopping, TrainerSide trainer)
    {
        // The kernel closes the files of whoever dies, by a signal, of an exception or below a shell that goes on; that they are closed says nothing then.
        var state = ran.End is { Signal: null, ExitCode: 0 or Classify.TemporaryFailure } ? TrainerState.Ended : TrainerState.Killed;
        using var cut = new CancellationTokenSource();
        using var late = new Cutoff(clock);
        var saving = trainer.SaveAsync(state, cut.Token);
        while (!saving.IsCompleted)
        {
            var request = await stopping.TakeAsync();
            late.NoLaterThan(trainer.SaveBy);
            // Who asks says when all must have ended, and not that the host goes: a little more may be spent on what was saved by then.
            if (request?.Deadline < DateTimeOffset.MaxValue - GraceBudget.Reserve) { late.NoLaterThan(request.Deadline + GraceBudget.Reserve); }
            if (late.Come.IsCompleted || request is { Kind: StopKind.Kill })
            {
                cut.Cancel();
                break;
            }
            await Task.WhenAny(saving, late.Come, stopping.Next);
        }
        await saving;
    }
}
