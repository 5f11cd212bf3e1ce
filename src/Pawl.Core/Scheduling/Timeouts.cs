using Pawl.Core.Expressions;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>Argo's <c>timeout</c> and <c>pendingTimeout</c> of a template: they count from the start of a node, not of its program.</summary>
internal static class Timeouts
{
    // Argo starts no program that it would end at once.
    private static readonly TimeSpan Least = TimeSpan.FromSeconds(1);

    /// <summary>What <c>timeout</c> leaves an attempt; null where there is none.</summary>
    /// <exception cref="ExpressionException">It is no duration, or no time is left.</exception>
    public static TimeSpan? Left(Template template, Node node, Scope scope)
    {
        if (Duration("timeout", template.Timeout, scope) is not { } timeout) { return null; }
        var left = node.StartedAt + timeout - (node.AttemptStartedAt ?? node.StartedAt);
        return left > Least ? left : throw new ExpressionException($"{node.Id} exceeded its deadline", 1);
    }

    /// <summary>How long a node may be Pending; null is for ever.</summary>
    /// <exception cref="ExpressionException">One of the two is no duration.</exception>
    public static TimeSpan? WhilePending(Template template, Scope scope)
    {
        var (all, pending) = (Duration("timeout", template.Timeout, scope), Duration("pendingTimeout", template.PendingTimeout, scope));
        return all is null || pending < all ? pending : all;
    }

    private static TimeSpan? Duration(string field, string? written, Scope scope)
    {
        if (written is not { Length: > 0 }) { return null; }
        var text = Substitution.Apply(written, scope);
        return Durations.TryParse(text, out var duration)
            ? duration
            : throw new ExpressionException($"{field} '{text}' is not a duration; write 30s, or 1m30s", 1);
    }
}
