using System.Globalization;
using System.Text;

namespace Pawl.Core.Expressions.Expr;

/// <summary>Reads a JSON path.</summary>
internal sealed class JsonPathParser(string text, int column)
{
    private const int LongestPath = 8 * 1024;
    private const int DeepestNesting = 50;

    private int _at;
    private int _nesting;

    public IReadOnlyList<PathStep> ReadAll()
    {
        if (text.Length > LongestPath) { throw Bad($"it is longer than {LongestPath} characters"); }
        Space();
        if (!Take("$")) { throw Bad("unexpected token, it must begin with '$'"); }
        var steps = Steps();
        Space();
        return _at == text.Length ? steps : throw Bad($"unexpected character at {_at + 1}");
    }

    private ExpressionException Bad(string reason) =>
        new($"jsonpath: invalid path {JsonText.Quote(text.Length > 200 ? text[..200] + "…" : text)}: {reason}", column);

    private bool Take(string part)
    {
        if (string.CompareOrdinal(text, _at, part, 0, part.Length) != 0) { return false; }
        _at += part.Length;
        return true;
    }

    private void Expect(string part)
    {
        Space();
        if (!Take(part)) { throw Bad($"expected '{part}' at {_at + 1}"); }
    }

    private void Space()
    {
        while (_at < text.Length && text[_at] == ' ') { _at++; }
    }

    private List<PathStep> Steps()
    {
        var steps = new List<PathStep>();
        while (true)
        {
            if (Take(".."))
            {
                steps.Add(new PathStep.Descent());
                if (_at < text.Length && text[_at] != '[') { steps.Add(Named()); }
            }
            else if (Take(".")) { steps.Add(Named()); }
            else if (Take("[")) { steps.Add(Subscript()); }
            else { return steps; }
        }
    }

    private PathStep Named()
    {
        if (Take("*")) { return new PathStep.Every(); }
        var start = _at;
        // A hyphen belongs to a name, but inside a filter or script it is a minus: (@.length-1).
        while (_at < text.Length
               && (char.IsLetterOrDigit(text[_at]) || text[_at] is '_' or '$' || text[_at] > 127 || (text[_at] == '-' && _nesting == 0)))
        {
            _at++;
        }
        return _at > start ? new PathStep.Child(text[start.._at]) : throw Bad($"expected a name at {_at + 1}");
    }

    private PathStep Subscript()
    {
        Space();
        if (Take("*"))
        {
            Expect("]");
            return new PathStep.Every();
        }
        if (Take("?"))
        {
            Space();
            var isBraced = Take("(");
            var condition = Term(0);
            if (isBraced) { Expect(")"); }
            // (@.a) && (@.b) goes on after its first bracket.
            condition = Term(0, condition);
            Expect("]");
            return new PathStep.Filter(condition);
        }
        var keys = new List<PathTerm>();
        var bounds = new PathTerm?[3];
        var bound = 0;
        while (true)
        {
            Space();
            if (Take(":"))
            {
                if (++bound > 2 || keys.Count > 0) { throw Bad("a range has at most three bounds"); }
            }
            else if (Take(","))
            {
                if (bound > 0 || bounds[0] is not { } key) { throw Bad("a union of nothing"); }
                keys.Add(key);
                bounds[0] = null;
            }
            else if (Take("]")) { break; }
            else if (bounds[bound] is not null) { throw Bad($"unexpected character at {_at + 1}"); }
            else { bounds[bound] = Key(); }
        }
        if (bound > 0) { return new PathStep.Slice(bounds); }
        keys.Add(bounds[0] ?? throw Bad("an empty subscript"));
        return new PathStep.Keyed(keys);
    }

    private PathTerm Key()
    {
        if (Take("("))
        {
            var script = Term(0);
            Expect(")");
            return script;
        }
        if (_at < text.Length && text[_at] is '\'' or '"') { return new PathTerm.Literal(Quoted()); }
        var start = _at;
        while (_at < text.Length && text[_at] is not (']' or ',' or ':' or ' ' or '[' or '(')) { _at++; }
        var word = text[start.._at];
        if (word.Length == 0) { throw Bad($"unexpected character at {_at + 1}"); }
        return new PathTerm.Literal(GoNumber.Atoi(word) is { } number ? number : word);
    }

    private string Quoted()
    {
        var quote = text[_at++];
        var content = new StringBuilder();
        for (; _at < text.Length && text[_at] != quote; _at++)
        {
            if (text[_at] == '\\' && _at + 1 < text.Length && text[_at + 1] is '\\' or '\'' or '"') { _at++; }
            if (_at < text.Length) { content.Append(text[_at]); }
        }
        if (_at >= text.Length) { throw Bad("a quote is not closed"); }
        _at++;
        return content.ToString();
    }

    private static readonly string[] Signs = ["||", "&&", "==", "!=", "<=", ">=", "<", ">", "+", "-", "*", "/", "%"];

    private static int Level(string sign) => sign switch
    {
        "||" => 0,
        "&&" => 1,
        "+" or "-" => 3,
        "*" or "/" or "%" => 4,
        _ => 2,
    };

    private PathTerm Term(int lowest, PathTerm? first = null)
    {
        if (++_nesting > DeepestNesting) { throw Bad($"terms stand more than {DeepestNesting} deep in each other"); }
        var left = first ?? Operand();
        for (var count = 0; ; count++)
        {
            Space();
            var sign = Array.Find(Signs, s => string.CompareOrdinal(text, _at, s, 0, s.Length) == 0);
            if (sign is null || Level(sign) < lowest) { break; }
            if (count > 100) { throw Bad("a row of more than 100 terms"); }
            _at += sign.Length;
            left = new PathTerm.Operation(sign, left, Term(Level(sign) + 1));
        }
        _nesting--;
        return left;
    }

    private PathTerm Operand()
    {
        Space();
        if (Take("("))
        {
            var inner = Term(0);
            Expect(")");
            return inner;
        }
        if (_at >= text.Length) { throw Bad("unexpected end"); }
        switch (text[_at])
        {
            case '!':
                _at++;
                if (++_nesting > DeepestNesting) { throw Bad($"terms stand more than {DeepestNesting} deep in each other"); }
                var of = Operand();
                _nesting--;
                return new PathTerm.Not(of);
            case '@' or '$':
                var isRoot = text[_at++] == '$';
                if (++_nesting > DeepestNesting) { throw Bad($"terms stand more than {DeepestNesting} deep in each other"); }
                var steps = Steps();
                _nesting--;
                return new PathTerm.Path(isRoot, steps);
            case '\'' or '"': return new PathTerm.Literal(Quoted());
            case '-' or >= '0' and <= '9': return new PathTerm.Literal(Number());
        }
        foreach (var (word, value) in new (string, object?)[] { ("true", true), ("false", false), ("null", null), ("nil", null) })
        {
            if (Take(word)) { return new PathTerm.Literal(value); }
        }
        throw Bad($"unexpected character at {_at + 1}");
    }

    private object Number()
    {
        var start = _at++;
        while (_at < text.Length && (char.IsAsciiDigit(text[_at]) || text[_at] is '.' or 'e' or 'E')) { _at++; }
        var digits = text[start.._at];
        if (GoNumber.Atoi(digits) is { } whole) { return whole; }
        return double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number : throw Bad($"a bad number at {start + 1}");
    }
}
