using System.Collections.Immutable;
using System.Globalization;
using Pawl.Core.Attempts;
using Pawl.Core.Workflows;
using Pawl.Storage.Files;

namespace Pawl.Supervision.Machine;

/// <summary>Shares this machine out among all attempts that request something of it, whatever their homes: it is never promised twice.</summary>
/// <remarks>
/// A folder with one file for each attempt that has a part or awaits one, in the order in which they came. The file's lock is held by the
/// attempt's supervisor, so that the kernel tells who is gone; what one that is gone has left running keeps its part until it is ended.
/// </remarks>
/// <param name="folder">Gives the folder, the same for all homes.</param>
/// <param name="size">Measures the machine; asked only when something is requested.</param>
public sealed class MachineRoom(IDisk disk, IContainment containment, TimeProvider clock, Func<string> folder, Func<Needs> size)
{
    private const string Gate = "gate";
    private const string Suffix = ".json";
    private const int MostNamed = 3;

    // A part that is given back is soon taken, and long waits cost next to nothing.
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);

    /// <summary>Waits until there is room for all that an attempt requests, and takes it: all or nothing, first come first served.</summary>
    /// <param name="waits">Told what it waits for, whenever it looked and there was no room.</param>
    /// <exception cref="IOException">There never will be room on this machine, or the folder cannot be used; nothing was taken.</exception>
    /// <exception cref="OperationCanceledException">Asked to stop while waiting; nothing was taken.</exception>
    internal async Task<HeldRoom> TakeAsync(string attemptFolder, AttemptSpec spec, Func<string, ValueTask> waits, CancellationToken stop)
    {
        var all = size();
        CheckEver(spec.Needs, all);
        var room = folder();
        await disk.MakeFolderAsync(room);
        var wish = RoomEntry.Of(attemptFolder, spec);
        HeldRoom? own = null;
        try
        {
            for (var pause = FirstPause; ; pause = pause < LongestPause / 2 ? pause * 2 : LongestPause)
            {
                List<Other> left;
                string why;
                await using (await disk.LockAsync($"{room}/{Gate}", stop))
                {
                    var others = await OthersAsync(room, own?.Path);
                    own ??= await QueueAsync(room, others, wish);
                    if (await TryTakeAsync(own, wish, others, all)) { return own; }
                    left = [.. others.Where(o => !o.IsAlive)];
                    why = Why(wish, own, others, all);
                }
                // Outside the gate: what is slow to die must not hold up those who need none of its room.
                var isFreed = false;
                foreach (var other in left) { isFreed |= await TryEndAsync(room, other, stop); }
                if (isFreed) { continue; }
                await waits(why);
                await Task.Delay(pause, clock, stop);
            }
        }
        catch
        {
            if (own is not null) { await own.GiveBackAsync(); }
            throw;
        }
    }

    private static void CheckEver(Needs needs, Needs all)
    {
        var lacking = needs.Lacking(all);
        if (lacking.IsNothing) { return; }
        throw new IOException(
            $"the step requests {string.Join(" and ", lacking.Parts(lacking))}, and this machine has {string.Join(" and ", all.Parts(lacking))}; lower the request, or go on with the run on a larger machine");
    }

    /// <summary>Everybody else, in the order in which they came. Whoever is gone and had nothing yet is removed.</summary>
    private async Task<List<Other>> OthersAsync(string room, string? own)
    {
        var others = new List<Other>();
        foreach (var file in await disk.ListAsync(room))
        {
            var path = $"{room}/{file.Name}";
            if (path == own || !file.Name.EndsWith(Suffix, StringComparison.Ordinal)) { continue; }
            var entry = await AttemptFiles.ReadAsync(disk, path) is { } bytes ? RoomEntry.Parse(bytes) : null;
            var free = await disk.TryLockAsync(path);
            if (free is not null)
            {
                if (entry?.Gpus is null) { await disk.RemoveAsync(path); }
                await free.DisposeAsync();
            }
            if (entry is not null && (free is null || entry.Gpus is not null)) { others.Add(new Other(path, entry, IsAlive: free is null)); }
        }
        return others;
    }

    /// <summary>Takes a place at the end.</summary>
    private async Task<HeldRoom> QueueAsync(string room, List<Other> others, RoomEntry wish)
    {
        var last = others.Count == 0 ? 0 : long.Parse(Path.GetFileName(others[^1].Path).Split('-')[0], CultureInfo.InvariantCulture);
        var path = string.Create(CultureInfo.InvariantCulture, $"{room}/{last + 1:D10}-{Names.Folder(wish.AttemptFolder)}{Suffix}");
        var held = await disk.TryLockAsync(path) ?? throw new IOException($"{path} is somebody else's, and names this attempt; nothing was started");
        var own = new HeldRoom(disk, path, held);
        try
        {
            await AppendAsync(path, wish.Asked());
            return own;
        }
        catch
        {
            await own.GiveBackAsync();
            throw;
        }
    }

    private async ValueTask<bool> TryTakeAsync(HeldRoom own, RoomEntry wish, List<Other> others, Needs all)
    {
        var held = others.Where(o => o.Entry.Gpus is not null).ToList();
        var ofDaemons = Sum(held.Where(o => o.IsAlive && IsDaemonOf(wish, o)));
        CheckBesideDaemons(wish.Needs, ofDaemons, all);

        // Daemons wait for those that use them: who follows one goes ahead, or neither would ever end. All others leave to those who
        // came first what these wait for, so that many small ones do not starve a large one.
        var ahead = held.Exists(o => IsDaemonOf(wish, o)) ? [] : others.Where(o => IsBefore(o, own));
        if (!wish.Needs.FitIn(all - Sum(held) - Sum(ahead))) { return false; }

        var taken = held.SelectMany(o => o.Entry.Gpus!.Value).ToHashSet();
        ImmutableArray<int> gpus = [.. Enumerable.Range(0, (int)all.Gpus).Where(g => !taken.Contains(g)).Take((int)wish.Needs.Gpus)];
        await AppendAsync(own.Path, RoomEntry.Got(gpus));
        own.Gpus = gpus;
        return true;
    }

    // Nothing but these daemons runs of it then, and they run until the step is through.
    private static void CheckBesideDaemons(Needs needs, Needs ofDaemons, Needs all)
    {
        var lacking = needs.Lacking(all - ofDaemons);
        if (lacking.IsNothing) { return; }
        throw new IOException(
            $"the step requests {string.Join(" and ", lacking.Parts(lacking))}, and daemons of its own run hold {string.Join(" and ", ofDaemons.Parts(lacking))} of this machine's {string.Join(" and ", all.Parts(lacking))}; lower one of the requests");
    }

    /// <summary>Ends what a supervisor that is gone has left running, and gives its part back.</summary>
    /// <returns>False where that cannot be found out, such as from a container engine that does not answer: then it keeps its part.</returns>
    private async ValueTask<bool> TryEndAsync(string room, Other gone, CancellationToken stop)
    {
        try
        {
            await containment.EmptyAsync(gone.Entry.AttemptFolder);
        }
        catch (IOException)
        {
            return false;
        }
        await using (await disk.LockAsync($"{room}/{Gate}", stop)) { await disk.RemoveAsync(gone.Path); }
        return true;
    }

    private static string Why(RoomEntry wish, HeldRoom own, List<Other> others, Needs all)
    {
        var asked = wish.Needs;
        var holders = others.Where(o => o.Entry.Gpus is not null && !o.Entry.Needs.Of(asked).IsNothing).Select(o => $"{o.Entry.RunName} {o.Entry.Node}").ToList();
        var more = holders.Count > MostNamed ? string.Create(CultureInfo.InvariantCulture, $" and {holders.Count - MostNamed} more") : "";
        var taken = Sum(others.Where(o => o.Entry.Gpus is not null));
        var before = others.Count(o => IsBefore(o, own));
        return $"waits for {string.Join(" and ", asked.Parts(asked))}: {string.Join(" and ", taken.Parts(asked))} of this machine's {string.Join(" and ", all.Parts(asked))} are taken"
            + (holders.Count > 0 ? $", by {string.Join(", ", holders.Take(MostNamed))}{more}" : "")
            + (before > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {before} came before it") : "");
    }

    private async ValueTask AppendAsync(string path, byte[] line)
    {
        await using var file = await disk.OpenAppendAsync(path);
        await file.WriteAsync(line);
    }

    private static bool IsBefore(Other other, HeldRoom own) => other.Entry.Gpus is null && string.CompareOrdinal(other.Path, own.Path) < 0;

    private static bool IsDaemonOf(RoomEntry wish, Other other) => other.Entry.IsDaemon && other.Entry.RunId == wish.RunId;

    private static Needs Sum(IEnumerable<Other> others) => others.Aggregate(default(Needs), (sum, o) => sum + o.Entry.Needs);

    private sealed record Other(string Path, RoomEntry Entry, bool IsAlive);
}
