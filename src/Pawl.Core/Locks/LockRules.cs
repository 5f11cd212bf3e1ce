using System.Collections.Immutable;
using System.Globalization;
using Pawl.Core.Workflows;

namespace Pawl.Core.Locks;

/// <summary>Whose locks these are: one run, driven by one engine.</summary>
/// <param name="Owner">The engine.</param>
public sealed record LockAsker(string Run, int Priority, DateTimeOffset CreatedAt, string Owner);

/// <summary>What a holder should have.</summary>
/// <param name="Node">Empty is the run itself.</param>
/// <param name="IsHeld">It was given them before; else it asks for them.</param>
public sealed record LockClaim(string Node, ImmutableArray<LockKey> Keys, bool IsHeld);

/// <summary>What a holder that asked is told.</summary>
public abstract record LockAnswer(string Node)
{
    public sealed record Taken(string Node) : LockAnswer(Node);

    /// <param name="Message">In Argo's words.</param>
    public sealed record Busy(string Node, string Message) : LockAnswer(Node);

    /// <summary>Nobody can have it as things are.</summary>
    public sealed record Failed(string Node, string Message) : LockAnswer(Node);
}

/// <summary>Who gets a lock: all that a holder asks for or nothing, and only whoever is first in the queue of each.</summary>
public static class LockRules
{
    /// <summary>Brings the rows of one run up to what it should have, and gives it what it may have.</summary>
    /// <param name="rows">Of all runs.</param>
    /// <param name="claims">All of the run: what it holds and is not among them it lets go.</param>
    /// <param name="limit">Most holders at once; null where none is known.</param>
    public static (ImmutableArray<LockRow> Rows, ImmutableArray<LockAnswer> Answers) Update(
        ImmutableArray<LockRow> rows, LockAsker asker, ImmutableArray<LockClaim> claims, Func<LockKey, int?> limit)
    {
        var own = rows.Where(r => r.Run == asker.Run).ToDictionary(r => (r.Key, r.Node));
        var now = rows.Where(r => r.Run != asker.Run).ToList();
        foreach (var claim in claims)
        {
            foreach (var key in claim.Keys.DistinctBy(k => k.Name))
            {
                // What was taken stays taken though its taker died before he wrote it down.
                var held = claim.IsHeld || (own.TryGetValue((key.Name, claim.Node), out var known) && known.IsHeld);
                now.Add(new LockRow(key.Name, asker.Run, claim.Node, asker.Priority, asker.CreatedAt, held, asker.Owner));
            }
        }
        var answers = ImmutableArray.CreateBuilder<LockAnswer>();
        foreach (var claim in claims.Where(c => !c.IsHeld).OrderBy(c => c.Node, StringComparer.Ordinal)) { answers.Add(Answer(now, asker.Run, claim, limit)); }
        return ([.. now], answers.ToImmutable());
    }

    /// <summary>The order in which a lock is given away: by priority, then by age of the run.</summary>
    public static Comparer<LockRow> Queue { get; } = Comparer<LockRow>.Create((a, b) =>
        b.Priority.CompareTo(a.Priority) is var p and not 0 ? p
        : a.CreatedAt.CompareTo(b.CreatedAt) is var c and not 0 ? c
        : string.CompareOrdinal(a.Run, b.Run) is var r and not 0 ? r
        : string.CompareOrdinal(a.Node, b.Node));

    private static LockAnswer Answer(List<LockRow> rows, string run, LockClaim claim, Func<LockKey, int?> limit)
    {
        var mine = rows.Where(r => r.Run == run && r.Node == claim.Node).ToList();
        if (mine.TrueForAll(r => r.IsHeld)) { return new LockAnswer.Taken(claim.Node); }
        LockAnswer? problem = null;
        foreach (var key in claim.Keys.DistinctBy(k => k.Name))
        {
            if ((key.IsMutex ? 1 : limit(key)) is not { } most)
            {
                rows.RemoveAll(mine.Contains);
                return new LockAnswer.Failed(claim.Node, $"Failed to get semaphore limit for {key.Name}");
            }
            if (mine.Exists(r => r.Key == key.Name && r.IsHeld)) { continue; }
            var holders = rows.Count(r => r.Key == key.Name && r.IsHeld);
            var first = rows.Where(r => r.Key == key.Name && !r.IsHeld).Min(Queue);
            if (first is null || holders >= most || !mine.Contains(first))
            {
                problem ??= new LockAnswer.Busy(claim.Node, string.Create(CultureInfo.InvariantCulture,
                    $"Waiting for {key.Name} lock. Lock status: {Math.Max(0, most - holders)}/{most}"));
            }
        }
        if (problem is not null) { return problem; }
        for (var i = 0; i < rows.Count; i++)
        {
            if (mine.Contains(rows[i])) { rows[i] = rows[i] with { IsHeld = true }; }
        }
        return new LockAnswer.Taken(claim.Node);
    }
}
