using Pawl.Core.Scheduling;
using Pawl.Engine;
using Pawl.Engine.Homes;
using Pawl.Storage.Files;
using Pawl.Supervision;
using Pawl.Supervision.Processes;

namespace Pawl.Cli.Verbs.Checkpoints;

/// <summary>A run that nobody drives and a step that nobody runs, held so until disposed.</summary>
internal sealed class IdleRun : IAsyncDisposable
{
    private readonly Session _session;
    private readonly RunFolder _folder;
    private readonly OwnedRun _owned;
    private readonly string _follows;
    private readonly List<IHeldLock> _held = [];

    private IdleRun(Session session, RunFolder folder, OwnedRun owned, string follows) =>
        (_session, _folder, _owned, _follows) = (session, folder, owned, follows);

    public RunState State => _owned.State;

    /// <param name="follows">What a refusal means, in words: <c>nothing was pruned</c>.</param>
    /// <exception cref="VerbException">An engine drives the run.</exception>
    public static async Task<IdleRun> TakeAsync(Session session, RunFolder folder, string follows) => await Run.TakeAsync(session, folder) switch
    {
        TakeResult.Taken t => new(session, folder, t.Run, follows),
        TakeResult.OwnedBy o => throw new VerbException(
            $"the run is running: {o.Description} drives it; {follows}. Pause it first, by Ctrl-C there or by SIGINT to that process"),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary>Makes sure that no attempt of a step runs, and that none does before this is disposed.</summary>
    /// <returns>The step as its chain says from now on.</returns>
    /// <exception cref="VerbException">An attempt runs, though no engine drives it.</exception>
    public async Task<StepCheckpoints> HoldAsync(StepCheckpoints step)
    {
        foreach (var attempt in await UnendedAsync(step))
        {
            if (await _session.Disk.TryLockAsync($"{attempt}/{AttemptFiles.Lock}") is not { } held)
            {
                throw new VerbException($"{step.Name} is running, though no engine drives {step.Run.Name}: a supervisor works in {attempt}; {_follows}. "
                    + $"Go on with the run by {_session.Command($"resume {step.Run.Name}")} and pause it by Ctrl-C first");
            }
            _held.Add(held);
        }
        return await step.AgainAsync();
    }

    /// <summary>Ends what attempts without a supervisor left behind, since it may write to the step's folder still. After <see cref="HoldAsync"/>.</summary>
    public async Task EmptyAsync(StepCheckpoints step)
    {
        var containment = new Containment(wholeProcess: false);
        foreach (var attempt in await UnendedAsync(step)) { await containment.EmptyAsync(attempt); }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var held in _held) { await held.DisposeAsync(); }
        await _owned.DisposeAsync();
    }

    // With an outcome its supervisor is done with the folder and with everything in it.
    private async Task<IReadOnlyList<string>> UnendedAsync(StepCheckpoints step)
    {
        var folder = _folder.StepFolder(step.Step.Value);
        var attempts = new List<string>();
        foreach (var entry in await _session.Disk.ListAsync(folder))
        {
            var attempt = $"{folder}/{entry.Name}";
            if (entry.Kind != FileKind.Folder || entry.Name == AttemptFiles.Checkpoint) { continue; }
            if (await _session.Disk.StatAsync($"{attempt}/{AttemptFiles.Outcome}") is null) { attempts.Add(attempt); }
        }
        return attempts;
    }
}
