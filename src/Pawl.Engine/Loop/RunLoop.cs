using System.Collections.Immutable;
using System.Text.Json;
using System.Threading.Channels;
using Pawl.Core.Preemption;
using Pawl.Core.Scheduling;
using Pawl.Engine.Homes;
using Pawl.Engine.Inboxes;
using Pawl.Engine.Journals;
using Pawl.Engine.Locks;
using Pawl.Storage.Files;
using Pawl.Supervision.Notices;

namespace Pawl.Engine.Loop;

/// <summary>Drives one run: observe, decide, write, then act. The only writer of its journal.</summary>
/// <remarks>The caller holds the run's lock and has folded the journal into <paramref name="start"/>; that is all there is to recovery.</remarks>
public sealed class RunLoop(RunFolder folder, RunState start, Journal journal, Dispatcher dispatcher, IDisk disk, IWatch watch, TimeProvider clock)
{
    // A timer takes at most some 49 days; an early tick decides nothing and sets it again.
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(1);

    private readonly Channel<News> _news = Channel.CreateUnbounded<News>(
        new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = true });
    private readonly Inbox _inbox = new(disk, folder.Inbox);
    private int _asked;
    private ulong _observed;
    private DateTimeOffset _decided;

    /// <summary>The run as of the last flushed turn.</summary>
    public RunState State { get; private set; } = start;

    /// <summary>Called after each turn that changed something, with what it wrote; must not block.</summary>
    public Action<RunState, IReadOnlyList<RunEvent>>? Turned { get; set; }

    /// <summary>Called when the run has ended, after that was journaled.</summary>
    public Func<RunState, Task>? Ended { get; init; }

    /// <summary>Inbox files that were no request.</summary>
    public Action<Rejection>? Rejected { get; set; }

    /// <summary>Stay when only somebody's resume can move the run: at a gate, or suspended.</summary>
    public bool StaysAtGates { get; init; } = true;

    /// <summary>Where the chance begins that expressions see; another one for each engine.</summary>
    public ulong Seed { get; init; }

    /// <summary>Of the host on which this engine is.</summary>
    public INotices Notices { get; init; } = NoticeBoard.Silent;

    /// <summary>Locks that it shares with other runs; null where it may have none.</summary>
    public LockKeeper? Locks { get; init; }

    /// <summary>Looks up and keeps outputs across runs.</summary>
    public required Remembering Memos { get; init; }

    /// <summary>A request of this process itself, such as Ctrl-C.</summary>
    public void Ask(Request request) => Tell(new News(Asked: request));

    /// <summary>Goes on until the run has ended, is paused with nothing left running, or is at a gate where it does not stay.</summary>
    /// <param name="first">Carried out before anything else, such as the retry of a run that has ended.</param>
    /// <exception cref="IOException">The journal or an attempt's folder cannot be written; the run can be resumed.</exception>
    public async Task<RunState> RunAsync(string host, string version, Request? first = null)
    {
        using var end = new CancellationTokenSource();
        await disk.MakeFolderAsync(folder.Inbox);
        using var inbox = watch.Open(folder.Inbox);
        var watching = WatchAsync(inbox, end.Token);
        var known = Notices.Current;
        var listening = ListenAsync(known, end.Token);
        using var alarm = clock.CreateTimer(_ => Tell(new News(new Observation.Tick(clock.GetUtcNow()))), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            // On a host that goes this is known before anything that could start something.
            if (Notice.First(known) is not null) { await TurnAsync([new Observation.Noticed(clock.GetUtcNow(), known)]); }
            if (first is not null) { await TurnAsync([Asked(first)]); }
            await ReadInboxAsync(opening: true);
            var now = clock.GetUtcNow();
            Observation[] opening = [new Observation.Opened(now, host, version), new Observation.Noticed(now, known)];
            // What left may have been another host, or this one before its reboot: then it stays, and only after that the run is opened.
            await TurnAsync(State.Leaving is null ? opening : [.. opening.Reverse()]);
            while (!State.IsDone)
            {
                // As of the decision, not of now: what fell due while its events were flushed is due at once.
                var wants = Scheduler.Wanted(State, _decided).ToList();
                foreach (var want in wants) { Act(want, alarm); }
                await KeepLocksAsync(wants);
                if (State.IsAtRest && !_news.Reader.TryPeek(out _) && (State.Paused is not null || !StaysAtGates)) { break; }
                await ReadNewsAsync();
            }
            await KeepLocksAsync([.. Scheduler.Wanted(State, _decided)]);
            if (State.IsDone && Ended is not null) { await Ended(State); }
            return State;
        }
        finally
        {
            if (Locks is not null) { await Locks.DisposeAsync(); }
            // Not CancelAsync, which would go on in another thread.
            end.Cancel();
            await watching;
            await listening;
        }
    }

    private ValueTask KeepLocksAsync(IReadOnlyList<Want> wants) =>
        Locks is { } keeper ? keeper.KeepAsync(State, wants, Tell) : ValueTask.CompletedTask;

    private void Act(Want want, ITimer alarm)
    {
        switch (want)
        {
            case Want.Run r:
                dispatcher.Ensure(State, r.Attempt, null, Tell);
                break;
            case Want.Stop s:
                dispatcher.Ensure(State, s.Attempt, s, Tell);
                break;
            case Want.Recall or Want.Remember:
                Memos.Ensure(State, want, Tell);
                break;
            case Want.WakeAt w:
                var wait = w.At - clock.GetUtcNow();
                alarm.Change(TimeSpan.FromTicks(Math.Clamp(wait.Ticks, 0, LongestWait.Ticks)), Timeout.InfiniteTimeSpan);
                break;
        }
    }

    // Waits for news, then takes all that is there: one turn, one flush.
    private async ValueTask ReadNewsAsync()
    {
        var news = await _news.Reader.ReadAsync();
        var observations = new List<Observation>();
        var lookIntoInbox = false;
        do
        {
            if (news.Broken is { } broken) { throw broken; }
            if (news.Seen is { } seen) { observations.Add(seen); }
            else if (news.Asked is { } request) { observations.Add(Asked(request)); }
            else { lookIntoInbox = true; }
        }
        while (_news.Reader.TryRead(out news!));
        await TurnAsync(observations);
        if (lookIntoInbox) { await ReadInboxAsync(); }
    }

    // Its name is used once: the sequence tells engines apart, the count requests of one turn.
    private Observation.Asked Asked(Request request) => new(clock.GetUtcNow(), $"own-{State.Sequence}-{_asked++}", request);

    // Durable before visible: nothing is acted on, nor a request forgotten, before its events are flushed.
    private async ValueTask TurnAsync(IReadOnlyList<Observation> observations)
    {
        var run = State;
        var all = new List<RunEvent>();
        foreach (var seen in observations)
        {
            // News is told, and the inbox read, while other calls wait: what was seen before the last decision is decided now, since the journal's
            // time does not go back and forth. Where the clock itself was set back, it is as the clock says.
            _decided = seen.At >= _decided ? seen.At : clock.GetUtcNow();
            var events = Scheduler.Decide(run, seen with { At = _decided, Seed = Seed + _observed++ });
            run = Scheduler.ApplyTurn(run, events);
            all.AddRange(events);
        }
        if (all.Count == 0) { return; }
        await journal.AppendAsync([.. all.Select(EventJson.Write)]);
        State = run;
        Turned?.Invoke(run, all);
    }

    // At the opening it holds what was asked of an engine that died: a resume of that time must not pass a gate now, unless it names it.
    private async ValueTask ReadInboxAsync(bool opening = false)
    {
        var content = await _inbox.ReadAllAsync();
        foreach (var rejection in content.Rejections) { Rejected?.Invoke(rejection); }
        var asked = new List<Observation>();
        foreach (var file in content.Requests)
        {
            try
            {
                var request = EventJson.ReadRequest(file.Json);
                if (opening && request is Request.Resume { Selector: null })
                {
                    Rejected?.Invoke(await _inbox.RejectAsync(file.Name, "the engine that was asked to resume is gone; ask again"));
                    continue;
                }
                asked.Add(new Observation.Asked(clock.GetUtcNow(), file.Name, request));
            }
            catch (JsonException e) { Rejected?.Invoke(await _inbox.RejectAsync(file.Name, e.Message)); }
        }
        if (asked.Count == 0) { return; }
        await TurnAsync(asked);
        foreach (var file in content.Requests) { await _inbox.RemoveAsync(file.Name); }
    }

    private async Task WatchAsync(IFolderWatch inbox, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                await inbox.ChangedAsync(stop);
                Tell(new News());
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
        catch (Exception e) { Tell(new News(Broken: e)); }
    }

    private async Task ListenAsync(ImmutableArray<Notice> known, CancellationToken stop)
    {
        try
        {
            while (true)
            {
                known = await Notices.ChangedAsync(known, stop);
                Tell(new News(new Observation.Noticed(clock.GetUtcNow(), known)));
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
        catch (Exception e) { Tell(new News(Broken: e)); }
    }

    private void Tell(News news) => _news.Writer.TryWrite(news);
}

/// <summary>What wakes the loop: an observation, a request of this process, a failure of one of its watchers, or (all null) a hint to look into the inbox.</summary>
public sealed record News(Observation? Seen = null, Request? Asked = null, Exception? Broken = null);
