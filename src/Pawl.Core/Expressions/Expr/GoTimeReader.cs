using System.Globalization;

namespace Pawl.Core.Expressions.Expr;

/// <summary>Reads one time by the parts of its layout.</summary>
internal sealed class GoTimeReader(string text, List<(string Literal, string Element)> parts, TimeZoneInfo? zone)
{
    private static readonly DateTimeFormatInfo Names = CultureInfo.InvariantCulture.DateTimeFormat;

    private int _at;
    private int _year;
    private int _month = 1;
    private int _day = 1;
    private int? _dayOfYear;
    private int _hour;
    private int _minute;
    private int _second;
    private long _ticks;
    private bool? _isAfternoon;
    private TimeSpan? _offset;

    /// <summary>Null where the text is not of the layout, or no such time exists.</summary>
    public DateTimeOffset? Read()
    {
        for (var i = 0; i < parts.Count; i++)
        {
            var (literal, element) = parts[i];
            if (!Skip(literal)) { return null; }
            if (element.Length > 0 && !Take(element, parts[i + 1])) { return null; }
        }
        return _at == text.Length ? Time() : null;
    }

    // White space in a layout stands for any run of spaces.
    private bool Skip(string literal)
    {
        for (var i = 0; i < literal.Length; i++)
        {
            if (literal[i] == ' ')
            {
                if (_at < text.Length && text[_at] != ' ') { return false; }
                while (_at < text.Length && text[_at] == ' ') { _at++; }
                while (i + 1 < literal.Length && literal[i + 1] == ' ') { i++; }
                continue;
            }
            if (_at >= text.Length || text[_at] != literal[i]) { return false; }
            _at++;
        }
        return true;
    }

    private bool Take(string element, (string Literal, string Element) next)
    {
        switch (element)
        {
            case "2006": return Number(4, 4, out _year);
            case "06":
                if (!Number(2, 2, out _year)) { return false; }
                _year += _year >= 69 ? 1900 : 2000;
                return true;
            case "01": return Number(2, 2, out _month);
            case "1": return Number(1, 2, out _month);
            case "Jan": return Name(Names.AbbreviatedMonthNames, out _month);
            case "January": return Name(Names.MonthNames, out _month);
            case "Mon": return Name(Names.AbbreviatedDayNames, out _);
            case "Monday": return Name(Names.DayNames, out _);
            case "02": return Number(2, 2, out _day);
            case "_2" or "2":
                if (element == "_2" && _at < text.Length && text[_at] == ' ') { _at++; }
                return Number(1, 2, out _day);
            case "002" or "__2":
                while (element == "__2" && _at < text.Length && text[_at] == ' ') { _at++; }
                var isRead = Number(element == "002" ? 3 : 1, 3, out var dayOfYear);
                _dayOfYear = dayOfYear;
                return isRead;
            case "15": return Number(2, 2, out _hour) && _hour < 24;
            case "03" or "3": return Number(element == "03" ? 2 : 1, 2, out _hour) && _hour <= 12;
            case "04" or "4": return Number(element == "04" ? 2 : 1, 2, out _minute) && _minute < 60;
            case "05" or "5":
                if (!Number(element == "05" ? 2 : 1, 2, out _second) || _second >= 60) { return false; }
                // A fraction may follow seconds even where the layout has none.
                var isWritten = next.Literal.Length == 0 && next.Element is ['.' or ',', ..];
                return isWritten || !(_at + 1 < text.Length && text[_at] is '.' or ',' && char.IsAsciiDigit(text[_at + 1])) || Fraction(0);
            case "PM" or "pm":
                var half = _at + 2 <= text.Length ? text.Substring(_at, 2) : "";
                if (half != (element == "PM" ? "AM" : "am") && half != element) { return false; }
                _isAfternoon = half == element;
                _at += 2;
                return true;
            case "MST": return ZoneName();
            case ['.' or ',', var kind, ..]:
                var isThere = _at < text.Length && text[_at] is '.' or ',';
                return isThere ? Fraction(kind == '0' ? element.Length - 1 : 0) : kind == '9';
            default: return Offset(element);
        }
    }

    private bool Number(int least, int most, out int value)
    {
        value = 0;
        var start = _at;
        while (_at < text.Length && _at - start < most && char.IsAsciiDigit(text[_at])) { value = value * 10 + (text[_at++] - '0'); }
        return _at - start >= least;
    }

    private bool Name(string[] names, out int number)
    {
        for (number = 1; number <= names.Length; number++)
        {
            var name = names[number - 1];
            if (name.Length > 0 && string.Compare(text, _at, name, 0, name.Length, StringComparison.OrdinalIgnoreCase) == 0)
            {
                _at += name.Length;
                return true;
            }
        }
        return false;
    }

    /// <param name="digits">Exactly so many; 0 for as many as there are.</param>
    private bool Fraction(int digits)
    {
        var start = ++_at;
        var scale = TimeSpan.TicksPerSecond;
        while (_at < text.Length && char.IsAsciiDigit(text[_at]) && (digits == 0 || _at - start < digits))
        {
            scale /= 10;
            _ticks += (text[_at++] - '0') * scale;
        }
        return digits == 0 ? _at > start : _at - start == digits;
    }

    // UTC, GMT or an abbreviation: nobody can tell what the others mean, so Go takes them as UTC with another name.
    private bool ZoneName()
    {
        var start = _at;
        while (_at < text.Length && char.IsAsciiLetterUpper(text[_at])) { _at++; }
        if (_at - start is < 3 or > 5) { return false; }
        _offset = TimeSpan.Zero;
        if (text.AsSpan(start, _at - start) is "GMT" && _at < text.Length && text[_at] is '+' or '-')
        {
            var sign = text[_at++] == '-' ? -1 : 1;
            if (!Number(1, 2, out var hours) || hours > 23) { return false; }
            _offset = TimeSpan.FromHours(sign * hours);
        }
        return true;
    }

    private bool Offset(string element)
    {
        if (element[0] == 'Z' && _at < text.Length && text[_at] == 'Z')
        {
            _at++;
            _offset = TimeSpan.Zero;
            return true;
        }
        if (_at >= text.Length || text[_at] is not ('+' or '-')) { return false; }
        var sign = text[_at++] == '-' ? -1 : 1;
        var hasColon = element.Contains(':', StringComparison.Ordinal);
        int minutes = 0, seconds = 0;
        var isRead = Number(2, 2, out var hours)
            && (element.Length <= 3 || ((!hasColon || Skip(":")) && Number(2, 2, out minutes)))
            && (element.Length <= 6 || ((!hasColon || Skip(":")) && Number(2, 2, out seconds)));
        if (!isRead || hours > 24 || minutes > 59 || seconds > 59) { return false; }
        _offset = sign * new TimeSpan(hours, minutes, seconds);
        return true;
    }

    private DateTimeOffset? Time()
    {
        if (_isAfternoon is { } isAfternoon)
        {
            if (isAfternoon && _hour < 12) { _hour += 12; }
            else if (!isAfternoon && _hour == 12) { _hour = 0; }
        }
        // Go's year 0 is before the first that .NET knows; times of day alone are shown in year 1.
        var year = Math.Max(_year, 1);
        if (_dayOfYear is { } dayOfYear)
        {
            if (dayOfYear < 1 || dayOfYear > (DateTime.IsLeapYear(year) ? 366 : 365)) { return null; }
            var date = new DateTime(year, 1, 1).AddDays(dayOfYear - 1);
            (_month, _day) = (date.Month, date.Day);
        }
        if (_month is < 1 or > 12 || _day < 1 || _day > DateTime.DaysInMonth(year, _month)) { return null; }
        var local = new DateTime(year, _month, _day, _hour, _minute, _second, DateTimeKind.Unspecified).AddTicks(_ticks);
        var offset = _offset ?? zone?.GetUtcOffset(local) ?? TimeSpan.Zero;
        // .NET knows offsets of whole minutes up to 14 hours, and no time before the year 1 in UTC.
        offset = TimeSpan.FromMinutes(Math.Truncate(offset.TotalMinutes));
        if (offset.Duration() > TimeSpan.FromHours(14)) { return null; }
        var utc = local.Ticks - offset.Ticks;
        return utc < 0 || utc > DateTime.MaxValue.Ticks ? null : new DateTimeOffset(local, offset);
    }
}
