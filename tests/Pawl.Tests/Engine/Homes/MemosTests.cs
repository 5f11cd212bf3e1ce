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
        Assert.Null((await memos.FindAsync(Key)).Outputs);
        Assert.Null(await memos.KeepAsync(Key, "run", new NodeId("wf"), NodeOutputs.None with { Result = "one" }));
        Assert.Null(await memos.KeepAsync(Key, "run", new NodeId("wf"), NodeOutputs.None with { Result = "two", Parameters = NodeOutputs.None.Parameters.Add("p", "v") }));
        var found = (await memos.FindAsync(Key)).Outputs;
        Assert.Equal("two", found?.Result);
        Assert.Equal("v", found?.Parameters["p"]);
        Assert.Null((await memos.FindAsync(Key with { Key = "other" })).Outputs);
        Assert.Null((await memos.FindAsync(Key with { Cache = "other" })).Outputs);
    }

    [Fact]
    public async Task What_is_older_than_allowed_is_not_found()
    {
        var memos = Memos();
        await memos.KeepAsync(Key, "run", new NodeId("wf"), NodeOutputs.None);
        _clock.Now += TimeSpan.FromSeconds(10);
        Assert.NotNull((await memos.FindAsync(Key with { MaxAge = TimeSpan.FromSeconds(10) })).Outputs);
        _clock.Now += TimeSpan.FromSeconds(1);
        Assert.Null((await memos.FindAsync(Key with { MaxAge = TimeSpan.FromSeconds(10) })).Outputs);
    }

    [Fact]
    public async Task What_names_an_artifact_that_is_gone_is_not_kept()
    {
        var gone = new ArtifactRef("artifacts/run/step/1/a", new string('0', 64), 3, ArtifactKind.File, 0b110_100_100);
        Assert.Contains("artifacts/run/step/1/a", await Memos().KeepAsync(Key, "run", new NodeId("wf"), Of(gone)), StringComparison.Ordinal);
        Assert.Null((await Memos().FindAsync(Key)).Outputs);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Artifacts_stay_when_their_run_is_deleted_and_are_found_out_when_they_are_damaged(bool isFolder)
    {
        Directory.CreateDirectory($"{Folder}/made/below");
        await File.WriteAllTextAsync($"{Folder}/made/below/file", "content");
        var store = Store();
        var artifact = await Artifacts(store).StageAsync(Folder, isFolder ? "made" : "made/below/file", "artifacts/run/step/1/a");
        await Memos().KeepAsync(Key, "run", new NodeId("wf"), Of(artifact!));
        await store.RemoveAsync("artifacts/run/");

        var found = (await Memos().FindAsync(Key)).Outputs!.Artifacts["a"];
        Assert.Equal(artifact! with { Key = found.Key }, found);
        Assert.StartsWith("memo/artifacts/", found.Key, StringComparison.Ordinal);

        var file = $"{new Home(Folder).Store}/{found.Key}{(isFolder ? "/below/file" : "")}";
        await File.WriteAllTextAsync(file, "CONTENT");
        var damaged = await Memos().FindAsync(Key);
        Assert.Null(damaged.Outputs);
        Assert.Contains("what wf made is not taken from the cache, and is made again: artifact a: memo/artifacts/", damaged.Message, StringComparison.Ordinal);

        // Made again, it takes the place of what was damaged.
        var again = await Artifacts(store).StageAsync(Folder, isFolder ? "made" : "made/below/file", "artifacts/other/step/1/a");
        await Memos().KeepAsync(Key, "other", new NodeId("other"), Of(again!));
        Assert.Equal(found, (await Memos().FindAsync(Key)).Outputs!.Artifacts["a"]);
    }

    [Fact]
    public async Task What_is_too_large_is_not_kept() =>
        Assert.Contains("at most", await Memos().KeepAsync(Key, "run", new NodeId("wf"), NodeOutputs.None with { Result = new string('x', 5 << 20) }), StringComparison.Ordinal);

    private static NodeOutputs Of(ArtifactRef artifact) => NodeOutputs.None with { Artifacts = NodeOutputs.None.Artifacts.Add("a", artifact) };

    private Memos Memos() => new(Disk, new Home(Folder), Artifacts(Store()), _clock, Nonce);

    private ArtifactStore Artifacts(LocalStore store) => new(store, Disk, new DigestMemory(Disk, new Home(Folder).Cache));

    private LocalStore Store() => new(Disk, new Home(Folder).Store, Nonce, "boot");

    private string Nonce() => $"n{_nonces++}";

    private sealed class Later : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2024, 5, 1, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
