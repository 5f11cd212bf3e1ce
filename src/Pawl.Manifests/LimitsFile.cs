using System.Collections.Immutable;
using System.Globalization;
using Pawl.Core.Workflows;
using Pawl.Manifests.Argo;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests;

/// <summary>Reads a home's <c>limits.yaml</c>: the limits of semaphores that Argo keeps in a database, as <c>limits: {NAME: 2}</c>.</summary>
public static class LimitsFile
{
    private static readonly FieldTable Document = new("the limits file", "limits");

    /// <returns>By name under an empty map's name; none where there are errors.</returns>
    public static (ConfigMaps Limits, ImmutableArray<Problem> Problems) Read(string fileName, ReadOnlySpan<byte> utf8)
    {
        var problems = new Problems(fileName);
        var limits = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var document in YamlTree.Read(utf8, problems).Where(d => !d.IsNull))
        {
            foreach (var (key, value) in Fields.Of(document, Document, problems)?.Value("limits")?.Entries ?? [])
            {
                if (int.TryParse(value.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)) { limits[key.Text] = limit.ToString(CultureInfo.InvariantCulture); }
                else { problems.Error(value, $"the limit of {key.Text.Quoted()} is {value.Name}; write a whole number from 0"); }
            }
        }
        return (problems.HasErrors ? ConfigMaps.None : new ConfigMaps(ConfigMaps.None.ByName.Add("", limits.ToImmutable())), problems.InFileOrder());
    }
}
