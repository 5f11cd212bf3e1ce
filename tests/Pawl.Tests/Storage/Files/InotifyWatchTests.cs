using Pawl.Storage.Files;
using Xunit;

namespace Pawl.Tests.Storage.Files;

public sealed class InotifyWatchTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly TempFolder _folder = new();
    private readonly InotifyWatch _watch = new();

    public void Dispose()
    {
        _watch.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_change_between_opening_and_asking_is_not_missed()
    {
        using var folder = _watch.Open(_folder.Path);
        await File.WriteAllTextAsync(_folder["f"], "f");
        await ChangedAsync(folder);
    }

    [Fact]
    public async Task Whoever_waits_hears_a_new_a_moved_and_a_removed_file()
    {
        await File.WriteAllTextAsync(_folder["f"], "f");
        using var folder = _watch.Open(_folder.Path);
        foreach (var change in (Action[])[() => File.Move(_folder["f"], _folder["g"]), () => File.Delete(_folder["g"]), () => File.Create(_folder["h"]).Dispose()])
        {
            await DrainAsync(folder);
            var next = folder.ChangedAsync(default).AsTask();
            change();
            await next.WaitAsync(Patience);
        }
    }

    [Fact]
    public async Task A_waiter_that_gave_up_does_not_take_the_change_with_it()
    {
        using var folder = _watch.Open(_folder.Path);
        using var stop = new CancellationTokenSource();
        var given = folder.ChangedAsync(stop.Token).AsTask();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        await File.WriteAllTextAsync(_folder["f"], "f");
        await ChangedAsync(folder);
    }

    [Fact]
    public async Task Two_watches_of_one_folder_both_hear_and_one_may_go()
    {
        using var first = _watch.Open(_folder.Path);
        var second = _watch.Open(_folder.Path);
        await File.WriteAllTextAsync(_folder["f"], "f");
        await ChangedAsync(first);
        await ChangedAsync(second);
        second.Dispose();
        await DrainAsync(first);
        await File.WriteAllTextAsync(_folder["g"], "g");
        await ChangedAsync(first);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await second.ChangedAsync(default));
    }

    [Fact]
    public async Task Whoever_waits_is_woken_when_the_watch_ends()
    {
        var folder = _watch.Open(_folder.Path);
        var next = folder.ChangedAsync(default).AsTask();
        folder.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => next.WaitAsync(Patience));
    }

    [Fact]
    public void A_folder_that_is_absent_cannot_be_watched() => Assert.Throws<IOException>(() => _watch.Open(_folder["absent"]));

    private static Task ChangedAsync(IFolderWatch folder) => folder.ChangedAsync(default).AsTask().WaitAsync(Patience);

    // One change is several hints: those that are on their way are taken first.
    private async Task DrainAsync(IFolderWatch folder)
    {
        var mark = _folder[Guid.NewGuid().ToString("N")];
        using var other = _watch.Open(_folder.Path);
        Directory.CreateDirectory(mark);
        await ChangedAsync(other);
        await ChangedAsync(folder);
    }
}
