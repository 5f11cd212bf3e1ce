using Pawl.Core.Attempts;
using Pawl.Core.Errors;
using Pawl.Core.Workflows;
using Xunit;

namespace Pawl.Tests.Core.Errors;

/// <summary>The decision of Argo's processNodeRetries, rule by rule in its order.</summary>
public sealed class RetryRulesTests
{
    private static readonly DateTimeOffset Noon = new(2024, 5, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly RetryVerdict Again = new RetryVerdict.Retry();
    private static readonly RetryVerdict Keep = new RetryVerdict.Final(null);

    // The first try started at noon, the last one ended at `finished` seconds after it, and it is `now` seconds after it.
    private static RetryVerdict Decide(
        RetryStrategy strategy, int tries = 1, bool failed = true, Outcome? last = null, double finished = 60, double now = 60) =>
        RetryRules.Decide(
            strategy, tries, failed, last ?? Exited(1), Noon, Noon.AddSeconds(finished), Noon.AddSeconds(now), transientPattern: null);

    private static Outcome Exited(int code) => new()
    {
        Kind = OutcomeKind.Failed,
        Class = code == 75 ? ErrorClass.Transient : ErrorClass.Permanent,
        ExitCode = code,
        Message = $"main: Error (exit code {code})",
    };

    private static RetryStrategy Strategy(
        string? limit = "3", RetryPolicy policy = RetryPolicy.Always,
        string? duration = null, string? factor = null, string? cap = null, string? maxDuration = null) => new()
        {
            RetryLimit = limit,
            Policy = policy,
            Backoff = (duration ?? factor ?? cap ?? maxDuration) is null ? null : new Backoff(duration, factor, cap, maxDuration),
        };

    [Theory]
    [InlineData("0", 1, false)]
    [InlineData("1", 1, true)]
    [InlineData("1", 2, false)]
    [InlineData("3", 3, true)]
    [InlineData("3", 4, false)]
    [InlineData("-1", 1, false)]
    [InlineData(null, 1000, true)]
    [InlineData("", 1000, true)]
    public void A_limit_of_n_allows_n_plus_one_tries(string? limit, int tries, bool again) =>
        Assert.Equal(again ? Again : new RetryVerdict.Final("No more retries left"), Decide(Strategy(limit), tries));

    [Theory]
    [InlineData(RetryPolicy.OnFailure, true, true)]
    [InlineData(RetryPolicy.OnFailure, false, false)]
    [InlineData(RetryPolicy.OnError, true, false)]
    [InlineData(RetryPolicy.OnError, false, true)]
    [InlineData(RetryPolicy.Always, true, true)]
    [InlineData(RetryPolicy.Always, false, true)]
    [InlineData(RetryPolicy.OnTransientError, true, false)]
    [InlineData(RetryPolicy.OnTransientError, false, false)]
    public void The_policy_looks_at_the_phase(RetryPolicy policy, bool failed, bool again) =>
        Assert.Equal(again ? Again : Keep, Decide(Strategy(policy: policy), failed: failed));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void OnTransientError_takes_exit_75_and_transient_messages_of_either_phase(bool failed)
    {
        var strategy = Strategy(policy: RetryPolicy.OnTransientError);
        Assert.Equal(Again, Decide(strategy, failed: failed, last: Exited(75)));
        Assert.Equal(Again, Decide(strategy, failed: failed, last: Exited(1) with { LogTail = "dial tcp: i/o timeout" }));
    }

    [Fact]
    public void The_policy_is_asked_before_the_limit() => Assert.Equal(Keep, Decide(Strategy("0", RetryPolicy.OnError)));

    [Theory]
    [InlineData(1, "10", 10)]
    [InlineData(2, "20", 20)]
    [InlineData(3, "40", 40)]
    public void The_backoff_grows_and_counts_from_the_end_of_the_last_try(int tries, string seconds, int wait)
    {
        var strategy = Strategy(duration: "10", factor: "2");
        Assert.Equal(new RetryVerdict.Wait(Noon.AddSeconds(60 + wait), $"Backoff for {seconds} seconds"), Decide(strategy, tries));
        Assert.IsType<RetryVerdict.Wait>(Decide(strategy, tries, now: 60 + wait - 0.001));
        Assert.Equal(Again, Decide(strategy, tries, now: 60 + wait));
    }

    [Fact]
    public void A_fractional_factor_is_taken() => Assert.Equal(
        new RetryVerdict.Wait(Noon.AddSeconds(75), "Backoff for 15 seconds"), Decide(Strategy(duration: "10s", factor: "1.5"), tries: 2));

    [Fact]
    public void The_cap_bounds_the_wait() => Assert.Equal(
        new RetryVerdict.Wait(Noon.AddSeconds(75), "Backoff for 15 seconds"),
        Decide(Strategy(duration: "10", factor: "2", cap: "15s"), tries: 3));

    [Fact]
    public void Without_a_limit_no_backoff_is_waited() => Assert.Equal(Again, Decide(Strategy(limit: null, duration: "10m")));

    [Fact]
    public void The_backoff_is_waited_out_before_the_policy_is_asked()
    {
        var strategy = Strategy(policy: RetryPolicy.OnError, duration: "10");
        Assert.IsType<RetryVerdict.Wait>(Decide(strategy));
        Assert.Equal(Keep, Decide(strategy, now: 70));
    }

    [Fact]
    public void The_last_allowed_try_is_not_waited_for() =>
        Assert.Equal(new RetryVerdict.Final("No more retries left"), Decide(Strategy("1", duration: "10"), tries: 2));

    [Fact]
    public void MaxDuration_ends_the_retries_before_anything_else_is_looked_at()
    {
        var strategy = Strategy(duration: null, maxDuration: "1m");
        Assert.Equal(new RetryVerdict.Final("Max duration limit exceeded"), Decide(strategy, now: 60.001));
        Assert.Equal(new RetryVerdict.Error("no base duration specified for retryStrategy"), Decide(strategy, now: 60));
    }

    [Fact]
    public void A_wait_that_would_pass_maxDuration_is_not_begun()
    {
        var final = new RetryVerdict.Final("Backoff would exceed max duration limit");
        Assert.Equal(final, Decide(Strategy(duration: "10", maxDuration: "69s")));
        Assert.IsType<RetryVerdict.Wait>(Decide(Strategy(duration: "10", maxDuration: "70s")));
        Assert.Equal(final, Decide(Strategy(limit: null, duration: "10", maxDuration: "69s")));
    }

    [Theory]
    [InlineData(null, "2", null, null, "no base duration specified for retryStrategy")]
    [InlineData("", "2", null, null, "no base duration specified for retryStrategy")]
    [InlineData("1d", null, null, null, "retryStrategy.backoff.duration '1d' is not a duration")]
    [InlineData("1s", "two", null, null, "retryStrategy.backoff.factor 'two' is not a number")]
    [InlineData("1s", "2", "-1s", null, "retryStrategy.backoff.cap '-1s' is not a duration")]
    [InlineData("1s", "2", null, "soon", "retryStrategy.backoff.maxDuration 'soon' is not a duration")]
    public void A_malformed_backoff_is_an_error(string? duration, string? factor, string? cap, string? maxDuration, string message)
    {
        var strategy = new RetryStrategy { RetryLimit = "3", Backoff = new Backoff(duration, factor, cap, maxDuration) };
        Assert.StartsWith(message, Assert.IsType<RetryVerdict.Error>(Decide(strategy)).Message);
    }

    [Fact]
    public void A_malformed_limit_is_an_error_once_the_policy_has_said_yes()
    {
        Assert.Equal(Keep, Decide(Strategy("many", RetryPolicy.OnError)));
        Assert.Equal(new RetryVerdict.Error("retryStrategy.limit 'many' is not a whole number"), Decide(Strategy("many", duration: "10")));
    }

    [Fact]
    public void The_longest_numbers_overflow_nothing() => Assert.IsType<RetryVerdict.Wait>(
        Decide(Strategy("2147483647", duration: "999999999999h", factor: "1000000000", maxDuration: "99999999999999h"), tries: int.MaxValue));

    [Fact]
    public void A_later_try_is_stopped_at_maxDuration_after_the_first_began()
    {
        Assert.Equal(Noon.AddMinutes(5), RetryRules.Deadline(Strategy(duration: "1", maxDuration: "5m"), Noon));
        Assert.Null(RetryRules.Deadline(Strategy(duration: "1"), Noon));
        Assert.Null(RetryRules.Deadline(Strategy(), Noon));
    }
}
