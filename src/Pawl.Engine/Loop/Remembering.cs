using System.Collections.Concurrent;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Engine.Homes;

namespace Pawl.Engine.Loop;

/// <summary>Looks up and keeps what a run's nodes want to be looked up and kept.</summary>
public sealed class Remembering(Memos memos, ContentKeys keys, TimeProvider clock)
{
    private readonly ConcurrentDictionary<NodeId, bool> _busy = new();

    /// <summary>Idempotent while it goes on; a second answer is none to the rules.</summary>
    public void Ensure(RunState run, Want want, Action<News> tell)
    {
        switch (want)
        {
            case Want.Recall r when _busy.TryAdd(r.Node, true):
                Watched(RecallAsync(run, r, tell), tell);
                break;
            case Want.Remember r when _busy.TryAdd(r.Node, true):
                Watched(RememberAsync(run, r, tell), tell);
                break;
        }
    }

    private async Task RecallAsync(RunState run, Want.Recall want, Action<News> tell)
    {
        var (found, key) = want.Memo.ByContent == true ? await ByContentAsync(run, want) : (await memos.FindAsync(want.Memo), null);
        _busy.TryRemove(want.Node, out _);
        tell(new News(new Observation.Recalled(clock.GetUtcNow(), want.Node, found.Outputs) { Key = key, Message = found.Message }));
    }

    // Nobody said that a run needs it: where it cannot be read, the step runs.
    private async Task<(Recollection Found, string? Key)> ByContentAsync(RunState run, Want.Recall want)
    {
        if (await keys.OfAsync(run, want.Node) is not { Key: var key }) { return (Recollection.Nothing, null); }
        try { return (await memos.FindAsync(want.Memo with { Key = key }), key); }
        catch (IOException e) { return (new Recollection(null, $"the cache cannot be read: {e.Message}"), key); }
    }

    private async Task RememberAsync(RunState run, Want.Remember want, Action<News> tell)
    {
        var problem = want.Memo.ByContent == true
            ? await KeepByContentAsync(run, want)
            : await memos.KeepAsync(want.Memo, run.RunId, want.Node, want.Outputs);
        _busy.TryRemove(want.Node, out _);
        tell(new News(new Observation.Remembered(clock.GetUtcNow(), want.Node, problem)));
    }

    private async Task<string?> KeepByContentAsync(RunState run, Want.Remember want)
    {
        var now = await keys.OfAsync(run, want.Node);
        // What decided the outputs may have changed before the step read it: which of the two made them nobody knows.
        if (now is null || (want.Memo.Key != now.Key && want.Memo.Key != now.WithoutImages)) { return "not kept in the cache: what decides the outputs changed while they were made"; }
        try { return await memos.KeepAsync(want.Memo with { Key = now.Key }, run.RunId, want.Node, want.Outputs); }
        catch (IOException e) { return $"not kept in the cache: {e.Message}"; }
    }

    // A failure here is the loop's to report: it ends the engine, and the run can be resumed.
    private static async void Watched(Task work, Action<News> tell)
    {
        try { await work; }
        catch (Exception e) { tell(new News(Broken: e)); }
    }
}
