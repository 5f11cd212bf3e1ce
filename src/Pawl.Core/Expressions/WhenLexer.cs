using System.Globalization;
using System.Text;

namespace Pawl.Core.Expressions;

internal enum WhenKind
{
    Unknown,
    Prefix,
    Numeric,
    Boolean,
    String,
    Time,
    Variable,
    Accessor,
    Separator,
    Comparator,
    LogicalOp,
    Modifier,
    Clause,
    ClauseClose,
    Ternary,
}

/// <param name="Value">Of an operand: a double, bool or string.</param>
/// <param name="At">From 0.</param>
internal readonly record struct WhenToken(WhenKind Kind, string Text, object? Value, int At);

/// <summary>Cuts a <c>when</c> into tokens and checks that each may follow the one before.</summary>
internal static class WhenLexer
{
    // Argo's time formats, each with the lengths it is tried on; times without a zone are taken as UTC, so that a run decides the same
    // on every machine.
    private static readonly (string Format, int Shortest, int Longest)[] TimeFormats =
    [
        ("ddd MMM d HH:mm:ss yyyy", 23, 24),
        ("ddd MMM dd HH:mm:ss zzz yyyy", 30, 30),
        ("h:mmtt", 6, 7),
        ("yyyy-MM-dd", 10, 10),
        ("yyyy-MM-dd HH:mm", 16, 16),
        ("yyyy-MM-dd HH:mm:ss", 19, 19),
        ("yyyy-MM-dd HH:mm:sszzz", 25, 25),
        ("yyyy-MM-dd'T'HHK", 14, 19),
        ("yyyy-MM-dd'T'HH:mmK", 17, 22),
        ("yyyy-MM-dd'T'HH:mm:ssK", 20, 25),
        ("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", 22, 35),
    ];

    /// <summary>Null when every token could be read, else the first fault.</summary>
    public static When.Fault? Read(string text, out List<WhenToken> tokens)
    {
        tokens = [];
        var before = new WhenToken(WhenKind.Unknown, "<nil>", null, 0);
        var open = 0;
        for (var at = 0; SkipSpace(text, ref at);)
        {
            if (Next(text, ref at, before.Kind, out var token) is { } fault) { return fault; }
            if (!MayFollow(before.Kind, token.Kind))
            {
                return new When.Fault(
                    $"Cannot transition token types from {Name(before.Kind)} [{before.Text}] to {Name(token.Kind)} [{token.Text}]", token.At);
            }
            open += token.Kind == WhenKind.Clause ? 1 : token.Kind == WhenKind.ClauseClose ? -1 : 0;
            tokens.Add(token);
            before = token;
        }
        if (open != 0) { return new When.Fault("Unbalanced parenthesis", text.Length); }
        return IsOperand(before.Kind) ? null : new When.Fault("Unexpected end of expression", text.Length);
    }

    private static bool SkipSpace(string text, ref int at)
    {
        while (at < text.Length && char.IsWhiteSpace(text[at])) { at++; }
        return at < text.Length;
    }

    private static bool IsOperand(WhenKind kind) => kind
        is WhenKind.Numeric or WhenKind.Boolean or WhenKind.String or WhenKind.Time or WhenKind.Variable or WhenKind.Accessor
        or WhenKind.ClauseClose;

    private static bool MayFollow(WhenKind before, WhenKind next) => next switch
    {
        WhenKind.Clause => !IsOperand(before) || before == WhenKind.Accessor,
        WhenKind.ClauseClose => IsOperand(before) || before == WhenKind.Clause,
        WhenKind.Prefix => !IsOperand(before) && before != WhenKind.Prefix,
        _ when IsOperand(next) => !IsOperand(before),
        _ => IsOperand(before),
    };

    private static string Name(WhenKind kind) => kind == WhenKind.ClauseClose ? "CLAUSE_CLOSE" : kind.ToString().ToUpperInvariant();

    private static When.Fault? Next(string text, ref int at, WhenKind before, out WhenToken token)
    {
        var start = at;
        var c = text[at];
        token = default;
        switch (c)
        {
            case ',' or '(' or ')':
                at++;
                token = new WhenToken(
                    c == ',' ? WhenKind.Separator : c == '(' ? WhenKind.Clause : WhenKind.ClauseClose, c.ToString(), null, start);
                return null;
            case '\'' or '"':
                // Either quote ends a string, whichever began it: so does Argo's evaluator.
                if (!Until(text, ref at, "'\"", out var quoted)) { return new When.Fault("Unclosed string literal", start); }
                token = Time(quoted) is { } time
                    ? new WhenToken(WhenKind.Time, quoted, time, start)
                    : new WhenToken(WhenKind.String, quoted, quoted, start);
                return null;
            case '[':
                if (!Until(text, ref at, "]", out var name)) { return new When.Fault("Unclosed parameter bracket", start); }
                token = new WhenToken(WhenKind.Variable, name, name, start);
                return null;
            case var _ when IsNumeric(c):
                return Number(text, ref at, out token);
            case var _ when char.IsLetter(c):
                return Word(text, ref at, out token);
            default:
                return Symbol(text, ref at, before, out token);
        }
    }

    private static When.Fault? Number(string text, ref int at, out WhenToken token)
    {
        var start = at;
        token = default;
        double value;
        if (text.AsSpan(at).StartsWith("0x"))
        {
            at += 2;
            while (at < text.Length && char.IsAsciiHexDigit(text[at])) { at++; }
            if (!ulong.TryParse(text.AsSpan(start + 2, at - start - 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hex))
            {
                return new When.Fault($"Unable to parse hex value '{text[(start + 2)..at]}' to uint64", start);
            }
            value = hex;
        }
        else
        {
            while (at < text.Length && IsNumeric(text[at])) { at++; }
            if (!double.TryParse(text.AsSpan(start, at - start), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value)
                || double.IsInfinity(value))
            {
                return new When.Fault($"Unable to parse numeric value '{text[start..at]}' to float64", start);
            }
        }
        token = new WhenToken(WhenKind.Numeric, text[start..at], value, start);
        return null;
    }

    private static When.Fault? Word(string text, ref int at, out WhenToken token)
    {
        var start = at;
        var word = new StringBuilder();
        // A backslash takes the next character as part of the word, whatever it is.
        for (; at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '_' or '.' or '\\'); at++)
        {
            if (text[at] == '\\' && ++at == text.Length) { break; }
            word.Append(text[at]);
        }
        var name = word.ToString();
        token = name switch
        {
            "true" => new WhenToken(WhenKind.Boolean, name, true, start),
            "false" => new WhenToken(WhenKind.Boolean, name, false, start),
            "in" or "IN" => new WhenToken(WhenKind.Comparator, "in", null, start),
            _ when name.IndexOf('.', StringComparison.Ordinal) > 0 => new WhenToken(WhenKind.Accessor, name, null, start),
            _ => new WhenToken(WhenKind.Variable, name, name, start),
        };
        return token.Kind == WhenKind.Accessor && name.EndsWith('.')
            ? new When.Fault($"Hanging accessor on token '{name}'", start)
            : null;
    }

    private static When.Fault? Symbol(string text, ref int at, WhenKind before, out WhenToken token)
    {
        var start = at++;
        while (at < text.Length && !char.IsWhiteSpace(text[at]) && !char.IsLetterOrDigit(text[at])
               && text[at] is not ('(' or ')' or '[' or ']' or '\'' or '"'))
        {
            at++;
        }
        var sign = text[start..at];
        // The sign is a prefix where an operand is due: 1 - -1.
        var kind = sign is "-" or "!" or "~" && MayFollow(before, WhenKind.Prefix) ? WhenKind.Prefix : sign switch
        {
            "+" or "-" or "*" or "/" or "%" or "**" or "&" or "|" or "^" or "<<" or ">>" => WhenKind.Modifier,
            "&&" or "||" => WhenKind.LogicalOp,
            "==" or "!=" or "<" or "<=" or ">" or ">=" or "=~" or "!~" => WhenKind.Comparator,
            "?" or ":" or "??" => WhenKind.Ternary,
            _ => WhenKind.Unknown,
        };
        token = new WhenToken(kind, sign, null, start);
        return kind == WhenKind.Unknown ? new When.Fault($"Invalid token: '{sign}'", start) : null;
    }

    private static bool IsNumeric(char c) => char.IsAsciiDigit(c) || c == '.';

    // From an opening character to the next of the closing ones; a backslash takes the character after it as it is.
    private static bool Until(string text, ref int at, string closing, out string content)
    {
        var read = new StringBuilder();
        for (at++; at < text.Length; at++)
        {
            if (closing.Contains(text[at], StringComparison.Ordinal))
            {
                at++;
                content = read.ToString();
                return true;
            }
            if (text[at] == '\\' && ++at == text.Length) { break; }
            read.Append(text[at]);
        }
        content = "";
        return false;
    }

    // Seconds since 1970, as a double: Argo compares times as numbers.
    private static double? Time(string text)
    {
        if (text.AsSpan().IndexOfAny(':', '-') < 0) { return null; }
        foreach (var (format, shortest, longest) in TimeFormats)
        {
            if (text.Length >= shortest && text.Length <= longest
                && DateTime.TryParseExact(
                    text, format, CultureInfo.InvariantCulture,
                    DateTimeStyles.NoCurrentDateDefault | DateTimeStyles.AllowInnerWhite | DateTimeStyles.AssumeUniversal
                        | DateTimeStyles.AdjustToUniversal,
                    out var time))
            {
                return Math.Floor((time - DateTime.UnixEpoch).TotalSeconds);
            }
        }
        return null;
    }
}
