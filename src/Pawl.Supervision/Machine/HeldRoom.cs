using System.Collections.Immutable;
using Pawl.Storage.Files;

namespace Pawl.Supervision.Machine;

/// <summary>A place among those who share the machine; its part, once it has one.</summary>
internal sealed class HeldRoom(IDisk disk, string path, IHeldLock held)
{
    private bool _isOver;

    public string Path => path;

    /// <summary>Numbers of the GPUs that it has.</summary>
    public ImmutableArray<int> Gpus { get; set; } = [];

    /// <summary>Nothing of it may run any more.</summary>
    public async ValueTask GiveBackAsync()
    {
        if (_isOver) { return; }
        _isOver = true;
        try { await disk.RemoveAsync(path); }
        catch (IOException) { }     // free without its lock, and removed by whoever comes next
        await held.DisposeAsync();
    }
}
