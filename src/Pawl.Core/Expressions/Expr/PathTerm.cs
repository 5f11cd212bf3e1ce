namespace Pawl.Core.Expressions.Expr;

/// <summary>A term of a filter or script inside a JSON path.</summary>
internal abstract record PathTerm
{
    /// <summary>The value where <c>@</c> is <paramref name="current"/>; <see cref="PathWalk.Nothing"/> where a path leads nowhere.</summary>
    public abstract object? Value(PathWalk walk, object? current);

    public static bool IsTrue(object? value) => value switch
    {
        bool b => b,
        null or "" => false,
        _ => value != PathWalk.Nothing,
    };

    public sealed record Literal(object? Constant) : PathTerm
    {
        public override object? Value(PathWalk walk, object? current) => Constant;
    }

    /// <param name="IsRoot">It begins with <c>$</c> and not with <c>@</c>.</param>
    public sealed record Path(bool IsRoot, IReadOnlyList<PathStep> Steps) : PathTerm
    {
        public override object? Value(PathWalk walk, object? current) => walk.Walk(Steps, IsRoot ? walk.Root : current, isStrict: false);
    }

    public sealed record Not(PathTerm Of) : PathTerm
    {
        public override object? Value(PathWalk walk, object? current) => !IsTrue(Of.Value(walk, current));
    }

    public sealed record Operation(string Sign, PathTerm Left, PathTerm Right) : PathTerm
    {
        public override object? Value(PathWalk walk, object? current)
        {
            walk.Fuel.Spend(walk.Column);
            var left = Left.Value(walk, current);
            if (Sign == "&&") { return IsTrue(left) && IsTrue(Right.Value(walk, current)); }
            if (Sign == "||") { return IsTrue(left) || IsTrue(Right.Value(walk, current)); }
            var right = Right.Value(walk, current);
            // What cannot be computed is no match, and no error either.
            if (left == PathWalk.Nothing || right == PathWalk.Nothing) { return PathWalk.Nothing; }
            switch (Sign)
            {
                case "==": return ExprValues.Same(left, right, walk.Fuel, walk.Column);
                case "!=": return !ExprValues.Same(left, right, walk.Fuel, walk.Column);
                case "<" or "<=" or ">" or ">=":
                    return ExprValues.Order(left, right) is not { } order ? PathWalk.Nothing
                        : Sign switch { "<" => order < 0, "<=" => order <= 0, ">" => order > 0, _ => order >= 0 };
                default: return Computed(left, right);
            }
        }

        private object Computed(object? left, object? right)
        {
            if (left is long a && right is long b)
            {
                if (Sign is "/" or "%" && b is 0 or -1) { return b == 0 ? PathWalk.Nothing : Sign == "/" ? unchecked(-a) : 0L; }
                return Sign switch { "+" => unchecked(a + b), "-" => unchecked(a - b), "*" => unchecked(a * b), "/" => a / b, _ => a % b };
            }
            if (left is not (long or double) || right is not (long or double)) { return PathWalk.Nothing; }
            var (x, y) = (ExprValues.Double(left), ExprValues.Double(right));
            return Sign switch { "+" => x + y, "-" => x - y, "*" => x * y, "/" => x / y, _ => x % y };
        }
    }
}
