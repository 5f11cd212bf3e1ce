using Pawl.Core.Attempts;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>What steps ask of a machine before they start.</summary>
public static class Requests
{
    // No machine has an exacore: sums stay numbers.
    private const long Most = 1L << 50;

    /// <summary>Kubernetes takes the limit where no request is given.</summary>
    public static Needs Of(Resources resources) => new(
        Math.Min(resources.CpuRequest ?? resources.CpuLimit ?? 0, Most),
        Math.Min(resources.MemoryRequest ?? resources.MemoryLimit ?? 0, Most),
        Math.Min(resources.Gpus ?? 0, Most));

    /// <returns>Nothing of a template that is no leaf.</returns>
    public static Needs Of(Template template) => template.Body is TemplateBody.Leaf leaf ? Of(leaf.Resources) : default;

    /// <summary>What the machine has to share out among them.</summary>
    public static Needs Room(RunLimits limits) => new(limits.CpuMillis, limits.MemoryBytes, limits.Gpus ?? 0);

    /// <returns>A sentence for each template that a machine can never start.</returns>
    public static IEnumerable<string> Impossible(Workflow workflow, RunLimits limits)
    {
        var room = Room(limits);
        foreach (var template in workflow.Templates.Values.OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            var lacking = Of(template).Lacking(room);
            foreach (var (asked, there) in lacking.Parts(lacking).Zip(room.Parts(lacking)))
            {
                yield return $"template '{template.Name}' requests {asked}, and this machine has {there}; lower the request, or run it on a larger machine";
            }
        }
    }
}
