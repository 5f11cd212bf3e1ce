using System.Collections.Immutable;
using Pawl.Core.Attempts;
using Pawl.Core.Preemption;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>News from the world, with the only time the rules see.</summary>
public abstract record Observation(DateTimeOffset At)
{
    /// <summary>The only chance that expressions see; drawn for each observation by whoever hands it in.</summary>
    public ulong Seed { get; init; }

    /// <summary>Time has passed.</summary>
    public sealed record Tick(DateTimeOffset At) : Observation(At);

    /// <summary>An engine begins to drive the run.</summary>
    public sealed record Opened(DateTimeOffset At, string Host, string Version) : Observation(At);

    public sealed record Ended(DateTimeOffset At, AttemptId Attempt, Outcome Outcome) : Observation(At);

    /// <summary>The attempt's supervisor is gone and left neither outcome nor completion.</summary>
    /// <param name="SavedAt">When it committed its last checkpoint; null where it had none.</param>
    public sealed record Lost(DateTimeOffset At, AttemptId Attempt, string Message, DateTimeOffset? SavedAt) : Observation(At);

    /// <summary>A daemon is ready for those who wait for it.</summary>
    public sealed record Ready(DateTimeOffset At, AttemptId Attempt, string Address) : Observation(At);

    /// <summary>A holder that asked for locks has all of them.</summary>
    /// <param name="Node">Null is the run itself.</param>
    public sealed record LocksTaken(DateTimeOffset At, NodeId? Node) : Observation(At);

    /// <summary>It has none of them yet.</summary>
    public sealed record LocksBusy(DateTimeOffset At, NodeId? Node, string Message) : Observation(At);

    /// <summary>It cannot have them.</summary>
    public sealed record LocksFailed(DateTimeOffset At, NodeId? Node, string Message) : Observation(At);

    /// <param name="Found">The outputs that are kept under a node's key; null where there are none, or they are too old.</param>
    public sealed record Recalled(DateTimeOffset At, NodeId Node, NodeOutputs? Found) : Observation(At)
    {
        /// <summary>Of a cache by content: the digest of all that decides the outputs; null where nothing of the node is kept.</summary>
        public string? Key { get; init; }

        /// <summary>Who made them; or why what is kept is of no use. Null is nothing to say.</summary>
        public string? Message { get; init; }
    }

    /// <summary>The outputs of a node are kept.</summary>
    /// <param name="Problem">Why they could not be; null where they are.</param>
    public sealed record Remembered(DateTimeOffset At, NodeId Node, string? Problem) : Observation(At);

    /// <param name="Notices">All that are in force on this host now; none lifts those before.</param>
    public sealed record Noticed(DateTimeOffset At, ImmutableArray<Notice> Notices) : Observation(At);

    /// <param name="Name">The request's file in the inbox; the same name twice is the same request.</param>
    public sealed record Asked(DateTimeOffset At, string Name, Request Request) : Observation(At);
}
