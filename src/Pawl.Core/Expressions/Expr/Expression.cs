namespace Pawl.Core.Expressions.Expr;

/// <summary>The only time and chance that an expression sees: those of the observation it is evaluated for.</summary>
public readonly record struct ExprMoment(DateTimeOffset At, ulong Seed);

/// <summary>An expression of the expr language with Argo's additions: what stands in <c>{{=…}}</c> and in fields named expression.</summary>
/// <remarks>
/// Total: whatever the text and the values, evaluation ends within the bounds of <see cref="Fuel"/> with a value or with an
/// <see cref="ExpressionException"/>. Go prints and iterates maps in any order; here it is the order of the keys.
/// </remarks>
public sealed class Expression
{
    /// <summary>Characters.</summary>
    public const int LongestExpression = 64 * 1024;

    private readonly ExprNode _root;
    private readonly List<ExprReference> _references;

    private Expression(string text, ExprNode root)
    {
        Text = text;
        _root = root;
        _references = ExprReference.In(root);
    }

    public string Text { get; }

    /// <exception cref="ExpressionException">It cannot be read.</exception>
    public static Expression Parse(string text) => text.Length <= LongestExpression
        ? new Expression(text, ExprParser.Parse(text))
        : throw new ExpressionException($"the expression has {text.Length} characters, more than {LongestExpression}", 1);

    /// <summary>The value: null, bool, long, double, string, or one of the language's own types.</summary>
    /// <exception cref="ExpressionException">It has none.</exception>
    public object? Evaluate(ExprScope scope, ExprMoment moment) => new ExprRun(scope, moment).Evaluate(_root, null);

    /// <summary>The value as a tag inserts it: a text as it is, anything else as JSON; null of nil.</summary>
    /// <exception cref="ExpressionException">It has no value, or one without a form in JSON.</exception>
    public string? EvaluateText(ExprScope scope, ExprMoment moment)
    {
        var run = new ExprRun(scope, moment);
        return run.Evaluate(_root, null) switch
        {
            null => null,
            string text => text,
            var value => ExprJson.Text(value, run.Fuel, 1),
        };
    }

    /// <summary>A condition.</summary>
    /// <exception cref="ExpressionException">It is neither true nor false.</exception>
    public bool Holds(ExprScope scope, ExprMoment moment) => Evaluate(scope, moment) switch
    {
        bool holds => holds,
        var value => throw new ExpressionException($"unable to cast expression result '{Short(ExprValues.Text(value))}' to bool", 1),
    };

    /// <summary>The first name that the scope does not know and that nothing guards; null where there is none.</summary>
    public string? Missing(ExprScope scope) => _references.Find(r => r.IsMissing(scope))?.ToString();

    /// <summary>Whether a name is used that begins with one of these, or is it.</summary>
    public bool Mentions(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (_references.Exists(r => r.Is(name))) { return true; }
        }
        return false;
    }

    private static string Short(string text) => text.Length <= 200 ? text : text[..200] + "…";
}
