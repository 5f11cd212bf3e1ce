namespace Pawl.Manifests.Checks;

/// <summary>Finds <c>{{…}}</c> in a text.</summary>
internal static class Tags
{
    private const string Open = "{{";
    private const string Close = "}}";

    public static bool AnyIn(string text) => text.Contains(Open, StringComparison.Ordinal);

    /// <summary>An expression tag, <c>{{=…}}</c>.</summary>
    public static bool HasExpression(string text) => text.Contains(Open + "=", StringComparison.Ordinal);

    /// <summary>The simple tags, trimmed; of nested ones the innermost, since the outer one is only known when they are filled.</summary>
    public static IEnumerable<(string Tag, int At)> In(string text)
    {
        var from = 0;
        for (var close = text.IndexOf(Close, from, StringComparison.Ordinal); close >= 0; close = text.IndexOf(Close, from, StringComparison.Ordinal))
        {
            var open = text.AsSpan(from, close - from).LastIndexOf(Open);
            if (open >= 0 && text[(from + open + Open.Length)..close] is var tag && !tag.StartsWith('=')) { yield return (tag.Trim(), from + open); }
            from = close + Close.Length;
        }
    }

    /// <summary>The start of a tag that is never closed, or null.</summary>
    public static string? Unclosed(string text)
    {
        var open = text.LastIndexOf(Open, StringComparison.Ordinal);
        return open >= 0 && text.IndexOf(Close, open, StringComparison.Ordinal) < 0 ? text[(open + Open.Length)..].TrimStart() : null;
    }

    /// <summary>A reference with its braces, if any, taken off.</summary>
    public static string Bare(string reference)
    {
        var text = reference.Trim();
        return text.StartsWith(Open, StringComparison.Ordinal) && text.EndsWith(Close, StringComparison.Ordinal) && text.Length >= 4
            ? text[2..^2].Trim() : text;
    }
}
