using System.Text;

namespace Pawl.Core.Expressions.Expr;

/// <summary>The language's conversions, and Argo's additions: <c>asInt</c>, <c>asFloat</c>, <c>toJson</c>, <c>jsonpath</c>.</summary>
internal static class TypeFunctions
{
    private static readonly Encoding Utf8 = new UTF8Encoding(false);

    public static ExprFamily All { get; } = new()
    {
        { "type", 1, c => ExprValues.TypeOf(c[0]) },
        { "int", 1, Int },
        { "asInt", 1, Int },
        { "float", 1, Float },
        { "asFloat", 1, Float },
        { "string", 1, c => ExprValues.Text(c[0], c.Fuel, c.Column) },
        { "toJSON", 1, c => ExprJson.Text(c[0], c.Fuel, c.Column, indent: true) },
        { "toJson", 1, c => ExprJson.Text(c[0], c.Fuel, c.Column) },
        { "fromJSON", 1, c => ExprJson.Parse(c.Text(0), c.Fuel, c.Column) },
        { "toBase64", 1, c => ToBase64(c, c.Text(0)) },
        { "fromBase64", 1, c => FromBase64(c, c.Text(0)) ?? throw c.Fail("the text is no base64") },
        { "jsonpath", 2, c => JsonPath.Parse(c.Text(1), c.Column).Query(ExprJson.Parse(c.Text(0), c.Fuel, c.Column), c.Fuel) },
    };

    private static object Int(ExprCall c) => c[0] switch
    {
        long n => n,
        double d => ExprValues.Whole(d),
        string s => GoNumber.Atoi(s) ?? throw new ExpressionException($"invalid operation: int({JsonText.Quote(Short(s))})", c.Column),
        _ => throw new ExpressionException($"invalid operation: int({ExprValues.TypeOf(c[0])})", c.Column),
    };

    private static object Float(ExprCall c) => c[0] switch
    {
        long or double => ExprValues.Double(c[0]),
        string s => GoNumber.ParseFloat(s) ?? throw new ExpressionException($"invalid operation: float({JsonText.Quote(Short(s))})", c.Column),
        _ => throw new ExpressionException($"invalid operation: float({ExprValues.TypeOf(c[0])})", c.Column),
    };

    public static string ToBase64(ExprCall c, string text)
    {
        c.Fuel.Make(c.Column, text.Length * 2L);
        return Convert.ToBase64String(Utf8.GetBytes(text));
    }

    /// <summary>Null where it is none. Line breaks are passed over, as Go does; other white space is not.</summary>
    public static string? FromBase64(ExprCall c, string text)
    {
        c.Fuel.Make(c.Column, text.Length);
        var plain = text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
        var bytes = new byte[plain.Length];
        return plain.All(ch => ch < 128 && !char.IsWhiteSpace(ch)) && Convert.TryFromBase64String(plain, bytes, out var written)
            ? Utf8.GetString(bytes, 0, written)
            : null;
    }

    private static string Short(string text) => text.Length <= 100 ? text : text[..100] + "…";
}
