using System.Diagnostics;

namespace Pawl.Core.Expressions.Expr;

/// <summary>A variable, and those declared around it; the pointers of a closure are variables too.</summary>
internal sealed record ExprFrame(ExprFrame? Outer, string Name, object? Value);

/// <summary>One evaluation of an expression: its tree, walked.</summary>
internal sealed class ExprRun(ExprScope scope, ExprMoment moment)
{
    // Of a chain that ?. gave up.
    private static readonly object Gone = new();

    public Fuel Fuel { get; } = new();

    public DateTimeOffset Now => moment.At.ToUniversalTime();

    public Chance Chance { get; } = new(moment.Seed);

    public object? Evaluate(ExprNode node, ExprFrame? frame)
    {
        Fuel.Spend(node.At + 1);
        return node switch
        {
            ExprNode.Constant n => n.Value,
            ExprNode.Name n => Known(n, frame, out var value) ? value : throw new ExpressionException($"unknown name {n.Text}", n.At + 1),
            ExprNode.Pointer n => Pointed(n, frame),
            ExprNode.Unary n => ExprOperators.Unary(n.Sign, Evaluate(n.Operand, frame), n.At + 1),
            ExprNode.Binary n => Binary(n, frame),
            ExprNode.Choice n => Evaluate(Condition(n.Condition, frame) ? n.Yes : n.No, frame),
            ExprNode.Member n => Member(n, frame),
            ExprNode.Slice n => Slice(n, frame),
            ExprNode.Chain n => Evaluate(n.Of, frame) is var value && value == Gone ? null : value,
            ExprNode.Call n => Call(n, frame),
            ExprNode.Each n => ExprClosures.Run(this, n, frame),
            ExprNode.Let n => Evaluate(n.Body, new ExprFrame(frame, n.Variable, Evaluate(n.Value, frame))),
            ExprNode.ListOf n => ListOf(n, frame),
            ExprNode.MapOf n => MapOf(n, frame),
            _ => throw new UnreachableException($"{node.GetType().Name} is not handled"),
        };
    }

    public bool Condition(ExprNode node, ExprFrame? frame) => Evaluate(node, frame) switch
    {
        bool holds => holds,
        var value => throw new ExpressionException($"non-bool expression (type {ExprValues.TypeOf(value)}) used as condition", node.At + 1),
    };

    private static bool Found(string name, ExprFrame? frame, out object? value)
    {
        for (; frame is not null; frame = frame.Outer)
        {
            if (frame.Name == name)
            {
                value = frame.Value;
                return true;
            }
        }
        value = null;
        return false;
    }

    private bool Known(ExprNode.Name name, ExprFrame? frame, out object? value)
    {
        if (Found(name.Text, frame, out value)) { return true; }
        var root = new ExprBranch(scope, "");
        if (name.Text != "$env") { return root.TryMember(name.Text, out value); }
        value = root;
        return true;
    }

    private static object? Pointed(ExprNode.Pointer pointer, ExprFrame? frame) => Found("#" + pointer.Which, frame, out var value)
        ? value
        : throw new ExpressionException($"#{pointer.Which} is not known in this closure", pointer.At + 1);

    private object? Binary(ExprNode.Binary node, ExprFrame? frame)
    {
        switch (node.Sign)
        {
            case "&&": return Condition(node.Left, frame) && Condition(node.Right, frame);
            case "||": return Condition(node.Left, frame) || Condition(node.Right, frame);
            case "??": return Guarded(node.Left, frame) ?? Evaluate(node.Right, frame);
            default:
                var left = Evaluate(node.Left, frame);
                return ExprOperators.Binary(node.Sign, left, Evaluate(node.Right, frame), Fuel, node.At + 1);
        }
    }

    // To the left of ?? what is not there is nil, however far up it is missing.
    private object? Guarded(ExprNode node, ExprFrame? frame)
    {
        Fuel.Spend(node.At + 1);
        switch (node)
        {
            case ExprNode.Name name: return Known(name, frame, out var value) ? value : null;
            case ExprNode.Chain chain: return Guarded(chain.Of, frame);
            case ExprNode.Member member:
                var of = Guarded(member.Of, frame);
                return of is null ? null : Fetch(of, Evaluate(member.Key, frame), member.At + 1);
            default: return Evaluate(node, frame) is var other && other == Gone ? null : other;
        }
    }

    private object? Member(ExprNode.Member node, ExprFrame? frame)
    {
        var of = Evaluate(node.Of, frame);
        if (of == Gone || (of is null && node.IsOptional)) { return Gone; }
        return Fetch(of, Evaluate(node.Key, frame), node.At + 1);
    }

    /// <summary>An element of a list or text, or the value of a key, nil where the map has none.</summary>
    public static object? Fetch(object? of, object? key, int column)
    {
        switch (of)
        {
            case ExprBranch branch:
                branch.TryMember(ExprValues.Key(key, column), out var found);
                return found;
            case ExprMap map:
                map.TryGetValue(ExprValues.Key(key, column), out var value);
                return value;
            case List<object?> or string when key is long or double:
                var index = key is long n ? n : ExprValues.Whole((double)key);
                var length = of is string s ? s.Length : ((List<object?>)of).Count;
                var at = index < 0 ? index + length : index;
                if (at < 0 || at >= length) { throw new ExpressionException($"index out of range: {index} (array length is {length})", column); }
                return of is string text ? text[(int)at].ToString() : ((List<object?>)of)[(int)at];
            default:
                var shown = ExprValues.Text(key);
                throw new ExpressionException(
                    $"cannot fetch {(shown.Length > 200 ? shown[..200] + "…" : shown)} from {(of is null ? "<nil>" : ExprValues.TypeOf(of))}", column);
        }
    }

    private object? Slice(ExprNode.Slice node, ExprFrame? frame)
    {
        var of = Evaluate(node.Of, frame);
        if (of == Gone) { return Gone; }
        var length = of switch
        {
            string s => s.Length,
            List<object?> list => list.Count,
            _ => throw new ExpressionException($"cannot slice {ExprValues.TypeOf(of)}", node.At + 1),
        };
        var from = Bound(node.From, 0);
        var to = Bound(node.To, length);
        var count = Math.Max(0, to - from);
        if (of is string text) { return Fuel.Made(node.At + 1, text.Substring(from, count)); }
        Fuel.Spend(node.At + 1, count);
        return ((List<object?>)of).GetRange(from, count);

        int Bound(ExprNode? bound, int otherwise)
        {
            if (bound is null) { return otherwise; }
            var value = Evaluate(bound, frame) switch
            {
                long n => n,
                double d => ExprValues.Whole(d),
                var v => throw new ExpressionException($"cannot slice with {ExprValues.TypeOf(v)}", bound.At + 1),
            };
            return (int)Math.Clamp(value < 0 ? value + length : value, 0, length);
        }
    }

    private object? Call(ExprNode.Call node, ExprFrame? frame)
    {
        var column = node.Callee.At + 1;
        switch (node.Callee)
        {
            case ExprNode.Name name:
                return ExprFunctions.Invoke(this, name.Text, false, Arguments(node, frame), column);
            case ExprNode.Member { Key: ExprNode.Constant { Value: string function } } member when ExprFunctions.IsSprig(member.Of):
                return ExprFunctions.Invoke(this, function, true, Arguments(node, frame), column);
            case ExprNode.Member { Key: ExprNode.Constant { Value: string method } } member:
                var of = Evaluate(member.Of, frame);
                if (of == Gone || (of is null && member.IsOptional)) { return Gone; }
                return TimeMethods.Invoke(new ExprCall(this, method, [of, .. Arguments(node, frame)], column));
            default:
                throw new ExpressionException("this is no function", column);
        }
    }

    private object?[] Arguments(ExprNode.Call node, ExprFrame? frame)
    {
        var arguments = new object?[node.Arguments.Length];
        for (var i = 0; i < arguments.Length; i++) { arguments[i] = Evaluate(node.Arguments[i], frame); }
        return arguments;
    }

    private List<object?> ListOf(ExprNode.ListOf node, ExprFrame? frame)
    {
        var list = new List<object?>(node.Items.Length);
        foreach (var item in node.Items) { list.Add(Evaluate(item, frame)); }
        return list;
    }

    private ExprMap MapOf(ExprNode.MapOf node, ExprFrame? frame)
    {
        var map = new ExprMap();
        for (var i = 0; i < node.Keys.Length; i++)
        {
            map[ExprValues.Key(Evaluate(node.Keys[i], frame), node.Keys[i].At + 1)] = Evaluate(node.Values[i], frame);
        }
        return map;
    }
}
