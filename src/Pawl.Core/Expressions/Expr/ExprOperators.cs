using System.Diagnostics;

namespace Pawl.Core.Expressions.Expr;

/// <summary>What the operators of the language do.</summary>
internal static class ExprOperators
{
    public static object Unary(string sign, object? value, int column) => (sign, value) switch
    {
        ("!", bool b) => !b,
        ("-", long n) => unchecked(-n),
        ("-", double d) => -d,
        ("-", TimeSpan t) => -t,
        ("+", long or double) => value,
        _ => throw new ExpressionException($"invalid operation: {(sign == "!" ? "not" : sign)} {ExprValues.TypeOf(value)}", column),
    };

    public static object? Binary(string sign, object? left, object? right, Fuel fuel, int column)
    {
        if (left is string a && right is string b) { fuel.Spend(column, (a.Length + b.Length) / Fuel.TextPerStep); }
        return sign switch
        {
            "==" => ExprValues.Same(left, right, fuel, column),
            "!=" => !ExprValues.Same(left, right, fuel, column),
            "<" => Order() < 0,
            "<=" => Order() <= 0,
            ">" => Order() > 0,
            ">=" => Order() >= 0,
            "in" => In(left, right, fuel, column),
            "matches" => left is null ? false : fuel.Pattern(Text(right), column).IsMatch(Text(left)),
            "contains" => left is null ? false : Text(left).Contains(Text(right), StringComparison.Ordinal),
            "startsWith" => left is null ? false : Text(left).StartsWith(Text(right), StringComparison.Ordinal),
            "endsWith" => left is null ? false : Text(left).EndsWith(Text(right), StringComparison.Ordinal),
            ".." => Range(left, right, fuel, column),
            "+" => Add(),
            "-" => Subtract(),
            "*" => Multiply(),
            "/" => left is TimeSpan span && right is long or double ? Scaled(span, 1 / ExprValues.Double(right), column) : Number(left) / Number(right),
            "%" => Remainder(),
            "**" or "^" => Math.Pow(Number(left), Number(right)),
            _ => throw new UnreachableException($"{sign} is not handled"),
        };

        int Order() => ExprValues.Order(left, right) ?? throw Mismatch(sign, left, right, column);
        string Text(object? value) => value as string ?? throw Mismatch(sign, left, right, column);
        double Number(object? value) => value is long or double ? ExprValues.Double(value) : throw Mismatch(sign, left, right, column);

        object Add() => (left, right) switch
        {
            (long x, long y) => unchecked(x + y),
            (string x, string y) => Concatenated(x, y),
            (DateTimeOffset t, TimeSpan d) => Later(t, d, column),
            (TimeSpan d, DateTimeOffset t) => Later(t, d, column),
            (TimeSpan x, TimeSpan y) => Scaled(x, 1, column, y),
            _ => Number(left) + Number(right),
        };

        object Subtract() => (left, right) switch
        {
            (long x, long y) => unchecked(x - y),
            (DateTimeOffset x, DateTimeOffset y) => x - y,
            (DateTimeOffset t, TimeSpan d) => Later(t, -d, column),
            (TimeSpan x, TimeSpan y) => Scaled(x, 1, column, -y),
            _ => Number(left) - Number(right),
        };

        object Multiply() => (left, right) switch
        {
            (long x, long y) => unchecked(x * y),
            (TimeSpan d, long or double) => Scaled(d, ExprValues.Double(right), column),
            (long or double, TimeSpan d) => Scaled(d, ExprValues.Double(left), column),
            _ => Number(left) * Number(right),
        };

        long Remainder() => (left, right) switch
        {
            (long, 0L) => throw new ExpressionException("integer divide by zero", column),
            (long, -1L) => 0,
            (long x, long y) => x % y,
            _ => throw Mismatch(sign, left, right, column),
        };

        string Concatenated(string x, string y)
        {
            fuel.Make(column, (long)x.Length + y.Length);
            return x + y;
        }
    }

    /// <summary>A time a while later; none of this calendar is an error.</summary>
    public static DateTimeOffset Later(DateTimeOffset time, TimeSpan duration, int column)
    {
        var ticks = (Int128)time.UtcTicks + duration.Ticks;
        // A day at each end is kept free for the offsets of zones.
        return ticks >= TimeSpan.TicksPerDay && ticks <= DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay
            ? time + duration
            : throw new ExpressionException("the time is outside the years 1 to 9999", column);
    }

    private static TimeSpan Scaled(TimeSpan duration, double factor, int column, TimeSpan plus = default)
    {
        var ticks = duration.Ticks * factor + plus.Ticks;
        return Math.Abs(ticks) <= Durations.Longest.Ticks * 100.0 ? TimeSpan.FromTicks((long)ticks)
            : throw new ExpressionException("the duration is too long", column);
    }

    private static bool In(object? value, object? collection, Fuel fuel, int column)
    {
        switch (collection)
        {
            case null: return false;
            case List<object?> list: return list.Exists(item => ExprValues.Same(value, item, fuel, column));
            case ExprMap map: return value is not null && map.ContainsKey(ExprValues.Key(value, column));
            case ExprBranch branch: return value is not null && branch.TryMember(ExprValues.Key(value, column), out _);
            default: throw Mismatch("in", value, collection, column);
        }
    }

    private static List<object?> Range(object? from, object? to, Fuel fuel, int column)
    {
        if (from is not long first || to is not long last) { throw Mismatch("..", from, to, column); }
        if (last < first) { return []; }
        if ((Int128)last - first >= Fuel.MostSteps) { throw new ExpressionException($"a range of more than {Fuel.MostSteps:N0} numbers", column); }
        var count = (int)(last - first + 1);
        fuel.Spend(column, count);
        var list = new List<object?>(count);
        for (var i = 0; i < count; i++) { list.Add(first + i); }
        return list;
    }

    private static ExpressionException Mismatch(string sign, object? left, object? right, int column) =>
        new($"invalid operation: {sign} (mismatched types {ExprValues.TypeOf(left)} and {ExprValues.TypeOf(right)})", column);
}
