using Pawl.Core.Attempts;
using Pawl.Storage.Chains;

namespace Pawl.Supervision;

public sealed partial class Attempt
{
    /// <summary>Finds out whether the step is done already.</summary>
    /// <returns>The outputs to reuse; or what is wrong with them, since a completed step never runs again; or neither.</returns>
    private async Task<(NodeOutputs? Reused, string? Problem)> GuardAsync(AttemptSpec spec, Chain chain)
    {
        if (chain.Completed is not { } completed || completed.Fingerprint != spec.Fingerprint) { return (null, null); }

        foreach (var (name, artifact) in completed.Outputs.Artifacts)
        {
            if (await artifacts.VerifyAsync(artifact) is { } wrong)
            {
                return (null, $"init: {spec.Step} was completed, but its output artifact '{name}' is not what was promoted: {wrong}");
            }
        }
        return (completed.Outputs, null);
    }
}
