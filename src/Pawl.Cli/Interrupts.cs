using System.Runtime.InteropServices;

namespace Pawl.Cli;

/// <summary>Ctrl-C and SIGTERM as a token; the second one ends the program as if nobody had listened.</summary>
internal sealed class Interrupts : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly SignalCount _count = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;

    public Interrupts()
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
    }

    public CancellationToken Token => _source.Token;

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _source.Dispose();
    }

    private void Cancel(PosixSignalContext context)
    {
        var count = _count.Add(context.Signal);
        if (count > 1) { return; }
        context.Cancel = true;
        if (count == 1) { _source.Cancel(); }
    }
}
