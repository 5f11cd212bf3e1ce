using System.Globalization;
using Pawl.Core.Attempts;
using Pawl.Core.Expressions;
using Pawl.Core.Workflows;

namespace Pawl.Core.Errors;

/// <summary>What becomes of a Retry node whose newest try ended badly.</summary>
public abstract record RetryVerdict
{
    private RetryVerdict() { }

    /// <summary>No more tries: the Retry node takes the phase of the last one.</summary>
    /// <param name="Message">Of the Retry node; null keeps the last try's own.</param>
    public sealed record Final(string? Message) : RetryVerdict;

    /// <summary>Decide again at <paramref name="Until"/>; the Retry node stays Running and shows the message.</summary>
    public sealed record Wait(DateTimeOffset Until, string Message) : RetryVerdict;

    /// <summary>Start the next try now.</summary>
    public sealed record Retry : RetryVerdict;

    /// <summary>The strategy itself is wrong: the Retry node is Error.</summary>
    public sealed record Error(string Message) : RetryVerdict;
}

/// <summary>Argo's retry decision (<c>processNodeRetries</c>), in its order.</summary>
/// <remarks>
/// The order can be felt: the backoff is waited out before the policy is asked, so a node that will not be retried sits through
/// one wait, unless it was the last try that the limit allows; and without a limit no backoff is ever waited.
/// Argo's factor is a whole number; a fraction is taken here too, and lint says so.
/// </remarks>
public static class RetryRules
{
    /// <param name="strategy">Tags already replaced.</param>
    /// <param name="tries">Nodes so far, at least 1; hooks not counted.</param>
    /// <param name="failed">True for phase Failed, false for Error.</param>
    /// <param name="last">Never preempted or lost: those spend no retry and are decided by <see cref="RestartRules"/>.</param>
    /// <param name="firstStartedAt">Of the first try; maxDuration counts from there.</param>
    /// <param name="transientPattern">Of TRANSIENT_ERROR_PATTERN.</param>
    public static RetryVerdict Decide(
        RetryStrategy strategy, int tries, bool failed, Outcome last,
        DateTimeOffset firstStartedAt, DateTimeOffset lastFinishedAt, DateTimeOffset now, string? transientPattern)
    {
        if (strategy.Backoff is { } backoff
            && Waits(backoff, strategy.RetryLimit, tries, firstStartedAt, lastFinishedAt, now) is { } verdict)
        {
            return verdict;
        }
        if (!Allows(strategy.Policy, failed, last, transientPattern)) { return new RetryVerdict.Final(null); }
        if (string.IsNullOrEmpty(strategy.RetryLimit)) { return new RetryVerdict.Retry(); }
        if (Limit(strategy.RetryLimit) is not { } limit)
        {
            return new RetryVerdict.Error($"retryStrategy.limit '{strategy.RetryLimit}' is not a whole number");
        }
        return tries > limit ? new RetryVerdict.Final("No more retries left") : new RetryVerdict.Retry();
    }

    /// <summary>When a try from the second on is stopped for maxDuration; null where there is none.</summary>
    public static DateTimeOffset? Deadline(RetryStrategy strategy, DateTimeOffset firstStartedAt) =>
        strategy.Backoff?.MaxDuration is { Length: > 0 } text && Durations.TryParse(text, out var longest) ? firstStartedAt + longest : null;

    // Null where the backoff has nothing to say, or nothing more.
    private static RetryVerdict? Waits(
        Backoff backoff, string? limit, int tries, DateTimeOffset firstStartedAt, DateTimeOffset lastFinishedAt, DateTimeOffset now)
    {
        DateTimeOffset? deadline = null;
        if (!string.IsNullOrEmpty(backoff.MaxDuration))
        {
            if (!Durations.TryParse(backoff.MaxDuration, out var longest)) { return NotADuration("maxDuration", backoff.MaxDuration); }
            deadline = firstStartedAt + longest;
            if (now > deadline) { return new RetryVerdict.Final("Max duration limit exceeded"); }
        }

        if (string.IsNullOrEmpty(backoff.Duration)) { return new RetryVerdict.Error("no base duration specified for retryStrategy"); }
        if (!Durations.TryParse(backoff.Duration, out var duration)) { return NotADuration("duration", backoff.Duration); }
        if (Factor(backoff.Factor) is not { } factor)
        {
            return new RetryVerdict.Error($"retryStrategy.backoff.factor '{backoff.Factor}' is not a number");
        }
        TimeSpan? cap = null;
        if (!string.IsNullOrEmpty(backoff.Cap))
        {
            if (!Durations.TryParse(backoff.Cap, out var longest)) { return NotADuration("cap", backoff.Cap); }
            cap = longest;
        }

        var delay = BackoffRules.Delay(duration, factor, cap, tries);
        var until = lastFinishedAt + delay;
        if (until > deadline) { return new RetryVerdict.Final("Backoff would exceed max duration limit"); }
        // A limit that is no number is 0 here, as in Argo; it is an error only once the policy has said yes.
        return now < until && !string.IsNullOrEmpty(limit) && tries <= (Limit(limit) ?? 0)
            ? new RetryVerdict.Wait(until, $"Backoff for {Durations.Format(delay)}")
            : null;
    }

    private static bool Allows(RetryPolicy policy, bool failed, Outcome last, string? transientPattern) => policy switch
    {
        RetryPolicy.Always => true,
        RetryPolicy.OnFailure => failed,
        RetryPolicy.OnError => !failed,
        RetryPolicy.OnTransientError => Transient.IsTransient(last, transientPattern),
        _ => false,
    };

    private static int? Limit(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var limit) ? limit : null;

    // Absent is 0: every wait is the base duration.
    private static double? Factor(string? text) =>
        string.IsNullOrEmpty(text) ? 0
        : double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var factor)
            && double.IsFinite(factor) ? factor
        : null;

    private static RetryVerdict.Error NotADuration(string field, string text) =>
        new($"retryStrategy.backoff.{field} '{text}' is not a duration; write whole seconds or a Go duration such as 1m30s");
}
