using Pawl.Core.Chains;
using Pawl.Storage.Chains;
using Pawl.Storage.Stores;
using Pawl.Tests.Storage.Stores;
using Xunit;

namespace Pawl.Tests.Storage.Chains;

public sealed class ChainTests : ChainContract, IDisposable
{
    private readonly TempFolder _folder = new();

    public ChainTests() => Store = LocalStoreTests.Open(_folder);

    protected override IObjectStore Store { get; }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Of_many_that_claim_at_once_each_number_goes_to_one()
    {
        const int Racers = 8;
        const int Claims = 5;
        using var start = new Barrier(Racers);
        var won = 0;
        var threads = Enumerable.Range(0, Racers).Select(racer => new Thread(() =>
        {
            var store = LocalStoreTests.Open(_folder);
            start.SignalAndWait();
            for (var i = 0; i < Claims; i++)
            {
                var chain = Chain.OpenAsync(store, Run, Step).AsTask().GetAwaiter().GetResult();
                if (chain.TryAppendAsync(Claim(racer * 100 + i), Noon).AsTask().GetAwaiter().GetResult()) { Interlocked.Increment(ref won); }
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        var claims = (await OpenAsync()).Entries.Cast<Entry.Claimed>().ToList();
        Assert.Equal(won, claims.Count);
        Assert.Equal(won, claims.Select(c => c.Nonce).Distinct().Count());
    }

    [Fact]
    public void An_entry_is_one_object_under_the_step_of_the_run() =>
        Assert.StartsWith($"steps/{Run}/digits-x7k2q-train-", Chain.Prefix(Run, Step), StringComparison.Ordinal);

    [Fact]
    public async Task An_entry_is_a_json_object_that_people_can_read()
    {
        await (await OpenAsync()).TryAppendAsync(Claim(), Noon);
        var text = await File.ReadAllTextAsync($"{_folder["store"]}/{Chain.Prefix(Run, Step)}1.json", TestContext.Current.CancellationToken);
        Assert.StartsWith("""{"type":"Claimed","node":"digits-x7k2q.train(0)","attempt":1,""", text, StringComparison.Ordinal);
        using var document = System.Text.Json.JsonDocument.Parse(text);
        Assert.Equal(1, document.RootElement.GetProperty("schema").GetInt32());
    }
}
