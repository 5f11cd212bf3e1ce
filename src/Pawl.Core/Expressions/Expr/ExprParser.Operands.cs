namespace Pawl.Core.Expressions.Expr;

// Operands: literals, calls, closures, and what follows them.
internal sealed partial class ExprParser
{
    private ExprNode Operand()
    {
        var token = Current;
        if (token is { Kind: ExprKind.Sign, Text: "!" or "-" or "+" } or { Kind: ExprKind.Word, Text: "not" })
        {
            _next++;
            var operand = Operators(token.Text switch { "not" or "!" => 50, _ => 90 });
            return Postfix(Grown(new ExprNode.Unary(token.At, token.Text == "not" ? "!" : token.Text, operand)));
        }
        if (Take("("))
        {
            var inner = Sequence();
            Expect(")");
            return Postfix(inner);
        }
        if (Take("[")) { return Postfix(ListFrom(token.At)); }
        if (Take("{")) { return Postfix(MapFrom(token.At)); }
        if (_closures > 0 && Take("#"))
        {
            var which = "";
            // #acc and #index are one word: a space between would be a slip.
            if (Current is { Kind: ExprKind.Word, Text: "acc" or "index" } word && word.At == token.At + 1)
            {
                which = word.Text;
                _next++;
            }
            return Postfix(new ExprNode.Pointer(token.At, which));
        }
        if (_closures > 0 && Is(".")) { return Postfix(new ExprNode.Pointer(token.At, "")); }
        switch (token.Kind)
        {
            case ExprKind.Number or ExprKind.Text:
                _next++;
                return Postfix(new ExprNode.Constant(token.At, token.Value));
            case ExprKind.Word when !IsReserved(token.Text):
                _next++;
                return Postfix(token.Text switch
                {
                    "true" => new ExprNode.Constant(token.At, true),
                    "false" => new ExprNode.Constant(token.At, false),
                    "nil" => new ExprNode.Constant(token.At, null),
                    "if" => If(token.At),
                    _ => Is("(") ? Called(token, null) : new ExprNode.Name(token.At, token.Text),
                });
            default:
                throw Unexpected();
        }
    }

    private static bool IsReserved(string word) => IsTest(word) || word is "and" or "or" or "let" or "else";

    private ExprNode.Choice If(int at)
    {
        var condition = Operators(0);
        Expect("{");
        var yes = Sequence();
        Expect("}");
        if (!IsWord("else")) { throw Unexpected(", expected 'else'"); }
        _next++;
        if (IsWord("if"))
        {
            var inner = Current.At;
            _next++;
            Enter();
            var chosen = If(inner);
            _nesting--;
            return Grown(new ExprNode.Choice(at, condition, yes, chosen));
        }
        Expect("{");
        var no = Sequence();
        Expect("}");
        return Grown(new ExprNode.Choice(at, condition, yes, no));
    }

    private ExprNode.ListOf ListFrom(int at)
    {
        var items = new List<ExprNode>();
        while (!Is("]"))
        {
            items.Add(Operators(0));
            if (!Take(",")) { break; }
        }
        Expect("]");
        return Grown(new ExprNode.ListOf(at, [.. items]));
    }

    private ExprNode.MapOf MapFrom(int at)
    {
        var keys = new List<ExprNode>();
        var values = new List<ExprNode>();
        while (!Is("}"))
        {
            var token = Current;
            if (Take("("))
            {
                keys.Add(Operators(0));
                Expect(")");
            }
            else if (token.Kind is ExprKind.Word or ExprKind.Text or ExprKind.Number)
            {
                _next++;
                keys.Add(new ExprNode.Constant(token.At, token.Kind == ExprKind.Word ? token.Text : ExprValues.Text(token.Value)));
            }
            else { throw Unexpected(", expected a map key"); }
            Expect(":");
            values.Add(Operators(0));
            if (!Take(",")) { break; }
        }
        Expect("}");
        return Grown(new ExprNode.MapOf(at, [.. keys], [.. values]));
    }

    // x | f(y) is f(x, y).
    private ExprNode Piped(ExprNode first)
    {
        var token = Current;
        if (token.Kind != ExprKind.Word) { throw Unexpected(", expected a function after '|'"); }
        _next++;
        if (Is("(")) { return Postfix(Called(token, first)); }
        ExprNode callee = new ExprNode.Name(token.At, token.Text);
        while (Take("."))
        {
            if (Current.Kind != ExprKind.Word) { throw Unexpected(", expected a name"); }
            callee = Grown(new ExprNode.Member(Current.At, callee, new ExprNode.Constant(Current.At, Current.Text), false));
            _next++;
        }
        return Postfix(Grown(new ExprNode.Call(token.At, callee, Arguments(first))));
    }

    private ExprNode Called(ExprToken name, ExprNode? first) => ExprClosures.Takes(name.Text)
        ? Closing(name, first)
        : Grown(new ExprNode.Call(name.At, new ExprNode.Name(name.At, name.Text), Arguments(first)));

    private ExprNode[] Arguments(ExprNode? first)
    {
        Expect("(");
        var arguments = new List<ExprNode>();
        if (first is not null) { arguments.Add(first); }
        while (!Is(")"))
        {
            arguments.Add(Operators(0));
            if (!Take(",")) { break; }
        }
        Expect(")");
        return [.. arguments];
    }

    private ExprNode.Each Closing(ExprToken name, ExprNode? first)
    {
        Expect("(");
        var list = first ?? Operators(0);
        ExprNode? closure = null;
        ExprNode? rest = null;
        if (first is null ? Take(",") && !Is(")") : !Is(")"))
        {
            closure = Closure();
            if (Take(",") && !Is(")")) { rest = Operators(0); }
            Take(",");
        }
        Expect(")");
        if (closure is null && name.Text is not ("count" or "sum"))
        {
            throw new ExpressionException($"not enough arguments to call {name.Text}", name.At + 1);
        }
        if (rest is not null && name.Text is not ("reduce" or "sortBy"))
        {
            throw new ExpressionException($"too many arguments to call {name.Text}", rest.At + 1);
        }
        return Grown(new ExprNode.Each(name.At, name.Text, list, closure, rest));
    }

    private ExprNode Closure()
    {
        var isBraced = Take("{");
        _closures++;
        var closure = isBraced ? Sequence() : Operators(0);
        _closures--;
        if (isBraced) { Expect("}"); }
        return closure;
    }

    private ExprNode Postfix(ExprNode node)
    {
        var isChain = false;
        while (Current.Kind == ExprKind.Sign)
        {
            var at = Current.At;
            if (Is(".") || Is("?."))
            {
                var isOptional = Is("?.");
                isChain |= isOptional;
                _next++;
                if (isOptional && Take("["))
                {
                    node = Grown(new ExprNode.Member(at, node, Operators(0), true));
                    Expect("]");
                    continue;
                }
                if (Current.Kind != ExprKind.Word) { throw Unexpected(", expected a name"); }
                node = Grown(new ExprNode.Member(at, node, new ExprNode.Constant(Current.At, Current.Text), isOptional));
                _next++;
                if (Is("(")) { node = Grown(new ExprNode.Call(at, node, Arguments(null))); }
            }
            else if (Take("[")) { node = Indexed(at, node); }
            else { break; }
        }
        return isChain ? Grown(new ExprNode.Chain(node.At, node)) : node;
    }

    private ExprNode Indexed(int at, ExprNode node)
    {
        var from = Is(":") ? null : Operators(0);
        if (!Take(":"))
        {
            Expect("]");
            return Grown(new ExprNode.Member(at, node, from!, false));
        }
        var to = Is("]") ? null : Operators(0);
        Expect("]");
        return Grown(new ExprNode.Slice(at, node, from, to));
    }
}
