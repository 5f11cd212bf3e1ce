using Pawl.Core.Chains;
using Pawl.Storage.Chains;
using Pawl.Storage.Stores;
using Pawl.Tests.Storage.Stores;
using Xunit;

namespace Pawl.Tests.Storage;

/// <summary>A flush that fails must fail the commit. The runtime's own flush would hide it, so each is broken for real.</summary>
public sealed class BrokenFlushTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly LocalStore _store;

    public BrokenFlushTests()
    {
        Probe.SkipWithoutStrace();
        _store = LocalStoreTests.Open(_folder);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_object_whose_data_could_not_be_flushed_does_not_exist()
    {
        Assert.StartsWith("failed: ", await RunAsync("fdatasync:error=EIO", "create", _folder["store"], "a/b", "text"), StringComparison.Ordinal);
        Assert.Null(await _store.ReadAsync("a/b", 100));
        Assert.Equal("committed", await RunAsync(null, "create", _folder["store"], "a/b", "text"));
        Assert.Equal("text"u8.ToArray(), await _store.ReadAsync("a/b", 100));
    }

    [Fact]
    public async Task No_flush_of_a_folder_may_fail_unnoticed()
    {
        await _store.CreateAsync("a/first", default);
        var failed = 0;
        for (var number = 1; ; number++)
        {
            var result = await RunAsync($"fsync:error=EIO:when={number}", "create", _folder["store"], $"a/{number}", "text");
            if (result == "committed") { break; }
            Assert.Contains("EIO", result, StringComparison.Ordinal);
            failed++;
        }
        // The name of the folder, and the name of the object.
        Assert.Equal(2, failed);
    }

    [Fact]
    public async Task A_step_whose_entry_could_not_be_flushed_is_not_completed()
    {
        var chain = await Chain.OpenAsync(_store, "run", "step");
        await chain.TryAppendAsync(new Entry.Claimed("step", 1, "f", 1, "host", "nonce"), DateTimeOffset.UnixEpoch);
        // The first flush is that of the object that warms the probe up.
        Assert.StartsWith("failed: ", await RunAsync("fdatasync:error=EIO:when=2", "complete", _folder["store"], "run", "step"), StringComparison.Ordinal);
        Assert.Null((await Chain.OpenAsync(_store, "run", "step")).Completed);
    }

    [Theory]
    [InlineData("fdatasync:error=EIO")]
    [InlineData("fsync:error=EIO")]
    public async Task An_output_that_could_not_be_flushed_is_not_saved(string inject)
    {
        Directory.CreateDirectory(_folder["work/out"]);
        await File.WriteAllTextAsync(_folder["work/out/f"], "f", TestContext.Current.CancellationToken);
        Assert.Contains("EIO", await RunAsync(inject, "stage", _folder["store"], _folder["work"], "out", "artifacts/k"), StringComparison.Ordinal);
        Assert.Null(await _store.ReadAsync("artifacts/k.tree.json", 1000));
    }

    [Fact]
    public async Task A_journal_record_that_could_not_be_flushed_is_not_written() =>
        Assert.Contains("EIO", await RunAsync("fdatasync:error=EIO", "journal", _folder["store"], _folder["journal"], "record"), StringComparison.Ordinal);

    private async Task<string> RunAsync(string? inject, params string[] arguments)
    {
        string[] strace = inject is null ? ["-e", "trace=fdatasync"] : ["-e", $"trace={inject[..inject.IndexOf(':', StringComparison.Ordinal)]}", "-e", $"inject={inject}"];
        using var probe = Probe.Start(_folder, strace, arguments);
        return await probe.ResultAsync();
    }
}
