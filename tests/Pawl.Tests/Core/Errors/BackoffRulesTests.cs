using FsCheck;
using FsCheck.Fluent;
using Pawl.Core.Errors;
using Xunit;

namespace Pawl.Tests.Core.Errors;

public sealed class BackoffRulesTests
{
    [Theory]
    [InlineData(10, 2, 1, 10)]
    [InlineData(10, 2, 2, 20)]
    [InlineData(10, 2, 4, 80)]
    [InlineData(10, 1.5, 3, 22.5)]
    [InlineData(10, 0, 9, 10)]
    [InlineData(10, -2, 9, 10)]
    [InlineData(10, double.NaN, 9, 10)]
    [InlineData(0, 2, 9, 0)]
    public void The_delay_is_duration_times_factor_to_the_retries_before(double seconds, double factor, int retry, double expected) =>
        Assert.Equal(TimeSpan.FromSeconds(expected), BackoffRules.Delay(TimeSpan.FromSeconds(seconds), factor, null, retry));

    [Fact]
    public void The_cap_is_the_longest_wait() =>
        Assert.Equal(TimeSpan.FromSeconds(60), BackoffRules.Delay(TimeSpan.FromSeconds(10), 2, TimeSpan.FromSeconds(60), 30));

    [Theory]
    [InlineData(2, int.MaxValue)]
    [InlineData(double.PositiveInfinity, 2)]
    [InlineData(double.MaxValue, 100)]
    public void What_would_overflow_is_a_year(double factor, int retry) =>
        Assert.Equal(BackoffRules.LongestDelay, BackoffRules.Delay(TimeSpan.FromSeconds(1), factor, null, retry));

    [Fact]
    public void It_never_shrinks_with_a_factor_of_one_or_more_and_never_passes_the_cap() => Prop
        .ForAll((uint milliseconds, byte tenths, uint capSeconds) =>
        {
            var cap = TimeSpan.FromSeconds(capSeconds);
            var waits = Enumerable.Range(1, 50)
                .Select(retry => BackoffRules.Delay(TimeSpan.FromMilliseconds(milliseconds), 1 + tenths / 10.0, cap, retry))
                .ToList();
            return waits.SequenceEqual(waits.Order())
                && waits.TrueForAll(wait => wait >= TimeSpan.Zero && wait <= cap && wait <= BackoffRules.LongestDelay);
        })
        .QuickCheckThrowOnFailure();

    [Fact]
    public void Any_numbers_give_a_delay_in_bounds() => Prop
        .ForAll((long ticks, double factor, int retry) =>
            BackoffRules.Delay(TimeSpan.FromTicks(ticks), factor, null, retry) is var delay
            && delay >= TimeSpan.Zero && delay <= BackoffRules.LongestDelay)
        .QuickCheckThrowOnFailure();
}
