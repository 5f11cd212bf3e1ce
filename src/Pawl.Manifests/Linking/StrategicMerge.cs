using System.Collections.Frozen;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Linking;

/// <summary>Lays one part of a manifest over another as Kubernetes does: maps field by field, some lists entry by entry.</summary>
/// <remarks>
/// The merge keys are those of Argo's and Kubernetes' types (patchMergeKey); any other list is replaced whole. Parameters and
/// artifacts are Argo's own exception: found by name, but an entry from above replaces the one below with all its fields.
/// </remarks>
internal static class StrategicMerge
{
    private static readonly FrozenDictionary<string, string> MergeKeys = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["templates"] = "name",
        ["volumes"] = "name",
        ["containers"] = "name",
        ["initContainers"] = "name",
        ["sidecars"] = "name",
        ["env"] = "name",
        ["imagePullSecrets"] = "name",
        ["volumeMounts"] = "mountPath",
        ["hostAliases"] = "ip",
        ["tolerations"] = "key",
        ["parameters"] = "name",
        ["artifacts"] = "name",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenSet<string> ReplacedByEntry = FrozenSet.Create(StringComparer.Ordinal, "parameters", "artifacts");

    // Maps whose values are things of their own: one from above replaces the one below.
    private static readonly FrozenSet<string> ReplacedByKey = FrozenSet.Create(StringComparer.Ordinal, "hooks", "labelsFrom");

    /// <param name="below">What holds where the other says nothing.</param>
    /// <param name="above">What wins. A field without a value says nothing.</param>
    public static YamlNode Merge(YamlNode below, YamlNode above) => Merge(below, above, field: "");

    private static YamlNode Merge(YamlNode below, YamlNode above, string field)
    {
        if (above.IsNull) { return below; }
        if (below.Kind != above.Kind) { return above; }
        return above.Kind switch
        {
            YamlKind.Mapping => Maps(below, above, ReplacedByKey.Contains(field)),
            YamlKind.Sequence when MergeKeys.TryGetValue(field, out var key) => Lists(below, above, key, ReplacedByEntry.Contains(field)),
            _ => above,
        };
    }

    private static YamlNode Maps(YamlNode below, YamlNode above, bool replaces)
    {
        var entries = below.Entries.ToBuilder();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < entries.Count; i++) { places[entries[i].Key.Text] = i; }
        foreach (var entry in above.Entries)
        {
            if (!places.TryGetValue(entry.Key.Text, out var at)) { entries.Add(entry); }
            else if (!entry.Value.IsNull)
            {
                entries[at] = new(entry.Key, replaces ? entry.Value : Merge(entries[at].Value, entry.Value, entry.Key.Text));
            }
        }
        return above.WithEntries(entries.ToImmutable());
    }

    private static YamlNode Lists(YamlNode below, YamlNode above, string key, bool replaces)
    {
        var items = below.Items.ToBuilder();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < items.Count; i++)
        {
            if (items[i].Field(key) is { Kind: YamlKind.Scalar } name) { places.TryAdd(name.Text, i); }
        }
        foreach (var item in above.Items)
        {
            if (item.Field(key) is { Kind: YamlKind.Scalar } name && places.TryGetValue(name.Text, out var at))
            {
                items[at] = replaces ? item : Merge(items[at], item, field: "");
            }
            else { items.Add(item); }
        }
        return above.WithItems(items.ToImmutable());
    }
}
