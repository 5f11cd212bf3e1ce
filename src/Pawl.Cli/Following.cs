using System.Runtime.CompilerServices;
using Pawl.Cli.Views;
using Pawl.Core.Scheduling;
using Pawl.Engine.Homes;
using Pawl.Storage.Files;

namespace Pawl.Cli;

/// <summary>Follows a run that somebody else drives, woken by the kernel when its journal grows.</summary>
internal static class Following
{
    // Events come in bursts, and a long journal is not folded again for each of them.
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(50);
    private const int FoldShare = 10;

    // An engine that was started a moment ago may not have taken its run yet.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The run now and after each change, with what was journaled since the last; ends with the run. Where nobody drives it, so that to wait
    /// alone is of no use, that is said once on stderr.
    /// </summary>
    public static async IAsyncEnumerable<(RunState Run, IReadOnlyList<RunEvent> New)> ReadAsync(
        Session session, RunFolder folder, [EnumeratorCancellation] CancellationToken stop)
    {
        using var watch = new InotifyWatch(hearsWrites: true);
        using var journal = watch.Open(folder.Journal);
        var told = false;
        for (var seen = 0; ;)
        {
            var changed = journal.ChangedAsync(stop).AsTask();
            var began = session.Clock.GetTimestamp();
            var events = new List<RunEvent>();
            var run = await session.Runs.ReadAsync(folder, events);
            var pause = session.Clock.GetElapsedTime(began) * FoldShare;
            yield return (run, events[seen..]);
            if (run.IsDone) { yield break; }
            seen = events.Count;
            if (!told)
            {
                await Task.WhenAny(changed, Task.Delay(Patience, session.Clock, stop));
                told = !changed.IsCompleted && await TellOfNoEngineAsync(session, folder, run);
            }
            await changed;
            await Task.Delay(pause > Burst ? pause : Burst, session.Clock, stop);
        }
    }

    private static async Task<bool> TellOfNoEngineAsync(Session session, RunFolder folder, RunState run)
    {
        if (await session.Runs.OwnerAsync(folder) is not null) { return false; }
        Screen.Error.WriteLine($"pawl: no engine drives {run.Name}; go on with it by: {session.Command($"resume {run.Name} --detach")}");
        return true;
    }
}
