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

    /// <summary>How long all stages took that have ended.</summary>
    public TimeSpan All => Sum(_ended);

    /// <summary>How long all stages took that were entered before one.</summary>
    public TimeSpan Before(string stage) => Sum(_ended.TakeWhile(s => s.Stage != stage));

    public TimeSpan Of(string stage) => Sum(_ended.Where(s => s.Stage == stage));

    /// <summary>How long one stage took and all that followed.</summary>
    public TimeSpan From(string stage) => Sum(_ended.SkipWhile(s => s.Stage != stage));

    private static TimeSpan Sum(IEnumerable<StageTime> stages) => TimeSpan.FromSeconds(stages.Sum(s => s.Seconds));

    private void End()
    {
        if (_stage is null) { return; }
        _ended.Add(new StageTime(_stage, clock.GetElapsedTime(_since).TotalSeconds));
        _stage = null;
    }
}
