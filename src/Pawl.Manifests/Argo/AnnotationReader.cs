using System.Collections.Immutable;
using Pawl.Core.Checkpoints;
using Pawl.Core.Workflows;
using Pawl.Manifests.Checks;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>Reads the annotations of a template, and checks those that are pawl's own.</summary>
internal sealed class AnnotationReader(Problems problems)
{
    private const string Field = "annotations";

    private static readonly string[] Known = [.. CheckpointAnnotations.Names, .. CacheAnnotations.Names];

    /// <summary>Argo merges those of <c>metadata</c> with those of the template itself, which win.</summary>
    public ImmutableSortedDictionary<string, string> Read(Fields template)
    {
        var metadata = template.Map("metadata", Tables.PodMetadata);
        Check(metadata?.Value(Field));
        Check(template.Value(Field));
        var own = template.TextMap(Field);
        return metadata?.TextMap(Field).SetItems(own) ?? own;
    }

    private void Check(YamlNode? map)
    {
        foreach (var (key, value) in map?.Entries ?? [])
        {
            if (!key.Text.StartsWith(CheckpointAnnotations.Prefix, StringComparison.Ordinal)) { continue; }
            if (!Known.Contains(key.Text))
            {
                problems.Notice(key, $"{key.Text} is no annotation that pawl reads{Wording.DidYouMean(key.Text, Known)}");
            }
            else if (!Tags.AnyIn(value.Text))
            {
                var annotation = new Dictionary<string, string> { [key.Text] = value.Text };
                CheckpointAnnotations.Read(annotation, (_, problem) => problems.Error(value, problem));
                CacheAnnotations.Read(annotation, problem => problems.Error(value, problem));
            }
        }
    }
}
