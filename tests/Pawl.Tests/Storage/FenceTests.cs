using System.Text;
using Pawl.Core.Chains;
using Pawl.Storage.Chains;
using Pawl.Storage.Stores;
using Pawl.Tests.Storage.Stores;
using Xunit;

namespace Pawl.Tests.Storage;

/// <summary>
/// The promise of the fence: an owner that sleeps anywhere between its last look and its commit, and wakes after somebody
/// else has claimed, changes nothing.
/// </summary>
public sealed class FenceTests : IDisposable
{
    private const string Calls = "open,openat,openat2,mkdir,write,pwrite64,fdatasync,fsync,close,link,linkat,rename,renameat2,unlink,statx,pread64,getdents64,fchmod";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task Who_sleeps_at_any_call_between_looking_and_committing_is_overtaken_and_changes_nothing() => AtEveryCallAsync("complete");

    [Fact]
    [Trait("Category", "Slow")]
    public Task Who_sleeps_at_any_call_of_a_save_is_overtaken_and_commits_no_checkpoint() => AtEveryCallAsync("checkpoint");

    private async Task AtEveryCallAsync(string verb)
    {
        Probe.SkipWithoutStrace();
        await File.WriteAllTextAsync(_folder["state"], "trained");
        var window = await WindowAsync(verb);
        Assert.Contains(window, c => c.Name == "fdatasync");
        var commit = window.FindIndex(c => c.Name == "link");
        Assert.InRange(commit, 4, 120);

        var slept = new List<string>();
        for (var i = 0; i <= commit; i++)
        {
            slept.Add(await SleepAsync(verb, i, window[i]) + (i == commit ? " at the commit" : ""));
        }
        // A stop takes effect when the call it was asked at is done: before the commit all are overtaken, at it the entry stands.
        Assert.Equal([.. Enumerable.Repeat("overtaken", commit), "committed at the commit"], slept);
    }

    // What one undisturbed run calls from the last look at the chain to the answer.
    private async Task<List<(string Name, int Number, string Text)>> WindowAsync(string verb)
    {
        var store = await OwnedAsync("undisturbed");
        // Made here, so that every run of the probe finds the same things there and makes the same calls.
        await store.CreateAsync("warm/first", default);
        await store.CreateAsync("chunks/first", default);
        using var probe = Probe.Start(_folder, ["-e", $"trace={Calls}"], [verb, _folder["store"], "undisturbed", "step", _folder.Path]);
        Assert.Equal("committed", await probe.ResultAsync());
        Assert.Equal(2, (await Chain.OpenAsync(store, "undisturbed", "step")).Entries.Length);
        var calls = probe.Calls();
        var begin = calls.FindIndex(c => c.Text.Contains("/pawl-probe-begin", StringComparison.Ordinal));
        var end = calls.FindIndex(c => c.Text.Contains("/pawl-probe-end", StringComparison.Ordinal));
        return calls[begin..end];
    }

    private async Task<string> SleepAsync(string verb, int index, (string Name, int Number, string Text) at)
    {
        var run = $"stopped-{index}";
        var store = await OwnedAsync(run);
        using var probe = Probe.Start(
            _folder, ["-e", $"trace={Calls}", "-e", $"inject={at.Name}:signal=STOP:when={at.Number}"], [verb, _folder["store"], run, "step", _folder.Path]);
        var pid = await probe.StoppedAsync();
        Assert.True(pid is not null, $"the probe was not stopped at {at.Text}");
        var calls = probe.Calls();
        Assert.True(calls.FindLastIndex(c => c.Text.Contains("/pawl-probe-begin", StringComparison.Ordinal)) == calls.Count - 1 - index,
            $"the probe was to stop at {at.Text} but stopped at {calls[^1].Text}");

        var other = await Chain.OpenAsync(store, run, "step");
        Assert.True(await other.TryAppendAsync(Claim(2), DateTimeOffset.UnixEpoch));
        var before = await BytesAsync(store, run);
        Probe.Continue(pid.Value);
        var result = await probe.ResultAsync();
        Assert.Equal(before, await BytesAsync(store, run));
        Assert.Equal(result == "committed", (await Chain.OpenAsync(store, run, "step")).Entries.Any(e => e is Entry.Completed or Entry.Checkpointed));
        return result;
    }

    private async Task<LocalStore> OwnedAsync(string run)
    {
        var store = LocalStoreTests.Open(_folder);
        Assert.True(await (await Chain.OpenAsync(store, run, "step")).TryAppendAsync(Claim(1), DateTimeOffset.UnixEpoch));
        return store;
    }

    private static Entry.Claimed Claim(int attempt) => new("step", attempt, "f", attempt, "host", $"nonce-{attempt}");

    private static async Task<string> BytesAsync(LocalStore store, string run)
    {
        var all = new StringBuilder();
        foreach (var key in await store.ListAsync($"steps/{run}/")) { all.Append(key).AppendLine(Encoding.UTF8.GetString((await store.ReadAsync(key, 10_000))!)); }
        return all.ToString();
    }
}
