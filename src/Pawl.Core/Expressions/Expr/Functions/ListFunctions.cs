namespace Pawl.Core.Expressions.Expr;

/// <summary>The language's functions of lists and maps, those without a closure.</summary>
internal static class ListFunctions
{
    public static ExprFamily All { get; } = new()
    {
        { "len", 1, c => Length(c) },
        { "get", 2, Get },
        { "concat", 1, -1, Concat },
        { "flatten", 1, c => Flattened(c, c.List(0), [], 0) },
        { "uniq", 1, c => Unique(c, c.List(0)) },
        { "unique", 1, c => Unique(c, c.List(0)) },
        { "first", 1, c => c.List(0) is { Count: > 0 } list ? list[0] : null },
        { "last", 1, c => c.List(0) is { Count: > 0 } list ? list[^1] : null },
        { "take", 2, Take },
        { "reverse", 1, Reverse },
        { "sort", 1, 2, c => ExprClosures.Sorted(c.List(0), c.List(0), c.Count > 1 ? c[1] : "asc", c.Fuel, c.Column) },
        { "keys", 1, c => c.Map(0).Keys.Cast<object?>().ToList() },
        { "values", 1, c => c.Map(0).Values.ToList() },
        { "toPairs", 1, c => c.Map(0).Select(p => (object?)new List<object?> { p.Key, p.Value }).ToList() },
        { "fromPairs", 1, FromPairs },
    };

    private static long Length(ExprCall c) => c[0] switch
    {
        // Characters of Unicode, as Go counts runes.
        string s => s.Length - s.Count(char.IsLowSurrogate),
        List<object?> list => list.Count,
        ExprMap or ExprBranch => c.Map(0).Count,
        _ => throw new ExpressionException($"invalid argument for len (type {ExprValues.TypeOf(c[0])})", c.Column),
    };

    // Out of range is nil, where an index would be an error.
    private static object? Get(ExprCall c)
    {
        if (c[0] is List<object?> list)
        {
            var at = c[1] is not long i ? -1 : i < 0 ? i + list.Count : i;
            return at >= 0 && at < list.Count ? list[(int)at] : null;
        }
        if (c[0] is ExprMap or ExprBranch) { return ExprRun.Fetch(c[0], c[1], c.Column); }
        // Argo's loop over plain items: item is a text there, which has no fields.
        if (c[0] is string or null) { return null; }
        throw c.Wrong(0, "array or map");
    }

    private static List<object?> Concat(ExprCall c)
    {
        var all = new List<object?>();
        for (var i = 0; i < c.Count; i++)
        {
            c.Fuel.Spend(c.Column, c.List(i).Count);
            all.AddRange(c.List(i));
        }
        return all;
    }

    private static List<object?> Flattened(ExprCall c, List<object?> list, List<object?> flat, int depth)
    {
        if (depth > ExprValues.DeepestValue) { throw ExprValues.TooDeep(c.Column); }
        foreach (var item in list)
        {
            c.Fuel.Spend(c.Column);
            if (item is List<object?> inner) { Flattened(c, inner, flat, depth + 1); }
            else { flat.Add(item); }
        }
        return flat;
    }

    /// <summary>Each value once, where it stood first.</summary>
    public static List<object?> Unique(ExprCall c, List<object?> list)
    {
        var unique = new List<object?>();
        var plain = new HashSet<object?>();
        foreach (var item in list)
        {
            c.Fuel.Spend(c.Column);
            var key = item is long n ? (double)n : item;
            var isNew = item is List<object?> or ExprMap or ExprBranch
                ? !unique.Exists(known => ExprValues.Same(known, item, c.Fuel, c.Column))
                : plain.Add(key);
            if (isNew) { unique.Add(item); }
        }
        return unique;
    }

    private static List<object?> Take(ExprCall c)
    {
        var count = c.Whole(1);
        if (count < 0) { throw c.Fail("cannot take a negative number of elements"); }
        var list = c.List(0);
        count = Math.Min(count, list.Count);
        c.Fuel.Spend(c.Column, count);
        return list.GetRange(0, (int)count);
    }

    private static List<object?> Reverse(ExprCall c)
    {
        c.Fuel.Spend(c.Column, c.List(0).Count);
        return [.. c.List(0).AsEnumerable().Reverse()];
    }

    private static ExprMap FromPairs(ExprCall c)
    {
        var map = new ExprMap();
        foreach (var item in c.List(0))
        {
            c.Fuel.Spend(c.Column);
            if (item is not List<object?> { Count: 2 } pair) { throw c.Fail("each element must be an array of a key and a value"); }
            map[ExprValues.Key(pair[0], c.Column)] = pair[1];
        }
        return map;
    }
}
