using System.Text;

namespace Pawl.Core.Expressions.Expr;

/// <summary>What one evaluation may use up, so that no text takes unbounded time or memory.</summary>
internal sealed class Fuel
{
    /// <summary>Nodes evaluated, elements made or looked at, and pieces of text walked over.</summary>
    public const int MostSteps = 1_000_000;

    /// <summary>Characters of all texts made on the way.</summary>
    public const int LongestText = 8 * 1024 * 1024;

    /// <summary>Characters walked over for the price of one step.</summary>
    public const int TextPerStep = 32;

    /// <summary>Regular expressions compiled; each can cost milliseconds.</summary>
    public const int MostPatterns = 100;

    private long _steps = MostSteps;
    private long _text = LongestText;
    private int _patterns = MostPatterns;
    private readonly Dictionary<string, System.Text.RegularExpressions.Regex> _compiled = new(StringComparer.Ordinal);

    public void Spend(int column, long steps = 1)
    {
        _steps -= steps;
        if (_steps < 0) { throw new ExpressionException($"the expression takes more than {MostSteps:N0} steps", column); }
    }

    /// <summary>Room for a text of this length, before it is made.</summary>
    public void Make(int column, long characters)
    {
        _text -= characters;
        if (_text < 0) { throw new ExpressionException($"the expression makes more than {LongestText:N0} characters of text", column); }
        Spend(column, characters / TextPerStep);
    }

    public string Made(int column, string text)
    {
        Make(column, text.Length);
        return text;
    }

    /// <exception cref="ExpressionException">It is no regular expression.</exception>
    public System.Text.RegularExpressions.Regex Pattern(string pattern, int column)
    {
        if (_compiled.TryGetValue(pattern, out var known)) { return known; }
        if (--_patterns < 0) { throw new ExpressionException($"the expression matches more than {MostPatterns} patterns", column); }
        var compiled = Patterns.Compile(pattern, out var problem)
            ?? throw new ExpressionException($"error parsing regexp: {problem}: `{(pattern.Length > 200 ? pattern[..200] + "…" : pattern)}`", column);
        _compiled.Add(pattern, compiled);
        return compiled;
    }
}

/// <summary>A text that grows no longer than the fuel allows.</summary>
internal sealed class FuelText(Fuel fuel, int column)
{
    private readonly StringBuilder _text = new();

    public int Length => _text.Length;

    public void Append(string text)
    {
        fuel.Make(column, text.Length);
        fuel.Spend(column);
        _text.Append(text);
    }

    public void Append(char c)
    {
        fuel.Make(column, 1);
        _text.Append(c);
    }

    public override string ToString() => _text.ToString();
}
