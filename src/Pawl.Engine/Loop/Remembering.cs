using System.Collections.Concurrent;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Engine.Homes;

namespace Pawl.Engine.Loop;

/// <summary>Looks up and keeps what a run's nodes want to be looked up and kept.</summary>
public sealed class Remembering(Memos memos, TimeProvider clock)
{
    private readonly ConcurrentDictionary<NodeId, bool> _busy = new();

    /// <summary>Idempotent while it goes on; a second answer is none to the rules.</summary>
    public void Ensure(string run, Want want, Action<News> tell)
    {
        switch (want)
        {
            case Want.Recall r when _busy.TryAdd(r.Node, true):
                Watched(RecallAsync(r, tell), tell);
                break;
            case Want.Remember r when _busy.TryAdd(r.Node, true):
                Watched(RememberAsync(run, r, tell), tell);
                break;
        }
    }

    private async Task RecallAsync(Want.Recall want, Action<News> tell)
    {
        var found = await memos.FindAsync(want.Memo);
        _busy.TryRemove(want.Node, out _);
        tell(new News(new Observation.Recalled(clock.GetUtcNow(), want.Node, found)));
    }

    private async Task RememberAsync(string run, Want.Remember want, Action<News> tell)
    {
        var problem = await memos.KeepAsync(want.Memo, run, want.Node, want.Outputs);
        _busy.TryRemove(want.Node, out _);
        tell(new News(new Observation.Remembered(clock.GetUtcNow(), want.Node, problem)));
    }

    // A failure here is the loop's to report: it ends the engine, and the run can be resumed.
    private static async void Watched(Task work, Action<News> tell)
    {
        try { await work; }
        catch (Exception e) { tell(new News(Broken: e)); }
    }
}
