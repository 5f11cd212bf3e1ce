using System.Globalization;

namespace Pawl.Core.Expressions.Expr;

/// <summary>Sprig's dates. The local zone is UTC, as in Argo's controller; <c>now</c> is the time of the observation.</summary>
internal static class SprigTimes
{
    private const string Day = "2006-01-02";

    public static ExprFamily All { get; } = new()
    {
        { "now", 0, c => c.Run.Now },
        { "date", 2, c => Shown(c, TimeFunctions.Layout(c, 0), c[1], TimeZoneInfo.Utc) },
        { "dateInZone", 3, c => Shown(c, TimeFunctions.Layout(c, 0), c[1], Zone(c, 2)) },
        { "date_in_zone", 3, c => Shown(c, TimeFunctions.Layout(c, 0), c[1], Zone(c, 2)) },
        { "htmlDate", 1, c => Shown(c, Day, c[0], TimeZoneInfo.Utc) },
        { "htmlDateInZone", 2, c => Shown(c, Day, c[0], Zone(c, 1)) },
        { "dateModify", 2, c => Modified(c, isMust: false) },
        { "date_modify", 2, c => Modified(c, isMust: false) },
        { "mustDateModify", 2, c => Modified(c, isMust: true) },
        { "must_date_modify", 2, c => Modified(c, isMust: true) },
        { "toDate", 2, c => GoTime.Parse(c.Text(1), TimeFunctions.Layout(c, 0)) ?? default },
        { "mustToDate", 2, c => GoTime.Parse(c.Text(1), TimeFunctions.Layout(c, 0))
            ?? throw c.Fail($"the text is no time of the layout {JsonText.Quote(c.Text(0))}") },
        { "unixEpoch", 1, c => c.Time(0).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) },
        { "ago", 1, c => GoTime.Text(TimeSpan.FromSeconds(Math.Round((c.Run.Now - Time(c, c[0])).TotalSeconds, MidpointRounding.AwayFromZero))) },
        { "duration", 1, c => GoTime.Text(Seconds(SprigNumbers.Int(c[0]))) },
        { "durationRound", 1, Rounded },
    };

    // What is neither a time nor seconds since 1970 is now: a text too, as Sprig has it.
    private static DateTimeOffset Time(ExprCall c, object? value) => value switch
    {
        DateTimeOffset t => t,
        long seconds when Math.Abs((double)seconds) < 6e10 => DateTimeOffset.FromUnixTimeSeconds(seconds),
        _ => c.Run.Now,
    };

    private static string Shown(ExprCall c, string layout, object? value, TimeZoneInfo zone) =>
        c.Made(GoTime.Format(TimeFunctions.In(Time(c, value), zone), layout));

    // An unknown zone is UTC.
    private static TimeZoneInfo Zone(ExprCall c, int i) => GoTime.Zone(c.Text(i)) ?? TimeZoneInfo.Utc;

    private static DateTimeOffset Modified(ExprCall c, bool isMust) => GoTime.Duration(c.Text(0)) is { } by
        ? ExprOperators.Later(c.Time(1), by, c.Column)
        : !isMust ? c.Time(1)
        : throw c.Fail($"{JsonText.Quote(c.Text(0))} is no duration");

    private static TimeSpan Seconds(long seconds) =>
        TimeSpan.FromSeconds(Math.Clamp(seconds, -(long)Durations.Longest.TotalSeconds, (long)Durations.Longest.TotalSeconds));

    // The largest whole unit: 2h, 3d, 1y.
    private static string Rounded(ExprCall c)
    {
        var span = (c[0] switch
        {
            string s => GoTime.Duration(s) ?? TimeSpan.Zero,
            long n => TimeSpan.FromTicks(n / 100),
            TimeSpan t => t,
            DateTimeOffset t => c.Run.Now - t,
            _ => TimeSpan.Zero,
        }).Duration();
        var days = (long)span.TotalDays;
        return days >= 365 ? $"{days / 365}y"
            : days >= 30 ? $"{days / 30}mo"
            : days > 0 ? $"{days}d"
            : span.TotalHours >= 1 ? $"{(long)span.TotalHours}h"
            : span.TotalMinutes >= 1 ? $"{(long)span.TotalMinutes}m"
            : span.TotalSeconds >= 1 ? $"{(long)span.TotalSeconds}s"
            : "0s";
    }
}
