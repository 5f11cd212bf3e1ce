using Pawl.Core.Chains;
using Pawl.Core.Checkpoints;
using Pawl.Storage.Checkpoints;
using Xunit;

namespace Pawl.Tests.Storage.Checkpoints;

public sealed class CheckpointStoreTests : IDisposable
{
    private readonly StepOnDisk _step = new();

    public void Dispose() => _step.Dispose();

    [Fact]
    public async Task What_is_restored_is_what_was_saved_with_modes_times_links_and_empty_files()
    {
        _step.Write("model.pt", 3 * 4096 + 17, 1);
        _step.Write("empty", 0, 1);
        _step.Write("exactly", 8192, 2);
        _step.Write("epoch=3/deep/optim é.pt", 5000, 3);
        await new Pawl.Storage.Files.Disk().SetModeAsync($"{_step.Folder}/exactly", 0b100_000_000);
        File.SetLastWriteTimeUtc($"{_step.Folder}/empty", new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc));
        File.CreateSymbolicLink($"{_step.Folder}/last.ckpt", "model.pt");
        File.CreateSymbolicLink($"{_step.Folder}/epoch=3/deep/up", "../../last.ckpt");
        var before = _step.Picture();
        var saved = await (await _step.ClaimAsync()).SavedAsync(7);
        Assert.Equal(7, saved.Entry.Checkpoint.Step);
        Assert.Equal(saved.Entry.Checkpoint.Size, saved.Uploaded);

        _step.Clear();
        var restored = await (await _step.ClaimAsync()).RestoredAsync();
        Assert.Equal(before, _step.Picture());
        Assert.Empty(restored.Problems);
        Assert.Equal((0L, saved.Entry.Checkpoint.Size), (restored.Kept, restored.Copied));
    }

    [Fact]
    public async Task An_empty_folder_is_a_checkpoint_too()
    {
        await (await _step.ClaimAsync()).SavedAsync();
        _step.Write("torn", 100, 1);
        await (await _step.ClaimAsync()).RestoredAsync();
        Assert.Empty(_step.Picture());
    }

    [Fact]
    public async Task What_a_dead_trainer_left_beside_the_checkpoint_is_removed()
    {
        _step.Write("a/model.pt", 9000, 1);
        var before = _step.Picture();
        await (await _step.ClaimAsync()).SavedAsync();
        _step.Write("b/torn.pt", 9000, 2);
        _step.Write("a/torn.pt", 10, 2);
        _step.Write("model.pt.tmp", 10, 2);
        _step.Write(CheckpointRules.Aside + "/x/y", 10, 2);
        File.CreateSymbolicLink($"{_step.Folder}/out", "/etc");
        var restored = await (await _step.ClaimAsync()).RestoredAsync();
        Assert.Equal(before, _step.Picture());
        Assert.Equal([$"{_step.Folder}/a"], Directory.GetFileSystemEntries(_step.Folder));
        Assert.Equal((9000L, 0L), (restored.Kept, restored.Copied));
    }

    [Fact]
    public async Task A_link_in_the_place_of_a_folder_is_replaced_and_what_it_points_to_stays()
    {
        _step.Write("a/model.pt", 9000, 1);
        var before = _step.Picture();
        await (await _step.ClaimAsync()).SavedAsync();
        Directory.Move($"{_step.Folder}/a", $"{_step.Place}/elsewhere");
        Directory.CreateSymbolicLink($"{_step.Folder}/a", $"{_step.Place}/elsewhere");
        var restored = await (await _step.ClaimAsync()).RestoredAsync();
        Assert.Equal(before, _step.Picture());
        Assert.Equal(9000, restored.Copied);
        Assert.True(File.Exists($"{_step.Place}/elsewhere/model.pt"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    [InlineData(9999)]
    public async Task A_local_file_that_differs_in_one_byte_is_replaced(int at)
    {
        _step.Write("model.pt", 10_000, 1);
        var before = _step.Picture();
        await (await _step.ClaimAsync()).SavedAsync();
        Flip($"{_step.Folder}/model.pt", at);
        var restored = await (await _step.ClaimAsync()).RestoredAsync();
        Assert.Equal(before, _step.Picture());
        Assert.Equal((0L, 10_000L), (restored.Kept, restored.Copied));
    }

    [Fact]
    public async Task Without_a_checkpoint_of_the_fingerprint_the_folder_is_emptied()
    {
        _step.Write("model.pt", 100, 1);
        await (await _step.ClaimAsync(fingerprint: "another")).SavedAsync();
        Assert.Empty(Assert.IsType<Restored.None>(await (await _step.ClaimAsync()).RestoreAsync()).Problems);
        Assert.Empty(Directory.GetFileSystemEntries(_step.Folder));
    }

    [Fact]
    public async Task Only_what_changed_is_written_and_only_what_may_have_changed_is_read()
    {
        var disk = new MortalDisk();
        var owner = await _step.ClaimAsync(disk);
        var frozen = _step.Write("frozen.pt", 5 * 4096, 1);
        var head = _step.Write("head.pt", 3 * 4096, 2);
        Assert.Equal(8 * 4096, (await owner.SavedAsync()).Uploaded);

        head[4096] ^= 1;
        _step.Write("head.pt", head);
        disk.Calls.Clear();
        Assert.Equal(4096, (await owner.SavedAsync()).Uploaded);
        Assert.Equal(1, disk.Calls.Count(c => c.Call == "create" && c.Path.Contains("/.tmp/", StringComparison.Ordinal)) - 1);
        Assert.DoesNotContain(disk.Calls, c => c.Call == "read" && c.Path.EndsWith("frozen.pt", StringComparison.Ordinal));

        // The same bytes as a new file, by a process that knows nothing: read, and not written.
        _step.Write("frozen.pt", frozen);
        Assert.Equal(0, (await (await _step.ClaimAsync()).SavedAsync()).Uploaded);
        Assert.Equal(9, _step.Chunks().Count);
    }

    [Fact]
    public async Task Saving_what_is_saved_appends_nothing()
    {
        _step.Write("model.pt", 9000, 1);
        var owner = await _step.ClaimAsync();
        var saved = await owner.SavedAsync(3);
        Assert.Equal(saved.Entry.Number, Assert.IsType<Saved.Already>(await owner.SaveAsync()).Entry.Number);
        var next = await _step.ClaimAsync();
        await next.RestoredAsync();
        Assert.IsType<Saved.Already>(await next.SaveAsync());
        Assert.IsType<Saved.Appended>(await next.SaveAsync(4));
    }

    [Fact]
    public async Task A_file_full_of_one_chunk_is_stored_once()
    {
        _step.Write("zeros", new byte[20 * 4096]);
        Assert.Equal(4096, (await (await _step.ClaimAsync()).SavedAsync()).Uploaded);
        var before = _step.Picture();
        _step.Clear();
        await (await _step.ClaimAsync()).RestoredAsync();
        Assert.Equal(before, _step.Picture());
    }

    [Fact]
    public async Task Work_beside_the_caller_changes_no_byte()
    {
        _step.Write("model.pt", 3_000_001, 1);
        _step.Write("optim.pt", 2_000_000, 2);
        var before = _step.Picture();
        var owner = await _step.ClaimAsync();
        var threads = new CheckpointStore(_step.Open(), new Pawl.Storage.Files.Disk(), TimeProvider.System, () => Guid.NewGuid().ToString("N"), StepOnDisk.Run, StepOnDisk.Step)
        {
            ChunkSize = 65536,
            Aside = Task.Run,
        };
        Assert.IsType<Saved.Appended>(await threads.SaveAsync(owner.Chain, owner.Claim, _step.Folder, await _step.LookAsync(), null, null, default));
        _step.Clear();
        Assert.IsType<Restored.From>(await threads.RestoreAsync(owner.Chain, owner.Claim, StepOnDisk.Fingerprint, _step.Folder, default));
        Assert.Equal(before, _step.Picture());
        await owner.AllVerifyAsync();
    }

    [Theory]
    [InlineData("rewritten")]
    [InlineData("replaced")]
    [InlineData("shorter")]
    [InlineData("gone")]
    [InlineData("link")]
    public async Task A_file_that_changes_under_the_reader_is_not_committed(string how)
    {
        _step.Write("a.pt", 9000, 1);
        _step.Write("b.pt", 9000, 2);
        var disk = new MortalDisk();
        var owner = await _step.ClaimAsync(disk);
        var reads = 0;
        disk.Meanwhile = (_, call, path) =>
        {
            if (call == "read" && path.EndsWith("b.pt", StringComparison.Ordinal) && ++reads == 2) { Change($"{_step.Folder}/b.pt", how); }
            return Task.CompletedTask;
        };
        Assert.Equal("b.pt", Assert.IsType<Saved.Changed>(await owner.SaveAsync()).Path);
        Assert.Single(owner.Chain.Entries);
        if (how == "link") { File.Delete($"{_step.Folder}/b.pt"); }
        Assert.InRange((await owner.SavedAsync()).Uploaded, 0, 9000);
        await owner.AllVerifyAsync();
    }

    [Fact]
    public async Task A_file_that_was_read_and_changes_while_the_next_is_read_is_not_committed()
    {
        _step.Write("a.pt", 9000, 1);
        _step.Write("b.pt", 9000, 2);
        var disk = new MortalDisk();
        var owner = await _step.ClaimAsync(disk);
        disk.Meanwhile = (_, call, path) =>
        {
            if (call == "read" && path.EndsWith("b.pt", StringComparison.Ordinal)) { Change($"{_step.Folder}/a.pt", "replaced"); }
            return Task.CompletedTask;
        };
        Assert.Equal("a.pt", Assert.IsType<Saved.Changed>(await owner.SaveAsync()).Path);
    }

    [Fact]
    public async Task A_cancelled_save_is_gone_on_with()
    {
        _step.Write("model.pt", 10 * 4096, 1);
        var owner = await _step.ClaimAsync();
        using var stop = new CancellationTokenSource();
        var parts = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await owner.Store.SaveAsync(
            owner.Chain, owner.Claim, _step.Folder, await _step.LookAsync(), null,
            _ =>
            {
                if (++parts == 6) { stop.Cancel(); }
                return default;
            },
            stop.Token));
        Assert.Single(owner.Chain.Entries);
        Assert.Equal(6, _step.Chunks().Count);
        Assert.Equal(4 * 4096, (await owner.SavedAsync()).Uploaded);
    }

    [Fact]
    public async Task An_upload_that_another_owner_left_is_gone_on_with_after_it_was_read()
    {
        _step.Write("model.pt", 10 * 4096, 1);
        var disk = new MortalDisk();
        var dead = await _step.ClaimAsync(disk);
        disk.Meanwhile = (_, call, path) =>
            call == "read" && path.EndsWith("model.pt", StringComparison.Ordinal) && _step.Chunks().Count == 6 ? throw new DiedException() : Task.CompletedTask;
        await Assert.ThrowsAsync<DiedException>(async () => await dead.SaveAsync());
        Flip(_step.Chunks()[0], 5);
        var owner = await _step.ClaimAsync();
        Assert.Equal(5 * 4096, (await owner.SavedAsync()).Uploaded);
        await owner.AllVerifyAsync();
    }

    [Fact]
    public async Task Who_was_overtaken_appends_nothing_and_learns_it()
    {
        _step.Write("model.pt", 9000, 1);
        var late = await _step.ClaimAsync();
        await late.SavedAsync();
        _step.Write("model.pt", 9000, 3);
        await late.SavedAsync();
        await _step.ClaimAsync();
        _step.Write("model.pt", 9000, 2);
        Assert.IsType<Saved.Overtaken>(await late.SaveAsync());
        Assert.IsType<Pruning.Overtaken>(await late.PruneAsync(1));
        // As one that opened the chain anew after an error.
        var store = late.Store;
        var chain = await _step.ChainAsync();
        Assert.IsType<Saved.Overtaken>(await store.SaveAsync(chain, late.Claim, _step.Folder, await _step.LookAsync(), null, null, default));
        Assert.IsType<Restored.Overtaken>(await store.RestoreAsync(chain, late.Claim, StepOnDisk.Fingerprint, _step.Folder, default));
        Assert.IsType<Pruning.Overtaken>(await store.PruneAsync(chain, late.Claim, CheckpointPolicy.Default));
    }

    [Theory]
    [InlineData("../out", "x")]
    [InlineData("/etc/x", "x")]
    [InlineData("a/../x", "x")]
    [InlineData("model.pt", "../out")]
    [InlineData("model.pt", "/etc/passwd")]
    [InlineData("model.pt", "a/../../out")]
    [InlineData("model.pt", "")]
    [InlineData("link", "x")]
    [InlineData("link/x", "y")]
    [InlineData(CheckpointRules.Aside + "/x", "y")]
    public async Task An_entry_that_would_write_outside_is_refused_and_the_one_before_is_used(string file, string target)
    {
        _step.Write("model.pt", 100, 1);
        var before = _step.Picture();
        var owner = await _step.ClaimAsync();
        var good = (await owner.SavedAsync()).Entry;
        var evil = good.Checkpoint with { Files = [good.Checkpoint.Files[0] with { Path = file }], Links = [new("link", target)] };
        Assert.True(await owner.Chain.TryAppendAsync(new Entry.Checkpointed(owner.Claim, StepOnDisk.Fingerprint, evil), DateTimeOffset.UnixEpoch));
        var restored = await (await _step.ClaimAsync()).RestoredAsync();
        Assert.Equal(good.Number, restored.Entry.Number);
        Assert.Equal(before, _step.Picture());
        Assert.Equal(good.Number + 1, Assert.Single(restored.Problems).Entry);
        Assert.NotEmpty(await owner.Store.VerifyAsync((Entry.Checkpointed)owner.Chain.Entries[^1], default));
    }

    [Fact]
    public async Task A_corrupt_chunk_is_moved_to_the_quarantine_and_the_checkpoint_before_is_used()
    {
        var owner = await _step.ClaimAsync();
        _step.Write("model.pt", 9000, 1);
        var first = await owner.SavedAsync();
        var before = _step.Picture();
        _step.Write("model.pt", 9000, 2);
        var second = await owner.SavedAsync();
        var chunk = second.Entry.Checkpoint.Files[0].Chunks[1];
        Flip(_step.PathOf(chunk), 7);
        _step.Clear();

        var next = await _step.ClaimAsync();
        var restored = await next.RestoredAsync();
        Assert.Equal(first.Entry.Number, restored.Entry.Number);
        Assert.Equal(before, _step.Picture());
        var problem = Assert.Single(restored.Problems);
        Assert.Equal((second.Entry.Number, "model.pt"), (problem.Entry, problem.File));
        Assert.Contains(chunk.Sha256, problem.ToString(), StringComparison.Ordinal);
        Assert.Contains("moved to quarantine/", problem.Follows, StringComparison.Ordinal);
        var kept = Assert.Single(Directory.GetFiles($"{_step.StoreRoot}/quarantine", "*", SearchOption.AllDirectories));
        Assert.StartsWith(chunk.Sha256, Path.GetFileName(kept), StringComparison.Ordinal);
        Assert.Equal(4096, new FileInfo(kept).Length);
        Assert.DoesNotContain(_step.Chunks(), p => p.EndsWith(chunk.Sha256, StringComparison.Ordinal));

        // The same content again is written anew, whatever the entry says.
        _step.Write("model.pt", 9000, 2);
        Assert.Equal(4096, (await next.SavedAsync()).Uploaded);
        Assert.Empty(await next.Store.VerifyAsync((Entry.Checkpointed)next.Chain.Entries[^1], default));
    }

    [Fact]
    public async Task A_corrupt_chunk_whose_bytes_are_still_in_the_folder_is_written_again_and_committed_under_its_new_name()
    {
        _step.Write("model.pt", 9000, 1);
        _step.Write("same.pt", 9000, 1);
        var before = _step.Picture();
        var saved = await (await _step.ClaimAsync()).SavedAsync();
        Flip(_step.PathOf(saved.Entry.Checkpoint.Files[0].Chunks[0]), 7);
        File.Delete(_step.PathOf(saved.Entry.Checkpoint.Files[0].Chunks[2]));
        var next = await _step.ClaimAsync();
        var restored = await next.RestoredAsync();
        Assert.Equal(before, _step.Picture());
        Assert.Equal(4, restored.Problems.Length);
        Assert.True(restored.Entry.Number > saved.Entry.Number);
        Assert.Empty(await next.Store.VerifyAsync(restored.Entry, default));
        Assert.IsType<Saved.Already>(await next.SaveAsync());

        _step.Clear();
        await (await _step.ClaimAsync()).RestoredAsync();
        Assert.Equal(before, _step.Picture());
    }

    [Fact]
    public async Task Where_nothing_verifies_the_folder_is_empty_and_the_problems_say_why()
    {
        _step.Write("model.pt", 9000, 1);
        await (await _step.ClaimAsync()).SavedAsync();
        foreach (var chunk in _step.Chunks()) { File.WriteAllText(chunk, ""); }
        _step.Clear();
        Assert.NotEmpty(Assert.IsType<Restored.None>(await (await _step.ClaimAsync()).RestoreAsync()).Problems);
        Assert.Empty(Directory.GetFileSystemEntries(_step.Folder));
    }

    [Fact]
    public async Task Verifying_names_every_bad_chunk_and_changes_nothing()
    {
        _step.Write("model.pt", 9000, 1);
        var owner = await _step.ClaimAsync();
        var entry = (await owner.SavedAsync()).Entry;
        Flip(_step.Chunks()[0], 0);
        File.Delete(_step.Chunks()[1]);
        var before = StepOnDisk.Picture(_step.StoreRoot);
        Assert.Equal(2, (await owner.Store.VerifyAsync(entry, default)).Length);
        Assert.Equal(before, StepOnDisk.Picture(_step.StoreRoot));
    }

    [Fact]
    public async Task An_export_is_a_copy_in_a_folder_that_is_empty_or_absent()
    {
        _step.Write("a/model.pt", 9000, 1);
        File.CreateSymbolicLink($"{_step.Folder}/last", "a/model.pt");
        var owner = await _step.ClaimAsync();
        var entry = (await owner.SavedAsync()).Entry;
        var to = $"{_step.Place}/export/here";
        Assert.Empty(await owner.Store.ExportAsync(entry, to, default));
        Assert.Equal(_step.Picture(), StepOnDisk.Picture(to));
        await Assert.ThrowsAsync<IOException>(async () => await owner.Store.ExportAsync(entry, to, default));

        Flip(_step.Chunks()[0], 0);
        var before = StepOnDisk.Picture(_step.StoreRoot);
        Assert.Single(await owner.Store.ExportAsync(entry, to + "2", default));
        Assert.Empty(Directory.GetFileSystemEntries(to + "2"));
        Assert.Equal(before, StepOnDisk.Picture(_step.StoreRoot));
    }

    [Fact]
    public async Task A_list_says_what_each_checkpoint_added()
    {
        var owner = await _step.ClaimAsync();
        _step.Write("a", 8192, 1);
        await owner.SavedAsync(1);
        _step.Write("b", 4096, 2);
        await owner.SavedAsync(2);
        Assert.True(await owner.Store.PinAsync(2));
        Assert.False(await owner.Store.PinAsync(77));
        var list = await owner.Store.ListAsync(owner.Chain);
        Assert.Equal([(2, 1L, 8192L, 1, 8192L, true), (3, 2L, 12288L, 2, 4096L, false)],
            list.Select(l => (l.Number, l.Step!.Value, l.Size, l.Files, l.NewBytes, l.IsPinned)));
    }

    [Fact]
    public async Task More_than_an_entry_can_name_is_refused_before_anything_is_written()
    {
        _step.Write("model.pt", 100, 1);
        var owner = await _step.ClaimAsync();
        var look = await _step.LookAsync();
        var huge = look with { Files = [look.Files[0] with { Facts = look.Files[0].Facts with { Size = 1L << 50 } }] };
        var e = await Assert.ThrowsAsync<IOException>(async () => await owner.Store.SaveAsync(owner.Chain, owner.Claim, _step.Folder, huge, null, null, default));
        Assert.Contains("more than one entry of a chain can name", e.Message, StringComparison.Ordinal);
        Assert.Empty(_step.Chunks());
    }

    internal static void Flip(string path, int at)
    {
        using var file = File.Open(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = at;
        var b = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(b ^ 1));
    }

    private static void Change(string path, string how)
    {
        switch (how)
        {
            case "rewritten": Flip(path, 1); break;
            case "replaced": File.WriteAllBytes(path + ".tmp", new byte[9000]); File.Move(path + ".tmp", path, overwrite: true); break;
            case "shorter": using (var file = File.Open(path, FileMode.Open)) { file.SetLength(4100); } break;
            case "gone": File.Delete(path); break;
            default: File.Delete(path); File.CreateSymbolicLink(path, "a.pt"); break;
        }
    }
}
