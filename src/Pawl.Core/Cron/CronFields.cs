using System.Globalization;

namespace Pawl.Core.Cron;

/// <summary>Minute, hour, day of month, month and day of week, each as a set of bits.</summary>
internal sealed class CronFields
{
    private static readonly string[] Months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

    private static readonly string[] Days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private readonly ulong _minutes;
    private readonly ulong _hours;
    private readonly ulong _days;
    private readonly ulong _months;
    private readonly ulong _weekdays;
    private readonly bool _anyDay;
    private readonly bool _anyWeekday;

    private CronFields(string text, string[] fields)
    {
        (_minutes, _) = Bits(text, fields[0], "minute", 0, 59, []);
        (_hours, _) = Bits(text, fields[1], "hour", 0, 23, []);
        (_days, _anyDay) = Bits(text, fields[2], "day of month", 1, 31, []);
        (_months, _) = Bits(text, fields[3], "month", 1, 12, Months);
        (_weekdays, _anyWeekday) = Bits(text, fields[4], "day of week", 0, 6, Days);
    }

    public static CronFields Parse(string text)
    {
        var fields = text.Split([' ', '\t', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries);
        return fields.Length == 5
            ? new CronFields(text, fields)
            : throw CronSchedule.Malformed(text, $"it has {fields.Length} fields; write five: minute hour day-of-month month day-of-week");
    }

    public bool HasMonth(int month) => Has(_months, month);

    /// <summary>Where both days are restricted either is enough; a star leaves the choice to the other (crontab(5)).</summary>
    public bool HasDay(DateTime day)
    {
        var (ofMonth, ofWeek) = (Has(_days, day.Day), Has(_weekdays, (int)day.DayOfWeek));
        return HasMonth(day.Month) && (_anyDay || _anyWeekday ? ofMonth && ofWeek : ofMonth || ofWeek);
    }

    public bool HasTime(int hour, int minute) => Has(_hours, hour) && Has(_minutes, minute);

    private static bool Has(ulong bits, int value) => (bits >> value & 1) != 0;

    // Star says that the field restricts nothing; with a step, as in "*/2", it does (robfig/cron).
    private static (ulong Bits, bool Star) Bits(string text, string field, string what, int least, int most, string[] names)
    {
        var (bits, star) = (0UL, false);
        foreach (var part in field.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            var (range, step, hasStep) = Step(text, part, what);
            var ends = range.Split('-');
            var any = ends[0] is "*" or "?";
            if (ends.Length > 2 || (any && ends.Length == 2)) { throw CronSchedule.Malformed(text, $"'{part}' in {what} is no range; write FIRST-LAST"); }
            var first = any ? least : Number(text, ends[0], what, names);
            // A step without an end runs to the end: 5/15 is 5-59/15.
            var last = any || (hasStep && ends.Length == 1) ? most : ends.Length == 2 ? Number(text, ends[1], what, names) : first;
            if (first < least || last > most) { throw CronSchedule.Malformed(text, $"'{part}' in {what} is outside of {least}-{most}"); }
            if (first > last) { throw CronSchedule.Malformed(text, $"'{part}' in {what} begins after its end"); }
            for (var value = first; value <= last; value += step) { bits |= 1UL << value; }
            star |= any && step == 1;
        }
        return bits != 0 ? (bits, star) : throw CronSchedule.Malformed(text, $"{what} is empty; write * for every one");
    }

    private static (string Range, int Step, bool HasStep) Step(string text, string part, string what)
    {
        var slash = part.Split('/');
        if (slash.Length == 1) { return (part, 1, false); }
        return slash.Length == 2 && int.TryParse(slash[1], NumberStyles.None, CultureInfo.InvariantCulture, out var step) && step is > 0 and < 1000
            ? (slash[0], step, true)
            : throw CronSchedule.Malformed(text, $"'{part}' in {what} has no step; write RANGE/NUMBER");
    }

    private static int Number(string text, string written, string what, string[] names)
    {
        if (Array.FindIndex(names, n => n.Equals(written, StringComparison.OrdinalIgnoreCase)) is >= 0 and var at)
        {
            return names.Length == 12 ? at + 1 : at;
        }
        return int.TryParse(written, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw CronSchedule.Malformed(text, $"'{written}' in {what} is neither a number{(names.Length == 0 ? "" : $" nor a name such as {names[0].ToUpperInvariant()}")} nor *");
    }
}
