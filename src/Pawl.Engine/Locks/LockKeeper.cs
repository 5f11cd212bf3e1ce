using System.Collections.Immutable;
using Pawl.Core.Locks;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Engine.Homes;
using Pawl.Engine.Loop;
using Pawl.Storage.Files;

namespace Pawl.Engine.Locks;

/// <summary>Makes the locks of one run what they should be, and tells the loop what it was given.</summary>
/// <param name="owner">Unlike that of every other engine.</param>
public sealed class LockKeeper(ILockRows rows, Home home, IDisk disk, IWatch watch, TimeProvider clock, string owner) : IAsyncDisposable
{
    // Who lets go rings. This is for limits that change, and for engines that died with their place in the queue.
    private static readonly TimeSpan WhileWaiting = TimeSpan.FromSeconds(2);

    // For a database that was lost: what is held is put back.
    private static readonly TimeSpan WhileHolding = TimeSpan.FromSeconds(20);

    private readonly LockLimits _limits = new(disk, home);
    private readonly LockSweep _sweep = new(disk, home);
    private readonly CancellationTokenSource _end = new();
    private string _kept = "?";
    private bool _isDue;
    private IFolderWatch? _bell;
    private Task _listening = Task.CompletedTask;
    private ITimer? _alarm;

    /// <summary>Asks for what is wanted and lets go what is not; costs nothing where neither changed and nobody rang.</summary>
    /// <exception cref="IOException">The locks cannot be read or written.</exception>
    public async ValueTask KeepAsync(RunState run, IReadOnlyList<Want> wants, Action<News> tell)
    {
        if (!run.UsesLocks || run.Submitted is not { } submitted) { return; }
        ImmutableArray<LockClaim> claims =
            [.. wants.OfType<Want.Lock>().Select(l => new LockClaim(l.Node?.Value ?? "", l.Keys, l.IsHeld))];
        var text = string.Join('\n', claims.Select(c => $"{c.IsHeld} {c.Node}"));
        if (text == _kept && !_isDue) { return; }
        if (claims.Any(c => !c.IsHeld)) { await ListenAsync(tell); }
        _isDue = false;
        var limits = new Dictionary<LockKey, int?>();
        foreach (var key in claims.Where(c => !c.IsHeld).SelectMany(c => c.Keys).Distinct()) { limits[key] = await _limits.OfAsync(key, run.Workflow.ConfigMaps); }
        var asker = new LockAsker(submitted.RunId, run.Workflow.Priority ?? 0, submitted.At, owner);
        var kept = await UpdateAsync(asker, claims, limits, []);
        if (kept.Answers.Any(a => a is LockAnswer.Busy) && await _sweep.FindAsync(InTheWay(kept.After, asker.Run)) is { IsEmpty: false } gone)
        {
            var swept = await UpdateAsync(asker, claims, limits, gone);
            kept = swept with { Before = kept.Before, Answers = [.. kept.Answers.Where(a => a is not LockAnswer.Busy), .. swept.Answers] };
        }
        _kept = text;
        if (ConcernsOthers(kept.Before, kept.After, asker.Run)) { await RingAsync(); }
        foreach (var answer in kept.Answers.DistinctBy(a => a.Node)) { tell(new News(Seen(answer))); }
        Wait(claims, tell);
    }

    public async ValueTask DisposeAsync()
    {
        // Not CancelAsync, which would go on in another thread.
        _end.Cancel();
        await _listening;
        _bell?.Dispose();
        _alarm?.Dispose();
        _end.Dispose();
    }

    private ValueTask<Kept> UpdateAsync(LockAsker asker, ImmutableArray<LockClaim> claims, Dictionary<LockKey, int?> limits, ImmutableArray<LockRow> gone) =>
        rows.ChangeAsync(before =>
        {
            var (after, answers) = LockRules.Update(before.RemoveRange(gone), asker, claims, key => limits.GetValueOrDefault(key));
            return (after, new Kept(before, after, answers));
        });

    // Of other runs: who holds what we wait for, or stands before us.
    private static IEnumerable<LockRow> InTheWay(ImmutableArray<LockRow> rows, string run)
    {
        var last = rows.Where(r => r.Run == run && !r.IsHeld).GroupBy(r => r.Key).ToDictionary(g => g.Key, g => g.Max(LockRules.Queue)!);
        return rows.Where(r => r.Run != run && last.TryGetValue(r.Key, out var mine) && (r.IsHeld || LockRules.Queue.Compare(r, mine) < 0));
    }

    // A place became free, or a place in the queue: whoever waits for the same lock looks again.
    private static bool ConcernsOthers(ImmutableArray<LockRow> before, ImmutableArray<LockRow> after, string run)
    {
        var waited = after.Where(r => r.Run != run && !r.IsHeld).Select(r => r.Key).ToHashSet(StringComparer.Ordinal);
        if (waited.Count == 0) { return false; }
        var now = after.ToDictionary(r => (r.Key, r.Run, r.Node));
        return before.Any(r => waited.Contains(r.Key) && (!now.TryGetValue((r.Key, r.Run, r.Node), out var still) || still.IsHeld != r.IsHeld))
            || after.Any(r => r.Run == run && r.IsHeld && waited.Contains(r.Key) && !before.Any(b => b == r));
    }

    private Observation Seen(LockAnswer answer)
    {
        var (now, node) = (clock.GetUtcNow(), answer.Node.Length == 0 ? (NodeId?)null : new NodeId(answer.Node));
        return answer switch
        {
            LockAnswer.Taken => new Observation.LocksTaken(now, node),
            LockAnswer.Busy b => new Observation.LocksBusy(now, node, b.Message),
            LockAnswer.Failed f => new Observation.LocksFailed(now, node, f.Message),
            _ => throw new System.Diagnostics.UnreachableException($"{answer.GetType().Name} is not handled"),
        };
    }

    private void Wait(ImmutableArray<LockClaim> claims, Action<News> tell)
    {
        var wait = claims.IsEmpty ? Timeout.InfiniteTimeSpan : claims.Any(c => !c.IsHeld) ? WhileWaiting : WhileHolding;
        _alarm ??= clock.CreateTimer(_ => Remind(tell), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _alarm.Change(wait, Timeout.InfiniteTimeSpan);
    }

    // The loop looks at its wants after every turn, an idle one too.
    private void Remind(Action<News> tell)
    {
        _isDue = true;
        tell(new News(new Observation.Tick(clock.GetUtcNow())));
    }

    private async ValueTask ListenAsync(Action<News> tell)
    {
        if (_bell is not null) { return; }
        await disk.MakeFolderAsync(home.Locks);
        _bell = watch.Open(home.Locks);
        _listening = HearAsync(_bell, tell, _end.Token);
    }

    private async Task HearAsync(IFolderWatch bell, Action<News> tell, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await bell.ChangedAsync(stop);
                Remind(tell);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
        catch (Exception e) { tell(new News(Broken: e)); }
    }

    private async ValueTask RingAsync()
    {
        await disk.MakeFolderAsync(home.Locks);
        await using var bell = await disk.OpenAppendAsync($"{home.Locks}/bell");
        await bell.TruncateAsync(0);
        await bell.WriteAsync("!"u8.ToArray());
    }

    private sealed record Kept(ImmutableArray<LockRow> Before, ImmutableArray<LockRow> After, ImmutableArray<LockAnswer> Answers);
}
