using Pawl.Storage.Files;

namespace Pawl.Simulation.Disk;

/// <summary>Hints of one process. They come when the dice let them, and sometimes for nothing.</summary>
public sealed class SimWatch(SimProcess process) : IWatch
{
    private int _opened;

    public IFolderWatch Open(string folder)
    {
        var watch = new SimFolderWatch(process, folder, ++_opened);
        process.World.Disk.Watch(folder, watch);
        process.Watches.Add(watch);
        return watch;
    }
}

public sealed class SimFolderWatch(SimProcess process, string folder, int id) : IFolderWatch
{
    private bool _changed;
    private TaskCompletionSource? _waiter;

    public int Id { get; } = id;

    public async ValueTask ChangedAsync(CancellationToken stop)
    {
        await process.World.Turn(process, "watch", folder);
        if (!_changed)
        {
            var waiter = _waiter = new TaskCompletionSource();
            using var cancel = stop.Register(() => waiter.TrySetCanceled(stop));
            await waiter.Task;
        }
        _changed = false;
        stop.ThrowIfCancellationRequested();
    }

    /// <summary>Something changed: wakes who waits, or lets the next one pass.</summary>
    public void Hint()
    {
        _changed = true;
        if (_waiter is not { } waiter) { return; }
        _waiter = null;
        process.World.Ready(new Parked(process, () =>
        {
            process.World.Note(process, "hint", folder);
            waiter.TrySetResult();
        }));
    }

    public void Dispose()
    {
        process.World.Disk.Unwatch(folder, this);
        process.Watches.Remove(this);
    }
}
