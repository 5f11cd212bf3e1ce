using Pawl.Core.Attempts;
using Pawl.Core.Chains;
using Pawl.Storage.Chains;

namespace Pawl.Supervision;

public sealed partial class Attempt
{
    /// <summary>Makes this process the owner of the step.</summary>
    /// <returns>Null where somebody else claimed, or this very attempt was claimed before: then nothing may run.</returns>
    /// <exception cref="ChainBrokenException">Nothing that was done before can be trusted.</exception>
    private async Task<Chain?> ClaimAsync(AttemptSpec spec)
    {
        var chain = await Chain.OpenAsync(store, spec.RunId, spec.Step);

        // A supervisor that claimed this attempt and died may have run half of it: whoever holds the lock calls it lost.
        if (chain.Entries.OfType<Entry.Claimed>().Any(c => c.Node == spec.Node && c.Attempt == spec.Attempt)) { return null; }

        var claim = new Entry.Claimed(spec.Node, spec.Attempt, spec.Fingerprint, spec.Sequence, host.HostName, host.Nonce());
        return await chain.TryAppendAsync(claim, clock.GetUtcNow()) ? chain : null;
    }
}
