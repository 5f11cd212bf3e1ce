using System.Diagnostics;
using Pawl.Storage.Checkpoints;
using Xunit;

namespace Pawl.Tests.Storage.Checkpoints;

/// <summary>A file system of 1 MiB, which only root can make.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly bool _mounted;

    public FullDiskTests() => _mounted = Run("mount", "-t", "tmpfs", "-o", "size=1m", "none", _folder["."]);

    public void Dispose()
    {
        if (_mounted) { Run("umount", _folder["."]); }
        _folder.Dispose();
    }

    [Fact]
    public async Task A_full_store_refuses_the_save_and_keeps_what_it_has()
    {
        Assert.SkipUnless(_mounted, "mounting needs root");
        using var step = new StepOnDisk(65536, place: _folder.Path);
        var owner = await step.ClaimAsync();
        step.Write("model.pt", 200_000, 1);
        var before = step.Picture();
        var first = await owner.SavedAsync(1);
        // 200 kB in the store and 450 kB here leave no room for these 450 kB in the store.
        step.Write("model.pt", 450_000, 2);
        var e = await Assert.ThrowsAsync<IOException>(async () => await owner.SaveAsync(2));
        Assert.Contains("ENOSPC", e.Message, StringComparison.Ordinal);
        Assert.Empty(await owner.Store.VerifyAsync(first.Entry, default));
        // Room again, and the checkpoint before is whole.
        step.Clear();
        Assert.Equal(first.Entry.Number, (await (await step.ClaimAsync()).RestoredAsync()).Entry.Number);
        Assert.Equal(before, step.Picture());
    }

    [Fact]
    public async Task A_folder_that_is_a_small_mount_of_its_own_is_restored_and_a_full_one_is_an_error()
    {
        Assert.SkipUnless(_mounted, "mounting needs root");
        using var step = new StepOnDisk(65536);
        var owner = await step.ClaimAsync();
        step.Write("model.pt", 600_000, 1);
        await owner.SavedAsync(1);
        // What a trainer left there would not leave room enough.
        await File.WriteAllBytesAsync(_folder["torn.pt"], new byte[700_000], TestContext.Current.CancellationToken);
        Assert.IsType<Restored.From>(await owner.Store.RestoreAsync(owner.Chain, owner.Claim, StepOnDisk.Fingerprint, _folder.Path, default));
        Assert.Equal(step.Picture(), StepOnDisk.Picture(_folder.Path));

        step.Write("model.pt", 2_000_000, 2);
        await owner.SavedAsync(2);
        var e = await Assert.ThrowsAsync<IOException>(async () => await owner.Store.RestoreAsync(owner.Chain, owner.Claim, StepOnDisk.Fingerprint, _folder.Path, default));
        Assert.Contains("ENOSPC", e.Message, StringComparison.Ordinal);
        await owner.AllVerifyAsync();
    }

    private static bool Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}
