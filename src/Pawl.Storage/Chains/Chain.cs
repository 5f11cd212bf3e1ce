using System.Collections.Immutable;
using Pawl.Core.Chains;
using Pawl.Storage.Stores;

namespace Pawl.Storage.Chains;

/// <summary>The record of one step in the store: numbered entries, each naming the hash of the one before, appended by create-if-absent.</summary>
public sealed class Chain
{
    public static string Prefix(string runId, string step) => throw new NotImplementedException();

    /// <summary>Reads and checks the whole chain.</summary>
    /// <exception cref="ChainBrokenException">An entry is missing, altered, unreadable or of a newer schema; the message names it.</exception>
    public static ValueTask<Chain> OpenAsync(IObjectStore store, string runId, string step) => throw new NotImplementedException();

    public ImmutableArray<Entry> Entries => throw new NotImplementedException();

    /// <summary>The newest claim; null where nobody claimed.</summary>
    public Entry.Claimed? Owner => throw new NotImplementedException();

    /// <summary>The newest completion that no later entry superseded.</summary>
    public Entry.Completed? Completed => throw new NotImplementedException();

    /// <summary>Appends after the last entry this object has seen; number, previous hash and time are filled in here.</summary>
    /// <returns>False where another writer took that number: this writer no longer owns the step, and nothing changed.</returns>
    public ValueTask<bool> TryAppendAsync(Entry entry, DateTimeOffset at) => throw new NotImplementedException();
}

/// <summary>A chain cannot be trusted.</summary>
public sealed class ChainBrokenException(string message) : IOException(message);
