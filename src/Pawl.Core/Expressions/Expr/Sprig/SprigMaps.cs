namespace Pawl.Core.Expressions.Expr;

/// <summary>Sprig's functions of dicts. Those that change a dict in place give a changed copy here: values never change.</summary>
internal static class SprigMaps
{
    public static ExprFamily All { get; } = new()
    {
        { "dict", 0, -1, Dict },
        { "get", 2, c => c.Map(0).TryGetValue(c.Text(1), out var value) ? value : "" },
        { "set", 3, c => new ExprMap(Copy(c, 0)) { [c.Text(1)] = c[2] } },
        { "unset", 2, c => new ExprMap(Copy(c, 0).Where(p => p.Key != c.Text(1))) },
        { "hasKey", 2, c => c.Map(0).ContainsKey(c.Text(1)) },
        { "pluck", 1, -1, Pluck },
        { "keys", 0, -1, c => Each(c, map => map.Keys) },
        { "values", 1, c => Each(c, map => map.Values) },
        { "pick", 1, -1, c => new ExprMap(Copy(c, 0).Where(p => Named(c).Contains(p.Key))) },
        { "omit", 1, -1, c => new ExprMap(Copy(c, 0).Where(p => !Named(c).Contains(p.Key))) },
        { "merge", 1, -1, c => Merged(c, overwrite: false) },
        { "mustMerge", 1, -1, c => Merged(c, overwrite: false) },
        { "mergeOverwrite", 1, -1, c => Merged(c, overwrite: true) },
        { "mustMergeOverwrite", 1, -1, c => Merged(c, overwrite: true) },
        { "deepCopy", 1, c => c[0] },
        { "mustDeepCopy", 1, c => c[0] },
        { "dig", 3, -1, Dig },
    };

    private static ExprMap Copy(ExprCall c, int i)
    {
        var map = c.Map(i);
        c.Fuel.Spend(c.Column, map.Count);
        return map;
    }

    private static HashSet<string> Named(ExprCall c) => [.. c.Rest(1).Select((_, i) => c.Text(i + 1))];

    private static ExprMap Dict(ExprCall c)
    {
        var map = new ExprMap();
        for (var i = 0; i < c.Count; i += 2) { map[ExprValues.Text(c[i], c.Fuel, c.Column)] = i + 1 < c.Count ? c[i + 1] : ""; }
        return map;
    }

    private static List<object?> Pluck(ExprCall c)
    {
        var found = new List<object?>();
        for (var i = 1; i < c.Count; i++)
        {
            if (c.Map(i).TryGetValue(c.Text(0), out var value)) { found.Add(value); }
        }
        return found;
    }

    private static List<object?> Each(ExprCall c, Func<ExprMap, IEnumerable<object?>> part)
    {
        var all = new List<object?>();
        for (var i = 0; i < c.Count; i++) { all.AddRange(part(Copy(c, i))); }
        return all;
    }

    // The first map wins, with overwrite the last; maps inside are merged too.
    private static ExprMap Merged(ExprCall c, bool overwrite)
    {
        var merged = Copy(c, 0);
        for (var i = 1; i < c.Count; i++) { merged = Merged(c, merged, Copy(c, i), overwrite, 0); }
        return merged;
    }

    private static ExprMap Merged(ExprCall c, ExprMap into, ExprMap from, bool overwrite, int depth)
    {
        if (depth > ExprValues.DeepestValue) { throw ExprValues.TooDeep(c.Column); }
        c.Fuel.Spend(c.Column, into.Count + from.Count);
        var merged = new ExprMap(into);
        foreach (var (key, value) in from)
        {
            if (merged.TryGetValue(key, out var own) && own is ExprMap ownMap && value is ExprMap map)
            {
                merged[key] = Merged(c, ownMap, map, overwrite, depth + 1);
            }
            // mergo takes an empty value for one that is not there.
            else if (SprigTypes.IsEmpty(own) || (overwrite && !SprigTypes.IsEmpty(value))) { merged[key] = value; }
        }
        return merged;
    }

    // dig "a" "b" default map
    private static object? Dig(ExprCall c)
    {
        object? value = c.Map(c.Count - 1);
        for (var i = 0; i < c.Count - 2; i++)
        {
            if (value is ExprBranch branch) { value = branch.ToMap(); }
            if (value is not ExprMap map) { throw c.Fail($"what stands before {JsonText.Quote(c.Text(i))} is {ExprValues.TypeOf(value)}, not map"); }
            if (!map.TryGetValue(c.Text(i), out value)) { return c[c.Count - 2]; }
        }
        return value;
    }
}
