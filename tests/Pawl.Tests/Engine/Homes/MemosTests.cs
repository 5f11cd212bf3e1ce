using Pawl.Core.Attempts;
using Pawl.Core.Workflows;
using Pawl.Engine.Homes;
using Pawl.Storage.Artifacts;
using Pawl.Storage.Stores;
using Xunit;

namespace Pawl.Tests.Engine.Homes;

public sealed class MemosTests : Scratch
{
    private static readonly MemoKey Key = new("cache", "key", null);

    private readonly Later _clock = new();
    private int _nonces;

    [Fact]
    public async Task What_is_kept_is_found_under_its_key_and_the_last_one_wins()
    {
        var memos = Memos();
        Assert.Null(await memos.FindAsync(Key));
        Assert.Null(await memos.KeepAsync(Key, "run", new NodeId("wf"), NodeOutputs.None with { Result = "one" }));
        Assert.Null(await memos.KeepAsync(Key, "run", new NodeId("wf"), NodeOutputs.None with { Result = "two", Parameters = NodeOutputs.None.Parameters.Add("p", "v") }));
        var found = await memos.FindAsync(Key);
        Assert.Equal("two", found?.Result);
        Assert.Equal("v", found?.Parameters["p"]);
        Assert.Null(await memos.FindAsync(Key with { Key = "other" }));
        Assert.Null(await memos.FindAsync(Key with { Cache = "other" }));
    }

    [Fact]
    public async Task What_is_older_than_allowed_is_not_found()
    {
        var memos = Memos();
        await memos.KeepAsync(Key, "run", new NodeId("wf"), NodeOutputs.None);
        _clock.Now += TimeSpan.FromSeconds(10);
        Assert.NotNull(await memos.FindAsync(Key with { MaxAge = TimeSpan.FromSeconds(10) }));
        _clock.Now += TimeSpan.FromSeconds(1);
        Assert.Null(await memos.FindAsync(Key with { MaxAge = TimeSpan.FromSeconds(10) }));
    }

    [Fact]
    public async Task What_names_an_artifact_that_is_gone_is_not_found()
    {
        var memos = Memos();
        var gone = new ArtifactRef("artifacts/run/step/1/a", new string('0', 64), 3, ArtifactKind.File, 0b110_100_100);
        await memos.KeepAsync(Key, "run", new NodeId("wf"), NodeOutputs.None with { Artifacts = NodeOutputs.None.Artifacts.Add("a", gone) });
        Assert.Null(await memos.FindAsync(Key));
    }

    [Fact]
    public async Task What_is_too_large_is_not_kept() =>
        Assert.Contains("at most", await Memos().KeepAsync(Key, "run", new NodeId("wf"), NodeOutputs.None with { Result = new string('x', 5 << 20) }), StringComparison.Ordinal);

    private Memos Memos()
    {
        var home = new Home(Folder);
        string Nonce() => $"n{_nonces++}";
        return new Memos(Disk, home, new ArtifactStore(new LocalStore(Disk, home.Store, Nonce, "boot"), Disk, new DigestMemory(Disk, home.Cache)), _clock, Nonce);
    }

    private sealed class Later : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2024, 5, 1, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
