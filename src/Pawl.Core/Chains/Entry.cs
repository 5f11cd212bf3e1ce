using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Pawl.Core.Attempts;
using Pawl.Core.Checkpoints;

namespace Pawl.Core.Chains;

/// <summary>One link of a step's chain. Its number is the fencing token of whoever appended it.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(Claimed), "Claimed")]
[JsonDerivedType(typeof(Checkpointed), "Checkpointed")]
[JsonDerivedType(typeof(Pruned), "Pruned")]
[JsonDerivedType(typeof(Ended), "Ended")]
[JsonDerivedType(typeof(Completed), "Completed")]
[JsonDerivedType(typeof(Superseded), "Superseded")]
public abstract record Entry
{
    public const int CurrentSchema = 1;

    private Entry() { }

    public int Schema { get; init; } = CurrentSchema;

    /// <summary>From 1, without a gap.</summary>
    public int Number { get; init; }

    /// <summary>SHA-256 in hex of the bytes of the entry before; empty in the first.</summary>
    public string Previous { get; init; } = "";

    public DateTimeOffset At { get; init; }

    /// <summary>Makes its writer the owner of the step until a higher claim.</summary>
    /// <param name="Node">Full node name, retry suffix included.</param>
    /// <param name="Attempt">From 1.</param>
    /// <param name="Sequence">Of the journal event that caused the attempt.</param>
    /// <param name="Nonce">Told apart from a repeat of the same attempt by another process.</param>
    public sealed record Claimed(string Node, int Attempt, string Fingerprint, long Sequence, string Host, string Nonce) : Entry;

    /// <summary>A checkpoint is whole and durable in the store; an attempt of the same fingerprint may go on from it.</summary>
    public sealed record Checkpointed(int Claim, string Fingerprint, Checkpoint Checkpoint) : Entry;

    /// <summary>
    /// Checkpoints that nobody may restore or build upon any more. Written before anything of them is removed, so that whoever owns the step
    /// next never counts on what a late writer still removes.
    /// </summary>
    /// <param name="Checkpoints">Numbers of <see cref="Checkpointed"/> entries. What no other entry names goes with them.</param>
    /// <param name="OrphansBelow">Chunks of claims below this one that no entry names go too; 0 is none.</param>
    public sealed record Pruned(int Claim, ImmutableArray<int> Checkpoints, int OrphansBelow) : Entry;

    /// <summary>The attempt of claim <paramref name="Claim"/> ended without completing the step.</summary>
    public sealed record Ended(int Claim, Outcome Outcome) : Entry;

    /// <summary>The step is done: these are its outputs, and it never runs again under this fingerprint.</summary>
    public sealed record Completed(int Claim, string Fingerprint, NodeOutputs Outputs) : Entry;

    /// <summary>What was completed no longer counts: a retry, a set node, changed parameters.</summary>
    public sealed record Superseded(string Reason) : Entry;
}
