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

    [Fact]
    public async Task A_chain_of_the_first_pawl_is_read()
    {
        string[] entries =
        [
            """{"type":"Claimed","node":"wide-4f6lx[0].step(0:1)","attempt":1,"fingerprint":"fae621b570784309092c3a2744590cdff43f5a286d313401d9c6465c72622a75","sequence":6,"host":"vm","nonce":"bc1c9333600c4277bda44be0d8e5a994","schema":1,"number":1,"previous":"","at":"2026-11-22T05:42:31.6722389+00:00","sha256":"05bca989e7fb428be286f3bc02e7179874b9b070f5b3f3d0592298e68fc313a5"}""",
            """{"type":"Completed","claim":1,"fingerprint":"fae621b570784309092c3a2744590cdff43f5a286d313401d9c6465c72622a75","outputs":{"parameters":{},"artifacts":{},"result":""},"schema":1,"number":2,"previous":"c34aa4e1120ec6206a96ee7be6076e709bbf2797b673a3a17507ade9ab9debdb","at":"2026-11-22T05:42:31.9099172+00:00","sha256":"5e970b84159650f256b6a8162a427a6f06990d1d2ae36ca0188cf7f670da97cd"}""",
        ];
        for (var i = 0; i < entries.Length; i++) { await Store.CreateAsync($"{Chain.Prefix(Run, Step)}{i + 1}.json", System.Text.Encoding.UTF8.GetBytes(entries[i])); }

        var chain = await OpenAsync();
        Assert.Equal("bc1c9333600c4277bda44be0d8e5a994", chain.Owner!.Nonce);
        Assert.Equal("", chain.Completed!.Outputs.Result);
    }
}
