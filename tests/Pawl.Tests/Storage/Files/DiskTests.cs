using System.Diagnostics;
using Pawl.Storage.Files;
using Xunit;

namespace Pawl.Tests.Storage.Files;

public sealed class DiskTests : DiskContract, IDisposable
{
    private readonly TempFolder _folder = new();

    protected override IDisk Disk { get; } = new Disk();

    protected override string Root => _folder.Path;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Big_writes_arrive_whole()
    {
        var bytes = new byte[1_000_003];
        new Random(1).NextBytes(bytes);
        await using (var file = await Disk.CreateAsync($"{Root}/f")) { await file.WriteAsync(bytes); }
        Assert.Equal(bytes, await File.ReadAllBytesAsync($"{Root}/f"));
    }

    [Theory]
    [InlineData("relative/path")]
    [InlineData("/tmp/with\0nul")]
    public async Task A_path_that_the_kernel_would_misread_is_refused(string path)
    {
        await Assert.ThrowsAsync<UnsafePathException>(async () => await Disk.StatAsync(path));
        await Assert.ThrowsAsync<UnsafePathException>(async () => await Disk.CreateAsync(path));
    }

    [Fact]
    public async Task An_error_names_the_call_the_path_and_what_follows()
    {
        var e = await Assert.ThrowsAsync<IOException>(async () => await Disk.CreateAsync($"{Root}/absent/f"));
        Assert.Equal($"{Root}/absent/f: creating failed: ENOENT (No such file or directory); nothing was written", e.Message);
    }

    [Fact]
    public async Task A_full_disk_is_an_error_and_the_file_is_not_trusted_again()
    {
        await using var file = await Disk.OpenAppendAsync("/dev/full");
        var e = await Assert.ThrowsAsync<IOException>(async () => await file.WriteAsync(new byte[10]));
        Assert.Contains("ENOSPC", e.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<IOException>(async () => await file.FlushAsync());
    }

    [Fact]
    public async Task Links_are_seen_as_links_and_never_followed()
    {
        await WriteAsync("secret", "secret");
        Directory.CreateDirectory($"{Root}/root");
        Directory.CreateDirectory($"{Root}/outside");
        await WriteAsync("outside/f", "f");
        File.CreateSymbolicLink($"{Root}/root/link", $"{Root}/secret");
        File.CreateSymbolicLink($"{Root}/root/inner", "f");
        Directory.CreateSymbolicLink($"{Root}/root/folder", $"{Root}/outside");
        Assert.Equal(FileKind.Link, (await Disk.StatAsync($"{Root}/root/link"))!.Kind);
        Assert.All(await Disk.ListAsync($"{Root}/root"), e => Assert.Equal(FileKind.Link, e.Kind));
        await Assert.ThrowsAsync<IOException>(async () => await Disk.OpenReadAsync($"{Root}/root/link"));
        await Assert.ThrowsAsync<IOException>(async () => await Disk.CreateAsync($"{Root}/root/link"));
        await Assert.ThrowsAsync<IOException>(async () => await Disk.OpenAppendAsync($"{Root}/root/link"));
        await Assert.ThrowsAsync<IOException>(async () => await Disk.SetModeAsync($"{Root}/root/link", 0));
        await Assert.ThrowsAsync<IOException>(async () => await Disk.ListAsync($"{Root}/root/folder"));
        foreach (var relative in (string[])["link", "inner", "folder/f", "folder"])
        {
            await Assert.ThrowsAsync<UnsafePathException>(async () => await Disk.OpenReadBeneathAsync($"{Root}/root", relative));
        }
    }

    [Fact]
    public async Task A_pipe_is_refused_without_waiting_for_its_writer()
    {
        using (var mkfifo = Process.Start("mkfifo", [$"{Root}/pipe"])) { await mkfifo.WaitForExitAsync(TestContext.Current.CancellationToken); }
        await Assert.ThrowsAsync<UnsafePathException>(async () => await Disk.OpenReadBeneathAsync(Root, "pipe"));
        await Assert.ThrowsAsync<IOException>(async () => await Disk.OpenReadAsync($"{Root}/pipe"));
    }

    [Fact]
    public async Task Removing_a_tree_leaves_what_its_links_point_to()
    {
        Directory.CreateDirectory($"{Root}/keep");
        await WriteAsync("keep/f", "f");
        Directory.CreateDirectory($"{Root}/t/a");
        Directory.CreateSymbolicLink($"{Root}/t/link", $"{Root}/keep");
        Directory.CreateSymbolicLink($"{Root}/t/a/link", $"{Root}/keep");
        File.CreateSymbolicLink($"{Root}/t/dangling", $"{Root}/nowhere");
        await Disk.RemoveTreeAsync($"{Root}/t");
        Directory.CreateSymbolicLink($"{Root}/u", $"{Root}/keep");
        await Disk.RemoveTreeAsync($"{Root}/u");
        Assert.Equal(["keep"], (await Disk.ListAsync(Root)).Select(e => e.Name));
        Assert.Equal("f", await TextAsync("keep/f"));
    }

    [Fact]
    public async Task A_tree_deeper_than_a_path_can_be_is_removed()
    {
        // By the shell, since no path can name the bottom; wide at every level, without permissions at some.
        using (var shell = Process.Start("/bin/sh",
            ["-c", $"cd {Root} && mkdir t && cd t && for i in $(seq 150); do : > x; mkdir y d23456789-123456789-123456789-; cd -P d23456789-123456789-123456789-; done; chmod 0 ../y ."]))
        {
            await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        await Disk.RemoveTreeAsync($"{Root}/t");
        Assert.Empty(await Disk.ListAsync(Root));
    }

    [Fact]
    public async Task A_wide_folder_is_removed_and_listed_whole()
    {
        Directory.CreateDirectory($"{Root}/t");
        for (var i = 0; i < 2000; i++) { await WriteAsync($"t/a-name-that-is-rather-long-so-that-one-buffer-does-not-do-{i}", ""); }
        Assert.Equal(2000, (await Disk.ListAsync($"{Root}/t")).Count);
        await Disk.RemoveTreeAsync($"{Root}/t");
        Assert.Empty(await Disk.ListAsync(Root));
    }

    [Fact]
    public async Task A_lock_is_adopted_by_its_descriptor_and_outlives_the_first_holder()
    {
        var held = (HeldLock)(await Disk.TryLockAsync($"{Root}/lock"))!;
        var copy = Dup(held.Descriptor);
        var adopted = HeldLock.Adopt(copy, $"{Root}/lock");
        await held.DisposeAsync();
        Assert.Null(await Disk.TryLockAsync($"{Root}/lock"));
        await adopted.DisposeAsync();
        await using var next = await Disk.TryLockAsync($"{Root}/lock");
        Assert.NotNull(next);
        Assert.Throws<IOException>(() => HeldLock.Adopt(copy, $"{Root}/lock"));
    }

    [Fact]
    public async Task A_descriptor_of_another_file_is_not_adopted()
    {
        await using var held = (HeldLock)(await Disk.TryLockAsync($"{Root}/lock"))!;
        await WriteAsync("other", "");
        Assert.Throws<IOException>(() => HeldLock.Adopt(held.Descriptor, $"{Root}/other"));
    }

    [Fact]
    public void A_local_disk_is_not_refused_as_a_home()
    {
        Assert.Null(FileSystemKind.Refusal($"{Root}/not/yet/there"));
        Assert.NotNull(FileSystemKind.Notice("/dev/shm/x"));
    }

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "dup")]
    [System.Runtime.InteropServices.DefaultDllImportSearchPaths(System.Runtime.InteropServices.DllImportSearchPath.SafeDirectories)]
    private static extern int Dup(int fd);
}
