using Pawl.Core.Chains;
using Pawl.Storage.Checkpoints;
using Xunit;

namespace Pawl.Tests.Storage.Checkpoints;

public sealed class PruningTests : IDisposable
{
    private readonly StepOnDisk _step = new();

    public void Dispose() => _step.Dispose();

    [Fact]
    public async Task Chunks_that_a_kept_checkpoint_names_stay_and_all_others_go()
    {
        var owner = await _step.ClaimAsync();
        _step.Write("frozen", 8192, 99);
        for (var i = 1; i <= 5; i++)
        {
            _step.Write("head", 8192, i);
            await owner.SavedAsync(i);
        }
        Assert.Equal([2, 3, 4], Assert.IsType<Pruning.Done>(await owner.PruneAsync(2)).Checkpoints);
        Assert.Equal(2 + 2 * 2, _step.Chunks().Count);
        await owner.AllVerifyAsync();

        var entries = owner.Chain.Entries.Length;
        Assert.Empty(Assert.IsType<Pruning.Done>(await owner.PruneAsync(2)).Checkpoints);
        Assert.Equal(entries, owner.Chain.Entries.Length);
    }

    [Fact]
    public async Task Pinned_spaced_and_verified_ones_stay()
    {
        var owner = await _step.ClaimAsync();
        for (var i = 1; i <= 3; i++) { await SaveAsync(owner, i); }
        owner = await _step.ClaimAsync();
        var verified = (await owner.RestoredAsync()).Entry.Number;
        for (var i = 4; i <= 9; i++) { await SaveAsync(owner, i); }
        Assert.True(await owner.Store.PinAsync(3));
        await owner.PruneAsync(keep: 1, keepEvery: 4);
        var left = (await owner.Store.ListAsync(owner.Chain)).Where(c => !c.IsPruned).ToList();
        Assert.Equal([2L, 3L, 4L, 8L, 9L], left.Select(c => c.Step!.Value));
        Assert.Contains(left, c => c.Number == verified);
        await owner.AllVerifyAsync();
        Assert.False(await owner.Store.PinAsync(2));
        await owner.Store.UnpinAsync(3);
        await owner.PruneAsync(keep: 1, keepEvery: 4);
        Assert.DoesNotContain(await owner.Store.ListAsync(owner.Chain), c => c.Number == 3 && !c.IsPruned);
    }

    [Fact]
    public async Task An_upload_that_nobody_finished_goes_with_the_next_prune_of_a_later_owner()
    {
        var dead = await _step.ClaimAsync();
        _step.Write("model", 8192, 1);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await dead.Store.SaveAsync(
            dead.Chain, dead.Claim, _step.Folder, await _step.LookAsync(), null, _ => _step.Chunks().Count > 0 ? throw new OperationCanceledException() : default, default));
        var owner = await _step.ClaimAsync();
        _step.Write("model", 8192, 2);
        await owner.SavedAsync();
        Assert.Equal(3, _step.Chunks().Count);
        Assert.Equal(1, Assert.IsType<Pruning.Done>(await owner.PruneAsync(3)).Chunks);
        await owner.AllVerifyAsync();
        Assert.Equal(owner.Claim, Assert.IsType<Entry.Pruned>(owner.Chain.Entries[^1]).OrphansBelow);
    }

    [Fact]
    public async Task Uploads_of_one_owner_that_never_became_a_checkpoint_do_not_grow_without_end()
    {
        var owner = await _step.ClaimAsync();
        _step.Write("model", 8192, 0);
        await owner.SavedAsync();
        var look = await _step.LookAsync();
        for (var i = 1; i <= 20; i++)
        {
            _step.Write("model", 8192, i);
            var now = await _step.LookAsync();
            var gone = now with { Files = [.. now.Files, look.Files[0] with { Path = "vanished" }] };
            Assert.IsType<Saved.Changed>(await owner.Store.SaveAsync(owner.Chain, owner.Claim, _step.Folder, gone, null, null, default));
            await owner.PruneAsync(1);
            Assert.InRange(_step.Chunks().Count, 2, 6);
        }
        await owner.SavedAsync();
        await owner.AllVerifyAsync();
    }

    /// <summary>The old owner sleeps before each call of its prune in turn, while the new one goes on with the very content that goes.</summary>
    [Fact]
    public async Task Whoever_sleeps_anywhere_in_a_prune_takes_nothing_from_the_next_owner()
    {
        var overtaken = 0;
        for (var at = 0; ; at++)
        {
            using var step = new StepOnDisk();
            var disk = new MortalDisk();
            var late = await step.ClaimAsync(disk);
            for (var i = 1; i <= 3; i++)
            {
                step.Write("model", 8192, i);
                await late.SavedAsync(i);
            }
            disk.Count = 0;
            var slept = false;
            disk.Meanwhile = async (number, _, _) =>
            {
                if (number != at) { return; }
                slept = true;
                var next = await step.ClaimAsync();
                await next.RestoredAsync();
                step.Write("model", 8192, 1);
                await next.SavedAsync(11);
                step.Write("model", 8192, 2);
                await next.SavedAsync(12);
                if (at % 2 == 0) { await next.PruneAsync(2); }
            };
            overtaken += await late.PruneAsync(1) is Pruning.Overtaken ? 1 : 0;
            if (!slept)
            {
                Assert.InRange(overtaken, 3, at - 3);
                return;
            }
            var after = await step.ClaimAsync();
            await after.AllVerifyAsync();
            Assert.Equal(12, (await after.RestoredAsync()).Entry.Checkpoint.Step);
        }
    }

    /// <summary>The old owner sleeps before each call of a save, while the new one saves the same content and prunes.</summary>
    [Fact]
    public async Task Whoever_sleeps_anywhere_in_a_save_takes_nothing_from_the_next_owner()
    {
        for (var at = 0; ; at++)
        {
            using var step = new StepOnDisk();
            var disk = new MortalDisk();
            var late = await step.ClaimAsync(disk);
            step.Write("model", 8192, 1);
            await late.SavedAsync(1);
            step.Write("model", 8192, 2);
            disk.Count = 0;
            var slept = false;
            disk.Meanwhile = async (number, _, _) =>
            {
                if (number != at) { return; }
                slept = true;
                var next = await step.ClaimAsync();
                await next.SaveAsync(2);
                await next.PruneAsync(1);
            };
            var saved = await late.SaveAsync(2);
            if (!slept) { return; }
            // Overtaken before the commit; after it the entry is there, and the next owner has seen it.
            var after = await step.ClaimAsync();
            await after.AllVerifyAsync();
            Assert.Equal(2, (await after.RestoredAsync()).Entry.Checkpoint.Step);
            Assert.True(saved is Saved.Overtaken or Saved.Appended);
        }
    }

    private async Task SaveAsync(Owner owner, int i)
    {
        _step.Write("model", 5000, i);
        await owner.SavedAsync(i);
    }
}
