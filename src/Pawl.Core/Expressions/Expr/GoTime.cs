using System.Globalization;
using System.Text;

namespace Pawl.Core.Expressions.Expr;

/// <summary>Times and durations as Go's <c>time</c> package writes and reads them: by the layout of its reference time.</summary>
/// <remarks>A zone other than UTC is shown by its offset where the layout asks for its name: times carry no names here.</remarks>
internal static class GoTime
{
    public const string Rfc3339 = "2006-01-02T15:04:05Z07:00";
    public const string Rfc3339Nano = "2006-01-02T15:04:05.999999999Z07:00";

    /// <summary>The layouts that <c>date()</c> tries.</summary>
    public static readonly string[] Common =
    [
        "2006-01-02", "15:04:05", "2006-01-02 15:04:05", Rfc3339, "02 Jan 06 15:04 MST", "Monday, 02-Jan-06 15:04:05 MST",
        "Mon, 02 Jan 2006 15:04:05 MST",
    ];

    private static readonly string[] Months = CultureInfo.InvariantCulture.DateTimeFormat.MonthNames[..12];
    private static readonly string[] Days = CultureInfo.InvariantCulture.DateTimeFormat.DayNames;

    // Longest first among those that begin alike.
    private static readonly string[] Elements =
    [
        "January", "Jan", "Monday", "Mon", "MST", "2006", "002", "01", "02", "03", "04", "05", "06", "-07:00:00", "-070000", "-07:00", "-0700",
        "-07", "Z07:00:00", "Z070000", "Z07:00", "Z0700", "Z07", "15", "_2006", "__2", "_2", "PM", "pm", "1", "2", "3", "4", "5",
    ];

    /// <exception cref="ExpressionException">The layout is longer than any sensible one.</exception>
    public static string Format(DateTimeOffset time, string layout)
    {
        var text = new StringBuilder();
        foreach (var (literal, element) in Parts(layout))
        {
            text.Append(literal);
            if (element.Length > 0) { text.Append(Shown(time, element)); }
        }
        return text.ToString();
    }

    /// <summary>Reads a time by its layout; without a zone it is of <paramref name="zone"/>.</summary>
    public static DateTimeOffset? Parse(string text, string layout, TimeZoneInfo? zone = null) => new GoTimeReader(text, Parts(layout), zone).Read();

    /// <summary>A zone of the tz database; null where there is none of this name.</summary>
    public static TimeZoneInfo? Zone(string name)
    {
        if (name.Length == 0 || name is "UTC" or "Local") { return TimeZoneInfo.Utc; }
        var isPlain = name.Length <= 64 && name[0] is not ('/' or '.') && !name.Contains("..", StringComparison.Ordinal)
            && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '_' or '-' or '+');
        return isPlain && TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) ? zone : null;
    }

    /// <summary>The text before each element, and the element; the last part has none.</summary>
    private static List<(string Literal, string Element)> Parts(string layout)
    {
        var parts = new List<(string, string)>();
        var start = 0;
        for (var at = 0; at < layout.Length;)
        {
            var element = Element(layout, at);
            if (element is null)
            {
                at++;
                continue;
            }
            // "_2006" is an underscore and a year.
            if (element == "_2006")
            {
                at++;
                element = "2006";
            }
            parts.Add((layout[start..at], element));
            at += element.Length;
            start = at;
        }
        parts.Add((layout[start..], ""));
        return parts;
    }

    private static string? Element(string layout, int at)
    {
        if (layout[at] is '.' or ',' && at + 1 < layout.Length && layout[at + 1] is '0' or '9')
        {
            var end = at + 1;
            while (end < layout.Length && layout[end] == layout[at + 1]) { end++; }
            if ((end >= layout.Length || !char.IsAsciiDigit(layout[end])) && end - at <= 10) { return layout[at..end]; }
        }
        foreach (var element in Elements)
        {
            if (string.CompareOrdinal(layout, at, element, 0, element.Length) == 0)
            {
                // "Janet" and "Monkey" are words.
                var next = at + element.Length;
                if (element is "Jan" or "Mon" && next < layout.Length && char.IsAsciiLetterLower(layout[next])) { continue; }
                return element;
            }
        }
        return null;
    }

    private static string Shown(DateTimeOffset t, string element)
    {
        string Number(int value, int width) => value.ToString(CultureInfo.InvariantCulture).PadLeft(width, '0');
        var hour12 = t.Hour % 12 == 0 ? 12 : t.Hour % 12;
        return element switch
        {
            "2006" => Number(t.Year, 4),
            "06" => Number(t.Year % 100, 2),
            "01" => Number(t.Month, 2),
            "1" => Number(t.Month, 1),
            "Jan" => Months[t.Month - 1][..3],
            "January" => Months[t.Month - 1],
            "02" => Number(t.Day, 2),
            "_2" => Number(t.Day, 1).PadLeft(2),
            "2" => Number(t.Day, 1),
            "002" => Number(t.DayOfYear, 3),
            "__2" => Number(t.DayOfYear, 1).PadLeft(3),
            "Mon" => Days[(int)t.DayOfWeek][..3],
            "Monday" => Days[(int)t.DayOfWeek],
            "15" => Number(t.Hour, 2),
            "03" => Number(hour12, 2),
            "3" => Number(hour12, 1),
            "04" => Number(t.Minute, 2),
            "4" => Number(t.Minute, 1),
            "05" => Number(t.Second, 2),
            "5" => Number(t.Second, 1),
            "PM" => t.Hour < 12 ? "AM" : "PM",
            "pm" => t.Hour < 12 ? "am" : "pm",
            "MST" => t.Offset == TimeSpan.Zero ? "UTC" : t.Offset.Minutes == 0 ? Offset(t.Offset, "-07") : Offset(t.Offset, "-0700"),
            ['.' or ',', ..] => Fraction(t, element),
            ['Z', ..] => t.Offset == TimeSpan.Zero ? "Z" : Offset(t.Offset, "-" + element[1..]),
            _ => Offset(t.Offset, element),
        };
    }

    private static string Fraction(DateTimeOffset t, string element)
    {
        var digits = ((t.Ticks % TimeSpan.TicksPerSecond) * 100).ToString("D9", CultureInfo.InvariantCulture)[..(element.Length - 1)];
        // Nines leave trailing zeros out, and the point with them.
        if (element[1] == '9') { digits = digits.TrimEnd('0'); }
        return digits.Length == 0 ? "" : element[0] + digits;
    }

    private static string Offset(TimeSpan offset, string element)
    {
        var sign = offset < TimeSpan.Zero ? '-' : '+';
        var size = offset.Duration();
        var colon = element.Contains(':', StringComparison.Ordinal) ? ":" : "";
        var text = string.Create(CultureInfo.InvariantCulture, $"{sign}{size.Hours:00}");
        if (element.Length > 3) { text += string.Create(CultureInfo.InvariantCulture, $"{colon}{size.Minutes:00}"); }
        if (element.Length > 6) { text += string.Create(CultureInfo.InvariantCulture, $"{colon}{size.Seconds:00}"); }
        return text;
    }

    /// <summary>A duration as Go prints it: <c>1h0m0s</c>, <c>1.5s</c>, <c>300ms</c>.</summary>
    public static string Text(TimeSpan duration)
    {
        if (duration == TimeSpan.Zero) { return "0s"; }
        var nanoseconds = UInt128.CreateChecked(Int128.Abs((Int128)duration.Ticks * 100));
        var sign = duration < TimeSpan.Zero ? "-" : "";
        string Parts(UInt128 unit, string name)
        {
            var fraction = (nanoseconds % unit).ToString(CultureInfo.InvariantCulture)
                .PadLeft((int)Math.Log10((double)unit), '0').TrimEnd('0');
            return $"{nanoseconds / unit}{(fraction.Length > 0 ? "." + fraction : "")}{name}";
        }
        if (nanoseconds < 1000) { return $"{sign}{nanoseconds}ns"; }
        if (nanoseconds < 1_000_000) { return sign + Parts(1000, "µs"); }
        if (nanoseconds < 1_000_000_000) { return sign + Parts(1_000_000, "ms"); }
        var minutes = nanoseconds / 60_000_000_000;
        nanoseconds %= 60_000_000_000;
        var seconds = Parts(1_000_000_000, "s");
        return minutes == 0 ? sign + seconds
            : minutes < 60 ? $"{sign}{minutes}m{seconds}"
            : $"{sign}{minutes / 60}h{minutes % 60}m{seconds}";
    }

    /// <summary>Go's <c>time.ParseDuration</c>: with a sign, and units always.</summary>
    public static TimeSpan? Duration(string text)
    {
        var isNegative = text is ['-', ..];
        var rest = text is ['-' or '+', ..] ? text[1..] : text;
        if (rest == "0") { return TimeSpan.Zero; }
        if (rest.Length == 0 || rest[0] is '+' or '-' || char.IsAsciiDigit(rest[^1]) || !Durations.TryParse(rest, out var duration)) { return null; }
        return isNegative ? -duration : duration;
    }
}
