namespace Pawl.Core.Expressions;

/// <summary>Argo's <c>when</c>: a C-like condition in which bare words are strings, as its evaluator (govaluate) reads it.</summary>
/// <remarks>
/// Operators of one level all bind to the left, <c>**</c> and <c>?:</c> too, and a prefix binds tightest (<c>-2 ** 2</c> is 4).
/// The value is computed while the text is read, so a sum of thousands of terms needs no deep tree; what a short-circuit skips is
/// read but not computed. A dotted word is a look-up in an empty scope and so an error: dots belong in quotes.
/// </remarks>
public static class When
{
    /// <summary>Characters.</summary>
    public const int LongestExpression = 64 * 1024;

    /// <summary>Parentheses within each other; each costs stack.</summary>
    public const int DeepestNesting = 200;

    /// <summary>Uses of <c>=~</c> and <c>!~</c>; each compiles a pattern, which can cost milliseconds.</summary>
    public const int MostPatterns = 100;

    /// <param name="expression">Tags already replaced. Empty is true, as no condition is.</param>
    /// <exception cref="ExpressionException">It cannot be read or computed, or is neither true nor false; in Argo's words.</exception>
    public static bool Evaluate(string expression)
    {
        if (expression.Length == 0) { return true; }
        if (expression.Length > LongestExpression)
        {
            throw Invalid(expression, new Fault($"it has {expression.Length} characters, more than {LongestExpression}", 0));
        }
        if (WhenLexer.Read(expression, out var tokens) is { } unread) { throw Invalid(expression, unread); }

        var reader = new Reader(tokens);
        var value = reader.ReadAll();
        if (reader.Malformed is { } malformed) { throw Invalid(expression, malformed); }
        if (reader.Failed is { } failed)
        {
            // The missing letter is Argo's; its tools match on the text.
            throw new ExpressionException($"Failed to evaluate 'when' expresion '{Short(expression)}': {failed.Reason}", failed.At + 1);
        }
        return value is bool answer ? answer
            : throw new ExpressionException($"Expected boolean evaluation for '{Short(expression)}'. Got {WhenValues.Text(value)}", 1);
    }

    private static ExpressionException Invalid(string expression, Fault fault)
    {
        var hint = fault.Reason.StartsWith("Invalid token", StringComparison.Ordinal)
            ? " (hint: try wrapping the affected expression in quotes (\"))"
            : "";
        return new ExpressionException($"Invalid 'when' expression '{Short(expression)}': {fault.Reason}{hint}", fault.At + 1);
    }

    private static string Short(string expression) => expression.Length <= 1000 ? expression : $"{expression[..1000]}…";

    internal readonly record struct Fault(string Reason, int At);

    // Reads tokens and computes as it goes. A fault does not unwind: the rest is skipped, so that a text that cannot be read is
    // reported as such even after an operand that cannot be computed.
    private sealed class Reader(IReadOnlyList<WhenToken> tokens)
    {
        private int _next;
        private int _skipping;
        private int _depth;
        private int _patterns;

        public Fault? Malformed { get; private set; }

        public Fault? Failed { get; private set; }

        public object? ReadAll()
        {
            var value = ReadOperators(0);
            if (_next < tokens.Count && Malformed is null) { Malformed = new Fault("Unbalanced parenthesis", tokens[_next].At); }
            return value;
        }

        private bool Computes => _skipping == 0 && Failed is null && Malformed is null;

        private object? ReadOperators(int lowest)
        {
            var left = ReadOperand();
            while (Malformed is null && _next < tokens.Count && Level(tokens[_next]) is var level && level >= lowest)
            {
                var sign = tokens[_next++];
                if (sign.Text is "=~" or "!~" && ++_patterns > MostPatterns)
                {
                    Malformed = new Fault($"it matches more than {MostPatterns} patterns", sign.At);
                    return null;
                }
                var skip = Computes && SkipsRight(sign.Text, left);
                _skipping += skip ? 1 : 0;
                var right = ReadOperators(level + 1);
                _skipping -= skip ? 1 : 0;
                if (!Computes) { left = null; }
                else if (skip) { left = sign.Text == "?" ? null : left; }
                else { left = Compute(sign, left, right); }
            }
            return left;
        }

        private object? ReadOperand()
        {
            if (_next >= tokens.Count)
            {
                Malformed ??= new Fault("Unexpected end of expression", tokens.Count > 0 ? tokens[^1].At : 0);
                return null;
            }
            var token = tokens[_next++];
            switch (token.Kind)
            {
                case WhenKind.Prefix:
                    var operand = ReadOperand();
                    return Computes ? Compute(token, null, operand) : null;
                case WhenKind.Clause:
                    return ReadClause(token);
                case WhenKind.Accessor:
                    if (Computes) { Failed = new Fault($"No parameter '{token.Text.Split('.')[0]}' found.", token.At); }
                    if (_next < tokens.Count && tokens[_next].Kind == WhenKind.Clause) { ReadClause(tokens[_next++]); }
                    return null;
                case WhenKind.Boolean or WhenKind.Numeric or WhenKind.String or WhenKind.Time or WhenKind.Variable:
                    return token.Value;
                default:
                    // A closing parenthesis after an opening one is the empty list; the lexer let no other through.
                    Malformed ??= new Fault("Unbalanced parenthesis", token.At);
                    return null;
            }
        }

        private object? ReadClause(WhenToken clause)
        {
            var inList = _next >= 2 && tokens[_next - 2] is { Kind: WhenKind.Comparator, Text: "in" };
            object? value;
            if (_next < tokens.Count && tokens[_next].Kind == WhenKind.ClauseClose) { value = new List<object?>(); }
            else
            {
                if (++_depth > DeepestNesting)
                {
                    Malformed ??= new Fault($"parentheses stand more than {DeepestNesting} deep in each other", clause.At);
                    return null;
                }
                value = ReadOperators(0);
                _depth--;
            }
            if (Malformed is not null) { return null; }
            if (_next >= tokens.Count || tokens[_next].Kind != WhenKind.ClauseClose)
            {
                Malformed = new Fault("Unbalanced parenthesis", clause.At);
                return null;
            }
            _next++;
            // (Failed) is a list of one only to the right of "in".
            return inList && value is not List<object?> ? new List<object?> { value } : value;
        }

        private static bool SkipsRight(string sign, object? left) => sign switch
        {
            "&&" or "?" => left is false,
            "||" => left is true,
            ":" or "??" => left is not null,
            _ => false,
        };

        private object? Compute(WhenToken sign, object? left, object? right)
        {
            var value = WhenValues.Compute(sign, left, right, out var problem);
            if (problem is not null) { Failed = new Fault(problem, sign.At); }
            return value;
        }

        // -1 for what is no binary operator.
        private static int Level(WhenToken token) => token.Kind switch
        {
            WhenKind.Separator => 0,
            WhenKind.Ternary => 1,
            WhenKind.LogicalOp => token.Text == "||" ? 2 : 3,
            WhenKind.Comparator => 4,
            WhenKind.Modifier => token.Text switch
            {
                "&" or "|" or "^" => 5,
                "<<" or ">>" => 6,
                "+" or "-" => 7,
                "*" or "/" or "%" => 8,
                _ => 9,
            },
            _ => -1,
        };
    }
}
