using Pawl.Core.Errors;

namespace Pawl.Core.Chains;

/// <summary>What a step's chain tells about the attempts before the one that asks.</summary>
/// <param name="Seen">How long they ran, as far as their entries show.</param>
/// <param name="Interruptions">How many were preempted, killed or lost.</param>
/// <param name="Reached">The last training step that one of them is known to have done; null where none reported any.</param>
public sealed record StepHistory(TimeSpan Seen, int Interruptions, long? Reached)
{
    /// <param name="entries">Of the whole chain.</param>
    /// <param name="owner">Number of the claim that asks; it and what follows is left out.</param>
    /// <param name="fingerprint">Attempts of another one trained something else: they count as time, not as steps.</param>
    public static StepHistory Of(IReadOnlyList<Entry> entries, int owner, string fingerprint)
    {
        var (seen, interruptions, reached) = (TimeSpan.Zero, 0, (long?)null);
        Entry.Claimed? claim = null;
        var ended = true;
        foreach (var entry in entries.TakeWhile(e => e.Number < owner))
        {
            // A person who restores or prunes appends for a claim whose attempt is over: nothing ran until then.
            var wasEnded = ended;
            switch (entry)
            {
                case Entry.Claimed next:
                    if (!ended) { interruptions++; }
                    (claim, ended) = (next, false);
                    break;
                case Entry.Checkpointed made when claim is not null:
                    Reach(made.Checkpoint.Step);
                    break;
                case Entry.Ended end when claim is not null:
                    ended = true;
                    if (end.Outcome.Class is ErrorClass.Preempted or ErrorClass.Killed) { interruptions++; }
                    Reach(end.Outcome.Training?.Step);
                    break;
                case Entry.Completed or Entry.Superseded:
                    ended = true;
                    break;
            }
            if (!wasEnded && entry is not Entry.Claimed and not Entry.Superseded && entries[entry.Number - 2].At is var before && entry.At > before)
            {
                seen += entry.At - before;
            }
        }
        if (!ended) { interruptions++; }
        return new(seen, interruptions, reached);

        void Reach(long? step)
        {
            if (claim!.Fingerprint == fingerprint && step > (reached ?? -1)) { reached = step; }
        }
    }
}
