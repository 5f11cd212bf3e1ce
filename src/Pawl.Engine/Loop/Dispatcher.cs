using System.Collections.Concurrent;
using Pawl.Core.Attempts;
using Pawl.Core.Chains;
using Pawl.Core.Expressions;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Engine.Homes;
using Pawl.Engine.Journals;
using Pawl.Storage.Chains;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;
using Pawl.Supervision;

namespace Pawl.Engine.Loop;

/// <summary>Makes what is wanted so: every wanted attempt has one attendant, which starts it, adopts it or finds how it ended.</summary>
/// <remarks>
/// The order is that of trust. Whoever holds an attempt's lock knows that nobody runs it; then the chain, the outcome and the claim say what
/// became of it, in that order, and only what nobody claimed is started. No pid, clock or boot id takes part.
/// </remarks>
public sealed class Dispatcher(RunFolder folder, IDisk disk, IObjectStore store, ISupervisors supervisors, IWatch watch, TimeProvider clock)
{
    // A supervisor that dies before it claims leaves no trace in the chain; more than this is no accident.
    private const int MostStarts = 3;

    private readonly ConcurrentDictionary<AttemptId, Attendant> _attended = new();

    /// <summary>Idempotent: an attempt that is attended already is only told of a new stop.</summary>
    /// <param name="stop">Null where the attempt should run.</param>
    public void Ensure(RunState run, AttemptId attempt, Want.Stop? stop, Action<News> tell)
    {
        if (_attended.TryGetValue(attempt, out var known))
        {
            if (known.Asks(stop)) { Watched(StopAsync(known, stop!), tell); }
            return;
        }
        var attendant = new Attendant(attempt, folder.AttemptFolder(run.StepOf(run.Nodes[attempt.Node]).Value, attempt));
        _attended[attempt] = attendant;
        if (attendant.Asks(stop)) { Watched(StopAsync(attendant, stop!), tell); }
        Watched(AttendAsync(run, attendant, tell), tell);
    }

    private async Task AttendAsync(RunState run, Attendant attendant, Action<News> tell)
    {
        AttemptSpec spec;
        try { spec = Specs.Render(run, run.Nodes[attendant.Attempt.Node]); }
        catch (ExpressionException e)
        {
            Tell(attendant, new Outcome { Kind = OutcomeKind.Errored, Class = Core.Errors.ErrorClass.Permanent, Message = e.Message }, tell);
            return;
        }
        await disk.MakeFolderAsync(attendant.Folder);
        if (spec.IsDaemon) { Watched(AwaitReadyAsync(attendant, tell), tell); }
        await attendant.Stopping;
        var path = $"{attendant.Folder}/{AttemptFiles.Lock}";
        var held = await disk.TryLockAsync(path);
        for (var starts = 0; ; starts++)
        {
            // Somebody runs it, whoever started them: their end frees the lock.
            held ??= await disk.LockAsync(path, CancellationToken.None);
            if (await FoundAsync(spec, attendant, starts, run.Sequence) is { } found)
            {
                await held.DisposeAsync();
                attendant.Over.Cancel();
                Tell(found, tell);
                return;
            }
            if (attendant.Stop is { } asked)
            {
                await held.DisposeAsync();
                attendant.Over.Cancel();
                Tell(attendant, new Outcome { Kind = OutcomeKind.Preempted, Class = Core.Errors.ErrorClass.Preempted, Message = asked.Message }, tell);
                return;
            }
            await AttemptFiles.WriteSpecAsync(disk, attendant.Folder, spec);
            await supervisors.StartAsync(attendant.Folder, held);
            held = null;
        }
    }

    /// <summary>Tells once that a daemon is ready, also where it was so before this engine began.</summary>
    private async Task AwaitReadyAsync(Attendant attendant, Action<News> tell)
    {
        using var changes = watch.Open(attendant.Folder);
        try
        {
            while (!attendant.Over.IsCancellationRequested)
            {
                if (await AttemptFiles.ReadReadyAsync(disk, attendant.Folder) is { } address)
                {
                    Tell(new Observation.Ready(clock.GetUtcNow(), attendant.Attempt, address), tell);
                    return;
                }
                await changes.ChangedAsync(attendant.Over.Token);
            }
        }
        catch (OperationCanceledException) when (attendant.Over.IsCancellationRequested)
        {
            return;
        }
    }

    /// <summary>What became of an attempt that nobody runs; null where it was never begun.</summary>
    private async ValueTask<Observation?> FoundAsync(AttemptSpec spec, Attendant attendant, int starts, long sequence)
    {
        var now = clock.GetUtcNow();
        var chain = await Chain.OpenAsync(store, spec.RunId, spec.Step);
        if (chain.Entries.OfType<Entry.Claimed>().LastOrDefault(c => c.Sequence > sequence) is { } ahead)
        {
            throw new JournalCorruptException($"{folder.Journal} lost its end: it goes up to event {sequence}, "
                + $"but event {ahead.Sequence} had {ahead.Node} claimed in its chain; nothing more is done with this run");
        }
        var claim = chain.Entries.OfType<Entry.Claimed>().LastOrDefault(c => c.Node == spec.Node && c.Attempt == spec.Attempt);
        var outcome = await AttemptFiles.ReadOutcomeAsync(disk, attendant.Folder);
        if (chain.Completed is { } done && (claim is null || done.Claim >= claim.Number) && done.Fingerprint == spec.Fingerprint)
        {
            return new Observation.Ended(now, attendant.Attempt, outcome is { Kind: OutcomeKind.Succeeded } ? outcome : new Outcome
            {
                Kind = OutcomeKind.Succeeded,
                ExitCode = 0,
                Outputs = done.Outputs,
                StartedAt = claim?.At ?? done.At,
                FinishedAt = done.At,
                Reused = claim is null,
            });
        }
        outcome ??= chain.Entries.OfType<Entry.Ended>().LastOrDefault(e => e.Claim == claim?.Number)?.Outcome;
        if (outcome is not null) { return new Observation.Ended(now, attendant.Attempt, outcome); }
        if (claim is not null)
        {
            var saved = chain.Entries.OfType<Entry.Checkpointed>().LastOrDefault(c => c.Claim == claim.Number);
            return new Observation.Lost(now, attendant.Attempt, "lost: its supervisor ended without an outcome", saved?.At);
        }
        return starts < MostStarts ? null : new Observation.Lost(now, attendant.Attempt,
            $"lost: its supervisor ended {starts} times before it claimed the step; see {attendant.Folder}/supervisor.log", SavedAt: null);
    }

    // One after the other: two writers of one file would be in each other's way.
    private Task StopAsync(Attendant attendant, Want.Stop stop) => attendant.Stopping = StopAsync(attendant.Stopping, attendant, stop);

    private async Task StopAsync(Task before, Attendant attendant, Want.Stop stop)
    {
        await before;
        await disk.MakeFolderAsync(attendant.Folder);
        await AttemptFiles.WriteStopAsync(disk, attendant.Folder, new StopRequest(
            stop.Kill ? StopKind.Kill : StopKind.Terminate,
            stop.Preempt ? StopReason.Preemption : StopReason.Shutdown,
            stop.Message,
            stop.Deadline));
    }

    private void Tell(Attendant attendant, Outcome outcome, Action<News> tell)
    {
        var now = clock.GetUtcNow();
        Tell(new Observation.Ended(now, attendant.Attempt, outcome with { StartedAt = now, FinishedAt = now }), tell);
    }

    private static void Tell(Observation seen, Action<News> tell) => tell(new News(seen));

    // A failure here is the loop's to report: it ends the engine, and the run can be resumed.
    private static async void Watched(Task attending, Action<News> tell)
    {
        try { await attending; }
        catch (Exception e) { tell(new News(Broken: e)); }
    }

    /// <summary>Who looks after one attempt until it has ended.</summary>
    private sealed class Attendant(AttemptId attempt, string folder)
    {
        public AttemptId Attempt { get; } = attempt;

        public string Folder { get; } = folder;

        /// <summary>Cancelled when the attempt has ended.</summary>
        public CancellationTokenSource Over { get; } = new();

        public Want.Stop? Stop { get; private set; }

        /// <summary>The newest request to stop, on its way to the supervisor.</summary>
        public Task Stopping { get; set; } = Task.CompletedTask;

        /// <returns>True where this asks for more than was asked before.</returns>
        public bool Asks(Want.Stop? stop)
        {
            if (stop is null) { return false; }
            if (Stop is { } known && (known.Kill || !stop.Kill) && (known.Preempt == stop.Preempt || stop.Preempt)
                && (stop.Deadline is not { } by || by >= known.Deadline))
            {
                return false;
            }
            Stop = stop;
            return true;
        }
    }
}
