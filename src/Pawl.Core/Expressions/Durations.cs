using System.Globalization;

namespace Pawl.Core.Expressions;

/// <summary>Durations as Argo reads and shows them.</summary>
public static class Durations
{
    /// <summary>What longer durations become, so that adding one to a time of this era cannot overflow: 100 years.</summary>
    public static TimeSpan Longest { get; } = TimeSpan.FromDays(36_525);

    // Far above the longest duration in any unit, far below what decimal can multiply by an hour.
    private const decimal Enough = 1e15m;

    /// <summary>Reads whole seconds (<c>20</c>) or a Go duration (<c>300ms</c>, <c>1h30m</c>, <c>1.5h</c>).</summary>
    /// <param name="duration">Never negative and never above <see cref="Longest"/>; below 100 ns it is cut off.</param>
    /// <returns>False for anything else: negative ones, spaces, a unit that Go does not have, such as <c>1d</c>.</returns>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text is null) { return false; }
        var rest = text.AsSpan();
        if (rest is ['+', ..]) { rest = rest[1..]; }
        if (rest.IsEmpty) { return false; }

        if (rest.IndexOfAnyExceptInRange('0', '9') < 0)
        {
            duration = Saturated(Digits(ref rest) * TimeSpan.TicksPerSecond);
            return true;
        }

        var ticks = 0m;
        while (!rest.IsEmpty)
        {
            if (!TryTerm(ref rest, out var term)) { return false; }
            ticks = Math.Min(ticks + term, Enough * TimeSpan.TicksPerHour);
        }
        duration = Saturated(ticks);
        return true;
    }

    /// <summary>For people: <c>20 seconds</c>, <c>1 minute 5 seconds</c>; parts of a second only where there are no whole ones.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration < TimeSpan.Zero) { duration = TimeSpan.Zero; }
        if (duration > TimeSpan.Zero && duration < TimeSpan.FromSeconds(1))
        {
            return Part((long)Math.Max(1, duration.TotalMilliseconds), "millisecond");
        }
        var parts = new List<string>(4);
        if (duration.Days > 0) { parts.Add(Part(duration.Days, "day")); }
        if (duration.Hours > 0) { parts.Add(Part(duration.Hours, "hour")); }
        if (duration.Minutes > 0) { parts.Add(Part(duration.Minutes, "minute")); }
        if (duration.Seconds > 0 || parts.Count == 0) { parts.Add(Part(duration.Seconds, "second")); }
        return string.Join(' ', parts);
    }

    private static string Part(long count, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {unit}{(count == 1 ? "" : "s")}");

    // One number with its unit, in ticks.
    private static bool TryTerm(ref ReadOnlySpan<char> rest, out decimal ticks)
    {
        ticks = 0;
        var before = rest.Length;
        var number = Digits(ref rest);
        var digits = before - rest.Length;
        if (rest is ['.', ..])
        {
            rest = rest[1..];
            before = rest.Length;
            number += Fraction(ref rest);
            digits += before - rest.Length;
        }
        if (digits == 0) { return false; }

        var end = rest.IndexOfAnyInRange('0', '9') is var d and >= 0 ? d : rest.Length;
        if (rest[..end].IndexOf('.') is var dot and >= 0) { end = dot; }
        decimal unit = rest[..end] switch
        {
            "ns" => 0.01m,
            "us" or "µs" or "μs" => TimeSpan.TicksPerMicrosecond,
            "ms" => TimeSpan.TicksPerMillisecond,
            "s" => TimeSpan.TicksPerSecond,
            "m" => TimeSpan.TicksPerMinute,
            "h" => TimeSpan.TicksPerHour,
            _ => 0,
        };
        rest = rest[end..];
        ticks = number * unit;
        return unit > 0;
    }

    private static decimal Digits(ref ReadOnlySpan<char> rest)
    {
        var number = 0m;
        while (rest.Length > 0 && char.IsAsciiDigit(rest[0]))
        {
            number = Math.Min(number * 10 + (rest[0] - '0'), Enough);
            rest = rest[1..];
        }
        return number;
    }

    // Places after the twelfth are below a tick in every unit.
    private static decimal Fraction(ref ReadOnlySpan<char> rest)
    {
        var number = 0m;
        var scale = 0.1m;
        while (rest.Length > 0 && char.IsAsciiDigit(rest[0]))
        {
            if (scale >= 1e-12m)
            {
                number += scale * (rest[0] - '0');
                scale /= 10;
            }
            rest = rest[1..];
        }
        return number;
    }

    private static TimeSpan Saturated(decimal ticks) => ticks >= Longest.Ticks ? Longest : TimeSpan.FromTicks((long)ticks);
}
