using Pawl.Core.Chains;
using Pawl.Core.Checkpoints;
using Xunit;

namespace Pawl.Tests.Core.Checkpoints;

public sealed class CheckpointRulesTests
{
    [Theory]
    [InlineData("last", "model.pt", true)]
    [InlineData("last", "nowhere", true)]
    [InlineData("a/b/last", "../../model.pt", true)]
    [InlineData("a/last", "..", true)]
    [InlineData("a/last", "../..", false)]
    [InlineData("last", "..", false)]
    [InlineData("last", "/model.pt", false)]
    [InlineData("last", "a/../model.pt", false)]
    [InlineData("last", "./model.pt", false)]
    [InlineData("last", "", false)]
    [InlineData("last", "other", true)]
    [InlineData("last", "other/x", false)]
    [InlineData("a/last", "../other/x/y", false)]
    public void A_link_stays_inside_and_passes_no_other_link(string path, string target, bool allowed) =>
        Assert.Equal(allowed, CheckpointRules.Problem(new(null, [File("model.pt")], [new(path, target), new("other", "model.pt")])) is null);

    [Theory]
    [InlineData("model.pt")]
    [InlineData("model.pt/x")]
    [InlineData("/x")]
    [InlineData("x/")]
    [InlineData("")]
    [InlineData("a//b")]
    [InlineData("a/../b")]
    [InlineData("a\0b")]
    [InlineData(CheckpointRules.Aside)]
    public void A_file_is_at_a_path_of_its_own_inside_the_folder(string path) =>
        Assert.NotNull(CheckpointRules.Problem(new(null, [File("model.pt"), File(path)], [])));

    [Fact]
    public void A_part_can_be_a_key_and_fit_in_memory()
    {
        var good = File("model.pt");
        Assert.Null(CheckpointRules.Problem(new(null, [good], [])));
        foreach (var chunk in (Chunk[])[
            good.Chunks[0] with { Sha256 = "../../" + new string('a', 58) },
            good.Chunks[0] with { Sha256 = new string('A', 64) },
            good.Chunks[0] with { Claim = 0 },
            good.Chunks[0] with { Size = CheckpointRules.LargestChunk + 1 },
            good.Chunks[0] with { Size = 0 },
            good.Chunks[0] with { Size = -5 }])
        {
            Assert.NotNull(CheckpointRules.Problem(new(null, [good with { Size = chunk.Size, Chunks = [chunk] }], [])));
        }
        Assert.NotNull(CheckpointRules.Problem(new(null, [good with { Size = 4 }], [])));
        Assert.NotNull(CheckpointRules.Problem(new(null, [good with { Mode = -1 }], [])));
    }

    [Theory]
    [InlineData(3, 0, new[] { 1, 2, 3, 4 })]
    [InlineData(0, 0, new[] { 1, 2, 3, 4, 5, 6 })]
    [InlineData(9, 0, new int[0])]
    [InlineData(1, 3, new[] { 1, 2, 4, 5 })]
    [InlineData(1, 1, new int[0])]
    public void The_newest_and_every_so_manyth_stay(int keep, int every, int[] gone) =>
        Assert.Equal(gone, PruneRules.Prunable(History(7), new() { Keep = keep, KeepEvery = every }, new HashSet<int>(), null));

    [Fact]
    public void The_same_content_saved_again_takes_no_other_ones_place()
    {
        var all = History(4).All;
        var again = new CheckpointHistory([.. all, all[3] with { Number = 5, Checkpoint = all[3].Checkpoint with { Step = 99 } }]);
        Assert.Equal([1, 4], PruneRules.Prunable(again, new() { Keep = 3 }, new HashSet<int>(), null));
        Assert.Equal([1, 2, 3, 4], PruneRules.Prunable(again, new() { Keep = 1 }, new HashSet<int>(), 4));
    }

    [Fact]
    public void Pinned_and_verified_ones_stay_and_count_besides() =>
        Assert.Equal([1, 4, 6], PruneRules.Prunable(History(7), new() { Keep = 1 }, new HashSet<int> { 2, 5 }, 3));

    [Fact]
    public void What_is_pruned_is_not_pruned_again_and_every_so_manyth_is_counted_among_all()
    {
        var history = History(7, new Entry.Pruned(1, [1, 2, 4, 5], 0));
        Assert.Empty(PruneRules.Prunable(history, new() { Keep = 1, KeepEvery = 3 }, new HashSet<int>(), null));
        Assert.Equal([3, 6], PruneRules.Prunable(history, new() { Keep = 1 }, new HashSet<int>(), null));
        Assert.Equal([7, 6, 3], history.Restorable("f").Select(e => e.Number));
        Assert.Empty(history.Restorable("g"));
    }

    [Fact]
    public void A_chunk_is_dead_when_only_pruned_checkpoints_name_it_or_nobody_and_its_claim_is_given_up()
    {
        var history = History(3, new Entry.Pruned(2, [1, 2], 2));
        Assert.True(history.IsLive(1, Sha(3)));
        Assert.True(history.IsDead(1, Sha(2)));
        Assert.True(history.IsDead(1, Sha(77)));
        Assert.False(history.IsDead(2, Sha(77)));
        Assert.False(history.IsDead(1, Sha(3)));
    }

    private static CheckpointHistory History(int count, params Entry[] then) => new(
        [.. Enumerable.Range(1, count).Select(i => new Entry.Checkpointed(1, "f", new(i, [File("model.pt", i)], [])) { Number = i }), .. then]);

    private static CheckpointFile File(string path, int content = 1) => new(path, 3, 0b110_100_100, 0, [new(1, Sha(content), 3, 0)]);

    private static string Sha(int content) => content.ToString("x64", System.Globalization.CultureInfo.InvariantCulture);
}
