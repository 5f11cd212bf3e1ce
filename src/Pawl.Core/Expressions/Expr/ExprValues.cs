using System.Globalization;

namespace Pawl.Core.Expressions.Expr;

/// <summary>A map in the order of its keys, so that two runs of an expression give one text; Go's have no order.</summary>
internal sealed class ExprMap() : SortedDictionary<string, object?>(StringComparer.Ordinal)
{
    public ExprMap(IEnumerable<KeyValuePair<string, object?>> entries) : this()
    {
        foreach (var (key, value) in entries) { this[key] = value; }
    }
}

/// <summary>A zone of time, as <c>timezone()</c> gives it.</summary>
internal sealed record ExprZone(TimeZoneInfo Zone);

/// <summary>
/// The values of an expression: null, bool, long, double, string, <c>List&lt;object?&gt;</c>, <see cref="ExprMap"/>,
/// <see cref="DateTimeOffset"/>, <see cref="TimeSpan"/>, <see cref="ExprZone"/> and <see cref="ExprBranch"/>.
/// </summary>
internal static class ExprValues
{
    /// <summary>Lists and maps within each other; each level costs stack.</summary>
    public const int DeepestValue = 200;

    /// <summary>The name that <c>type()</c> and errors give it.</summary>
    public static string TypeOf(object? value) => value switch
    {
        null => "nil",
        bool => "bool",
        long => "int",
        double => "float",
        string => "string",
        List<object?> => "array",
        ExprMap or ExprBranch => "map",
        DateTimeOffset => "time.Time",
        TimeSpan => "time.Duration",
        ExprZone => "time.Location",
        _ => "func",
    };

    /// <summary>As Go's <c>%v</c> prints it; of a value that nests too deep only the upper part.</summary>
    public static string Text(object? value) => Text(value, new Fuel(), 1);

    /// <exception cref="ExpressionException">The text is too long.</exception>
    public static string Text(object? value, Fuel fuel, int column)
    {
        if (value is string text) { return text; }
        var output = new FuelText(fuel, column);
        Append(output, value, 0);
        return output.ToString();
    }

    private static void Append(FuelText output, object? value, int depth)
    {
        switch (value)
        {
            case null: output.Append("<nil>"); break;
            case bool b: output.Append(b ? "true" : "false"); break;
            case long n: output.Append(n.ToString(CultureInfo.InvariantCulture)); break;
            case double d: output.Append(GoNumber.General(d)); break;
            case string s: output.Append(s); break;
            case DateTimeOffset t: output.Append(GoTime.Format(t, "2006-01-02 15:04:05.999999999 -0700 MST")); break;
            case TimeSpan t: output.Append(GoTime.Text(t)); break;
            case ExprZone z: output.Append(z.Zone.Id); break;
            case ExprBranch branch: Append(output, branch.ToMap(), depth); break;
            case List<object?> or ExprMap when depth >= DeepestValue: output.Append("…"); break;
            case List<object?> list:
                output.Append("[");
                for (var i = 0; i < list.Count; i++)
                {
                    if (i > 0) { output.Append(" "); }
                    Append(output, list[i], depth + 1);
                }
                output.Append("]");
                break;
            case ExprMap map:
                output.Append("map[");
                var isFirst = true;
                foreach (var (key, item) in map)
                {
                    if (!isFirst) { output.Append(" "); }
                    isFirst = false;
                    output.Append(key);
                    output.Append(":");
                    Append(output, item, depth + 1);
                }
                output.Append("]");
                break;
            default: output.Append("func"); break;
        }
    }

    /// <summary>Equal by value; ints and floats are compared as numbers, other types are never equal.</summary>
    public static bool Same(object? a, object? b, Fuel fuel, int column, int depth = 0)
    {
        fuel.Spend(column);
        if (depth > DeepestValue) { throw TooDeep(column); }
        switch (a, b)
        {
            case (long x, double y): return x == y;
            case (double x, long y): return x == y;
            case (double x, double y): return x == y;
            case (string x, string y):
                fuel.Spend(column, Math.Min(x.Length, y.Length) / Fuel.TextPerStep);
                return x == y;
            case (ExprBranch x, _): return Same(x.ToMap(), b, fuel, column, depth);
            case (_, ExprBranch y): return Same(a, y.ToMap(), fuel, column, depth);
            case (List<object?> x, List<object?> y):
                if (x.Count != y.Count) { return false; }
                for (var i = 0; i < x.Count; i++)
                {
                    if (!Same(x[i], y[i], fuel, column, depth + 1)) { return false; }
                }
                return true;
            case (ExprMap x, ExprMap y):
                if (x.Count != y.Count) { return false; }
                foreach (var (key, item) in x)
                {
                    if (!y.TryGetValue(key, out var other) || !Same(item, other, fuel, column, depth + 1)) { return false; }
                }
                return true;
            default: return Equals(a, b);
        }
    }

    /// <summary>Order of two numbers, texts, times or durations; null where they have none.</summary>
    public static int? Order(object? a, object? b) => (a, b) switch
    {
        (long x, long y) => x.CompareTo(y),
        (double or long, double or long) => Double(a).CompareTo(Double(b)),
        (string x, string y) => string.CompareOrdinal(x, y),
        (DateTimeOffset x, DateTimeOffset y) => x.CompareTo(y),
        (TimeSpan x, TimeSpan y) => x.CompareTo(y),
        _ => null,
    };

    public static double Double(object? number) => number is long n ? n : (double)number!;

    /// <summary>Go's conversion of a float to an int: the fraction is cut off; what is out of range or no number is the smallest.</summary>
    public static long Whole(double value) => value is >= -9.2233720368547758e18 and < 9.2233720368547758e18 ? (long)value : long.MinValue;

    /// <summary>A key as a map holds it: numbers and booleans are keys by their text.</summary>
    public static string Key(object? value, int column) => value switch
    {
        string s => s,
        null or bool or long or double => Text(value),
        _ => throw new ExpressionException($"a {TypeOf(value)} cannot be the key of a map", column),
    };

    public static ExpressionException TooDeep(int column) => new($"lists and maps stand more than {DeepestValue} deep in each other", column);
}
