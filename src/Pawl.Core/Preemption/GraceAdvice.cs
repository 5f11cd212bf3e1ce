using System.Globalization;

namespace Pawl.Core.Preemption;

/// <summary>Whether a grace period is long enough for what was measured.</summary>
public static class GraceAdvice
{
    /// <param name="step">Named in the text.</param>
    /// <param name="checkpointSeconds">p99 of a checkpoint.</param>
    /// <param name="uploadSeconds">p99 of its upload.</param>
    /// <returns>Null where it fits; else a sentence with the number to set.</returns>
    public static string? Warning(string step, TimeSpan grace, double checkpointSeconds, double uploadSeconds)
    {
        var needed = Math.Ceiling(checkpointSeconds + uploadSeconds + GraceBudget.Reserve.TotalSeconds);
        return grace.TotalSeconds >= needed ? null : string.Create(CultureInfo.InvariantCulture,
            $"{step}: the grace period of {grace.TotalSeconds:0.###} s is too short: a checkpoint (p99 {checkpointSeconds:0.#} s), its upload (p99 {uploadSeconds:0.#} s) "
            + $"and {GraceBudget.Reserve.TotalSeconds} s to spare take {needed} s, so a preemption would lose the steps since the last one. "
            + $"Set podSpecPatch: '{{\"terminationGracePeriodSeconds\": {needed}}}' on the template");
    }
}
