namespace Pawl.Core.Expressions.Expr;

/// <summary>The language's functions of time. What time it is comes from the observation, never from a clock.</summary>
internal static class TimeFunctions
{
    private const int LongestLayout = 1000;

    public static ExprFamily All { get; } = new()
    {
        { "now", 0, 1, c => c.Count == 0 ? c.Run.Now : In(c.Run.Now, Zone(c, 0)) },
        { "duration", 1, c => GoTime.Duration(c.Text(0)) ?? throw c.Fail("the text is no duration; write such as 300ms, 1.5h or 2h45m") },
        { "date", 1, 3, Date },
        { "timezone", 1, c => new ExprZone(Zone(c, 0)) },
    };

    /// <exception cref="ExpressionException">It is longer than any sensible one.</exception>
    public static string Layout(ExprCall c, int i) => c.Text(i) is { Length: <= LongestLayout } layout ? layout
        : throw c.Fail($"the layout has more than {LongestLayout} characters");

    public static TimeZoneInfo Zone(ExprCall c, int i) => c[i] is ExprZone known ? known.Zone
        : GoTime.Zone(c.Text(i)) ?? throw c.Fail("unknown time zone; write one of the tz database, such as Europe/Berlin");

    /// <summary>The same moment in another zone; at the ends of the calendar as it was.</summary>
    public static DateTimeOffset In(DateTimeOffset time, TimeZoneInfo zone) => TimeZoneInfo.ConvertTime(time, zone);

    private static object Date(ExprCall c)
    {
        // A zone first and then the text is the other order that the language allows.
        if (c[0] is ExprZone zone)
        {
            if (c.Count == 1) { throw c.Fail("not enough arguments"); }
            return Parsed(c, 1, c.Count > 2 ? Layout(c, 2) : null, zone.Zone);
        }
        return Parsed(c, 0, c.Count > 1 ? Layout(c, 1) : null, c.Count > 2 ? Zone(c, 2) : null);
    }

    private static DateTimeOffset Parsed(ExprCall c, int i, string? layout, TimeZoneInfo? zone)
    {
        if (c[i] is DateTimeOffset already) { return already; }
        var text = c.Text(i);
        if (text.Length > LongestLayout) { throw c.Fail("the text is no date"); }
        foreach (var known in layout is null ? GoTime.Common : [layout])
        {
            if (GoTime.Parse(text, known, zone) is { } time) { return time; }
        }
        throw c.Fail(layout is null ? $"invalid date {JsonText.Quote(text)}" : $"{JsonText.Quote(text)} is no time of the layout {JsonText.Quote(layout)}");
    }
}

/// <summary>What can be called on a time or a duration: <c>now().Year()</c>, <c>duration("1h").Seconds()</c>.</summary>
internal static class TimeMethods
{
    /// <param name="c">The first argument is what the method is called on.</param>
    public static object? Invoke(ExprCall c) => c[0] switch
    {
        DateTimeOffset t => Time(c, t),
        TimeSpan d => Duration(c, d),
        ExprZone z when c.Function == "String" => z.Zone.Id,
        var of => throw new ExpressionException($"{(of is null ? "<nil>" : ExprValues.TypeOf(of))} has no method {c.Function}", c.Column),
    };

    private static object Time(ExprCall c, DateTimeOffset t)
    {
        var wanted = c.Function switch
        {
            "Format" or "Add" or "Sub" or "Before" or "After" or "Equal" or "In" or "Truncate" => 1,
            "AddDate" => 3,
            _ => 0,
        };
        if (c.Count != wanted + 1) { throw c.Fail($"takes {wanted} arguments"); }
        return c.Function switch
        {
            "Year" => (long)t.Year,
            "Month" => (long)t.Month,
            "Day" => (long)t.Day,
            "Hour" => (long)t.Hour,
            "Minute" => (long)t.Minute,
            "Second" => (long)t.Second,
            "Nanosecond" => t.Ticks % TimeSpan.TicksPerSecond * 100,
            "Weekday" => (long)t.DayOfWeek,
            "YearDay" => (long)t.DayOfYear,
            "Unix" => t.ToUnixTimeSeconds(),
            "UnixMilli" => t.ToUnixTimeMilliseconds(),
            "UnixNano" => unchecked((t.UtcTicks - DateTime.UnixEpoch.Ticks) * 100),
            "IsZero" => t == default,
            "UTC" => t.ToUniversalTime(),
            "String" => ExprValues.Text(t),
            "Format" => c.Made(GoTime.Format(t, TimeFunctions.Layout(c, 1))),
            "Add" => ExprOperators.Later(t, Span(c, 1), c.Column),
            "Sub" => t - c.Time(1),
            "Before" => t < c.Time(1),
            "After" => t > c.Time(1),
            "Equal" => t == c.Time(1),
            "In" => TimeFunctions.In(t, TimeFunctions.Zone(c, 1)),
            "Truncate" => Span(c, 1).Ticks is > 0 and var unit ? ExprOperators.Later(t, TimeSpan.FromTicks(-(t.UtcTicks % unit)), c.Column) : t,
            "AddDate" => AddDate(c, t),
            _ => throw new ExpressionException($"type time.Time has no method {c.Function}", c.Column),
        };
    }

    private static DateTimeOffset AddDate(ExprCall c, DateTimeOffset t)
    {
        var months = (Int128)c.Whole(1) * 12 + c.Whole(2);
        var days = c.Whole(3);
        if (Int128.Abs(months) > 120_000 || Int128.Abs(days) > 3_700_000) { throw c.Fail("the time is outside the years 1 to 9999"); }
        // Go counts days on from the first of the month, so that the 31st of a short month is in the next.
        var first = (Int128)(t.Year * 12 + t.Month - 1) + months;
        if (first < 24 || first > 9998 * 12) { throw c.Fail("the time is outside the years 1 to 9999"); }
        var start = new DateTimeOffset((int)(first / 12), (int)(first % 12) + 1, 1, 0, 0, 0, t.Offset);
        return ExprOperators.Later(start, TimeSpan.FromDays(t.Day - 1) + t.TimeOfDay + TimeSpan.FromDays(days), c.Column);
    }

    private static TimeSpan Span(ExprCall c, int i) => c[i] is TimeSpan span ? span : throw c.Wrong(i, "duration");

    private static object Duration(ExprCall c, TimeSpan d) => c.Count != 1 ? throw c.Fail("takes no arguments") : c.Function switch
    {
        "Hours" => d.TotalHours,
        "Minutes" => d.TotalMinutes,
        "Seconds" => d.TotalSeconds,
        "Milliseconds" => (long)d.TotalMilliseconds,
        "Microseconds" => d.Ticks / TimeSpan.TicksPerMicrosecond,
        "Nanoseconds" => unchecked(d.Ticks * 100),
        "String" => GoTime.Text(d),
        "Abs" => d.Duration(),
        _ => throw new ExpressionException($"type time.Duration has no method {c.Function}", c.Column),
    };
}
