using System.Globalization;
using System.Text;
using Pawl.Core.Expressions.Expr;

namespace Pawl.Core.Expressions;

/// <summary>Go's <c>fmt.Sprintf</c>: mistakes in a format are shown in the text, as Go shows them, and never raised.</summary>
public static class GoFormat
{
    /// <summary>Characters; a width may ask for many.</summary>
    public const int LongestOutput = 1024 * 1024;

    // Go's own bound is a million.
    private const int WidestField = 10_000;

    /// <param name="arguments">Null, bool, long, double, string or other values of an expression.</param>
    /// <exception cref="ExpressionException">The text would be longer than <see cref="LongestOutput"/>.</exception>
    public static string Print(string format, params IReadOnlyList<object?> arguments)
    {
        var output = new StringBuilder();
        var next = 0;
        for (var at = 0; at < format.Length;)
        {
            var percent = format.IndexOf('%', at);
            output.Append(format, at, (percent < 0 ? format.Length : percent) - at);
            if (percent < 0) { break; }
            at = percent + 1;
            output.Append(Directive(format, ref at, arguments, ref next));
            if (output.Length > LongestOutput)
            {
                throw new ExpressionException($"the text is longer than {LongestOutput:N0} characters once it is formatted", percent + 1);
            }
        }
        if (next < arguments.Count)
        {
            var extra = arguments.Skip(next).Select(a => a is null ? "<nil>" : $"{TypeOf(a)}={ExprValues.Text(a)}");
            output.Append("%!(EXTRA ").AppendJoin(", ", extra).Append(')');
        }
        return output.ToString();
    }

    private record struct Flags(bool Minus, bool Plus, bool Sharp, bool Space, bool Zero, int? Width, int? Precision);

    private static string Directive(string format, ref int at, IReadOnlyList<object?> arguments, ref int next)
    {
        var flags = default(Flags);
        for (; at < format.Length && format[at] is '-' or '+' or '#' or ' ' or '0'; at++)
        {
            flags = format[at] switch
            {
                '-' => flags with { Minus = true, Zero = false },
                '+' => flags with { Plus = true },
                '#' => flags with { Sharp = true },
                ' ' => flags with { Space = true },
                _ => flags with { Zero = !flags.Minus },
            };
        }
        var mistake = "";
        flags.Width = Number(format, ref at, arguments, ref next, "%!(BADWIDTH)", ref mistake);
        if (flags.Width < 0) { flags = flags with { Minus = true, Zero = false, Width = -flags.Width }; }
        if (at < format.Length && format[at] == '.')
        {
            at++;
            flags.Precision = Number(format, ref at, arguments, ref next, "%!(BADPREC)", ref mistake) ?? 0;
            if (flags.Precision < 0) { flags.Precision = null; }
        }
        if (at >= format.Length) { return mistake + "%!(NOVERB)"; }
        var length = char.IsSurrogatePair(format, at) ? 2 : 1;
        var verb = format.Substring(at, length);
        at += length;
        if (verb == "%") { return mistake + "%"; }
        if (next >= arguments.Count) { return $"{mistake}%!{verb}(MISSING)"; }
        return mistake + Shown(verb[0], verb, arguments[next++], flags);
    }

    private static int? Number(string format, ref int at, IReadOnlyList<object?> arguments, ref int next, string bad, ref string mistake)
    {
        if (at < format.Length && format[at] == '*')
        {
            at++;
            if (next < arguments.Count && arguments[next++] is long given && Math.Abs((double)given) <= WidestField) { return (int)given; }
            mistake += bad;
            return null;
        }
        var start = at;
        var number = 0;
        for (; at < format.Length && char.IsAsciiDigit(format[at]); at++) { number = Math.Min(number * 10 + (format[at] - '0'), WidestField + 1); }
        if (number <= WidestField) { return at > start ? number : null; }
        mistake += bad;
        return null;
    }

    private static string Shown(char verb, string written, object? value, Flags flags)
    {
        switch (verb, value)
        {
            case ('T', _): return Padded(value is null ? "<nil>" : TypeOf(value), flags, mayZero: false);
            case ('v', long) or ('d', long): return Whole((long)value!, 10, flags, upper: false);
            case ('b', long): return Whole((long)value!, 2, flags, upper: false);
            case ('o', long): return Whole((long)value!, 8, flags, upper: false);
            case ('O', long): return Whole((long)value!, 8, flags with { Sharp = false }, upper: false, prefix: "0o");
            case ('x', long) or ('X', long): return Whole((long)value!, 16, flags, verb == 'X');
            case ('c', long): return Padded(Rune((long)value!), flags, mayZero: false);
            case ('q', long): return Padded($"'{Rune((long)value!)}'", flags, mayZero: false);
            case ('U', long): return Padded($"U+{(long)value!:X4}", flags, mayZero: false);
            case ('t' or 'v', bool): return Padded((bool)value! ? "true" : "false", flags, mayZero: false);
            case ('e' or 'E' or 'f' or 'F' or 'g' or 'G' or 'v', double): return Signed(Float(verb, (double)value!, flags), flags);
            case ('s' or 'v', string): return Padded(Cut((string)value!, flags), flags, mayZero: true);
            case ('q', string): return Padded(flags.Sharp && !((string)value!).Contains('`', StringComparison.Ordinal)
                ? $"`{value}`" : Quote(Cut((string)value!, flags)), flags, mayZero: true);
            case ('x' or 'X', string): return Padded(Hex((string)value!, verb == 'X', flags), flags, mayZero: true);
            case ('s' or 'v', List<object?> or ExprMap or ExprBranch or DateTimeOffset or TimeSpan or ExprZone):
            case ('v', null):
                return Padded(ExprValues.Text(value), flags, mayZero: false);
            default: return $"%!{written}({(value is null ? "<nil>" : $"{TypeOf(value)}={ExprValues.Text(value)}")})";
        }
    }

    private static string TypeOf(object? value) => value switch
    {
        double => "float64",
        List<object?> => "[]interface {}",
        ExprMap or ExprBranch => "map[string]interface {}",
        _ => ExprValues.TypeOf(value),
    };

    private static string Whole(long value, int radix, Flags flags, bool upper, string prefix = "")
    {
        var size = value < 0 ? (ulong)-(value + 1) + 1 : (ulong)value;
        var digits = Digits(size, radix, upper);
        if (flags.Precision == 0 && value == 0) { digits = ""; }
        if (flags.Precision is { } least) { digits = digits.PadLeft(least, '0'); }
        if (flags.Sharp)
        {
            prefix = radix switch { 16 => upper ? "0X" : "0x", 8 => digits is ['0', ..] ? "" : "0", 2 => "0b", _ => "" };
        }
        var sign = value < 0 ? "-" : flags.Plus ? "+" : flags.Space ? " " : "";
        if (flags is { Zero: true, Precision: null, Width: { } width }) { digits = digits.PadLeft(width - sign.Length, '0'); }
        return Padded(sign + prefix + digits, flags, mayZero: false);
    }

    private static string Digits(ulong value, int radix, bool upper)
    {
        var digits = new StringBuilder();
        do
        {
            digits.Insert(0, (upper ? "0123456789ABCDEF" : "0123456789abcdef")[(int)(value % (ulong)radix)]);
            value /= (ulong)radix;
        }
        while (value > 0);
        return digits.ToString();
    }

    private static string Float(char verb, double value, Flags flags) => verb switch
    {
        'e' or 'E' => GoNumber.Exponent(value, flags.Precision ?? 6, verb),
        'f' or 'F' => GoNumber.Fixed(value, flags.Precision ?? 6),
        _ when flags.Precision is { } digits => Significant(value, Math.Clamp(digits, 1, 100), verb),
        _ => verb == 'G' ? GoNumber.General(value).ToUpperInvariant() : GoNumber.General(value),
    };

    // %.3g: so many digits, an exponent where they do not reach.
    private static string Significant(double value, int digits, char verb)
    {
        if (!double.IsFinite(value) || value == 0) { return GoNumber.General(value); }
        var rounded = GoNumber.Exponent(value, digits - 1);
        var exponent = int.Parse(rounded.AsSpan(rounded.IndexOf('e', StringComparison.Ordinal) + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var number = double.Parse(rounded, CultureInfo.InvariantCulture);
        var text = exponent < -4 || exponent >= digits ? GoNumber.Shortest(number, 0, -400) : GoNumber.Shortest(number, -400, 400);
        return verb == 'G' ? text.ToUpperInvariant() : text;
    }

    private static string Signed(string number, Flags flags)
    {
        if (number[0] is not ('-' or '+')) { number = (flags.Plus ? "+" : flags.Space ? " " : "") + number; }
        else if (number[0] == '+' && !flags.Plus) { number = flags.Space ? " " + number[1..] : number; }
        var isSigned = number[0] is '-' or '+' or ' ';
        if (flags is { Zero: true, Width: { } width } && char.IsAsciiDigit(number[^1]))
        {
            number = (isSigned ? number[..1] : "") + number[(isSigned ? 1 : 0)..].PadLeft(width - (isSigned ? 1 : 0), '0');
        }
        return Padded(number, flags, mayZero: false);
    }

    private static string Cut(string text, Flags flags)
    {
        if (flags.Precision is not { } most || text.Length <= most) { return text; }
        return text[..(most > 0 && char.IsHighSurrogate(text[most - 1]) ? most - 1 : most)];
    }

    private static string Hex(string text, bool upper, Flags flags)
    {
        var hex = Convert.ToHexString(Encoding.UTF8.GetBytes(Cut(text, flags)));
        return (flags.Sharp ? upper ? "0X" : "0x" : "") + (upper ? hex : hex.ToLowerInvariant());
    }

    private static string Rune(long code) => System.Text.Rune.IsValid((int)Math.Clamp(code, -1, 0x110000)) ? char.ConvertFromUtf32((int)code) : "\ufffd";

    /// <summary>Go's <c>strconv.Quote</c>.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            quoted.Append(rune.Value switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\a' => "\\a",
                '\b' => "\\b",
                '\f' => "\\f",
                '\n' => "\\n",
                '\r' => "\\r",
                '\t' => "\\t",
                '\v' => "\\v",
                < ' ' or 0x7f => $"\\x{rune.Value:x2}",
                0x200b or 0x2028 or 0x2029 or 0xfeff or (>= 0x80 and < 0xa1) => $"\\u{rune.Value:x4}",
                _ => rune.ToString(),
            });
        }
        return quoted.Append('"').ToString();
    }

    private static string Padded(string text, Flags flags, bool mayZero)
    {
        if (flags.Width is not { } width) { return text; }
        width += text.Count(char.IsLowSurrogate);
        return flags.Minus ? text.PadRight(width) : text.PadLeft(width, mayZero && flags.Zero ? '0' : ' ');
    }
}
