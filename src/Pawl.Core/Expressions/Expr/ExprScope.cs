namespace Pawl.Core.Expressions.Expr;

/// <summary>What names mean to an expression: dotted names, unfolded into maps when they are looked at and not before.</summary>
public abstract class ExprScope
{
    /// <summary>A scope without names.</summary>
    public static ExprScope Empty { get; } = new ByName(static _ => null, static _ => []);

    /// <summary>The value of a whole name.</summary>
    /// <param name="value">A text, number, list or map; null of what a skipped step would have given.</param>
    public abstract bool TryFind(string name, out object? value);

    /// <summary>The names that begin with <paramref name="prefix"/>, whole.</summary>
    public abstract IEnumerable<string> Under(string prefix);

    /// <summary>The value of a path, name by name; false where one is unknown.</summary>
    internal bool TryWalk(IReadOnlyList<string> path, out object? value)
    {
        value = new ExprBranch(this, "");
        foreach (var key in path)
        {
            switch (value)
            {
                case ExprBranch branch when branch.TryMember(key, out value): break;
                case ExprMap map when map.TryGetValue(key, out value): break;
                default: return false;
            }
        }
        return true;
    }

    /// <summary>A scope of texts.</summary>
    public static ExprScope Of(Scope find, Func<string, IEnumerable<string>> under) => new ByName(find, under);

    /// <summary>A scope of texts that are all known.</summary>
    public static ExprScope Of(IReadOnlyDictionary<string, string> values) =>
        new ByName(values.GetValueOrDefault, prefix => values.Keys.Where(name => name.StartsWith(prefix, StringComparison.Ordinal)));

    private sealed class ByName(Scope find, Func<string, IEnumerable<string>> under) : ExprScope
    {
        public override bool TryFind(string name, out object? value)
        {
            value = find(name);
            return value is not null;
        }

        public override IEnumerable<string> Under(string prefix) => under(prefix);
    }
}

/// <summary>A map of a scope that nobody has built: the names that begin with a path.</summary>
/// <param name="path">Empty of the scope itself.</param>
internal sealed class ExprBranch(ExprScope scope, string path)
{
    /// <summary>Where <c>a</c> and <c>a.b</c> are both names, <c>a</c> is the map (Argo).</summary>
    public bool TryMember(string key, out object? value)
    {
        var name = path.Length == 0 ? key : $"{path}.{key}";
        if (scope.Under(name + ".").Any())
        {
            value = new ExprBranch(scope, name);
            return true;
        }
        return scope.TryFind(name, out value);
    }

    public ExprMap ToMap()
    {
        var map = new ExprMap();
        var prefix = path.Length == 0 ? "" : path + ".";
        foreach (var name in scope.Under(prefix))
        {
            var rest = name[prefix.Length..];
            var dot = rest.IndexOf('.', StringComparison.Ordinal);
            var key = dot < 0 ? rest : rest[..dot];
            if (map.ContainsKey(key) || key.Length == 0) { continue; }
            if (TryMember(key, out var value)) { map[key] = value is ExprBranch branch ? branch.ToMap() : value; }
        }
        return map;
    }
}
