using System.Diagnostics;
using System.Globalization;
using Pawl.Core.Cron;
using Pawl.Core.Expressions;
using Xunit;

namespace Pawl.Tests.Core.Cron;

/// <summary>When a schedule fires. Expected times are those of robfig/cron v3, which Argo uses.</summary>
public sealed class CronScheduleTests
{
    [Theory]
    [InlineData("* * * * *", "2026-03-01T10:00:30Z", "2026-03-01T10:01:00Z")]
    [InlineData("* * * * *", "2026-03-01T10:01:00Z", "2026-03-01T10:02:00Z")]
    [InlineData("0 2 * * *", "2026-03-01T02:00:00Z", "2026-03-02T02:00:00Z")]
    [InlineData("*/15 9-17 * * MON-FRI", "2026-03-06T17:45:00Z", "2026-03-09T09:00:00Z")]
    [InlineData("5/20 * * * *", "2026-03-01T10:00:00Z", "2026-03-01T10:05:00Z")]
    [InlineData("0 0 29 2 *", "2026-03-01T00:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData("0 0 31 * *", "2026-03-31T00:00:00Z", "2026-05-31T00:00:00Z")]
    [InlineData("0 0 13 * FRI", "2026-03-01T00:00:00Z", "2026-03-06T00:00:00Z")]
    [InlineData("0 0 1-7 * *", "2026-03-08T00:00:00Z", "2026-04-01T00:00:00Z")]
    [InlineData("0 0 */2 * SUN", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z")]
    [InlineData("0 0 ? dec ?", "2026-03-01T00:00:00Z", "2026-12-01T00:00:00Z")]
    [InlineData("59 23 31 12 *", "2026-12-31T23:59:00Z", "2027-12-31T23:59:00Z")]
    [InlineData("@hourly", "2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z")]
    [InlineData("@daily", "2026-03-01T10:00:00Z", "2026-03-02T00:00:00Z")]
    [InlineData("@midnight", "2026-03-01T10:00:00Z", "2026-03-02T00:00:00Z")]
    [InlineData("@weekly", "2026-03-01T10:00:00Z", "2026-03-08T00:00:00Z")]
    [InlineData("@monthly", "2026-03-01T10:00:00Z", "2026-04-01T00:00:00Z")]
    [InlineData("@yearly", "2026-03-01T10:00:00Z", "2027-01-01T00:00:00Z")]
    [InlineData("@annually", "2026-03-01T10:00:00Z", "2027-01-01T00:00:00Z")]
    [InlineData("@every 90m", "2026-03-01T10:00:00.7Z", "2026-03-01T11:30:00Z")]
    [InlineData("@every 1ms", "2026-03-01T10:00:00Z", "2026-03-01T10:00:01Z")]
    public void Fires_next_at(string schedule, string after, string expected) =>
        Assert.Equal(Time(expected), CronSchedule.Parse(schedule).Next(Time(after), TimeZoneInfo.Utc));

    [Fact]
    public void Is_read_on_the_wall_of_its_zone()
    {
        var next = Next("0 9 * * *", "2026-01-15T15:00:00Z", "America/New_York");
        Assert.Equal(("2026-01-16T09:00:00-05:00", "2026-01-16T14:00:00+00:00"), (Text(next), Text(next.ToUniversalTime())));
    }

    [Fact]
    public void A_time_that_the_clock_leaves_out_is_skipped() =>
        Assert.Equal("2026-03-30T02:30:00+02:00", Text(Next("30 2 * * *", "2026-03-28T12:00:00Z", "Europe/Berlin")));

    [Fact]
    public void A_time_that_the_clock_repeats_fires_twice()
    {
        var first = Next("30 2 * * *", "2026-10-24T12:00:00Z", "Europe/Berlin");
        var second = Next("30 2 * * *", Text(first), "Europe/Berlin");
        Assert.Equal(("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"), (Text(first), Text(second)));
        Assert.Equal("2026-10-26T02:30:00+01:00", Text(Next("30 2 * * *", Text(second), "Europe/Berlin")));
    }

    [Fact]
    public void Every_hour_of_a_day_with_25_hours_fires()
    {
        var (at, count) = (Time("2026-10-24T22:00:00Z").AddTicks(-1), 0);
        while (Next("0 * * * *", at.ToString("O", CultureInfo.InvariantCulture), "Europe/Berlin") is var next && next.Day == 25) { (at, count) = (next, count + 1); }
        Assert.Equal(25, count);
    }

    // São Paulo's clocks left out midnight itself until 2018.
    [Fact]
    public void A_day_without_midnight_begins_later() =>
        Assert.Equal("2018-11-04T01:00:00-02:00", Text(Next("0 1 * * *", "2018-11-03T12:00:00-03:00", "America/Sao_Paulo")));

    // Samoa went from 29 to 31 December 2011.
    [Fact]
    public void A_day_that_never_was_is_skipped() =>
        Assert.Equal("2011-12-31T00:00:00+14:00", Text(Next("0 0 * * *", "2011-12-29T12:00:00-10:00", "Pacific/Apia")));

    [Theory]
    [InlineData("CRON_TZ=Asia/Tokyo 0 5 * * *")]
    [InlineData("TZ=Asia/Tokyo 0 5 * * *")]
    public void May_name_a_zone_of_its_own(string text) => Assert.Equal("Asia/Tokyo", CronSchedule.Parse(text).Zone);

    [Fact]
    public void Of_a_day_that_never_comes_never_fires_and_that_is_soon_known()
    {
        var begun = Stopwatch.GetTimestamp();
        Assert.Null(CronSchedule.Parse("0 0 30 2 *").Next(Time("2026-03-01T00:00:00Z"), TimeZoneInfo.FindSystemTimeZoneById("Europe/Berlin")));
        Assert.InRange(Stopwatch.GetElapsedTime(begun), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("", "it has 0 fields")]
    [InlineData("* * * *", "it has 4 fields")]
    [InlineData("* * * * * *", "it has 6 fields")]
    [InlineData("60 * * * *", "'60' in minute is outside of 0-59")]
    [InlineData("* * 0 * *", "'0' in day of month is outside of 1-31")]
    [InlineData("* * * * 7", "'7' in day of week is outside of 0-6")]
    [InlineData("30-10 * * * *", "begins after its end")]
    [InlineData("*/0 * * * *", "has no step")]
    [InlineData("a * * * *", "'a' in minute is neither a number nor *")]
    [InlineData("* * * xyz *", "nor a name such as JAN")]
    [InlineData("@fortnightly", "'@fortnightly' is unknown")]
    [InlineData("@every 90", "'90' is no duration")]
    [InlineData("TZ=Asia/Tokyo", "nothing follows the time zone")]
    public void A_malformed_one_says_what_is_wrong(string text, string why)
    {
        var refused = Assert.Throws<ExpressionException>(() => CronSchedule.Parse(text));
        Assert.Contains(why, refused.Message, StringComparison.Ordinal);
    }

    // The law behind all of the above: the next time is the first minute after now whose wall clock fits.
    [Fact]
    public void Agrees_with_looking_at_every_minute()
    {
        var dice = new Random(7);
        string[] zones = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/St_Johns"];
        for (var i = 0; i < 60; i++)
        {
            var (minute, hour, month) = (dice.Next(60), dice.Next(24), dice.Next(1, 13));
            var zone = TimeZoneInfo.FindSystemTimeZoneById(zones[i % zones.Length]);
            var after = new DateTimeOffset(2026, month, dice.Next(1, 28), dice.Next(24), dice.Next(60), 0, TimeSpan.Zero);
            var next = CronSchedule.Parse(string.Create(CultureInfo.InvariantCulture, $"{minute} {hour} * * *")).Next(after, zone);
            var naive = after;
            do { naive = naive.AddMinutes(1); }
            while (TimeZoneInfo.ConvertTime(naive, zone) is var wall && (wall.Minute, wall.Hour) != (minute, hour));
            Assert.Equal(naive, next);
        }
    }

    [Fact]
    public void Any_text_is_a_schedule_or_refused_with_a_reason()
    {
        var count = int.TryParse(Environment.GetEnvironmentVariable("PAWL_FUZZ_INPUTS"), CultureInfo.InvariantCulture, out var set) ? set : 100_000;
        var dice = new Random(11);
        string[] pieces = ["*", "/", "-", ",", " ", "0", "5", "59", "7", "31", "JAN", "mon", "@every ", "@daily", "1h", "TZ=UTC ", "?", "x", "\t", "999999999999"];
        for (var i = 0; i < count; i++)
        {
            var text = string.Concat(Enumerable.Range(0, dice.Next(1, 14)).Select(_ => pieces[dice.Next(pieces.Length)]));
            try
            {
                var schedule = CronSchedule.Parse(text);
                if (i % 100 == 0) { Assert.True(schedule.Next(Time("2026-03-01T00:00:00Z"), TimeZoneInfo.Utc) is not { } next || next > Time("2026-03-01T00:00:00Z")); }
            }
            catch (ExpressionException e) { Assert.Contains("is malformed", e.Message, StringComparison.Ordinal); }
        }
    }

    private static DateTimeOffset Next(string schedule, string after, string zone) =>
        CronSchedule.Parse(schedule).Next(Time(after), TimeZoneInfo.FindSystemTimeZoneById(zone))!.Value;

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
}
