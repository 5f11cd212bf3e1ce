using FsCheck;
using FsCheck.Fluent;
using Pawl.Core.Expressions;
using Xunit;

namespace Pawl.Tests.Core.Expressions;

public sealed class DurationsTests
{
    [Theory]
    [InlineData("20", 20_000)]
    [InlineData("+20", 20_000)]
    [InlineData("0", 0)]
    [InlineData("300ms", 300)]
    [InlineData("2m", 120_000)]
    [InlineData("1h30m", 5_400_000)]
    [InlineData("1.5h", 5_400_000)]
    [InlineData(".5s", 500)]
    [InlineData("1.s", 1000)]
    [InlineData("1h1m1s1ms", 3_661_001)]
    [InlineData("2000us", 2)]
    [InlineData("2000µs", 2)]
    [InlineData("5000000ns", 5)]
    public void Whole_seconds_and_Go_durations_are_read(string text, long milliseconds)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-5")]
    [InlineData("-5s")]
    [InlineData("1d")]
    [InlineData("1.5")]
    [InlineData("s")]
    [InlineData(".s")]
    [InlineData("+")]
    [InlineData(" 10")]
    [InlineData("10 s")]
    [InlineData("1h30")]
    [InlineData("1e3s")]
    [InlineData("1.2.3s")]
    [InlineData("{{x}}")]
    [InlineData("１s")]
    public void Anything_else_is_refused(string text) => Assert.False(Durations.TryParse(text, out _));

    [Theory]
    [InlineData("99999999999999999999999999999999")]
    [InlineData("9999999999999h99999999999999999999h")]
    public void Too_long_ones_saturate(string text)
    {
        Assert.True(Durations.TryParse(text, out var duration));
        Assert.Equal(Durations.Longest, duration);
    }

    [Theory]
    [InlineData(0, "0 seconds")]
    [InlineData(300, "300 milliseconds")]
    [InlineData(1_000, "1 second")]
    [InlineData(20_900, "20 seconds")]
    [InlineData(65_000, "1 minute 5 seconds")]
    [InlineData(120_000, "2 minutes")]
    [InlineData(90_061_000, "1 day 1 hour 1 minute 1 second")]
    [InlineData(-5, "0 seconds")]
    public void People_read_them_in_words(long milliseconds, string expected) =>
        Assert.Equal(expected, Durations.Format(TimeSpan.FromMilliseconds(milliseconds)));

    [Fact]
    public void Hours_minutes_and_seconds_add_up() => Prop
        .ForAll((ushort h, ushort m, ushort s) =>
            Durations.TryParse($"{h}h{m}m{s}s", out var duration) && duration == TimeSpan.FromSeconds(h * 3600L + m * 60L + s))
        .QuickCheckThrowOnFailure();
}
