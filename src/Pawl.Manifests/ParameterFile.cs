using System.Collections.Immutable;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests;

/// <summary>Reads what <c>--parameter-file</c> names: a YAML or JSON map of workflow parameters.</summary>
public static class ParameterFile
{
    /// <returns>Texts without their quotes, anything else in its JSON form, as Argo does; no values where there are problems.</returns>
    public static (ImmutableSortedDictionary<string, string> Values, ImmutableArray<Problem> Problems) Read(string fileName, ReadOnlySpan<byte> utf8)
    {
        var problems = new Problems(fileName);
        var values = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var document in YamlTree.Read(utf8, problems).Where(d => !d.IsNull))
        {
            if (document.Kind is not YamlKind.Mapping)
            {
                problems.Error(document, $"the document is {document.Name}; write a map of parameters, one `name: value` a line");
                continue;
            }
            foreach (var (key, value) in document.Entries) { values[Scalars.AnyText(key)] = Scalars.AnyText(value); }
        }
        if (problems.HasErrors) { values.Clear(); }
        return (values.ToImmutable(), problems.InFileOrder());
    }
}
