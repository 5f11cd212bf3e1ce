using System.Globalization;
using System.Text;

namespace Pawl.Core.Expressions.Expr;

internal enum ExprKind
{
    Number,
    Text,
    Word,
    Sign,
    End,
}

/// <param name="Value">Of a number a long or double, of a text its content.</param>
/// <param name="At">From 0.</param>
internal readonly record struct ExprToken(ExprKind Kind, string Text, object? Value, int At);

/// <summary>Cuts an expression into tokens.</summary>
internal static class ExprLexer
{
    // Longest first: the first that fits is taken.
    private static readonly string[] Signs =
    [
        "**", "==", "!=", "<=", ">=", "&&", "||", "..", "?.", "??",
        "+", "-", "*", "/", "%", "^", "<", ">", "!", "?", ":", ".", ",", "|", ";", "#", "(", ")", "[", "]", "{", "}", "=",
    ];

    /// <exception cref="ExpressionException">A character that starts nothing, or a literal that does not end.</exception>
    public static List<ExprToken> Read(string text)
    {
        var tokens = new List<ExprToken>();
        var at = 0;
        while (Skip(text, ref at))
        {
            var start = at;
            var c = text[at];
            if (char.IsAsciiDigit(c) || (c == '.' && at + 1 < text.Length && char.IsAsciiDigit(text[at + 1])))
            {
                // 1..3 is a range, not the number "1." and a rest.
                tokens.Add(new ExprToken(ExprKind.Number, "", Number(text, ref at), start));
            }
            else if (c is '"' or '\'') { tokens.Add(new ExprToken(ExprKind.Text, "", Quoted(text, ref at), start)); }
            else if (c == '`') { tokens.Add(new ExprToken(ExprKind.Text, "", Raw(text, ref at), start)); }
            else if (char.IsLetter(c) || c is '_' or '$')
            {
                while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] is '_' or '$')) { at++; }
                tokens.Add(new ExprToken(ExprKind.Word, text[start..at], null, start));
            }
            else
            {
                var sign = Array.Find(Signs, s => string.CompareOrdinal(text, start, s, 0, s.Length) == 0)
                    ?? throw new ExpressionException($"unrecognized character: {JsonText.Quote(c.ToString())}", at + 1);
                // "a ?.5 : 1" chooses between numbers.
                if (sign == "?." && at + 2 < text.Length && char.IsAsciiDigit(text[at + 2])) { sign = "?"; }
                tokens.Add(new ExprToken(ExprKind.Sign, sign, null, start));
                at += sign.Length;
            }
        }
        tokens.Add(new ExprToken(ExprKind.End, "", null, text.Length));
        return tokens;
    }

    // Over white space and comments; false at the end.
    private static bool Skip(string text, ref int at)
    {
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at])) { at++; }
            else if (string.CompareOrdinal(text, at, "//", 0, 2) == 0)
            {
                var end = text.IndexOf('\n', at);
                at = end < 0 ? text.Length : end + 1;
            }
            else if (string.CompareOrdinal(text, at, "/*", 0, 2) == 0)
            {
                var end = text.IndexOf("*/", at + 2, StringComparison.Ordinal);
                if (end < 0) { throw new ExpressionException("unclosed comment", at + 1); }
                at = end + 2;
            }
            else { return true; }
        }
        return false;
    }

    private static object Number(string text, ref int at)
    {
        var start = at;
        if (text[at] == '0' && at + 1 < text.Length && text[at + 1] is 'x' or 'X' or 'o' or 'O' or 'b' or 'B')
        {
            var radix = char.ToLowerInvariant(text[at + 1]) switch { 'x' => 16, 'o' => 8, _ => 2 };
            at += 2;
            while (at < text.Length && (char.IsAsciiHexDigit(text[at]) || text[at] == '_')) { at++; }
            return GoNumber.ParseInt(text[(start + 2)..at].Replace("_", "", StringComparison.Ordinal), radix)
                ?? throw Bad(text, start, at);
        }
        var isWhole = true;
        Digits(text, ref at);
        if (at < text.Length && text[at] == '.' && !(at + 1 < text.Length && text[at + 1] == '.'))
        {
            isWhole = false;
            at++;
            Digits(text, ref at);
        }
        if (at < text.Length && text[at] is 'e' or 'E')
        {
            isWhole = false;
            at++;
            if (at < text.Length && text[at] is '+' or '-') { at++; }
            Digits(text, ref at);
        }
        if (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] == '_')) { throw Bad(text, start, at + 1); }
        var digits = text[start..at].Replace("_", "", StringComparison.Ordinal);
        if (isWhole) { return GoNumber.ParseInt(digits, 10) ?? throw Bad(text, start, at); }
        return double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value
            : throw Bad(text, start, at);
    }

    private static void Digits(string text, ref int at)
    {
        while (at < text.Length && (char.IsAsciiDigit(text[at]) || text[at] == '_')) { at++; }
    }

    private static ExpressionException Bad(string text, int start, int end) =>
        new($"bad number syntax: {JsonText.Quote(text[start..Math.Min(end, start + 60)])}", start + 1);

    private static string Raw(string text, ref int at)
    {
        var content = new StringBuilder();
        for (var start = at++; ; at++)
        {
            if (at >= text.Length) { throw new ExpressionException("literal not terminated", start + 1); }
            if (text[at] != '`') { content.Append(text[at]); }
            // A doubled one stands for itself.
            else if (at + 1 < text.Length && text[at + 1] == '`') { content.Append(text[at++]); }
            else
            {
                at++;
                return content.ToString();
            }
        }
    }

    private static string Quoted(string text, ref int at)
    {
        var start = at;
        var quote = text[at++];
        var content = new StringBuilder();
        while (at < text.Length && text[at] != quote)
        {
            if (text[at] == '\\') { Escape(text, ref at, content); }
            else { content.Append(text[at++]); }
        }
        if (at >= text.Length) { throw new ExpressionException("literal not terminated", start + 1); }
        at++;
        return content.ToString();
    }

    private static void Escape(string text, ref int at, StringBuilder content)
    {
        var start = at++;
        var c = at < text.Length ? text[at++] : throw new ExpressionException("literal not terminated", start + 1);
        switch (c)
        {
            case 'a': content.Append('\a'); break;
            case 'b': content.Append('\b'); break;
            case 'f': content.Append('\f'); break;
            case 'n': content.Append('\n'); break;
            case 'r': content.Append('\r'); break;
            case 't': content.Append('\t'); break;
            case 'v': content.Append('\v'); break;
            case '\\' or '\'' or '"' or '`': content.Append(c); break;
            case 'x': Code(text, ref at, 2, 16, start, content); break;
            case 'u': Code(text, ref at, 4, 16, start, content); break;
            case 'U': Code(text, ref at, 8, 16, start, content); break;
            case >= '0' and <= '7':
                at--;
                Code(text, ref at, 3, 8, start, content);
                break;
            default: throw new ExpressionException($"unable to unescape string: \\{c} is no escape", start + 1);
        }
    }

    private static void Code(string text, ref int at, int digits, int radix, int start, StringBuilder content)
    {
        var code = at + digits <= text.Length ? GoNumber.ParseInt(text.Substring(at, digits), radix) : null;
        if (code is not (>= 0 and <= 0x10ffff)) { throw new ExpressionException("unable to unescape string: the code is none", start + 1); }
        at += digits;
        if (code <= 0xffff) { content.Append((char)code); }
        else { content.Append(char.ConvertFromUtf32((int)code)); }
    }
}
