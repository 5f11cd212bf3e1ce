using System.Globalization;

namespace Pawl.Core.Expressions.Expr;

/// <summary>Numbers as Go reads and prints them.</summary>
internal static class GoNumber
{
    /// <summary>A whole number without sign; null where it is none or does not fit.</summary>
    public static long? ParseInt(string digits, int radix)
    {
        if (digits.Length == 0) { return null; }
        long value = 0;
        foreach (var c in digits)
        {
            var digit = char.IsAsciiDigit(c) ? c - '0' : char.IsAsciiHexDigit(c) ? char.ToLowerInvariant(c) - 'a' + 10 : 99;
            if (digit >= radix || value > (long.MaxValue - digit) / radix) { return null; }
            value = value * radix + digit;
        }
        return value;
    }

    /// <summary>Go's <c>strconv.Atoi</c>: decimal digits with a sign and nothing else.</summary>
    public static long? Atoi(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>Go's <c>strconv.ParseFloat</c>, of what people write.</summary>
    public static double? ParseFloat(string text)
    {
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (double.TryParse(text, Style, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)) { return value; }
        return text.TrimStart('+', '-').ToUpperInvariant() switch
        {
            "INF" or "INFINITY" => text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity,
            "NAN" => double.NaN,
            _ => null,
        };
    }

    /// <summary><c>%v</c>: the shortest digits that read back as the same number; an exponent from 1e+06 and below 1e-04.</summary>
    public static string General(double value) => Shortest(value, -4, 6);

    /// <summary>As <c>encoding/json</c> writes it: an exponent from 1e21 and below 1e-6.</summary>
    public static string Json(double value)
    {
        var text = Shortest(value, -6, 21);
        // Go cleans e-09 up to e-9.
        return text.Length > 4 && text[^4..^1] is "e-0" ? $"{text[..^2]}{text[^1]}" : text;
    }

    private static string NotFinite(double value) => double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";

    /// <param name="low">The lowest decimal exponent that is written out.</param>
    /// <param name="high">The first that is not.</param>
    private static string Shortest(double value, int low, int high)
    {
        if (!double.IsFinite(value)) { return NotFinite(value); }
        if (value == 0) { return double.IsNegative(value) ? "-0" : "0"; }
        var (digits, exponent) = Digits(Math.Abs(value));
        var sign = value < 0 ? "-" : "";
        if (exponent < low || exponent >= high)
        {
            var rest = digits.Length > 1 ? "." + digits[1..] : "";
            return string.Create(CultureInfo.InvariantCulture, $"{sign}{digits[0]}{rest}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
        }
        if (exponent < 0) { return $"{sign}0.{new string('0', -exponent - 1)}{digits}"; }
        return digits.Length <= exponent + 1
            ? sign + digits + new string('0', exponent + 1 - digits.Length)
            : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    // The shortest digits, and the power of ten of the first.
    private static (string Digits, int Exponent) Digits(double size)
    {
        var text = size.ToString("R", CultureInfo.InvariantCulture);
        var mark = text.IndexOf('E', StringComparison.Ordinal);
        var exponent = mark < 0 ? 0 : int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var plain = mark < 0 ? text : text[..mark];
        var point = plain.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 ? dot : plain.Length;
        var digits = plain.Replace(".", "", StringComparison.Ordinal);
        var leading = digits.Length - digits.TrimStart('0').Length;
        return (digits.Trim('0'), exponent + point - 1 - leading);
    }
}
