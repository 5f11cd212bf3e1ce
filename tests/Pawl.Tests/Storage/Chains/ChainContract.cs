using System.Text;
using Pawl.Core.Attempts;
using Pawl.Core.Chains;
using Pawl.Storage.Chains;
using Pawl.Storage.Stores;
using Xunit;

namespace Pawl.Tests.Storage.Chains;

/// <summary>What a chain promises on any store; a subclass says which. It is empty at the start of each test.</summary>
public abstract class ChainContract
{
    protected const string Run = "0f8fad5b-d9cb-469f-a165-70867728950e";
    protected const string Step = "digits-x7k2q.train";

    protected static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    protected abstract IObjectStore Store { get; }

    protected static Entry.Claimed Claim(int attempt = 1) => new($"{Step}(0)", attempt, "fingerprint", 7, "host", $"nonce-{attempt}");

    protected static NodeOutputs Outputs { get; } = NodeOutputs.None with
    {
        Parameters = NodeOutputs.None.Parameters.Add("b", "2").Add("a", "é\n"),
        Artifacts = NodeOutputs.None.Artifacts.Add("model", new("artifacts/k", new string('a', 64), 3, ArtifactKind.Folder, 0b111_101_101)),
        Result = "0.95",
    };

    [Fact]
    public async Task A_step_that_nobody_claimed_has_an_empty_chain()
    {
        var chain = await OpenAsync();
        Assert.Empty(chain.Entries);
        Assert.Null(chain.Owner);
        Assert.Null(chain.Completed);
    }

    [Fact]
    public async Task What_was_appended_is_read_back_with_number_time_and_hash()
    {
        var chain = await OpenAsync();
        Assert.True(await chain.TryAppendAsync(Claim(), Noon));
        Assert.True(await chain.TryAppendAsync(new Entry.Ended(1, new Outcome { Kind = OutcomeKind.Preempted, Message = "gone" }), Noon));
        Assert.True(await chain.TryAppendAsync(Claim(2), Noon));
        Assert.True(await chain.TryAppendAsync(new Entry.Completed(3, "fingerprint", Outputs), Noon.AddHours(1)));

        var read = await OpenAsync();
        Assert.Equal([1, 2, 3, 4], read.Entries.Select(e => e.Number));
        Assert.Equal(Claim() with { Number = 1, At = Noon }, read.Entries[0]);
        Assert.Equal(3, read.Owner!.Number);
        Assert.Equal(Noon.AddHours(1), read.Completed!.At);
        Assert.Equal(["a", "b"], read.Completed.Outputs.Parameters.Keys);
        Assert.Equal("é\n", read.Completed.Outputs.Parameters["a"]);
        Assert.Equal(Outputs.Artifacts["model"], read.Completed.Outputs.Artifacts["model"]);
        Assert.Equal("0.95", read.Completed.Outputs.Result);
        Assert.Equal(["", 64, 64, 64], read.Entries.Select(e => e.Previous.Length == 0 ? (object)"" : e.Previous.Length));
    }

    [Fact]
    public async Task Who_was_overtaken_changes_nothing_and_learns_it()
    {
        var old = await OpenAsync();
        Assert.True(await old.TryAppendAsync(Claim(), Noon));
        var next = await OpenAsync();
        Assert.True(await next.TryAppendAsync(Claim(2), Noon));
        Assert.False(await old.TryAppendAsync(new Entry.Completed(1, "fingerprint", Outputs), Noon));
        Assert.False(await old.TryAppendAsync(new Entry.Completed(1, "fingerprint", Outputs), Noon));
        Assert.True(await next.TryAppendAsync(new Entry.Completed(2, "fingerprint", Outputs), Noon));
        Assert.Equal(2, (await OpenAsync()).Completed!.Claim);
        Assert.Equal(3, (await OpenAsync()).Entries.Length);
    }

    [Fact]
    public async Task A_zombie_that_looks_again_may_still_not_speak_for_its_old_claim()
    {
        await (await OpenAsync()).TryAppendAsync(Claim(), Noon);
        await (await OpenAsync()).TryAppendAsync(Claim(2), Noon);
        var zombie = await OpenAsync();
        Assert.False(await zombie.TryAppendAsync(new Entry.Ended(1, new Outcome { Kind = OutcomeKind.Failed, Message = "" }), Noon));
        Assert.Equal(2, (await OpenAsync()).Entries.Length);
    }

    [Fact]
    public async Task Nobody_speaks_for_a_claim_that_never_was()
    {
        var chain = await OpenAsync();
        await Assert.ThrowsAsync<ArgumentException>(async () => await chain.TryAppendAsync(new Entry.Completed(1, "f", Outputs), Noon));
    }

    [Fact]
    public async Task A_superseded_completion_no_longer_counts_and_a_later_one_does()
    {
        var chain = await OpenAsync();
        await chain.TryAppendAsync(Claim(), Noon);
        await chain.TryAppendAsync(new Entry.Completed(1, "old", Outputs), Noon);
        await chain.TryAppendAsync(new Entry.Superseded("retry"), Noon);
        Assert.Null(chain.Completed);
        Assert.Null((await OpenAsync()).Completed);
        await chain.TryAppendAsync(Claim(2), Noon);
        await chain.TryAppendAsync(new Entry.Completed(4, "new", Outputs), Noon);
        Assert.Equal("new", (await OpenAsync()).Completed!.Fingerprint);
    }

    [Fact]
    public async Task A_claim_after_completion_leaves_it_counting()
    {
        var chain = await OpenAsync();
        await chain.TryAppendAsync(Claim(), Noon);
        await chain.TryAppendAsync(new Entry.Completed(1, "f", Outputs), Noon);
        await chain.TryAppendAsync(Claim(2), Noon);
        Assert.NotNull((await OpenAsync()).Completed);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_missing_entry_is_named(int number)
    {
        var keys = await ThreeEntriesAsync();
        await Store.RemoveAsync(keys[number - 1]);
        Assert.Contains($"/{number}.json: is missing", (await BrokenAsync()).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task An_altered_entry_is_named_whatever_byte_it_is(int number)
    {
        var key = (await ThreeEntriesAsync())[number - 1];
        var bytes = (await Store.ReadAsync(key, 10_000))!;
        for (var i = 0; i < bytes.Length; i++)
        {
            var altered = bytes.ToArray();
            altered[i] ^= (byte)(1 << (i % 8));
            await ReplaceAsync(key, altered);
            Assert.StartsWith(key, (await BrokenAsync()).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_torn_entry_is_named()
    {
        var key = (await ThreeEntriesAsync())[2];
        var bytes = (await Store.ReadAsync(key, 10_000))!;
        foreach (var length in (int[])[0, 1, 64, bytes.Length / 2, bytes.Length - 1])
        {
            await ReplaceAsync(key, bytes[..length]);
            Assert.StartsWith($"{key}: torn or altered", (await BrokenAsync()).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_entry_of_a_newer_schema_is_named_and_not_guessed_at()
    {
        var key = (await ThreeEntriesAsync())[2];
        await ReplaceAsync(key, Encoding.UTF8.GetBytes("""{"type":"Merged","schema":9,"of":[1,2]}"""));
        Assert.StartsWith($"{key}: has schema 9", (await BrokenAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_entry_put_in_the_place_of_another_is_named()
    {
        var keys = await ThreeEntriesAsync();
        await ReplaceAsync(keys[2], (await Store.ReadAsync(keys[1], 10_000))!);
        Assert.StartsWith(keys[2], (await BrokenAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_ancestor_replaced_by_a_whole_one_of_another_chain_is_seen()
    {
        var keys = await ThreeEntriesAsync();
        var other = await Chain.OpenAsync(Store, Run, "other");
        await other.TryAppendAsync(Claim(5), Noon);
        await ReplaceAsync(keys[0], (await Store.ReadAsync($"{Chain.Prefix(Run, "other")}1.json", 10_000))!);
        Assert.StartsWith($"{keys[1]}: names another entry 1", (await BrokenAsync()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_objects_beside_the_entries_are_left_alone()
    {
        var keys = await ThreeEntriesAsync();
        await Store.CreateAsync($"{Chain.Prefix(Run, Step)}4.json~", default);
        await Store.CreateAsync($"{Chain.Prefix(Run, Step)}04.json", default);
        Assert.Equal(keys.Count, (await OpenAsync()).Entries.Length);
    }

    [Fact]
    public async Task An_entry_too_long_to_be_read_is_not_written()
    {
        var chain = await OpenAsync();
        await chain.TryAppendAsync(Claim(), Noon);
        var huge = NodeOutputs.None with { Result = new string('x', 5_000_000) };
        await Assert.ThrowsAsync<IOException>(async () => await chain.TryAppendAsync(new Entry.Completed(1, "f", huge), Noon));
        Assert.True(await chain.TryAppendAsync(new Entry.Completed(1, "f", Outputs), Noon));
    }

    [Fact]
    public async Task An_answer_lost_after_the_deed_is_found_out_by_reading()
    {
        var lossy = new LossyStore(Store);
        var chain = await Chain.OpenAsync(lossy, Run, Step);
        lossy.Next = Loss.Answer;
        Assert.True(await chain.TryAppendAsync(Claim(), Noon));
        lossy.Next = Loss.Repeated;
        Assert.True(await chain.TryAppendAsync(new Entry.Completed(1, "f", Outputs), Noon));
        Assert.Equal(2, (await OpenAsync()).Entries.Length);
    }

    [Fact]
    public async Task A_request_that_never_arrived_is_an_error_and_the_chain_must_be_opened_anew()
    {
        var lossy = new LossyStore(Store);
        var chain = await Chain.OpenAsync(lossy, Run, Step);
        lossy.Next = Loss.Request;
        await Assert.ThrowsAsync<IOException>(async () => await chain.TryAppendAsync(Claim(), Noon));
        await Assert.ThrowsAsync<IOException>(async () => await chain.TryAppendAsync(Claim(), Noon));
        Assert.Empty((await OpenAsync()).Entries);
    }

    protected ValueTask<Chain> OpenAsync() => Chain.OpenAsync(Store, Run, Step);

    private async Task<List<string>> ThreeEntriesAsync()
    {
        var chain = await OpenAsync();
        await chain.TryAppendAsync(Claim(), Noon);
        await chain.TryAppendAsync(new Entry.Ended(1, new Outcome { Kind = OutcomeKind.Lost, Message = "" }), Noon);
        await chain.TryAppendAsync(Claim(2), Noon);
        return [.. await Store.ListAsync(Chain.Prefix(Run, Step))];
    }

    private async Task ReplaceAsync(string key, byte[] bytes)
    {
        await Store.RemoveAsync(key);
        await Store.CreateAsync(key, bytes);
    }

    private async Task<ChainBrokenException> BrokenAsync() => await Assert.ThrowsAsync<ChainBrokenException>(async () => await OpenAsync());

    private enum Loss
    {
        None,
        Request,
        Answer,
        Repeated,
    }

    /// <summary>A store behind a bad line.</summary>
    private sealed class LossyStore(IObjectStore store) : IObjectStore
    {
        public Loss Next { get; set; }

        public async ValueTask<bool> CreateAsync(string key, ReadOnlyMemory<byte> bytes)
        {
            var loss = Next;
            Next = Loss.None;
            if (loss == Loss.Request) { throw new IOException("the line broke"); }
            var created = await store.CreateAsync(key, bytes);
            return loss switch
            {
                Loss.Answer => throw new IOException("the line broke"),
                Loss.Repeated => await store.CreateAsync(key, bytes),
                _ => created,
            };
        }

        public ValueTask<byte[]?> ReadAsync(string key, int limit) => store.ReadAsync(key, limit);

        public ValueTask<IReadOnlyList<string>> ListAsync(string prefix) => store.ListAsync(prefix);

        public ValueTask<IObjectWriter> OpenWriteAsync(string key, int mode) => store.OpenWriteAsync(key, mode);

        public ValueTask<IObjectReader?> OpenReadAsync(string key) => store.OpenReadAsync(key);

        public ValueTask RemoveAsync(string key) => store.RemoveAsync(key);
    }
}
