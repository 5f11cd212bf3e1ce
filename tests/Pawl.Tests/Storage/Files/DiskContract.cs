using System.Text;
using Pawl.Storage.Files;
using Xunit;

namespace Pawl.Tests.Storage.Files;

/// <summary>What every disk promises; a subclass says which disk and where.</summary>
public abstract class DiskContract
{
    protected abstract IDisk Disk { get; }

    /// <summary>An existing folder, empty at the start of each test.</summary>
    protected abstract string Root { get; }

    [Fact]
    public async Task A_file_has_what_was_written_to_it()
    {
        await using (var file = await Disk.CreateAsync($"{Root}/f"))
        {
            await file.WriteAsync("one "u8.ToArray());
            await file.WriteAsync("two"u8.ToArray());
            await file.FlushAsync();
            Assert.Equal(7, (await file.FactsAsync()).Size);
        }
        Assert.Equal("one two", await TextAsync("f"));
    }

    [Fact]
    public async Task A_file_is_created_only_once()
    {
        await WriteAsync("f", "first");
        await Assert.ThrowsAsync<IOException>(async () => await Disk.CreateAsync($"{Root}/f"));
        Assert.Equal("first", await TextAsync("f"));
    }

    [Fact]
    public async Task A_file_is_not_created_in_a_folder_that_is_absent() =>
        await Assert.ThrowsAsync<IOException>(async () => await Disk.CreateAsync($"{Root}/absent/f"));

    [Fact]
    public async Task Appending_goes_on_at_the_end_and_makes_the_file()
    {
        await using (var file = await Disk.OpenAppendAsync($"{Root}/f")) { await file.WriteAsync("a"u8.ToArray()); }
        await using (var file = await Disk.OpenAppendAsync($"{Root}/f")) { await file.WriteAsync("b"u8.ToArray()); }
        Assert.Equal("ab", await TextAsync("f"));
    }

    [Fact]
    public async Task A_cut_file_goes_on_where_it_was_cut()
    {
        await using (var file = await Disk.OpenAppendAsync($"{Root}/f"))
        {
            await file.WriteAsync("abcdef"u8.ToArray());
            await file.TruncateAsync(2);
            await file.WriteAsync("X"u8.ToArray());
        }
        Assert.Equal("abX", await TextAsync("f"));
    }

    [Fact]
    public async Task Reading_starts_anywhere_and_ends_with_zero()
    {
        await WriteAsync("f", "0123456789");
        await using var file = await Disk.OpenReadAsync($"{Root}/f");
        var buffer = new byte[4];
        Assert.Equal(2, await file!.ReadAsync(buffer, 8));
        Assert.Equal("89", Encoding.ASCII.GetString(buffer, 0, 2));
        Assert.Equal(0, await file.ReadAsync(buffer, 10));
    }

    [Fact]
    public async Task Nothing_there_reads_as_null()
    {
        Assert.Null(await Disk.OpenReadAsync($"{Root}/absent"));
        Assert.Null(await Disk.OpenReadAsync($"{Root}/absent/f"));
        Assert.Null(await Disk.OpenReadBeneathAsync(Root, "absent/f"));
        Assert.Null(await Disk.StatAsync($"{Root}/absent"));
        Assert.Empty(await Disk.ListAsync($"{Root}/absent"));
        await Disk.RemoveAsync($"{Root}/absent");
        await Disk.RemoveTreeAsync($"{Root}/absent");
    }

    [Fact]
    public async Task A_second_name_is_given_only_where_none_is()
    {
        await WriteAsync("f", "f");
        await WriteAsync("g", "g");
        Assert.False(await Disk.TryLinkAsync($"{Root}/f", $"{Root}/g"));
        Assert.True(await Disk.TryLinkAsync($"{Root}/f", $"{Root}/h"));
        Assert.Equal("g", await TextAsync("g"));
        Assert.Equal("f", await TextAsync("h"));
        await Disk.RemoveAsync($"{Root}/f");
        Assert.Equal("f", await TextAsync("h"));
        await Assert.ThrowsAsync<IOException>(async () => await Disk.TryLinkAsync($"{Root}/absent", $"{Root}/i"));
    }

    [Fact]
    public async Task Renaming_replaces_a_file()
    {
        await WriteAsync("f", "f");
        await WriteAsync("g", "g");
        await Disk.RenameAsync($"{Root}/f", $"{Root}/g");
        Assert.Equal("f", await TextAsync("g"));
        Assert.Null(await Disk.StatAsync($"{Root}/f"));
        await Assert.ThrowsAsync<IOException>(async () => await Disk.RenameAsync($"{Root}/f", $"{Root}/g"));
    }

    [Fact]
    public async Task Renaming_to_a_new_name_replaces_nothing()
    {
        await Disk.MakeFolderAsync($"{Root}/a/b");
        await WriteAsync("a/b/f", "f");
        await WriteAsync("g", "g");
        Assert.False(await Disk.TryRenameNewAsync($"{Root}/a", $"{Root}/g"));
        Assert.True(await Disk.TryRenameNewAsync($"{Root}/a", $"{Root}/c"));
        Assert.Equal("f", await TextAsync("c/b/f"));
        Assert.Null(await Disk.StatAsync($"{Root}/a"));
        await Assert.ThrowsAsync<IOException>(async () => await Disk.TryRenameNewAsync($"{Root}/absent", $"{Root}/i"));
    }

    [Fact]
    public async Task Folders_are_made_with_those_above_them_and_again_without_harm()
    {
        await Disk.MakeFolderAsync($"{Root}/a/b/c");
        await Disk.MakeFolderAsync($"{Root}/a/b/c");
        await Disk.FlushFolderAsync($"{Root}/a/b/c");
        Assert.Equal(FileKind.Folder, (await Disk.StatAsync($"{Root}/a/b/c"))!.Kind);
        await WriteAsync("f", "f");
        await Assert.ThrowsAsync<IOException>(async () => await Disk.MakeFolderAsync($"{Root}/f"));
    }

    [Fact]
    public async Task A_folder_outside_by_dots_is_refused() =>
        await Assert.ThrowsAsync<UnsafePathException>(async () => await Disk.MakeFolderAsync($"{Root}/a/../b"));

    [Fact]
    public async Task A_list_is_in_ordinal_order_with_kinds()
    {
        foreach (var name in (string[])["b", "a", "B", "ä", "10", "9"]) { await WriteAsync(name, name); }
        await Disk.MakeFolderAsync($"{Root}/folder");
        var entries = await Disk.ListAsync(Root);
        Assert.Equal(["10", "9", "B", "a", "b", "folder", "ä"], entries.Select(e => e.Name));
        Assert.Equal(FileKind.Folder, entries[5].Kind);
        Assert.Equal(FileKind.File, entries[0].Kind);
    }

    [Fact]
    public async Task A_tree_is_removed_whole()
    {
        await Disk.MakeFolderAsync($"{Root}/t/a/b/c/d");
        await WriteAsync("t/a/f", "f");
        await WriteAsync("t/a/b/c/d/f", "f");
        await Disk.RemoveTreeAsync($"{Root}/t");
        Assert.Empty(await Disk.ListAsync(Root));
    }

    [Fact]
    public async Task Modes_are_kept()
    {
        await WriteAsync("f", "f");
        await Disk.SetModeAsync($"{Root}/f", 0b111_101_001);
        Assert.Equal(0b111_101_001, (await Disk.StatAsync($"{Root}/f"))!.Mode);
        Assert.Equal(FileKind.File, (await Disk.StatAsync($"{Root}/f"))!.Kind);
    }

    [Theory]
    [InlineData(1_767_352_500_123_456_789)]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task The_time_of_a_change_is_what_was_set_until_the_next_change(long modified)
    {
        await WriteAsync("f", "f");
        await Disk.SetModifiedAsync($"{Root}/f", modified);
        Assert.Equal(modified, (await Disk.StatAsync($"{Root}/f"))!.Modified);
        await using (var file = await Disk.OpenReadAsync($"{Root}/f")) { Assert.Equal(modified, (await file!.FactsAsync()).Modified); }
        await using (var file = await Disk.OpenAppendAsync($"{Root}/f")) { await file.WriteAsync("x"u8.ToArray()); }
        Assert.NotEqual(modified, (await Disk.StatAsync($"{Root}/f"))!.Modified);
        await Assert.ThrowsAsync<IOException>(async () => await Disk.SetModifiedAsync($"{Root}/absent", modified));
    }

    [Fact]
    public async Task A_link_says_what_was_put_into_it_and_is_removed_alone()
    {
        await WriteAsync("f", "f");
        await Disk.MakeLinkAsync("f", $"{Root}/link");
        await Disk.MakeLinkAsync("../nowhere/é", $"{Root}/dangling");
        Assert.Equal("f", await Disk.ReadLinkAsync($"{Root}/link"));
        Assert.Equal("../nowhere/é", await Disk.ReadLinkAsync($"{Root}/dangling"));
        Assert.Equal(FileKind.Link, (await Disk.StatAsync($"{Root}/dangling"))!.Kind);
        Assert.Null(await Disk.ReadLinkAsync($"{Root}/f"));
        Assert.Null(await Disk.ReadLinkAsync($"{Root}/absent"));
        await Assert.ThrowsAsync<IOException>(async () => await Disk.MakeLinkAsync("g", $"{Root}/link"));
        await Disk.RemoveAsync($"{Root}/link");
        Assert.Equal("f", await TextAsync("f"));
    }

    [Fact]
    public async Task Facts_tell_two_files_apart_and_notice_a_write()
    {
        await WriteAsync("f", "f");
        await WriteAsync("g", "f");
        var f = (await Disk.StatAsync($"{Root}/f"))!;
        var g = (await Disk.StatAsync($"{Root}/g"))!;
        Assert.NotEqual((f.Device, f.Inode), (g.Device, g.Inode));
        await using (var file = await Disk.OpenAppendAsync($"{Root}/f")) { await file.WriteAsync("x"u8.ToArray()); }
        Assert.NotEqual(f, await Disk.StatAsync($"{Root}/f"));
        Assert.Equal(g, await Disk.StatAsync($"{Root}/g"));
    }

    [Theory]
    [InlineData("../f")]
    [InlineData("a/../../f")]
    public async Task A_path_that_leaves_its_root_is_refused(string relative)
    {
        await Disk.MakeFolderAsync($"{Root}/root/a");
        await WriteAsync("f", "f");
        await Assert.ThrowsAsync<UnsafePathException>(async () => await Disk.OpenReadBeneathAsync($"{Root}/root", relative));
    }

    [Fact]
    public async Task A_file_below_its_root_is_read_and_a_folder_is_refused()
    {
        await Disk.MakeFolderAsync($"{Root}/root/a");
        await WriteAsync("root/a/f", "f");
        await using var file = await Disk.OpenReadBeneathAsync($"{Root}/root", "a/f");
        Assert.Equal(1, await file!.ReadAsync(new byte[8], 0));
        await Assert.ThrowsAsync<UnsafePathException>(async () => await Disk.OpenReadBeneathAsync($"{Root}/root", "a"));
    }

    [Fact]
    public async Task A_lock_is_held_by_one_until_it_is_given_back()
    {
        var held = await Disk.TryLockAsync($"{Root}/lock");
        Assert.NotNull(held);
        Assert.Null(await Disk.TryLockAsync($"{Root}/lock"));
        var waiting = Disk.LockAsync($"{Root}/lock", default).AsTask();
        Assert.False(waiting.IsCompleted);
        await held.DisposeAsync();
        await using var next = await waiting;
        Assert.Null(await Disk.TryLockAsync($"{Root}/lock"));
    }

    [Fact]
    public async Task A_waiter_that_gave_up_never_keeps_the_lock()
    {
        var held = (await Disk.TryLockAsync($"{Root}/lock"))!;
        using var stop = new CancellationTokenSource();
        var waiting = Disk.LockAsync($"{Root}/lock", stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await held.DisposeAsync();
        await using var next = await Disk.LockAsync($"{Root}/lock", default);
        Assert.Null(await Disk.TryLockAsync($"{Root}/lock"));
    }

    protected async Task WriteAsync(string relative, string text)
    {
        await using var file = await Disk.CreateAsync($"{Root}/{relative}");
        await file.WriteAsync(Encoding.UTF8.GetBytes(text));
    }

    protected async Task<string> TextAsync(string relative)
    {
        await using var file = await Disk.OpenReadAsync($"{Root}/{relative}");
        var bytes = new byte[1000];
        return Encoding.UTF8.GetString(bytes, 0, await file!.ReadAsync(bytes, 0));
    }
}
