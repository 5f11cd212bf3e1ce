using Pawl.Manifests.Argo;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Linking;

/// <summary>Argo's <c>spec.templateDefaults</c>: what every template says that does not say otherwise.</summary>
internal sealed class TemplateDefaults(YamlNode defaults)
{
    // Refused or without a meaning where only children run; a default for all templates is not meant for these.
    private static readonly string[] OfLeaves = ["activeDeadlineSeconds", "timeout", "pendingTimeout", "daemon", "sidecars", "initContainers", "volumes", "podSpecPatch", "executor"];

    private static readonly string[] OfGroups = ["parallelism", "failFast"];

    /// <summary>A template with the defaults under it. Parts that make a type count only for templates of that type.</summary>
    public YamlNode Under(YamlNode template)
    {
        var type = Tables.TemplateTypes.FirstOrDefault(t => template.Field(t) is not null);
        var isLeaf = type is not ("steps" or "dag" or "suspend");
        var below = defaults.WithEntries(
        [
            .. defaults.Entries.Where(e => e.Key.Text != "name"
                && (!Tables.TemplateTypes.Contains(e.Key.Text) || e.Key.Text == type)
                && !(isLeaf ? OfGroups : OfLeaves).Contains(e.Key.Text)),
        ]);
        return StrategicMerge.Merge(below, template);
    }
}
