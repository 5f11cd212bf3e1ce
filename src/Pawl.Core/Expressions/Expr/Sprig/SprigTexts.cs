using System.Text;

namespace Pawl.Core.Expressions.Expr;

/// <summary>Sprig's functions of texts. The text is the last argument, as templates pipe it in.</summary>
internal static class SprigTexts
{
    private const string Small = "abcdefghijklmnopqrstuvwxyz";
    private const string Letters = Small + "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    private const string Digits = "0123456789";

    public static ExprFamily All { get; } = new()
    {
        { "hello", 0, _ => "Hello!" },
        { "upper", 1, c => c.Made(c.Text(0).ToUpperInvariant()) },
        { "lower", 1, c => c.Made(c.Text(0).ToLowerInvariant()) },
        { "title", 1, c => c.Made(EachWord(c.Text(0), char.ToUpperInvariant)) },
        { "untitle", 1, c => c.Made(EachWord(c.Text(0), char.ToLowerInvariant)) },
        { "trim", 1, c => c.Made(c.Text(0).Trim()) },
        { "trimAll", 2, TrimAll },
        { "trimall", 2, TrimAll },
        { "trimPrefix", 2, c => c.Made(TextFunctions.Without(c.Text(1), c.Text(0), atStart: true)) },
        { "trimSuffix", 2, c => c.Made(TextFunctions.Without(c.Text(1), c.Text(0), atStart: false)) },
        { "nospace", 1, c => c.Made(string.Concat(c.Text(0).Where(ch => !char.IsWhiteSpace(ch)))) },
        { "substr", 3, Substring },
        { "trunc", 2, Truncated },
        { "abbrev", 2, c => Abbreviated(c, 0, c.Small(0), c.Text(1)) },
        { "abbrevboth", 3, c => Abbreviated(c, c.Small(0), c.Small(1), c.Text(2)) },
        { "initials", 1, c => c.Made(string.Concat(Words(c.Text(0)).Select(w => w[0]))) },
        { "repeat", 2, c => c.Repeated(c.Text(1), c.Whole(0)) },
        { "replace", 3, c => c.Replaced(c.Text(2), c.Text(0), c.Text(1)) },
        { "contains", 2, c => c.Text(1).Contains(c.Text(0), StringComparison.Ordinal) },
        { "hasPrefix", 2, c => c.Text(1).StartsWith(c.Text(0), StringComparison.Ordinal) },
        { "hasSuffix", 2, c => c.Text(1).EndsWith(c.Text(0), StringComparison.Ordinal) },
        { "quote", 0, -1, c => Row(c, text => GoFormat.Quote(text)) },
        { "squote", 0, -1, c => Row(c, text => $"'{text}'") },
        { "cat", 0, -1, c => Row(c, text => text) },
        { "indent", 2, c => Indented(c) },
        { "nindent", 2, c => "\n" + Indented(c) },
        { "plural", 3, c => c.Whole(2) == 1 ? c.Text(0) : c.Text(1) },
        { "wrap", 2, c => Wrapped(c, c.Small(0), "\n", c.Text(1)) },
        { "wrapWith", 3, c => Wrapped(c, c.Small(0), c.Text(1), c.Text(2)) },
        { "swapcase", 1, c => c.Made(string.Concat(c.Text(0).Select(ch => char.IsUpper(ch) ? char.ToLowerInvariant(ch) : char.ToUpperInvariant(ch)))) },
        { "snakecase", 1, c => c.Made(string.Join('_', CaseWords(c.Text(0))).ToLowerInvariant()) },
        { "kebabcase", 1, c => c.Made(string.Join('-', CaseWords(c.Text(0))).ToLowerInvariant()) },
        { "camelcase", 1, c => c.Made(string.Concat(CaseWords(c.Text(0)).Select(w => char.ToUpperInvariant(w[0]) + w[1..]))) },
        { "shuffle", 1, Shuffled },
        { "split", 2, Split },
        { "splitn", 3, c => Numbered(c.Split(c.Text(2), c.Text(0), c.Small(1))) },
        { "splitList", 2, c => c.Split(c.Text(1), c.Text(0)) },
        { "join", 2, Join },
        { "sortAlpha", 1, c => ExprClosures.Sorted(SprigLists.Texts(c, 0), SprigLists.Texts(c, 0), "asc", c.Fuel, c.Column) },
        { "randAlphaNum", 1, c => Random(c, Letters + Digits) },
        { "randAlpha", 1, c => Random(c, Letters) },
        { "randNumeric", 1, c => Random(c, Digits) },
        { "randAscii", 1, c => Random(c, string.Concat(Enumerable.Range(32, 95).Select(code => (char)code))) },
        { "regexMatch", 2, c => Pattern(c, 0).IsMatch(c.Text(1)) },
        { "mustRegexMatch", 2, c => Pattern(c, 0).IsMatch(c.Text(1)) },
        { "regexFind", 2, c => c.Made(Pattern(c, 0).Match(c.Text(1)).Value) },
        { "mustRegexFind", 2, c => c.Made(Pattern(c, 0).Match(c.Text(1)).Value) },
        { "regexFindAll", 3, FindAll },
        { "mustRegexFindAll", 3, FindAll },
        { "regexReplaceAll", 3, c => SprigPatterns.Replace(c, Pattern(c, 0), c.Text(1), c.Text(2)) },
        { "mustRegexReplaceAll", 3, c => SprigPatterns.Replace(c, Pattern(c, 0), c.Text(1), c.Text(2)) },
        { "regexReplaceAllLiteral", 3, c => SprigPatterns.Replace(c, Pattern(c, 0), c.Text(1), c.Text(2), isLiteral: true) },
        { "mustRegexReplaceAllLiteral", 3, c => SprigPatterns.Replace(c, Pattern(c, 0), c.Text(1), c.Text(2), isLiteral: true) },
        { "regexSplit", 3, c => SprigPatterns.Split(c, Pattern(c, 0), c.Text(1), c.Whole(2)) },
        { "mustRegexSplit", 3, c => SprigPatterns.Split(c, Pattern(c, 0), c.Text(1), c.Whole(2)) },
        { "regexQuoteMeta", 1, c => c.Made(SprigPatterns.Quote(c.Text(0))) },
    };

    private static System.Text.RegularExpressions.Regex Pattern(ExprCall c, int i) => c.Fuel.Pattern(c.Text(i), c.Column);

    private static string EachWord(string text, Func<char, char> change)
    {
        var result = text.ToCharArray();
        for (var i = 0; i < result.Length; i++)
        {
            if (i == 0 || char.IsWhiteSpace(text[i - 1])) { result[i] = change(text[i]); }
        }
        return new string(result);
    }

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    private static object TrimAll(ExprCall c) => c.Made(c.Text(0).Length == 0 ? c.Text(1) : c.Text(1).Trim(c.Text(0).ToCharArray()));

    private static object Substring(ExprCall c)
    {
        var text = c.Text(2);
        var (start, end) = (c.Whole(0), c.Whole(1));
        if (start < 0) { return c.Made(text[..Bound(end)]); }
        var from = Bound(start);
        return c.Made(end < 0 || end > text.Length ? text[from..] : text[Math.Min(from, (int)end)..(int)end]);

        int Bound(long at) => (int)Math.Clamp(at, 0, text.Length);
    }

    private static object Truncated(ExprCall c)
    {
        var (most, text) = (c.Whole(0), c.Text(1));
        return c.Made(most >= 0 && most < text.Length ? text[..(int)most]
            : most < 0 && text.Length + most > 0 ? text[(int)(text.Length + most)..]
            : text);
    }

    // As goutils does it: an ellipsis at each end that is cut, and nothing cut below a width of 4 or 7.
    private static string Abbreviated(ExprCall c, int offset, int width, string text)
    {
        if (width < 4 || (offset > 0 && width < 7)) { return text; }
        if (text.Length <= width) { return text; }
        offset = Math.Clamp(offset, 0, text.Length);
        if (text.Length - offset < width - 3) { offset = text.Length - (width - 3); }
        if (offset <= 4) { return c.Made(text[..(width - 3)] + "..."); }
        if (offset + width - 3 < text.Length) { return c.Made($"...{text.Substring(offset, width - 6)}..."); }
        return c.Made("..." + text[(text.Length - (width - 3))..]);
    }

    private static string Row(ExprCall c, Func<string, string> form) =>
        c.Joined(" ", [.. c.Arguments.Where(a => a is not null).Select(a => form(ExprValues.Text(a, c.Fuel, c.Column)))]);

    private static string Indented(ExprCall c)
    {
        var pad = c.Repeated(" ", c.Whole(0));
        return pad + c.Replaced(c.Text(1), "\n", "\n" + pad);
    }

    private static string Wrapped(ExprCall c, int width, string newLine, string text)
    {
        var output = new FuelText(c.Fuel, c.Column);
        var line = 0;
        foreach (var word in Words(text))
        {
            if (line > 0 && line + 1 + word.Length > width)
            {
                output.Append(newLine);
                line = 0;
            }
            if (line > 0)
            {
                output.Append(' ');
                line++;
            }
            output.Append(word);
            line += word.Length;
        }
        return output.ToString();
    }

    // "HTTPServer v2" is HTTP, Server, v2.
    private static List<string> CaseWords(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        void End()
        {
            if (word.Length > 0) { words.Add(word.ToString()); }
            word.Clear();
        }
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsLetterOrDigit(text[i]))
            {
                End();
                continue;
            }
            var startsWord = char.IsUpper(text[i]) && i > 0
                && (char.IsLower(text[i - 1]) || char.IsDigit(text[i - 1]) || (char.IsUpper(text[i - 1]) && i + 1 < text.Length && char.IsLower(text[i + 1])));
            if (startsWord) { End(); }
            word.Append(text[i]);
        }
        End();
        return words;
    }

    private static string Shuffled(ExprCall c)
    {
        var text = c.Text(0).ToCharArray();
        for (var i = text.Length - 1; i > 0; i--)
        {
            var j = (int)c.Run.Chance.Below(i + 1);
            (text[i], text[j]) = (text[j], text[i]);
        }
        return c.Made(new string(text));
    }

    private static ExprMap Split(ExprCall c) => Numbered(c.Split(c.Text(1), c.Text(0)));

    private static ExprMap Numbered(List<object?> parts) =>
        new(parts.Select((part, i) => KeyValuePair.Create($"_{i}", part)));

    private static string Join(ExprCall c) => c.Joined(c.Text(0), [.. SprigLists.Texts(c, 1).Cast<string>()]);

    private static string Random(ExprCall c, string alphabet)
    {
        if (c.Whole(0) is < 0 or > 100_000) { throw c.Fail("the length is not between 0 and 100,000"); }
        c.Fuel.Make(c.Column, c.Small(0));
        return c.Run.Chance.Letters(alphabet, c.Small(0));
    }

    private static List<object?> FindAll(ExprCall c)
    {
        var most = c.Whole(2);
        var found = new List<object?>();
        for (var match = Pattern(c, 0).Match(c.Text(1)); match.Success && (most < 0 || found.Count < most); match = match.NextMatch())
        {
            c.Fuel.Spend(c.Column);
            found.Add(c.Made(match.Value));
        }
        return found;
    }
}
