using System.Globalization;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>What steps ask of a machine before they start.</summary>
public static class Requests
{
    // No machine has an exacore: sums stay numbers.
    private const long Most = 1L << 50;

    /// <summary>Kubernetes takes the limit where no request is given.</summary>
    /// <returns>Thousandths of a core, and bytes.</returns>
    public static (long Cpu, long Memory) Of(Resources resources) =>
        (Math.Min(resources.CpuRequest ?? resources.CpuLimit ?? 0, Most), Math.Min(resources.MemoryRequest ?? resources.MemoryLimit ?? 0, Most));

    /// <returns>A sentence for each template that a machine can never start.</returns>
    public static IEnumerable<string> Impossible(Workflow workflow, RunLimits limits)
    {
        foreach (var template in workflow.Templates.Values.OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            if (template.Body is not TemplateBody.Leaf leaf) { continue; }
            var (cpu, memory) = Of(leaf.Resources);
            if (cpu > limits.CpuMillis)
            {
                yield return string.Create(CultureInfo.InvariantCulture,
                    $"template '{template.Name}' requests {cpu / 1000.0:0.###} cores, and this machine has {limits.CpuMillis / 1000.0:0.###}; lower the request, or run it on a larger machine");
            }
            if (memory > limits.MemoryBytes)
            {
                yield return string.Create(CultureInfo.InvariantCulture,
                    $"template '{template.Name}' requests {memory / 1048576.0:N0} MiB of memory, and this machine has {limits.MemoryBytes / 1048576.0:N0}; lower the request, or run it on a larger machine");
            }
        }
    }
}
