namespace Pawl.Core.Expressions.Expr;

/// <summary>A step of a JSON path.</summary>
internal abstract record PathStep
{
    public sealed record Child(string Key) : PathStep;

    /// <summary>Every member, or with <c>..</c> before it every one below.</summary>
    public sealed record Every : PathStep;

    /// <summary>The value itself and all below it; the step that follows looks at each.</summary>
    public sealed record Descent : PathStep;

    /// <param name="Keys">Texts, whole numbers and scripts; more than one is a union.</param>
    public sealed record Keyed(IReadOnlyList<PathTerm> Keys) : PathStep;

    /// <param name="Bounds">Start, end and step; null where not written.</param>
    public sealed record Slice(PathTerm?[] Bounds) : PathStep;

    public sealed record Filter(PathTerm Condition) : PathStep;
}

/// <summary>A JSON path: <c>$.a[0]['b']</c>, <c>..</c>, <c>*</c>, unions, slices with a step, filters and scripts.</summary>
/// <remarks>
/// As the library that Argo uses (evilmonkeyinc/jsonpath): a path that names one place gives its value and fails where it is not
/// there; one that may name several gives a list of those that are. <c>.length</c> counts; a number picks the member of a map by
/// the order of its keys; numbers and slices work on texts too.
/// </remarks>
internal sealed class JsonPath(IReadOnlyList<PathStep> steps, int column)
{
    /// <exception cref="ExpressionException">It is no path.</exception>
    public static JsonPath Parse(string path, int column) => new(new JsonPathParser(path, column).ReadAll(), column);

    /// <exception cref="ExpressionException">The one place that the path names is not there.</exception>
    public object? Query(object? root, Fuel fuel) => new PathWalk(root, fuel, column).Walk(steps, root, isStrict: true);
}

/// <summary>One walk of paths over a value.</summary>
internal sealed class PathWalk(object? root, Fuel fuel, int column)
{
    /// <summary>What a path in a filter gives that leads nowhere.</summary>
    public static readonly object Nothing = new();

    public object? Root => root;

    public Fuel Fuel => fuel;

    public int Column => column;

    /// <param name="isStrict">What is not there is an error and not <see cref="Nothing"/>.</param>
    public object? Walk(IReadOnlyList<PathStep> steps, object? from, bool isStrict)
    {
        var found = new List<object?> { from };
        var isMany = false;
        foreach (var step in steps)
        {
            var next = new List<object?>();
            foreach (var value in found) { Take(step, value, next); }
            // A slice or union of a text is a text again.
            var isText = !isMany && found is [string] && step is (PathStep.Slice or PathStep.Keyed);
            isMany |= !isText && step is PathStep.Every or PathStep.Descent or PathStep.Slice or PathStep.Filter or PathStep.Keyed { Keys.Count: > 1 };
            if (!isMany && next.Count == 0)
            {
                return isStrict ? throw new ExpressionException($"jsonpath: key: invalid token {Shown(step)} not found", column) : Nothing;
            }
            found = next;
        }
        return isMany ? found : found[0];
    }

    private static string Shown(PathStep step) => step switch
    {
        PathStep.Child c => $"key '{c.Key}'",
        PathStep.Keyed { Keys: [PathTerm.Literal literal] } => $"key '{ExprValues.Text(literal.Constant)}'",
        _ => "index",
    };

    private void Take(PathStep step, object? value, List<object?> next)
    {
        fuel.Spend(column);
        switch (step)
        {
            case PathStep.Child child:
                if (Member(value, child.Key, out var member)) { next.Add(member); }
                break;
            case PathStep.Every:
                foreach (var item in Items(value)) { next.Add(item); }
                break;
            case PathStep.Descent:
                Descend(value, next, 0);
                break;
            case PathStep.Keyed keyed:
                var picked = new List<object?>();
                foreach (var key in keyed.Keys) { Pick(value, key.Value(this, value), picked); }
                if (value is string && keyed.Keys.Count > 1) { next.Add(fuel.Made(column, string.Concat(picked))); }
                else { next.AddRange(picked); }
                break;
            case PathStep.Slice slice:
                Slice(slice, value, next);
                break;
            case PathStep.Filter filter:
                foreach (var item in Items(value))
                {
                    if (PathTerm.IsTrue(filter.Condition.Value(this, item))) { next.Add(item); }
                }
                break;
        }
    }

    private void Descend(object? value, List<object?> next, int depth)
    {
        fuel.Spend(column);
        if (depth > ExprValues.DeepestValue) { throw ExprValues.TooDeep(column); }
        if (value is not (ExprMap or List<object?>)) { return; }
        next.Add(value);
        foreach (var item in Items(value)) { Descend(item, next, depth + 1); }
    }

    private IEnumerable<object?> Items(object? value)
    {
        IReadOnlyCollection<object?> items = value switch
        {
            List<object?> list => list,
            ExprMap map => map.Values,
            _ => [],
        };
        fuel.Spend(column, items.Count);
        return items;
    }

    private static bool Member(object? value, string key, out object? member)
    {
        if (value is ExprMap map && map.TryGetValue(key, out member)) { return true; }
        member = key != "length" ? null : value switch
        {
            string s => (double)s.Length,
            List<object?> list => (double)list.Count,
            ExprMap m => (double)m.Count,
            _ => null,
        };
        return member is not null;
    }

    private void Pick(object? value, object? key, List<object?> picked)
    {
        fuel.Spend(column);
        if (key is string name)
        {
            if (Member(value, name, out var member)) { picked.Add(member); }
            return;
        }
        if (key is not (long or double)) { return; }
        var index = key is long n ? n : ExprValues.Whole((double)key);
        var length = Length(value);
        if (index < 0) { index += length; }
        if (index < 0 || index >= length) { return; }
        picked.Add(At(value, (int)index));
    }

    private static int Length(object? value) => value switch
    {
        string s => s.Length,
        List<object?> list => list.Count,
        ExprMap map => map.Count,
        _ => 0,
    };

    private object? At(object? value, int index)
    {
        if (value is ExprMap) { fuel.Spend(column, index); }
        return value switch
        {
            string s => s[index].ToString(),
            List<object?> list => list[index],
            _ => ((ExprMap)value!).Values.ElementAt(index),
        };
    }

    private void Slice(PathStep.Slice slice, object? value, List<object?> next)
    {
        var length = Length(value);
        long? Bound(int i) => slice.Bounds[i] is not { } term ? null : term.Value(this, value) switch
        {
            long n => n,
            double d => ExprValues.Whole(d),
            _ => throw new ExpressionException("jsonpath: range: a bound is no whole number", column),
        };
        var step = Bound(2) ?? 1;
        if (step == 0) { throw new ExpressionException("jsonpath: range: the step is 0", column); }
        var start = Clamped(Bound(0) ?? 0, length);
        var end = Clamped(Bound(1) ?? length, length);
        var picked = new List<object?>();
        fuel.Spend(column, Math.Max(0, end - start));
        // Backwards the end belongs to what is taken.
        if (step < 0) { for (long i = Math.Min(end, length - 1); i >= start; i = Stepped(i, step)) { picked.Add(At(value, (int)i)); } }
        else { for (long i = start; i < end; i = Stepped(i, step)) { picked.Add(At(value, (int)i)); } }
        if (value is string) { next.Add(fuel.Made(column, string.Concat(picked))); }
        else { next.AddRange(picked); }
    }

    private static long Stepped(long i, long step) => step is > int.MaxValue or < int.MinValue ? (step > 0 ? long.MaxValue : -1) : i + step;

    private static int Clamped(long bound, int length) => (int)Math.Clamp(bound < 0 ? bound + length : bound, 0, length);
}
