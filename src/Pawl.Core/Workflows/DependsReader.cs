using System.Collections.Immutable;
using Pawl.Core.Expressions;

namespace Pawl.Core.Workflows;

/// <summary>Reads <c>A &amp;&amp; (B.Failed || !C)</c>; <c>and</c>, <c>or</c> and <c>not</c> are words for the signs.</summary>
/// <remarks>Argo finds the names by a pattern and hands the rest to its expression language; of that only this part makes sense there.</remarks>
internal sealed class DependsReader(string text)
{
    private int _at;
    private int _depth;

    public DependsExpr Read()
    {
        if (text.Length > DependsExpr.LongestText)
        {
            throw new ExpressionException($"depends has {text.Length:N0} characters; write at most {DependsExpr.LongestText:N0}", 1);
        }
        var whole = Alternatives();
        return Peek() is '\0' ? whole : throw Unexpected();
    }

    private DependsExpr Alternatives()
    {
        var first = Conditions();
        if (!TakesOr()) { return first; }
        var all = ImmutableArray.CreateBuilder<DependsExpr>();
        all.Add(first);
        do { all.Add(Conditions()); } while (TakesOr());
        return new DependsExpr.Any(all.ToImmutable());
    }

    private DependsExpr Conditions()
    {
        var first = Condition();
        if (!TakesAnd()) { return first; }
        var all = ImmutableArray.CreateBuilder<DependsExpr>();
        all.Add(first);
        do { all.Add(Condition()); } while (TakesAnd());
        return new DependsExpr.All(all.ToImmutable());
    }

    private DependsExpr Condition()
    {
        if (Peek() is '!' || IsWord("not")) { return Negated(); }
        if (Peek() is not '(') { return Mention(); }
        Deeper();
        _at++;
        var inner = Alternatives();
        if (Peek() is not ')') { throw Unexpected("; a parenthesis is not closed"); }
        _at++;
        _depth--;
        return inner;
    }

    private DependsExpr.Not Negated()
    {
        Deeper();
        _at += text[_at] == '!' ? 1 : "not".Length;
        var negated = new DependsExpr.Not(Condition());
        _depth--;
        return negated;
    }

    private DependsExpr Mention()
    {
        var (name, isQuoted) = Name();
        if (_at >= text.Length || text[_at] != '.')
        {
            return !isQuoted && name is "true" or "false" ? new DependsExpr.Const(name == "true") : new DependsExpr.Is(name, null);
        }
        var start = ++_at;
        while (_at < text.Length && char.IsAsciiLetter(text[_at])) { _at++; }
        var written = text[start.._at];
        if (Enum.TryParse<TaskResult>(written, out var result)) { return new DependsExpr.Is(name, result); }
        throw new ExpressionException($"task result '{written}' for task '{name}' is invalid; write one of {string.Join(", ", Enum.GetNames<TaskResult>())}", start + 1);
    }

    private (string Name, bool IsQuoted) Name()
    {
        var quote = Peek() is '\'' or '"' ? text[_at] : '\0';
        var start = quote == '\0' ? _at : ++_at;
        if (_at >= text.Length || !char.IsAsciiLetterOrDigit(text[_at]) || (quote == '\0' && (IsWord("and") || IsWord("or")))) { throw Unexpected("; write the name of a task"); }
        while (_at < text.Length && IsOfName(text[_at])) { _at++; }
        var name = text[start.._at];
        if (quote == '\0') { return (name, false); }
        if (_at >= text.Length || text[_at] != quote) { throw Unexpected("; a quote is not closed"); }
        _at++;
        return (name, true);
    }

    private bool TakesOr() => Takes("||") || TakesWord("or");

    private bool TakesAnd() => Takes("&&") || TakesWord("and");

    private bool Takes(string sign)
    {
        Peek();
        if (!text.AsSpan(_at).StartsWith(sign, StringComparison.Ordinal)) { return false; }
        _at += sign.Length;
        return true;
    }

    private bool TakesWord(string word)
    {
        if (!IsWord(word)) { return false; }
        _at += word.Length;
        return true;
    }

    // A task may begin with the word, or have it as a name where a result follows.
    private bool IsWord(string word)
    {
        Peek();
        var end = _at + word.Length;
        return text.AsSpan(_at).StartsWith(word, StringComparison.Ordinal) && (end >= text.Length || (!IsOfName(text[end]) && text[end] != '.'));
    }

    private static bool IsOfName(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';

    /// <returns>The next character that is no white space, which is now the current one; 0 at the end.</returns>
    private char Peek()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at])) { _at++; }
        return _at < text.Length ? text[_at] : '\0';
    }

    private void Deeper()
    {
        if (++_depth > DependsExpr.DeepestNesting)
        {
            throw new ExpressionException($"depends has more than {DependsExpr.DeepestNesting} parentheses and negations inside each other", _at + 1);
        }
    }

    private ExpressionException Unexpected(string hint = "") => new(
        _at < text.Length ? $"unexpected '{(char.IsControl(text[_at]) || char.IsSurrogate(text[_at]) ? '?' : text[_at])}'{hint}" : $"unexpected end{hint}", _at + 1);
}
