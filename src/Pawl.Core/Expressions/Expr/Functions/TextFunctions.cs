namespace Pawl.Core.Expressions.Expr;

/// <summary>The language's functions of texts.</summary>
internal static class TextFunctions
{
    public static ExprFamily All { get; } = new()
    {
        { "trim", 1, 2, c => c.Made(c.Count == 1 ? c.Text(0).Trim() : c.Text(0).Trim(c.Text(1).ToCharArray() is { Length: > 0 } set ? set : ['\uffff'])) },
        { "trimPrefix", 1, 2, c => c.Made(Without(c.Text(0), c.Text(1, " "), atStart: true)) },
        { "trimSuffix", 1, 2, c => c.Made(Without(c.Text(0), c.Text(1, " "), atStart: false)) },
        { "upper", 1, c => c.Made(c.Text(0).ToUpperInvariant()) },
        { "lower", 1, c => c.Made(c.Text(0).ToLowerInvariant()) },
        { "split", 2, 3, c => c.Split(c.Text(0), c.Text(1), c.Count > 2 ? c.Small(2) : -1) },
        { "splitAfter", 2, 3, c => c.Split(c.Text(0), c.Text(1), c.Count > 2 ? c.Small(2) : -1, keep: true) },
        { "replace", 3, 4, c => c.Replaced(c.Text(0), c.Text(1), c.Text(2), c.Count > 3 ? Math.Max(-1, c.Small(3)) : -1) },
        { "repeat", 2, c => c.Repeated(c.Text(0), c.Whole(1)) },
        { "join", 1, 2, Join },
        { "indexOf", 2, c => (long)c.Text(0).IndexOf(c.Text(1), StringComparison.Ordinal) },
        { "lastIndexOf", 2, c => (long)c.Text(0).LastIndexOf(c.Text(1), StringComparison.Ordinal) },
        { "hasPrefix", 2, c => c.Text(0).StartsWith(c.Text(1), StringComparison.Ordinal) },
        { "hasSuffix", 2, c => c.Text(0).EndsWith(c.Text(1), StringComparison.Ordinal) },
    };

    /// <summary>The text without a beginning or end, where it has it.</summary>
    public static string Without(string text, string part, bool atStart) =>
        atStart && text.StartsWith(part, StringComparison.Ordinal) ? text[part.Length..]
        : !atStart && text.EndsWith(part, StringComparison.Ordinal) ? text[..^part.Length]
        : text;

    private static string Join(ExprCall c)
    {
        var list = c.List(0);
        if (list.Find(item => item is not string) is not null || list.Contains(null))
        {
            throw c.Fail("the array holds something that is no string; convert it with map(list, string(#))");
        }
        return c.Joined(c.Text(1, ""), [.. list.Cast<string>()]);
    }
}
