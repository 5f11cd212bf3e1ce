namespace Pawl.Core.Expressions.Expr;

/// <summary>Sprig's defaults, conversions and questions about types.</summary>
internal static class SprigTypes
{
    public static ExprFamily All { get; } = new()
    {
        { "default", 1, 2, c => c.Count < 2 || IsEmpty(c[1]) ? c[0] : c[1] },
        { "empty", 1, c => IsEmpty(c[0]) },
        { "coalesce", 0, -1, c => c.Arguments.FirstOrDefault(a => !IsEmpty(a)) },
        { "all", 0, -1, c => c.Arguments.All(a => !IsEmpty(a)) },
        { "any", 0, -1, c => c.Arguments.Any(a => !IsEmpty(a)) },
        { "ternary", 3, c => c.Truth(2) ? c[0] : c[1] },
        { "fail", 1, c => throw (c.Text(0).Length > 0 ? new ExpressionException(c.Text(0), c.Column) : c.Fail("without a reason")) },
        { "toString", 1, c => ExprValues.Text(c[0], c.Fuel, c.Column) },
        { "toJson", 1, c => ExprJson.Text(c[0], c.Fuel, c.Column) },
        { "mustToJson", 1, c => ExprJson.Text(c[0], c.Fuel, c.Column) },
        { "toPrettyJson", 1, c => ExprJson.Text(c[0], c.Fuel, c.Column, indent: true) },
        { "mustToPrettyJson", 1, c => ExprJson.Text(c[0], c.Fuel, c.Column, indent: true) },
        { "toRawJson", 1, c => ExprJson.Text(c[0], c.Fuel, c.Column, isRaw: true) },
        { "mustToRawJson", 1, c => ExprJson.Text(c[0], c.Fuel, c.Column, isRaw: true) },
        { "fromJson", 1, FromJson },
        { "mustFromJson", 1, c => ExprJson.Parse(c.Text(0), c.Fuel, c.Column) },
        { "typeOf", 1, c => TypeOf(c[0]) },
        { "typeIs", 2, c => c.Text(0) == TypeOf(c[1]) },
        { "typeIsLike", 2, c => c.Text(0) == TypeOf(c[1]) || "*" + c.Text(0) == TypeOf(c[1]) },
        { "kindOf", 1, c => KindOf(c[0]) },
        { "kindIs", 2, c => c.Text(0) == KindOf(c[1]) },
        { "deepEqual", 2, c => ExprValues.Same(c[0], c[1], c.Fuel, c.Column) },
        { "semver", 1, c => SemanticVersion.Parse(c.Text(0))?.ToMap() ?? throw c.Fail("Invalid Semantic Version") },
        { "semverCompare", 2, c => SemanticVersion.Matches(c) },
    };

    /// <summary>Go's zero values, and lists and maps of nothing.</summary>
    public static bool IsEmpty(object? value) => value switch
    {
        null or false or 0L or "" or List<object?> { Count: 0 } or ExprMap { Count: 0 } => true,
        double d => d == 0,
        TimeSpan t => t == TimeSpan.Zero,
        _ => false,
    };

    // Sprig swallows the error: what is no JSON is nil.
    private static object? FromJson(ExprCall c)
    {
        try { return ExprJson.Parse(c.Text(0), c.Fuel, c.Column); }
        catch (ExpressionException) when (c[0] is string) { return null; }
    }

    private static string TypeOf(object? value) => value switch
    {
        null => "<nil>",
        double => "float64",
        List<object?> => "[]interface {}",
        ExprMap or ExprBranch => "map[string]interface {}",
        _ => ExprValues.TypeOf(value),
    };

    private static string KindOf(object? value) => value switch
    {
        null => "invalid",
        double => "float64",
        List<object?> => "slice",
        DateTimeOffset => "struct",
        TimeSpan => "int64",
        ExprZone => "ptr",
        _ => ExprValues.TypeOf(value),
    };
}
