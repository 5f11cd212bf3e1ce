using Pawl.Core.Expressions;

namespace Pawl.Core.Cron;

/// <summary>When a CronWorkflow fires, as Argo reads it: five fields, a word such as <c>@daily</c>, or <c>@every 90m</c>.</summary>
/// <remarks>
/// The grammar is that of robfig/cron v3, standard parser. A time of day that a clock change leaves out is skipped, one that it
/// repeats fires twice, because a schedule is a question put to the clock on the wall at every minute.
/// </remarks>
public sealed class CronSchedule
{
    // As robfig/cron: what does not come within five years, such as 30 February, never comes.
    private const int MostYears = 5;

    private readonly CronFields? _fields;
    private readonly TimeSpan _every;

    private CronSchedule(string text, CronFields? fields, TimeSpan every, string? zone) => (Text, _fields, _every, Zone) = (text, fields, every, zone);

    /// <summary>As written.</summary>
    public string Text { get; }

    /// <summary>IANA name that the text itself names with <c>CRON_TZ=</c> or <c>TZ=</c>; null where it names none.</summary>
    public string? Zone { get; }

    /// <exception cref="ExpressionException">It is no schedule; the message says what is wrong and what to write.</exception>
    public static CronSchedule Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var rest = text.Trim();
        string? zone = null;
        foreach (var prefix in (string[])["CRON_TZ=", "TZ="])
        {
            if (!rest.StartsWith(prefix, StringComparison.Ordinal)) { continue; }
            var space = rest.IndexOf(' ', StringComparison.Ordinal);
            if (space < 0) { throw Malformed(text, "nothing follows the time zone; write five fields after it"); }
            (zone, rest) = (rest[prefix.Length..space], rest[space..].Trim());
            break;
        }
        const string every = "@every ";
        if (rest.StartsWith(every, StringComparison.Ordinal))
        {
            // A number alone is seconds to Argo elsewhere, but not here.
            var duration = rest[every.Length..].Trim();
            return duration.AsSpan().IndexOfAnyExceptInRange('0', '9') >= 0 && Durations.TryParse(duration, out var time)
                ? new CronSchedule(text, null, WholeSeconds(time), zone)
                : throw Malformed(text, $"'{duration}' is no duration; write one such as 90s, 10m or 1h30m");
        }
        return new CronSchedule(text, CronFields.Parse(Word(text, rest)), default, zone);
    }

    /// <summary>The first time after <paramref name="after"/> at which it fires.</summary>
    /// <param name="zone">The clock on whose wall the fields are read.</param>
    /// <returns>In the offset of the zone at that time; null where it never fires.</returns>
    public DateTimeOffset? Next(DateTimeOffset after, TimeZoneInfo zone)
    {
        ArgumentNullException.ThrowIfNull(zone);
        if (_fields is not { } fields)
        {
            return TimeZoneInfo.ConvertTime(new DateTimeOffset(after.UtcTicks / TimeSpan.TicksPerSecond * TimeSpan.TicksPerSecond, TimeSpan.Zero) + _every, zone);
        }
        var at = TimeZoneInfo.ConvertTime(new DateTimeOffset(after.UtcTicks / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute, TimeSpan.Zero).AddMinutes(1), zone);
        var last = at.Year + MostYears;
        while (at.Year <= last && at.Year < DateTimeOffset.MaxValue.Year)
        {
            if (!fields.HasDay(at.Date)) { at = StartOfNextDay(at, zone, fields); }
            else if (fields.HasTime(at.Hour, at.Minute)) { return at; }
            else { at = TimeZoneInfo.ConvertTime(at.AddMinutes(1), zone); }
        }
        return null;
    }

    // The first instant of the next day that may match. Midnight itself may be left out by a clock change.
    private static DateTimeOffset StartOfNextDay(DateTimeOffset at, TimeZoneInfo zone, CronFields fields)
    {
        var day = at.Date.AddDays(1);
        if (!fields.HasMonth(at.Month)) { day = new DateTime(at.Year, at.Month, 1, 0, 0, 0, DateTimeKind.Unspecified).AddMonths(1); }
        // From before any offset could put it, so that the earlier of two midnights is found as well.
        var instant = new DateTimeOffset(day, TimeSpan.Zero).AddHours(-15);
        if (instant < at) { instant = at.ToUniversalTime().AddMinutes(1); }
        var local = TimeZoneInfo.ConvertTime(instant, zone);
        if (local.Date < day)
        {
            // Close by, but never past it: clocks change by less than three hours.
            var near = day - local.DateTime - TimeSpan.FromHours(3);
            if (near > TimeSpan.Zero) { local = TimeZoneInfo.ConvertTime(local + near, zone); }
        }
        while (local.Date < day) { local = TimeZoneInfo.ConvertTime(local.AddMinutes(1), zone); }
        return local;
    }

    private static TimeSpan WholeSeconds(TimeSpan time) =>
        time < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(Math.Floor(time.TotalSeconds));

    private static string Word(string text, string rest) => rest switch
    {
        "@yearly" or "@annually" => "0 0 1 1 *",
        "@monthly" => "0 0 1 * *",
        "@weekly" => "0 0 * * 0",
        "@daily" or "@midnight" => "0 0 * * *",
        "@hourly" => "0 * * * *",
        ['@', ..] => throw Malformed(text, $"'{rest}' is unknown; write @hourly, @daily, @weekly, @monthly, @yearly or @every DURATION"),
        _ => rest,
    };

    internal static ExpressionException Malformed(string text, string why) => new($"cron schedule '{text}' is malformed: {why}", 1);
}
