using Pawl.Core.Chains;
using Pawl.Storage.Chains;
using Pawl.Storage.Stores;

namespace Pawl.Supervision.Checkpoints;

/// <summary>The chain of a step and the claim that this process has on it.</summary>
internal sealed class OwnedChain(IObjectStore store, Chain chain, string runId, string step)
{
    private bool _doubtful;

    public int Claim { get; } = chain.Owner!.Number;

    public Chain Chain { get; private set; } = chain;

    /// <summary>The store refused during an append: what it did is not known.</summary>
    public void Doubt() => _doubtful = true;

    /// <summary>Reads the chain anew where an append had no answer.</summary>
    /// <returns>False where somebody else owns the step now.</returns>
    /// <exception cref="IOException">The store does not answer yet.</exception>
    public async ValueTask<bool> SettleAsync()
    {
        if (!_doubtful) { return true; }
        var read = await Chain.OpenAsync(store, runId, step);
        (Chain, _doubtful) = (read, false);
        return read.Owner?.Number == Claim;
    }

    /// <summary>Appends, and again where the first time had no answer.</summary>
    /// <returns>False where somebody else owns the step.</returns>
    public async ValueTask<bool> TryAppendAsync(Entry entry, DateTimeOffset at) => await SettleAsync() && await Chain.TryAppendAsync(entry, at);
}
