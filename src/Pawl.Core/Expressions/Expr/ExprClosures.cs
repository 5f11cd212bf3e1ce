using System.Diagnostics;

namespace Pawl.Core.Expressions.Expr;

/// <summary>The built-ins that run a closure over each element of a list.</summary>
internal static class ExprClosures
{
    public static bool Takes(string function) => function is "all" or "any" or "one" or "none" or "filter" or "map" or "count" or "sum"
        or "find" or "findIndex" or "findLast" or "findLastIndex" or "groupBy" or "sortBy" or "reduce";

    public static object? Run(ExprRun run, ExprNode.Each node, ExprFrame? frame)
    {
        var column = node.At + 1;
        var list = run.Evaluate(node.List, frame) as List<object?>
            ?? throw new ExpressionException($"builtin {node.Function} takes only array", node.List.At + 1);
        run.Fuel.Spend(column, list.Count);
        object? Value(int i) => node.Closure is null ? list[i] : run.Evaluate(node.Closure, Frame(list, i, frame));
        bool Holds(int i) => node.Closure is null ? Truth(list[i], node) : run.Condition(node.Closure, Frame(list, i, frame));
        var indices = Enumerable.Range(0, list.Count);
        switch (node.Function)
        {
            case "all": return indices.All(Holds);
            case "any": return indices.Any(Holds);
            case "none": return !indices.Any(Holds);
            case "one": return indices.Count(Holds) == 1;
            case "count": return (long)indices.Count(Holds);
            case "filter": return indices.Where(Holds).Select(i => list[i]).ToList();
            case "map": return indices.Select(Value).ToList();
            case "sum": return Sum([.. indices.Select(Value)], column);
            case "find": return First(indices, Holds) is { } found ? list[found] : null;
            case "findLast": return First(indices.Reverse(), Holds) is { } last ? list[last] : null;
            case "findIndex": return (long)(First(indices, Holds) ?? -1);
            case "findLastIndex": return (long)(First(indices.Reverse(), Holds) ?? -1);
            case "groupBy":
                var groups = new ExprMap();
                foreach (var i in indices)
                {
                    var key = ExprValues.Key(Value(i), column);
                    if (groups.TryGetValue(key, out var group)) { ((List<object?>)group!).Add(list[i]); }
                    else { groups[key] = new List<object?> { list[i] }; }
                }
                return groups;
            case "sortBy":
                var order = node.Rest is null ? "asc" : run.Evaluate(node.Rest, frame);
                return Sorted(list, [.. indices.Select(Value)], order, run.Fuel, column);
            case "reduce":
                var start = node.Rest is null ? 1 : 0;
                if (start > list.Count) { throw new ExpressionException("reduce of empty array with no initial value", column); }
                var result = node.Rest is null ? list[0] : run.Evaluate(node.Rest, frame);
                for (var i = start; i < list.Count; i++)
                {
                    result = run.Evaluate(node.Closure!, new ExprFrame(Frame(list, i, frame), "#acc", result));
                }
                return result;
            default: throw new UnreachableException($"{node.Function} is not handled");
        }
    }

    /// <summary>The elements in the order of their keys, equal ones as they were.</summary>
    /// <param name="order"><c>asc</c> or <c>desc</c>.</param>
    public static List<object?> Sorted(List<object?> list, List<object?> keys, object? order, Fuel fuel, int column)
    {
        if (order is not ("asc" or "desc")) { throw new ExpressionException("the order is either asc or desc", column); }
        // Compared with the first beforehand, so that no comparison fails in the middle of sorting.
        if (keys.Find(key => ExprValues.Order(keys[0], key) is null) is not null || (keys.Count > 1 && keys.Contains(null)))
        {
            throw new ExpressionException("the elements to sort cannot be compared: they are not all numbers, all texts or all times", column);
        }
        fuel.Spend(column, 4L * list.Count);
        var comparer = Comparer<object?>.Create((a, b) => ExprValues.Order(a, b) ?? 0);
        var indices = Enumerable.Range(0, list.Count);
        var sorted = order is "asc" ? indices.OrderBy(i => keys[i], comparer) : indices.OrderByDescending(i => keys[i], comparer);
        return [.. sorted.Select(i => list[i])];
    }

    /// <summary>An int where all are, else a float.</summary>
    public static object Sum(List<object?> values, int column)
    {
        long whole = 0;
        double sum = 0;
        var isWhole = true;
        foreach (var value in values)
        {
            if (value is long n) { whole = unchecked(whole + n); }
            else if (value is double) { isWhole = false; }
            else { throw new ExpressionException($"cannot add {ExprValues.TypeOf(value)} to a sum", column); }
            sum += ExprValues.Double(value);
        }
        return isWhole ? whole : sum;
    }

    private static ExprFrame Frame(List<object?> list, int i, ExprFrame? frame) =>
        new(new ExprFrame(frame, "#index", (long)i), "#", list[i]);

    private static int? First(IEnumerable<int> indices, Func<int, bool> holds)
    {
        foreach (var i in indices)
        {
            if (holds(i)) { return i; }
        }
        return null;
    }

    private static bool Truth(object? value, ExprNode.Each node) => value is bool holds ? holds
        : throw new ExpressionException($"builtin {node.Function} without a closure takes an array of bool", node.List.At + 1);
}
