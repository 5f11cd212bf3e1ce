namespace Pawl.Core.Expressions.Expr;

/// <summary>Sprig's arithmetic: any value is taken for a number, and what is none for 0.</summary>
internal static class SprigNumbers
{
    public static ExprFamily All { get; } = new()
    {
        { "add", 0, -1, c => Fold(c, 0L, (a, b) => unchecked(a + b)) },
        { "add1", 1, c => unchecked(Int(c[0]) + 1) },
        { "sub", 2, c => unchecked(Int(c[0]) - Int(c[1])) },
        { "mul", 1, -1, c => Fold(c, 1L, (a, b) => unchecked(a * b)) },
        { "div", 2, c => Int(c[1]) switch { 0 => throw c.Fail("integer divide by zero"), -1 => unchecked(-Int(c[0])), var by => Int(c[0]) / by } },
        { "mod", 2, c => Int(c[1]) switch { 0 => throw c.Fail("integer divide by zero"), -1 => 0L, var by => Int(c[0]) % by } },
        { "max", 1, -1, c => c.Arguments.Max(a => Int(a)) },
        { "biggest", 1, -1, c => c.Arguments.Max(a => Int(a)) },
        { "min", 1, -1, c => c.Arguments.Min(a => Int(a)) },
        { "addf", 0, -1, c => FoldDecimal(c, 0, (a, b) => a + b) },
        { "add1f", 1, c => FoldDecimal(c, 1, (a, b) => a + b) },
        { "subf", 1, -1, c => FoldDecimal(c, null, (a, b) => a - b) },
        { "mulf", 1, -1, c => FoldDecimal(c, null, (a, b) => a * b) },
        { "divf", 1, -1, c => FoldDecimal(c, null, (a, b) => b == 0 ? throw c.Fail("divide by zero") : a / b) },
        { "maxf", 1, -1, c => c.Arguments.Max(a => Float(a)) },
        { "minf", 1, -1, c => c.Arguments.Min(a => Float(a)) },
        { "floor", 1, c => Math.Floor(Float(c[0])) },
        { "ceil", 1, c => Math.Ceiling(Float(c[0])) },
        { "round", 2, 3, c => Round(c) },
        { "int", 1, c => Int(c[0]) },
        { "int64", 1, c => Int(c[0]) },
        { "atoi", 1, c => GoNumber.Atoi(c.Text(0)) ?? 0L },
        { "float64", 1, c => Float(c[0]) },
        { "toDecimal", 1, c => GoNumber.ParseInt(ExprValues.Text(c[0]), 8) ?? 0L },
        { "randInt", 2, c => c.Whole(1) > c.Whole(0) && (Int128)c.Whole(1) - c.Whole(0) <= long.MaxValue
            ? c.Whole(0) + c.Run.Chance.Below(c.Whole(1) - c.Whole(0)) : throw c.Fail("the end is not above the start") },
    };

    /// <summary>cast.ToInt64: texts are read, floats cut off, anything else is 0.</summary>
    public static long Int(object? value) => value switch
    {
        long n => n,
        double d => ExprValues.Whole(d),
        bool b => b ? 1 : 0,
        string s => ParseInt(s) ?? 0,
        TimeSpan t => unchecked(t.Ticks * 100),
        _ => 0,
    };

    /// <summary>cast.ToFloat64.</summary>
    public static double Float(object? value) => value switch
    {
        long or double => ExprValues.Double(value),
        bool b => b ? 1 : 0,
        string s => GoNumber.ParseFloat(s) ?? 0,
        _ => 0,
    };

    // Decimal, or with 0x, 0o, 0b or a leading 0 by its base; "1.0" is 1.
    private static long? ParseInt(string text)
    {
        var isNegative = text is ['-', ..];
        var digits = text is ['-' or '+', ..] ? text[1..] : text;
        if (digits.Contains('.', StringComparison.Ordinal) && digits.Split('.') is [var whole, var rest] && rest.All(c => c == '0')) { digits = whole; }
        var value = digits switch
        {
            ['0', 'x' or 'X', ..] => GoNumber.ParseInt(digits[2..], 16),
            ['0', 'b' or 'B', ..] => GoNumber.ParseInt(digits[2..], 2),
            ['0', 'o' or 'O', ..] => GoNumber.ParseInt(digits[2..], 8),
            ['0', _, ..] => GoNumber.ParseInt(digits.TrimStart('0') is { Length: > 0 } d ? d : "0", 10),
            _ => GoNumber.ParseInt(digits, 10),
        };
        return isNegative ? -value : value;
    }

    private static long Fold(ExprCall c, long start, Func<long, long, long> with) => c.Arguments.Select(Int).Aggregate(start, with);

    // Sprig reckons with decimal numbers, so that 0.1 + 0.2 is 0.3.
    private static double FoldDecimal(ExprCall c, decimal? start, Func<decimal, decimal, decimal> with)
    {
        try
        {
            var numbers = c.Arguments.Select(a => (decimal)Float(a));
            return (double)(start is { } s ? numbers.Aggregate(s, with) : numbers.Aggregate(with));
        }
        catch (OverflowException)
        {
            throw c.Fail("a number is too large");
        }
    }

    // Half is rounded up from the third argument on.
    private static double Round(ExprCall c)
    {
        var places = Int(c[1]);
        if (places is < -300 or > 300) { return Float(c[0]); }
        var on = c.Count > 2 ? Float(c[2]) : 0.5;
        var scale = Math.Pow(10, places);
        var digit = scale * Float(c[0]);
        var fraction = digit - Math.Truncate(digit);
        var rounded = fraction >= on ? Math.Ceiling(digit) : Math.Floor(digit);
        var value = rounded / scale;
        return double.IsFinite(value) ? value : Float(c[0]);
    }
}
