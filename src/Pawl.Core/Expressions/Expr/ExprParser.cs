namespace Pawl.Core.Expressions.Expr;

/// <summary>Reads an expression of the expr language into a tree, by precedence climbing.</summary>
/// <remarks>The table of precedences is expr's: <c>??</c> binds tightest of all, a pipe loosest, and <c>-2 ^ 2</c> is -4.</remarks>
internal sealed class ExprParser
{
    /// <summary>Operands within each other; each costs stack.</summary>
    private const int DeepestNesting = 200;

    /// <summary>Levels of the tree, which also grows along a row of operators.</summary>
    private const int DeepestTree = 500;

    private readonly List<ExprToken> _tokens;
    private int _next;
    private int _nesting;
    private int _closures;

    private ExprParser(List<ExprToken> tokens) => _tokens = tokens;

    /// <exception cref="ExpressionException">It cannot be read.</exception>
    public static ExprNode Parse(string text)
    {
        var parser = new ExprParser(ExprLexer.Read(text));
        var node = parser.Sequence();
        return parser.Current.Kind == ExprKind.End ? node : throw parser.Unexpected();
    }

    private ExprToken Current => _tokens[_next];

    private bool Is(string sign) => Current.Kind == ExprKind.Sign && Current.Text == sign;

    private bool IsWord(string word) => Current.Kind == ExprKind.Word && Current.Text == word;

    private bool Take(string sign)
    {
        if (!Is(sign)) { return false; }
        _next++;
        return true;
    }

    private void Expect(string sign)
    {
        if (!Take(sign)) { throw Unexpected($", expected '{sign}'"); }
    }

    private ExpressionException Unexpected(string rest = "") => Current.Kind == ExprKind.End
        ? new($"unexpected end of expression{rest}", Current.At + 1)
        : new($"unexpected token {Shown(Current)}{rest}", Current.At + 1);

    private static string Shown(ExprToken token) => token.Kind switch
    {
        ExprKind.Number => "number",
        ExprKind.Text => "string",
        _ => $"'{(token.Text.Length > 60 ? token.Text[..60] + "…" : token.Text)}'",
    };

    // Every node goes through here, so no tree is deeper than what may be walked by recursion.
    private static T Grown<T>(T node) where T : ExprNode
    {
        foreach (var part in node.Parts()) { node.Depth = Math.Max(node.Depth, part.Depth + 1); }
        return node.Depth <= DeepestTree ? node
            : throw new ExpressionException($"the expression is more than {DeepestTree} levels deep", node.At + 1);
    }

    // let a = 1; let b = a; a + b
    private ExprNode Sequence()
    {
        if (!IsWord("let")) { return Operators(0); }
        Enter();
        var at = Current.At;
        _next++;
        if (Current.Kind != ExprKind.Word) { throw Unexpected(", expected a name"); }
        var name = Current.Text;
        _next++;
        Expect("=");
        var value = Operators(0);
        Expect(";");
        var body = Sequence();
        _nesting--;
        return Grown(new ExprNode.Let(at, name, value, body));
    }

    private void Enter()
    {
        if (++_nesting > DeepestNesting)
        {
            throw new ExpressionException($"operands stand more than {DeepestNesting} deep in each other", Current.At + 1);
        }
    }

    private ExprNode Operators(int lowest)
    {
        Enter();
        var left = Operand();
        var before = "";
        while (BinarySign() is { } sign && Precedence(sign) is var level && level >= lowest)
        {
            var token = Current;
            var isNegated = IsWord("not");
            _next += isNegated ? 2 : 1;
            if (sign == "|") { left = Piped(left); }
            else if (before == "??" && sign != "??")
            {
                throw new ExpressionException(
                    $"Operator ({sign}) and coalesce expressions (??) cannot be mixed. Wrap either by parentheses.", token.At + 1);
            }
            else
            {
                var right = Operators(sign is "**" or "^" ? level : level + 1);
                var compared = Compared(token.At, sign, left, right);
                left = isNegated ? Grown(new ExprNode.Unary(token.At, "!", compared)) : compared;
            }
            before = sign;
        }
        if (lowest == 0) { left = Conditional(left); }
        _nesting--;
        return left;
    }

    // 1 < x < 3 is a row of comparisons, as in expr since 1.16.
    private static ExprNode.Binary Compared(int at, string sign, ExprNode left, ExprNode right)
    {
        var isOrder = sign is "<" or "<=" or ">" or ">=";
        var middle = !isOrder ? null : left switch
        {
            ExprNode.Binary { Sign: "<" or "<=" or ">" or ">=" } b => b.Right,
            ExprNode.Binary { Sign: "&&", Right: ExprNode.Binary { Sign: "<" or "<=" or ">" or ">=" } b } => b.Right,
            _ => null,
        };
        return middle is null
            ? Grown(new ExprNode.Binary(at, sign, left, right))
            : Grown(new ExprNode.Binary(at, "&&", left, Grown(new ExprNode.Binary(at, sign, middle, right))));
    }

    private ExprNode Conditional(ExprNode condition)
    {
        var at = Current.At;
        if (!Take("?")) { return condition; }
        if (Take(":")) { return Grown(new ExprNode.Choice(at, condition, condition, Operators(0))); }
        var yes = Operators(0);
        Expect(":");
        return Grown(new ExprNode.Choice(at, condition, yes, Operators(0)));
    }

    private string? BinarySign()
    {
        var token = Current;
        if (token.Kind == ExprKind.Word)
        {
            if (token.Text == "not") { return _tokens[_next + 1] is { Kind: ExprKind.Word } n && IsTest(n.Text) ? n.Text : null; }
            return token.Text switch
            {
                "and" => "&&",
                "or" => "||",
                var word when IsTest(word) => word,
                _ => null,
            };
        }
        return token.Kind == ExprKind.Sign && Precedence(token.Text) >= 0 ? token.Text : null;
    }

    private static bool IsTest(string word) => word is "in" or "matches" or "contains" or "startsWith" or "endsWith";

    private static int Precedence(string sign) => sign switch
    {
        "|" => 0,
        "||" => 10,
        "&&" => 15,
        "==" or "!=" or "<" or "<=" or ">" or ">=" or "in" or "matches" or "contains" or "startsWith" or "endsWith" => 20,
        ".." => 25,
        "+" or "-" => 30,
        "*" or "/" or "%" => 60,
        "**" or "^" => 100,
        "??" => 500,
        _ => -1,
    };

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
