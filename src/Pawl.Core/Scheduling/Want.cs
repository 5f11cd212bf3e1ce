using System.Collections.Immutable;
using Pawl.Core.Attempts;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>Something that should be so now. Derived from the state, never stored: after a crash these are the whole recovery plan.</summary>
public abstract record Want
{
    private Want() { }

    /// <summary>The attempt should be running; one that exists is left alone.</summary>
    public sealed record Run(AttemptId Attempt) : Want;

    /// <summary>The attempt should come to its end.</summary>
    /// <param name="Kill">Without a grace period.</param>
    /// <param name="Preempt">The attempt is to be tried again, so it ends Preempted; else it ends Failed with the message.</param>
    /// <param name="Deadline">By then everything of it is killed; null leaves it its grace period.</param>
    public sealed record Stop(AttemptId Attempt, bool Kill, bool Preempt, string Message, DateTimeOffset? Deadline = null) : Want;

    /// <summary>A holder should have these locks; what it has beside them is let go.</summary>
    /// <param name="Node">Null is the run itself.</param>
    /// <param name="IsHeld">They were given to it; else it asks for them, and hears of it by an observation.</param>
    public sealed record Lock(NodeId? Node, ImmutableArray<LockKey> Keys, bool IsHeld) : Want;

    /// <summary>Somebody should look whether the outputs of a node are kept already.</summary>
    public sealed record Recall(NodeId Node, MemoKey Memo) : Want;

    /// <summary>The outputs of a node should be kept for later calls.</summary>
    public sealed record Remember(NodeId Node, MemoKey Memo, NodeOutputs Outputs) : Want;

    /// <summary>A tick should come at this time.</summary>
    public sealed record WakeAt(DateTimeOffset At) : Want;
}
