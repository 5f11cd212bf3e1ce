using System.Collections.Immutable;
using System.Text.Json;
using Pawl.Core.Locks;
using Pawl.Core.Scheduling;
using Pawl.Engine.Homes;
using Pawl.Engine.Journals;
using Pawl.Engine.Loop;
using Pawl.Storage.Files;

namespace Pawl.Engine.Locks;

/// <summary>Finds rows that nobody will take back: of runs that are deleted or over, and places in the queue of engines that are gone.</summary>
/// <remarks>A run whose engine died in the middle keeps what it holds: its steps go on, and it goes on itself when it is resumed.</remarks>
public sealed class LockSweep(IDisk disk, Home home)
{
    // A journal is read again only where it has changed.
    private readonly Dictionary<string, (string Stamp, bool IsOver)> _known = new(StringComparer.Ordinal);

    /// <summary>Those among <paramref name="rows"/> that may go, if they are the same still.</summary>
    public async ValueTask<ImmutableArray<LockRow>> FindAsync(IEnumerable<LockRow> rows)
    {
        var found = ImmutableArray.CreateBuilder<LockRow>();
        foreach (var run in rows.GroupBy(r => r.Run, StringComparer.Ordinal).OrderBy(r => r.Key, StringComparer.Ordinal))
        {
            if (!RunFolder.IsUid(run.Key)) { found.AddRange(run); continue; }
            var folder = home.Run(run.Key);
            if (await disk.StatAsync(folder.Journal) is null) { found.AddRange(run); }
            else if (await RunLock.OwnerAsync(disk, folder) is null)
            {
                var isOver = await IsOverAsync(folder);
                found.AddRange(run.Where(r => isOver || !r.IsHeld));
            }
        }
        return found.ToImmutable();
    }

    private async ValueTask<bool> IsOverAsync(RunFolder folder)
    {
        var stamp = (await RunStamp.OfAsync(disk, folder)).Fingerprint;
        if (_known.TryGetValue(folder.Uid, out var known) && known.Stamp == stamp) { return known.IsOver; }
        var isOver = false;
        try
        {
            foreach (var record in (await Journal.ReadAsync(disk, folder.Journal)).Records.Reverse())
            {
                var e = EventJson.ReadEvent(record.Event);
                if (e is RunEvent.RunEnded or RunEvent.Retried)
                {
                    isOver = e is RunEvent.RunEnded;
                    break;
                }
            }
        }
        catch (Exception e) when (e is JsonException or JournalCorruptException)
        {
            // Nobody knows what it holds, and somebody must look at it: it keeps its locks until it is deleted.
            isOver = false;
        }
        _known[folder.Uid] = (stamp, isOver);
        return isOver;
    }
}
