using System.Globalization;

namespace Pawl.Core.Expressions;

/// <summary>What the operators of <c>when</c> do with doubles, strings, booleans, lists and nothing (null).</summary>
internal static class WhenValues
{
    /// <param name="left">Null of a prefix.</param>
    /// <param name="problem">In Argo's words, where the operator does not take these values.</param>
    public static object? Compute(WhenToken sign, object? left, object? right, out string? problem)
    {
        problem = null;
        switch (sign.Kind)
        {
            case WhenKind.Separator:
                // Values are used once, so the list may grow in place.
                if (left is List<object?> list) { list.Add(right); return list; }
                return new List<object?> { left, right };
            case WhenKind.Ternary:
                if (sign.Text == "?" && left is not bool) { problem = NotA(left, "ternary operator", sign.Text, "a bool"); }
                return sign.Text == "?" ? right : left ?? right;
            case WhenKind.LogicalOp:
                if (left is bool first && right is bool second) { return sign.Text == "&&" ? first && second : first || second; }
                problem = NotA(left is bool ? right : left, "logical operator", sign.Text, "a bool");
                return null;
            case WhenKind.Prefix:
                if (sign.Text == "!" && right is bool value) { return !value; }
                if (sign.Text == "-" && right is double number) { return -number; }
                if (sign.Text == "~" && right is double bits) { return (double)~(long)bits; }
                problem = $"Value '{Text(right)}' cannot be used with the prefix '{sign.Text}'";
                return null;
            case WhenKind.Comparator:
                return Compare(sign.Text, left, right, out problem);
            case WhenKind.Modifier when sign.Text == "+" && (left is string || right is string):
                return Text(left) + Text(right);
            default:
                return Modify(sign.Text, left, right, out problem);
        }
    }

    /// <summary>As Go prints a value.</summary>
    public static string Text(object? value) => value switch
    {
        null => "<nil>",
        bool b => b ? "true" : "false",
        double d => Number(d),
        List<object?> list => $"[{string.Join(' ', list.Select(Text))}]",
        _ => (string)value,
    };

    private static bool Compare(string sign, object? left, object? right, out string? problem)
    {
        problem = null;
        switch (sign)
        {
            case "==": return Same(left, right);
            case "!=": return !Same(left, right);
            case "in":
                if (right is List<object?> list) { return list.Exists(item => Same(left, item)); }
                problem = NotA(right, "comparator", sign, "a number");
                return false;
            case "=~" or "!~":
                if (left is not string || right is not string)
                {
                    problem = NotA(left is string ? right : left, "comparator", sign, "a number");
                    return false;
                }
                if (Patterns.Compile((string)right, out var reason) is { } pattern) { return pattern.IsMatch((string)left) == (sign == "=~"); }
                problem = $"Unable to compile regexp pattern '{right}': {reason}";
                return false;
            default:
                if (left is double a && right is double b)
                {
                    return sign switch { "<" => a < b, "<=" => a <= b, ">" => a > b, _ => a >= b };
                }
                if (left is string x && right is string y)
                {
                    var order = string.CompareOrdinal(x, y);
                    return sign switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
                }
                problem = NotA(left, "comparator", sign, "a number");
                return false;
        }
    }

    private static double Modify(string sign, object? left, object? right, out string? problem)
    {
        problem = null;
        if (left is not double a || right is not double b)
        {
            problem = NotA(left is double && sign != "+" ? right : left, "modifier", sign, "a number");
            return double.NaN;
        }
        return sign switch
        {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "/" => a / b,
            "%" => a % b,
            "**" => Math.Pow(a, b),
            "&" => (double)((long)a & (long)b),
            "|" => (double)((long)a | (long)b),
            "^" => (double)((long)a ^ (long)b),
            // Go shifts everything out where C# would take the count modulo 64.
            "<<" => (ulong)b > 63 ? 0.0 : (double)((ulong)a << (int)b),
            _ => (ulong)b > 63 ? 0.0 : (double)((ulong)a >> (int)b),
        };
    }

    // Values of different types are never equal.
    private static bool Same(object? left, object? right) => (left, right) switch
    {
        (double a, double b) => a == b,
        (List<object?> a, List<object?> b) => a.Count == b.Count && a.Zip(b).All(pair => Same(pair.First, pair.Second)),
        _ => Equals(left, right),
    };

    private static string NotA(object? value, string use, string sign, string wanted) =>
        $"Value '{Text(value)}' cannot be used with the {use} '{sign}', it is not {wanted}";

    // Go's %v: the shortest digits that read back as the same number; with an exponent from 1e+06 and below 1e-04.
    private static string Number(double value)
    {
        if (!double.IsFinite(value)) { return double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf"; }
        if (value == 0) { return double.IsNegative(value) ? "-0" : "0"; }
        var size = Math.Abs(value);
        if (size is >= 1e-4 and < 1e6) { return value.ToString("R", CultureInfo.InvariantCulture); }

        var shortest = size.ToString("R", CultureInfo.InvariantCulture);
        var mark = shortest.IndexOf('E', StringComparison.Ordinal);
        var exponent = mark < 0 ? 0 : int.Parse(shortest.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        var plain = mark < 0 ? shortest : shortest[..mark];
        var point = plain.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 ? dot : plain.Length;
        var digits = plain.Replace(".", "", StringComparison.Ordinal);
        var leading = digits.Length - digits.TrimStart('0').Length;
        exponent += point - 1 - leading;
        digits = digits.Trim('0');
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{(value < 0 ? "-" : "")}{digits[0]}{(digits.Length > 1 ? "." : "")}{digits[1..]}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");
    }
}
