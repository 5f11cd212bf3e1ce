namespace Pawl.Core.Expressions.Expr;

/// <summary>Reads an expression of the expr language into a tree, by precedence climbing.</summary>
/// <remarks>The table of precedences is expr's: <c>??</c> binds tightest of all, a pipe loosest, and <c>-2 ^ 2</c> is -4.</remarks>
internal sealed partial class ExprParser
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
}
