using System.Runtime.InteropServices;

namespace Pawl.Training;

/// <summary>Whether the trainer was told to go, by a signal or by pawl, and until when it may take its time.</summary>
internal sealed class Leaving : IDisposable
{
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private readonly List<PosixSignalRegistration> _signals = [];
    private long _since;
    private TimeSpan _allowed;
    private volatile bool _told;

    public Leaving(TimeProvider clock, TimeSpan grace, bool handleSignals)
    {
        _clock = clock;
        if (!handleSignals) { return; }
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            Tell(grace);
        }));
        // Ctrl-C in a terminal saves too; who presses it again means it.
        _signals.Add(PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = !_told;
            Tell(grace);
        }));
    }

    public bool IsTold => _told;

    /// <summary>What is left to save in; never negative.</summary>
    public TimeSpan Left
    {
        get
        {
            lock (_gate)
            {
                var left = _allowed - _clock.GetElapsedTime(_since);
                return left > TimeSpan.Zero ? left : TimeSpan.Zero;
            }
        }
    }

    /// <summary>The first deadline holds, unless a later word shortens it.</summary>
    public void Tell(TimeSpan allowed)
    {
        lock (_gate)
        {
            if (_told && _allowed - _clock.GetElapsedTime(_since) <= allowed) { return; }
            (_since, _allowed) = (_clock.GetTimestamp(), allowed);
            _told = true;
        }
    }

    public void Dispose()
    {
        foreach (var signal in _signals) { signal.Dispose(); }
    }
}
