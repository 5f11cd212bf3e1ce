namespace Pawl.Core.Expressions.Expr;

/// <summary>Sprig's functions of lists. None changes the list it is given.</summary>
internal static class SprigLists
{
    public static ExprFamily All { get; } = Twice(new()
    {
        { "first", 1, c => c.List(0) is { Count: > 0 } list ? list[0] : null },
        { "last", 1, c => c.List(0) is { Count: > 0 } list ? list[^1] : null },
        { "rest", 1, c => Part(c, 1, c.List(0).Count) },
        { "initial", 1, c => Part(c, 0, c.List(0).Count - 1) },
        { "append", 2, c => Copy(c, 0, [], [c[1]]) },
        { "push", 2, c => Copy(c, 0, [], [c[1]]) },
        { "prepend", 2, c => Copy(c, 0, [c[1]], []) },
        { "reverse", 1, c => Copy(c, 0, [], []).AsEnumerable().Reverse().ToList() },
        { "uniq", 1, c => ListFunctions.Unique(c, c.List(0)) },
        { "compact", 1, c => Copy(c, 0, [], []).Where(item => !SprigTypes.IsEmpty(item)).ToList() },
        { "without", 1, -1, c => Copy(c, 0, [], []).Where(item => !c.Rest(1).Exists(other => Same(c, item, other))).ToList() },
        { "has", 2, c => c[1] is not null && c.List(1).Exists(item => Same(c, item, c[0])) },
        { "slice", 1, -1, Slice },
        { "chunk", 2, Chunk },
    }, new()
    {
        { "list", 0, -1, c => c.Rest(0) },
        { "tuple", 0, -1, c => c.Rest(0) },
        { "concat", 0, -1, Concat },
        { "until", 1, c => Steps(c, 0, c.Whole(0), c.Whole(0) < 0 ? -1 : 1) },
        { "untilStep", 3, c => Steps(c, c.Whole(0), c.Whole(1), c.Whole(2)) },
        { "seq", 0, 3, Seq },
        { "toStrings", 1, c => Texts(c, 0) },
    });

    // Those that can fail stand there a second time, as mustFirst and so on.
    internal static ExprFamily Twice(ExprFamily family, ExprFamily others)
    {
        foreach (var (name, function) in family.ToList())
        {
            others.Add(name, function);
            others.Add($"must{char.ToUpperInvariant(name[0])}{name[1..]}", function);
        }
        return others;
    }

    /// <summary>The elements as texts, without nil; a single value is a list of one.</summary>
    public static List<object?> Texts(ExprCall c, int i)
    {
        var list = c[i] as List<object?> ?? [c[i]];
        c.Fuel.Spend(c.Column, list.Count);
        return [.. list.Where(item => item is not null).Select(item => (object?)ExprValues.Text(item, c.Fuel, c.Column))];
    }

    private static bool Same(ExprCall c, object? a, object? b) => ExprValues.Same(a, b, c.Fuel, c.Column);

    private static List<object?> Copy(ExprCall c, int i, List<object?> before, List<object?> after)
    {
        c.Fuel.Spend(c.Column, c.List(i).Count);
        return [.. before, .. c.List(i), .. after];
    }

    private static List<object?> Part(ExprCall c, long from, long to)
    {
        var list = c.List(0);
        var count = (int)Math.Max(0, Math.Min(to, list.Count) - from);
        if (count == 0) { return []; }
        c.Fuel.Spend(c.Column, count);
        return list.GetRange((int)from, count);
    }

    private static List<object?> Slice(ExprCall c)
    {
        var list = c.List(0);
        var from = c.Count > 1 ? SprigNumbers.Int(c[1]) : 0;
        var to = c.Count > 2 ? SprigNumbers.Int(c[2]) : list.Count;
        return from >= 0 && to >= from && to <= list.Count ? Part(c, from, to) : throw c.Fail($"slice bounds out of range [{from}:{to}]");
    }

    private static List<object?> Chunk(ExprCall c)
    {
        var size = SprigNumbers.Int(c[0]);
        if (size <= 0) { throw c.Fail("the size is not above 0"); }
        c.Fuel.Spend(c.Column, c.List(1).Count);
        return [.. c.List(1).Chunk((int)Math.Min(size, int.MaxValue)).Select(part => (object?)part.ToList())];
    }

    private static List<object?> Concat(ExprCall c)
    {
        var all = new List<object?>();
        for (var i = 0; i < c.Count; i++) { all.AddRange(Copy(c, i, [], [])); }
        return all;
    }

    private static List<object?> Steps(ExprCall c, long start, long stop, long step)
    {
        var list = new List<object?>();
        // Sprig: a step that leads away from the end gives nothing.
        if (step == 0 || (stop < start ? step >= 0 : step <= 0)) { return list; }
        for (var i = (Int128)start; step > 0 ? i < stop : i > stop; i += step)
        {
            c.Fuel.Spend(c.Column);
            list.Add((long)i);
        }
        return list;
    }

    // As the program seq: the end is part of it, and the numbers are one text.
    private static string Seq(ExprCall c)
    {
        if (c.Count == 0) { return ""; }
        var start = c.Count > 1 ? c.Whole(0) : 1;
        var end = c.Whole(c.Count - 1);
        var step = c.Count == 3 ? c.Whole(1) : end < start ? -1 : 1;
        var stop = (Int128)end + Math.Sign(step);
        if (stop > long.MaxValue || stop < long.MinValue) { throw c.Fail("the numbers are too large"); }
        return c.Joined(" ", [.. Steps(c, start, (long)stop, step).Select(ExprValues.Text)]);
    }
}
