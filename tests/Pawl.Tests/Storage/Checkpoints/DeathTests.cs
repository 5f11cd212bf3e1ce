using Pawl.Storage.Checkpoints;
using Xunit;

namespace Pawl.Tests.Storage.Checkpoints;

/// <summary>The owner dies before each disk call in turn, in the middle of one where it is a write, and another goes on.</summary>
[Trait("Category", "Slow")]
public sealed class DeathTests
{
    [Fact]
    public async Task Death_at_any_call_of_a_save_leaves_the_new_checkpoint_or_none_and_loses_no_old_one()
    {
        var seen = new HashSet<int>();
        var calls = await AtEveryCallAsync(
            async (step, owner) =>
            {
                Lay(step, 1);
                await owner.SavedAsync(1);
                Lay(step, 2);
            },
            async (_, owner) => await owner.SaveAsync(2),
            async (step, dead) =>
            {
                var next = await step.ClaimAsync();
                await next.AllVerifyAsync();
                var found = (int)(await next.RestoredAsync()).Entry.Checkpoint.Step!.Value;
                seen.Add(found);
                Assert.Equal(Picture(found), step.Picture());
                Lay(step, 2);
                Assert.IsType(found == 2 ? typeof(Saved.Already) : typeof(Saved.Appended), await next.SaveAsync(2));
                // By one that has restored nothing, so that nothing but the newest is spared.
                await (await step.ClaimAsync()).PruneAsync(1);
                await (await step.ClaimAsync()).AllVerifyAsync();
                Assert.Equal(3 + 3 + 2, step.Chunks().Count);
            });
        Assert.InRange(calls, 50, 1000);
        Assert.Equal([1, 2], seen.Order());
    }

    [Fact]
    public async Task Death_at_any_call_of_a_restore_changes_nothing_for_the_next_one()
    {
        var calls = await AtEveryCallAsync(
            async (step, owner) =>
            {
                Lay(step, 1);
                await owner.SavedAsync(1);
                Lay(step, 2);
                await owner.SavedAsync(2);
                // A file in place, one with another content, one too many, and one corrupt chunk of a file that is still there.
                step.Write("b/head", 9000, 77);
                step.Write("b/torn", 100, 77);
                CheckpointStoreTests.Flip(step.PathOf(((Pawl.Core.Chains.Entry.Checkpointed)owner.Chain.Entries[^1]).Checkpoint.Files[0].Chunks[0]), 9);
            },
            async (_, owner) => await owner.RestoreAsync(),
            async (step, dead) =>
            {
                var next = await step.ClaimAsync();
                Assert.Equal(2, (await next.RestoredAsync()).Entry.Checkpoint.Step);
                Assert.Equal(Picture(2), step.Picture());
                Assert.Equal(["a", "b", "last"], Directory.GetFileSystemEntries(step.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
                step.Clear();
                Assert.Equal(2, (await (await step.ClaimAsync()).RestoredAsync()).Entry.Checkpoint.Step);
                Assert.Equal(Picture(2), step.Picture());
            });
        Assert.InRange(calls, 50, 1000);
    }

    [Fact]
    public async Task Death_at_any_call_of_a_prune_is_finished_by_the_next_one()
    {
        var calls = await AtEveryCallAsync(
            async (step, owner) =>
            {
                for (var i = 1; i <= 4; i++)
                {
                    Lay(step, i);
                    await owner.SavedAsync(i);
                }
            },
            async (_, owner) => await owner.PruneAsync(1),
            async (step, dead) =>
            {
                var next = await step.ClaimAsync();
                await next.AllVerifyAsync();
                Assert.Equal(4, (await next.RestoredAsync()).Entry.Checkpoint.Step);
                Assert.IsType<Pruning.Done>(await next.PruneAsync(1));
                Assert.Equal(3 + 3 + 2, step.Chunks().Count);
                // The content of a pruned one comes back.
                Lay(step, 1);
                await next.SavedAsync(5);
                await next.AllVerifyAsync();
            });
        Assert.InRange(calls, 20, 1000);
    }

    /// <returns>How many calls there were to die at.</returns>
    private static async Task<int> AtEveryCallAsync(
        Func<StepOnDisk, Owner, Task> before, Func<StepOnDisk, Owner, Task> act, Func<StepOnDisk, Owner, Task> after)
    {
        for (var at = 0; ; at++)
        {
            using var step = new StepOnDisk();
            var disk = new MortalDisk();
            var owner = await step.ClaimAsync(disk);
            await before(step, owner);
            (disk.Count, disk.DiesAt) = (0, at);
            try
            {
                await act(step, owner);
                Assert.InRange(disk.Count, at, at);
                return at;
            }
            catch (DiedException) { }
            await after(step, owner);
        }
    }

    // Three chunks that never change, three that do, two that are new each time.
    private static void Lay(StepOnDisk step, int i)
    {
        step.Write("a/frozen", 9000, 1000);
        step.Write("b/head", 9000, i);
        step.Write("b/small", 5000, i + 100);
        foreach (var path in (string[])["a/frozen", "b/head", "b/small"]) { File.SetLastWriteTimeUtc($"{step.Folder}/{path}", DateTime.UnixEpoch.AddSeconds(i)); }
        if (!Path.Exists($"{step.Folder}/last")) { File.CreateSymbolicLink($"{step.Folder}/last", "b/head"); }
    }

    private static string Picture(int i)
    {
        using var step = new StepOnDisk();
        Lay(step, i);
        return step.Picture();
    }
}
