namespace Pawl.Core.Expressions.Expr;

/// <summary>A scope of names that are all given: texts, whole numbers, lists of texts, and maps of such lists.</summary>
public sealed class GivenNames : ExprScope
{
    private readonly Dictionary<string, object?> _values = new(StringComparer.Ordinal);

    public void Add(string name, string value) => _values[name] = value;

    public void Add(string name, long value) => _values[name] = value;

    public void Add(string name, IEnumerable<string> values) => _values[name] = List(values);

    public void Add(string name, IEnumerable<(string Key, IEnumerable<string> Values)> map)
    {
        var value = new ExprMap();
        foreach (var (key, values) in map) { value[key] = List(values); }
        _values[name] = value;
    }

    /// <summary>Gives a name what an expression gave.</summary>
    public void AddValue(string name, object? value) => _values[name] = value;

    public override bool TryFind(string name, out object? value) => _values.TryGetValue(name, out value);

    public override IEnumerable<string> Under(string prefix) => _values.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal));

    private static List<object?> List(IEnumerable<string> values) => [.. values];
}
