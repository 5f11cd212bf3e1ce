using System.Collections.Immutable;
using Pawl.Core.Expressions;

namespace Pawl.Core.Workflows;

/// <summary>A key of a config map or secret. Name and key may hold tags.</summary>
/// <param name="Optional">Environment variables only: absent is no error, the variable is left out.</param>
public sealed record KeyRef(string Name, string Key, bool Optional = false);

/// <summary>The config maps that a run may look into, as they were when it was submitted.</summary>
public sealed record ConfigMaps(ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, string>> ByName)
{
    public static ConfigMaps None { get; } =
        new(ImmutableSortedDictionary.Create<string, ImmutableSortedDictionary<string, string>>(StringComparer.Ordinal));

    public bool IsEmpty => ByName.IsEmpty;

    /// <summary>These, and those of <paramref name="others"/> whose names are not among them.</summary>
    public ConfigMaps Or(ConfigMaps others) => new(others.ByName.SetItems(ByName));

    public string? Find(KeyRef key) => ByName.GetValueOrDefault(key.Name)?.GetValueOrDefault(key.Key);

    /// <summary>The value of a parameter that comes from a config map.</summary>
    /// <param name="from">Its <see cref="ValueFrom.ConfigMapKeyRef"/> is set.</param>
    /// <param name="scope">What the tags in name and key mean.</param>
    /// <exception cref="ExpressionException">Map or key is missing and there is no default, or a tag cannot be resolved.</exception>
    public string Value(ValueFrom from, Scope scope)
    {
        var written = from.ConfigMapKeyRef!;
        var key = written with { Name = Substitution.Apply(written.Name, scope), Key = Substitution.Apply(written.Key, scope) };
        return Find(key) ?? from.Default ?? throw new ExpressionException(Missing(key), 1);
    }

    /// <summary>Why nothing was found.</summary>
    public string Missing(KeyRef key) => ByName.ContainsKey(key.Name)
        ? $"ConfigMap '{key.Name}' does not have the key '{key.Key}'"
        : $"ConfigMap '{key.Name}' does not exist; give it with --configmap FILE, or keep it in the home's configmaps folder";
}
