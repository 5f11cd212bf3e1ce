using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Pawl.Manifests.Argo;

internal enum Treatment
{
    /// <summary>Read into the model.</summary>
    Read,

    /// <summary>Describes something that one machine does not have; a notice says so.</summary>
    NoEffect,

    /// <summary>Valid Argo that pawl cannot do yet.</summary>
    Unsupported,
}

/// <summary>Every field that Argo 4.1 knows at one place, from its JSON schema, and what pawl does with it.</summary>
internal sealed class FieldTable
{
    private readonly FrozenDictionary<string, Treatment> _fields;
    private readonly FrozenDictionary<string, string> _instead;

    /// <param name="place">How the place is called in messages.</param>
    /// <param name="instead">By field, what to write where a field is not supported.</param>
    public FieldTable(string place, string read, string noEffect = "", string unsupported = "", params (string Field, string Text)[] instead)
    {
        Place = place;
        _fields = Of(read, Treatment.Read).Concat(Of(noEffect, Treatment.NoEffect)).Concat(Of(unsupported, Treatment.Unsupported))
            .ToFrozenDictionary(StringComparer.Ordinal);
        Names = [.. _fields.Keys.Order(StringComparer.Ordinal)];
        _instead = instead.ToFrozenDictionary(i => i.Field, i => i.Text, StringComparer.Ordinal);
    }

    public string Place { get; }

    /// <summary>The same, with nothing said of what has no effect.</summary>
    public FieldTable Silent => field ??= new FieldTable(Place, string.Join(' ', Names));

    public ImmutableArray<string> Names { get; }

    public Treatment? this[string field] => _fields.TryGetValue(field, out var treatment) ? treatment : null;

    public string Instead(string field) => _instead.GetValueOrDefault(field, "remove it to run here, or run the manifest on Argo");

    private static IEnumerable<KeyValuePair<string, Treatment>> Of(string names, Treatment treatment) =>
        names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(n => KeyValuePair.Create(n, treatment));
}
