namespace Pawl.Core.Expressions.Expr;

/// <summary>The language's functions of numbers.</summary>
internal static class NumberFunctions
{
    public static ExprFamily All { get; } = new()
    {
        { "abs", 1, Abs },
        { "ceil", 1, c => Math.Ceiling(c.Number(0)) },
        { "floor", 1, c => Math.Floor(c.Number(0)) },
        { "round", 1, c => Math.Round(c.Number(0), MidpointRounding.AwayFromZero) },
        { "max", 1, -1, c => Extreme(c, (a, b) => a > b) },
        { "min", 1, -1, c => Extreme(c, (a, b) => a < b) },
        { "mean", 1, -1, c => Numbers(c) is { Count: > 0 } all ? all.Average(n => ExprValues.Double(n)) : 0L },
        { "median", 1, -1, Median },
        { "bitand", 2, c => c.Whole(0) & c.Whole(1) },
        { "bitor", 2, c => c.Whole(0) | c.Whole(1) },
        { "bitxor", 2, c => c.Whole(0) ^ c.Whole(1) },
        { "bitnand", 2, c => c.Whole(0) & ~c.Whole(1) },
        { "bitnot", 1, c => ~c.Whole(0) },
        { "bitshl", 2, c => Shift(c) is var by && by > 63 ? 0L : c.Whole(0) << (int)by },
        { "bitshr", 2, c => c.Whole(0) >> (int)Math.Min(Shift(c), 63) },
        { "bitushr", 2, c => Shift(c) is var by && by > 63 ? 0L : c.Whole(0) >>> (int)by },
    };

    private static object Abs(ExprCall c)
    {
        if (c[0] is long n) { return n < 0 ? unchecked(-n) : n; }
        return Math.Abs(c.Number(0));
    }

    private static long Shift(ExprCall c) => c.Whole(1) is >= 0 and var by ? by
        : throw c.Fail("invalid operation: negative shift count");

    // Numbers, and those of lists among the arguments.
    private static List<object?> Numbers(ExprCall c)
    {
        var numbers = new List<object?>();
        foreach (var argument in c.Arguments)
        {
            var part = argument as List<object?> ?? [argument];
            c.Fuel.Spend(c.Column, part.Count);
            numbers.AddRange(part);
        }
        if (numbers.Exists(n => n is not (long or double))) { throw c.Fail("an argument is no number"); }
        return numbers;
    }

    private static object? Extreme(ExprCall c, Func<double, double, bool> isBetter)
    {
        var numbers = Numbers(c);
        if (numbers.Count == 0) { throw c.Fail("the array is empty"); }
        return numbers.Aggregate((a, b) => isBetter(ExprValues.Double(b), ExprValues.Double(a)) ? b : a);
    }

    private static object Median(ExprCall c)
    {
        var sorted = Numbers(c).Select(n => ExprValues.Double(n)).Order().ToList();
        c.Fuel.Spend(c.Column, 4L * sorted.Count);
        if (sorted.Count == 0) { return 0L; }
        var middle = sorted.Count / 2;
        return sorted.Count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
