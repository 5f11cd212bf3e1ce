using System.Collections.Immutable;
using Pawl.Core.Attempts;

namespace Pawl.Supervision;

/// <summary>How long each stage of an attempt took.</summary>
internal sealed class Stages(TimeProvider clock)
{
    private readonly ImmutableArray<StageTime>.Builder _ended = ImmutableArray.CreateBuilder<StageTime>();
    private string? _stage;
    private long _since;

    /// <summary>Ends the stage before and begins the next.</summary>
    public void Enter(string stage)
    {
        End();
        (_stage, _since) = (stage, clock.GetTimestamp());
    }

    public ImmutableArray<StageTime> Taken()
    {
        End();
        return _ended.ToImmutable();
    }

    private void End()
    {
        if (_stage is null) { return; }
        _ended.Add(new StageTime(_stage, clock.GetElapsedTime(_since).TotalSeconds));
        _stage = null;
    }
}
