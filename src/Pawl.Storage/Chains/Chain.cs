using System.Collections.Immutable;
using System.Globalization;
using Pawl.Core.Chains;
using Pawl.Core.Workflows;
using Pawl.Storage.Stores;

namespace Pawl.Storage.Chains;

/// <summary>The record of one step in the store: numbered entries, each naming the hash of the one before, appended by create-if-absent.</summary>
/// <remarks>
/// The fence is the number itself. Whoever claims takes the number that the old owner would use next, so the old owner's
/// create fails, however long it slept between looking and writing. No clock and no lease is involved.
/// </remarks>
public sealed class Chain
{
    private readonly IObjectStore _store;
    private readonly string _prefix;
    private string _lastHash = "";
    private bool _unsettled;

    private Chain(IObjectStore store, string prefix) => (_store, _prefix) = (store, prefix);

    public static string Prefix(string runId, string step) => $"steps/{runId}/{Names.Folder(step)}/";

    /// <summary>Reads and checks the whole chain.</summary>
    /// <exception cref="ChainBrokenException">An entry is missing, altered, unreadable or of a newer schema; the message names it.</exception>
    public static async ValueTask<Chain> OpenAsync(IObjectStore store, string runId, string step)
    {
        var chain = new Chain(store, Prefix(runId, step));
        var last = 0;
        foreach (var key in await store.ListAsync(chain._prefix)) { last = Math.Max(last, NumberOf(key[chain._prefix.Length..]) ?? 0); }
        // By number, not by the list: entries made while the folder was being read may show without the ones before them.
        for (var number = 1; number <= last; number++)
        {
            var key = chain.Key(number);
            var bytes = await store.ReadAsync(key, EntryFile.Limit)
                ?? throw new ChainBrokenException($"{key}: is missing, though entry {last} is there; nothing of this step is trusted");
            var entry = EntryFile.Read(key, bytes);
            chain.Check(key, number, entry);
            chain.Add(entry, bytes);
        }
        return chain;
    }

    public ImmutableArray<Entry> Entries { get; private set; } = [];

    /// <summary>The newest claim; null where nobody claimed.</summary>
    public Entry.Claimed? Owner { get; private set; }

    /// <summary>The newest completion that no later entry superseded.</summary>
    public Entry.Completed? Completed { get; private set; }

    /// <summary>Appends after the last entry this object has seen; number, previous hash and time are filled in here.</summary>
    /// <returns>False where another writer took that number: this writer no longer owns the step, and nothing changed.</returns>
    /// <exception cref="IOException">The store refused, and it is unknown whether the entry is there. Open the chain anew to see.</exception>
    public async ValueTask<bool> TryAppendAsync(Entry entry, DateTimeOffset at)
    {
        if (_unsettled) { throw new IOException($"{_prefix}: an earlier append ended without an answer; open the chain anew"); }
        if (ClaimOf(entry) is { } claim && claim != Owner?.Number)
        {
            if (claim < Owner?.Number) { return false; }
            throw new ArgumentException($"{_prefix}: there is no claim {claim} to write {entry.GetType().Name} for", nameof(entry));
        }
        var numbered = entry with { Schema = Entry.CurrentSchema, Number = Entries.Length + 1, Previous = _lastHash, At = at };
        var key = Key(numbered.Number);
        var bytes = EntryFile.Write(numbered);
        if (bytes.Length > EntryFile.Limit)
        {
            throw new IOException($"{key}: {bytes.Length} bytes, more than the {EntryFile.Limit} an entry may have; not written");
        }

        _unsettled = true;
        bool created;
        try { created = await _store.CreateAsync(key, bytes) || await IsOursAsync(key, bytes); }
        // The answer may have been lost on its way, after the store did it. Absent is no answer: a slow store may still do it.
        catch (IOException)
        {
            if (!await IsReadAsOursAsync(key, bytes)) { throw; }
            created = true;
        }
        _unsettled = false;
        if (created) { Add(numbered, bytes); }
        return created;
    }

    // A client that repeats a request by itself is told "exists" of its own entry. Equal bytes are equal facts, whoever wrote them.
    private async ValueTask<bool> IsOursAsync(string key, byte[] bytes)
    {
        if (await _store.ReadAsync(key, EntryFile.Limit) is not { } there || !there.AsSpan().SequenceEqual(bytes)) { return false; }

        // Seen is not durable: a create that failed may have ended between the name and its flush. What was listed outlives a power cut.
        return (await _store.ListAsync(_prefix)).Contains(key);
    }

    // The first refusal says more than the second.
    private async ValueTask<bool> IsReadAsOursAsync(string key, byte[] bytes)
    {
        try { return await IsOursAsync(key, bytes); }
        catch (IOException) { return false; }
    }

    private void Add(Entry entry, byte[] bytes)
    {
        Entries = Entries.Add(entry);
        _lastHash = EntryFile.Hash(bytes);
        Owner = entry as Entry.Claimed ?? Owner;
        Completed = entry switch { Entry.Completed done => done, Entry.Superseded => null, _ => Completed };
    }

    private void Check(string key, int number, Entry entry)
    {
        if (entry.Number != number)
        {
            throw new ChainBrokenException($"{key}: says that it is entry {entry.Number}; it was put in the place of another");
        }
        if (entry.Previous != _lastHash)
        {
            throw new ChainBrokenException($"{key}: names another entry {number - 1} than the one that is there; one of the two was replaced");
        }
        if (ClaimOf(entry) is { } claim && claim != Owner?.Number)
        {
            throw new ChainBrokenException($"{key}: speaks for claim {claim}, but the owner then was claim {Owner?.Number ?? 0}; the fence was passed");
        }
    }

    private static int? ClaimOf(Entry entry) => entry switch
    {
        Entry.Checkpointed e => e.Claim,
        Entry.Pruned e => e.Claim,
        Entry.Ended e => e.Claim,
        Entry.Completed e => e.Claim,
        _ => null,
    };

    private string Key(int number) => $"{_prefix}{number.ToString(CultureInfo.InvariantCulture)}.json";

    // Anything else in the folder is not an entry and is left alone.
    private static int? NumberOf(string name) =>
        name.EndsWith(".json", StringComparison.Ordinal)
        && int.TryParse(name[..^5], NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && number > 0 && name == $"{number.ToString(CultureInfo.InvariantCulture)}.json" ? number : null;
}

/// <summary>A chain cannot be trusted.</summary>
public sealed class ChainBrokenException(string message) : IOException(message);
