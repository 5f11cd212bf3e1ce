using System.Globalization;
using Pawl.Simulation.Disk;
using Pawl.Storage.Files;
using Pawl.Supervision.Reports;

namespace Pawl.Simulation.Processes;

/// <summary>The part of a program that trains: goes on from the newest checkpoint it finds, and says in the ledger what it found, did and saved.</summary>
/// <param name="stop">Completes when it is told to go.</param>
public sealed class Trainer(World world, SimProcess me, Training training, Start entry, string folder, string recipe, SimLine? line, Task stop)
{
    private readonly SimDisk _disk = new(me) { IsPerfect = true };
    private readonly SimClock _clock = new(me);
    private readonly List<string> _saved = [];
    private long _done;
    private bool _isAsked;

    /// <summary>Save as soon as the step is done, and go on.</summary>
    public void Ask() => _isAsked = true;

    /// <param name="hangs">It does a step more and is silent from then on.</param>
    /// <param name="savesAtStop">Told to go, it saves first.</param>
    /// <returns>False where it was told to go before it was done.</returns>
    public async Task<bool> RunAsync(bool hangs, bool savesAtStop)
    {
        await ResumeAsync();
        Say(new Report.Hello("simulated", _done, training.Steps));
        while (_done < training.Steps && !stop.IsCompleted && !(hangs && _done > entry.From))
        {
            await Task.WhenAny(Task.Delay(training.StepTakes, _clock), stop);
            if (stop.IsCompleted) { break; }
            entry.Done = ++_done;
            Say(new Report.StepDone(_done, training.Steps, System.Collections.Immutable.ImmutableSortedDictionary<string, double>.Empty));
            if (_isAsked || _done % training.Every == 0) { await SaveAsync(); }
        }
        // After its last step nobody would say that it hangs, however long it stays.
        if (hangs && _done < training.Steps && !stop.IsCompleted)
        {
            world.Note(me, "hangs", "");
            await stop;
        }
        if (!stop.IsCompleted) { return true; }
        if (savesAtStop) { await SaveAsync(); }
        return false;
    }

    private async Task ResumeAsync()
    {
        Trained? newest = null;
        foreach (var (name, _) in await _disk.ListAsync(folder))
        {
            if (await FoundAsync(name) is not { } found) { return; }
            if (newest is null || found.Step > newest.Step) { newest = found; }
        }
        if (newest is not null) { _saved.AddRange(from entry in world.Disk.List(folder) orderby entry.Name select entry.Name); }
        _done = entry.From = entry.Done = entry.Saved = newest?.Step ?? 0;
        entry.Source = newest?.Start;
        world.Resumed?.Invoke(entry);
    }

    private async Task<Trained?> FoundAsync(string name)
    {
        var path = $"{folder}/{name}";
        if (name.EndsWith(".tmp", StringComparison.Ordinal) || await _disk.StatAsync(path) is not { Kind: FileKind.File } facts)
        {
            world.Break("whole", $"{entry} found {path} in its checkpoint folder, which is no checkpoint");
            return null;
        }
        await using var file = await _disk.OpenReadAsync(path);
        var bytes = new byte[facts.Size];
        for (int at = 0, read; at < bytes.Length && (read = await file!.ReadAsync(bytes.AsMemory(at), at)) > 0;) { at += read; }
        if (Trained.WrittenAs(bytes) is not { } found) { world.Break("whole", $"{entry} found {path}: {bytes.Length} bytes that no trainer wrote like this"); }
        else if (found.Recipe != recipe || found.Task != Trained.TaskOf(entry.Step)) { world.Break("whole", $"{entry} found {path} of another training: {found}"); }
        else { return found; }
        return null;
    }

    private async Task SaveAsync()
    {
        _isAsked = false;
        if (entry.Saved == _done) { return; }
        var (step, began) = (_done, world.Timeline.Now);
        var bytes = new Trained(entry.Id, recipe, Trained.TaskOf(entry.Step), step).Content();
        var name = training.Way is WayOfSaving.Overwrites ? "ckpt" : string.Create(CultureInfo.InvariantCulture, $"ckpt-{step:D5}");
        await (training.Way is WayOfSaving.Renames ? RenamedAsync(name, bytes) : InPlaceAsync($"{folder}/{name}", bytes));
        entry.Saved = step;
        _saved.Remove(name);
        _saved.Add(name);
        var took = world.Timeline.Now - began;
        Say(new Report.CheckpointMade(step, name, took, took));
        for (; _saved.Count > training.Keeps; _saved.RemoveAt(0)) { await _disk.RemoveAsync($"{folder}/{_saved[0]}"); }
    }

    private async Task RenamedAsync(string name, ReadOnlyMemory<byte> bytes)
    {
        var aside = $"{folder}/{name}.tmp";
        await _disk.RemoveAsync(aside);
        await using (var file = await _disk.CreateAsync(aside, 0x1A4)) { await WriteAsync(file, bytes); }
        await _disk.RenameAsync(aside, $"{folder}/{name}");
    }

    private async Task InPlaceAsync(string path, ReadOnlyMemory<byte> bytes)
    {
        await using var file = await _disk.OpenAppendAsync(path);
        var inode = world.Disk.Find(path)!;
        world.HalfWritten.Add(inode);
        await file.TruncateAsync(0);
        await WriteAsync(file, bytes);
        world.HalfWritten.Remove(inode);
        world.Disk.Closed(path);
    }

    private static async Task WriteAsync(IDiskFile file, ReadOnlyMemory<byte> bytes)
    {
        var third = bytes.Length / 3;
        await file.WriteAsync(bytes[..third]);
        await file.WriteAsync(bytes[third..(2 * third)]);
        await file.WriteAsync(bytes[(2 * third)..]);
    }

    private void Say(Report report)
    {
        entry.HeardAt = world.Timeline.Now;
        line?.Send(report);
    }
}
