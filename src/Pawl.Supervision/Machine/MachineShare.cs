using Pawl.Core.Attempts;
using Pawl.Storage.Files;

namespace Pawl.Supervision.Machine;

/// <summary>The part of this machine that an attempt has, from before it lays anything out until nothing of it runs.</summary>
/// <param name="room">Null where nothing is shared out: then everything is there.</param>
internal sealed class MachineShare(MachineRoom? room, IDisk disk, string attemptFolder)
{
    private HeldRoom? _held;
    private string _said = "";

    /// <summary>Waits for it, and meanwhile shows what for.</summary>
    /// <returns>The step with what it got.</returns>
    /// <exception cref="IOException">It will never be there.</exception>
    /// <exception cref="OperationCanceledException">Asked to stop while waiting.</exception>
    public async Task<AttemptSpec> TakeAsync(AttemptSpec spec, CancellationToken stop)
    {
        if (room is null) { return spec; }
        try
        {
            _held = await room.TakeAsync(attemptFolder, spec, SayAsync, stop);
            return spec with { Gpus = _held.Gpus };
        }
        finally
        {
            if (_said.Length > 0) { await AttemptFiles.WriteWaitingAsync(disk, attemptFolder, null); }
        }
    }

    /// <summary>Nothing of the attempt may run any more.</summary>
    public async ValueTask GiveBackAsync()
    {
        if (_held is { } held) { await held.GiveBackAsync(); }
    }

    private async ValueTask SayAsync(string text)
    {
        if (text == _said) { return; }
        _said = text;
        await AttemptFiles.WriteWaitingAsync(disk, attemptFolder, text);
    }
}
