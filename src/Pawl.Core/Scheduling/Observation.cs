using Pawl.Core.Attempts;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>News from the world, with the only time the rules see.</summary>
public abstract record Observation(DateTimeOffset At)
{
    /// <summary>Time has passed.</summary>
    public sealed record Tick(DateTimeOffset At) : Observation(At);

    /// <summary>An engine begins to drive the run.</summary>
    public sealed record Opened(DateTimeOffset At, string Host, string Version) : Observation(At);

    public sealed record Ended(DateTimeOffset At, AttemptId Attempt, Outcome Outcome) : Observation(At);

    /// <summary>The attempt's supervisor is gone and left neither outcome nor completion.</summary>
    public sealed record Lost(DateTimeOffset At, AttemptId Attempt, string Message) : Observation(At);

    /// <param name="Name">The request's file in the inbox; the same name twice is the same request.</param>
    public sealed record Asked(DateTimeOffset At, string Name, Request Request) : Observation(At);
}
