using Pawl.Core.Attempts;
using Pawl.Core.Goodput;
using Pawl.Storage.Artifacts;
using Pawl.Storage.Chains;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;
using Pawl.Supervision.Checkpoints;
using Pawl.Supervision.Machine;
using Pawl.Supervision.Mounts;
using Pawl.Supervision.Pods;

namespace Pawl.Supervision;

/// <summary>
/// Runs one attempt from claim to outcome: Claim, Guard, Room, LayOut, Restore, Run, Promote, each in the file of its name.
/// </summary>
public sealed partial class Attempt(
    IDisk disk,
    IObjectStore store,
    ArtifactStore artifacts,
    IContainment containment,
    IStopRequests stops,
    TrainerPorts trainers,
    SupervisorHost host,
    TimeProvider clock)
{
    /// <param name="folder">The attempt's folder with <c>spec.json</c>; its <c>lock</c> is held by this process already.</param>
    /// <returns>What was written to <c>outcome.json</c>; null where another owner overtook the claim, and nothing was written.</returns>
    /// <exception cref="IOException">The disk or the store refused; no outcome was written and the attempt is lost.</exception>
    public async Task<Outcome?> RunAsync(string folder)
    {
        if (await AttemptFiles.ReadOutcomeAsync(disk, folder) is { } before) { return before; }
        var spec = await AttemptFiles.ReadSpecAsync(disk, folder);
        var startedAt = clock.GetUtcNow();
        var stages = new Stages(clock);

        stages.Enter("claim");
        Chain? chain;
        try
        {
            chain = await ClaimAsync(spec);
        }
        catch (ChainBrokenException e)
        {
            // No entry can be appended to it, and running again what may be done would break the promise.
            var broken = OutcomeOf(Verdict.Errored($"init: {e.Message}"), startedAt, stages);
            await AttemptFiles.WriteOutcomeAsync(disk, folder, broken);
            return broken;
        }
        if (chain is null) { return null; }

        stages.Enter("guard");
        var (reused, problem) = await GuardAsync(spec, chain);
        if (reused is not null)
        {
            var done = OutcomeOf(new Verdict(OutcomeKind.Succeeded, null, null, ""), startedAt, stages) with { Outputs = reused, Reused = true };
            await AttemptFiles.WriteOutcomeAsync(disk, folder, done);
            return done;
        }
        var owned = new OwnedChain(store, chain, spec.RunId, spec.Step);
        var outcome = problem is null
            ? await RunStepAsync(folder, spec, owned, startedAt, stages)
            : OutcomeOf(Verdict.Errored(problem), startedAt, stages);
        return await CompleteAsync(folder, spec, owned, outcome);
    }

    private async Task<Outcome> RunStepAsync(string folder, AttemptSpec spec, OwnedChain owned, DateTimeOffset startedAt, Stages stages)
    {
        using var stopping = new Stopping(stops);
        var share = new MachineShare(host.Room, disk, folder);
        await using var borrowed = new Borrowed(disk, host.MachineLockFolder, folder);
        var warnings = new Warnings();
        var (ran, outputs) = await RunStepAsync(folder, spec, owned, stages, stopping, share, borrowed, warnings);
        // Not where the supervisor fails: something may run then, and keeps its room until whoever needs that has ended it.
        await share.GiveBackAsync();
        var verdict = ran.Verdict;
        try
        {
            await borrowed.GiveBackAsync();
        }
        catch (IOException e) when (verdict.Kind is OutcomeKind.Succeeded)
        {
            verdict = Verdict.Errored($"wait: {e.Message}", verdict.ExitCode);
        }
        return OutcomeOf(verdict, startedAt, stages) with
        {
            Outputs = outputs,
            LogTail = ran.Output?.LogTail ?? "",
            DroppedLines = ran.Output?.DroppedLines ?? 0,
            Containment = ran.Containment,
            Training = ran.Training,
            Progressed = ran.Progressed,
            Spent = ran.Time?.Invoke(stages).Split(verdict.Kind) ?? (spec.Needs.IsNothing ? null : new Ledger { Waiting = stages.Of("room"), StartUp = stages.All - stages.Of("room") }),
            Warnings = warnings.All,
            Containers = ran.Containers,
        };
    }

    private async Task<(Ran Ran, NodeOutputs Outputs)> RunStepAsync(
        string folder, AttemptSpec spec, OwnedChain owned, Stages stages, Stopping stopping, MachineShare share, Borrowed borrowed, Warnings warnings)
    {
        var roots = new List<IStepRoot>();
        Declared declared;
        TrainerSide? trainer = null;
        StepStart start;
        PodPlan? plan;
        try
        {
            stages.Enter("empty");
            var siblings = await AttemptFiles.SiblingsAsync(disk, folder);
            await EmptyAsync(siblings);

            if (spec.Http is not null || spec.Keys is not null) { return await RunHereAsync(spec, stages, stopping); }

            // Before any lock on a path: whoever has room gets those in the end, whoever has those might never get room.
            if (!spec.Needs.IsNothing)
            {
                stages.Enter("room");
                (spec, var ended) = await TakeRoomAsync(spec, share, stopping);
                if (ended is not null) { return (ended, NodeOutputs.None); }
            }

            stages.Enter("layout");
            var main = spec.OfMain;
            var root = await RootAsync(folder, main, AttemptSpec.Main);
            if (root is not null) { roots.Add(root); }
            declared = new Declared(folder, main, host.Home, root);
            await UnlessStoppedAsync(stopping, stop => borrowed.TakeAsync(BorrowedBy(main, declared), siblings, stop));
            if (await stopping.TakeAsync() is { } early) { return (Stopped(early), NodeOutputs.None); }
            await UnlessStoppedAsync(stopping, stop => LayOutAsync(main, declared, stop));

            stages.Enter("restore");
            await UnlessStoppedAsync(stopping, async stop => trainer = await RestoreAsync(folder, spec, owned, warnings, stop));
            if (await stopping.TakeAsync() is { } late)
            {
                trainer?.Dispose();
                return (Stopped(late), NodeOutputs.None);
            }
            if (trainer is null) { return (new Ran(Classify.Halted(Overtaken, null), null, ""), NodeOutputs.None); }
            start = await StartOfAsync(folder, main, declared, root, trainer);
            plan = spec.IsPod ? await PlanAsync(folder, spec, start, roots) : null;
        }
        catch (Exception e) when (e is IOException or UnsafePathException)
        {
            trainer?.Dispose();
            return (new Ran(Verdict.Errored($"init: {e.Message}"), null, ""), NodeOutputs.None);
        }
        using var disposed = trainer;

        stages.Enter("run");
        var ran = await RunCommandAsync(spec, start, plan, stopping, trainer);
        await share.GiveBackAsync();
        if (ran.Output is not null && ran.Verdict.Kind is not OutcomeKind.Succeeded)
        {
            stages.Enter("save");
            await SaveAsync(ran, stopping, trainer);
        }
        Ran Told(Ran ran) => ran with
        {
            Training = trainer.Log.Record(trainer.MalformedReports),
            Progressed = trainer.Log.Progressed,
            Time = taken => trainer.Log.Time(taken.Of("room"), taken.Before("restore") - taken.Of("room"), taken.Of("restore"), taken.From("run"), taken.Of("save")),
        };
        ran = Told(ran);
        if (ran is not { Output: { } output, Verdict.Kind: OutcomeKind.Succeeded or OutcomeKind.Failed }) { return (ran, NodeOutputs.None); }

        stages.Enter("promote");
        var (outputs, problem) = await StageAsync(folder, spec, declared, owned.Claim, output.Result);
        if (problem is null && ran.Verdict.Kind is OutcomeKind.Succeeded)
        {
            foreach (var root in roots) { await RemoveAsync(root, warnings); }
        }

        // As in Argo: when the command failed, its message wins over what could not be saved.
        if (problem is null || ran.Verdict.Kind is not OutcomeKind.Succeeded) { return (ran, outputs); }

        // The next attempt goes on from where this one was.
        stages.Enter("save");
        await SaveAsync(ran, stopping, trainer);
        return (Told(ran) with { Verdict = Verdict.Errored(problem, ran.Verdict.ExitCode) }, outputs);
    }

    // Everything of worth in it is promoted; of an attempt that failed it stays, to be looked at.
    private static async Task RemoveAsync(IStepRoot root, Warnings warnings)
    {
        try
        {
            await root.RemoveAsync();
        }
        catch (IOException e)
        {
            warnings.Add($"what the step left below / stays until the run is deleted: {e.Message}");
        }
    }

    private static Ran Stopped(StopRequest request) => new(Classify.Halted(HaltOf(request), null), null, "");

    private static IEnumerable<string> BorrowedBy(AttemptSpec spec, Declared declared) =>
        Declared.All(spec, declared, []).Select(declared.Outside).Where(path => !declared.IsOwn(path));

    /// <summary>Waits for work, but not longer than until a request to stop comes; then it is cancelled.</summary>
    private static async Task UnlessStoppedAsync(Stopping stopping, Func<CancellationToken, Task> work)
    {
        using var stop = new CancellationTokenSource();
        var working = work(stop.Token);
        await Task.WhenAny(working, stopping.Next);
        if (!working.IsCompleted) { stop.Cancel(); }
        try
        {
            await working;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return;
        }
    }

    private Outcome OutcomeOf(Verdict verdict, DateTimeOffset startedAt, Stages stages) => new()
    {
        Kind = verdict.Kind,
        Class = verdict.Class,
        ExitCode = verdict.ExitCode,
        Message = verdict.Message,
        StartedAt = startedAt,
        FinishedAt = clock.GetUtcNow(),
        Stages = stages.Taken(),
    };
}
