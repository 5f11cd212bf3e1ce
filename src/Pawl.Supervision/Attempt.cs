using Pawl.Core.Attempts;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;

namespace Pawl.Supervision;

/// <summary>Runs one attempt from claim to outcome. The order of its stages is the order of this folder's files.</summary>
public sealed class Attempt(IDisk disk, IObjectStore store, IContainment containment, IStopRequests stops, TimeProvider clock)
{
    /// <param name="folder">The attempt's folder with <c>spec.json</c>; its <c>lock</c> is held by this process already.</param>
    /// <returns>What was written to <c>outcome.json</c>; null where another owner overtook the claim, and nothing was written.</returns>
    public Task<Outcome?> RunAsync(string folder) => throw new NotImplementedException();
}
