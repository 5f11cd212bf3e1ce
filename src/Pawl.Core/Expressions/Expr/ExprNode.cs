namespace Pawl.Core.Expressions.Expr;

/// <summary>A piece of an expression that was read.</summary>
/// <param name="At">Where it, or its operator, begins; from 0.</param>
internal abstract record ExprNode(int At)
{
    /// <summary>Levels from here down; the parser bounds it, so that whoever walks the tree may recurse.</summary>
    public int Depth { get; internal set; } = 1;

    public sealed record Constant(int At, object? Value) : ExprNode(At);

    /// <summary>A variable of a <c>let</c>, or the first part of a dotted name.</summary>
    public sealed record Name(int At, string Text) : ExprNode(At);

    /// <summary>The element a closure looks at: <c>#</c>, <c>#acc</c> or <c>#index</c>.</summary>
    public sealed record Pointer(int At, string Which) : ExprNode(At);

    public sealed record Unary(int At, string Sign, ExprNode Operand) : ExprNode(At);

    public sealed record Binary(int At, string Sign, ExprNode Left, ExprNode Right) : ExprNode(At);

    public sealed record Choice(int At, ExprNode Condition, ExprNode Yes, ExprNode No) : ExprNode(At);

    /// <param name="IsOptional">Written <c>?.</c>: of nil it is nil, and so is the rest of the chain.</param>
    public sealed record Member(int At, ExprNode Of, ExprNode Key, bool IsOptional) : ExprNode(At);

    public sealed record Slice(int At, ExprNode Of, ExprNode? From, ExprNode? To) : ExprNode(At);

    /// <summary>What <c>?.</c> gives up, whole.</summary>
    public sealed record Chain(int At, ExprNode Of) : ExprNode(At);

    /// <param name="Callee">A <see cref="Name"/>, or a <see cref="Member"/> such as <c>sprig.trim</c> or <c>now().Year</c>.</param>
    public sealed record Call(int At, ExprNode Callee, ExprNode[] Arguments) : ExprNode(At);

    /// <summary>A built-in that runs a closure over a list.</summary>
    /// <param name="Rest">What follows the closure: an order, a first value.</param>
    public sealed record Each(int At, string Function, ExprNode List, ExprNode? Closure, ExprNode? Rest) : ExprNode(At);

    public sealed record Let(int At, string Variable, ExprNode Value, ExprNode Body) : ExprNode(At);

    public sealed record ListOf(int At, ExprNode[] Items) : ExprNode(At);

    public sealed record MapOf(int At, ExprNode[] Keys, ExprNode[] Values) : ExprNode(At);

    /// <summary>The nodes directly below.</summary>
    public IEnumerable<ExprNode> Parts()
    {
        ExprNode?[] parts = this switch
        {
            Unary n => [n.Operand],
            Binary n => [n.Left, n.Right],
            Choice n => [n.Condition, n.Yes, n.No],
            Member n => [n.Of, n.Key],
            Slice n => (ExprNode?[])[n.Of, n.From, n.To],
            Chain n => [n.Of],
            Call n => [n.Callee, .. n.Arguments],
            Each n => (ExprNode?[])[n.List, n.Closure, n.Rest],
            Let n => [n.Value, n.Body],
            ListOf n => n.Items,
            MapOf n => [.. n.Keys, .. n.Values],
            _ => [],
        };
        return parts.OfType<ExprNode>();
    }
}
