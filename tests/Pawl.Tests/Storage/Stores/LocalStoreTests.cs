using Pawl.Storage.Files;
using Pawl.Storage.Stores;
using Xunit;

namespace Pawl.Tests.Storage.Stores;

public sealed class LocalStoreTests : ObjectStoreContract, IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly Disk _disk = new();

    public LocalStoreTests() => Store = Open(_folder);

    protected override LocalStore Store { get; }

    public static LocalStore Open(TempFolder folder) => new(new Disk(), folder["store"], () => Guid.NewGuid().ToString("N"), "this-boot");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Of_sixteen_that_race_for_a_key_one_wins_and_its_bytes_stay()
    {
        const int Rounds = 40;
        const int Racers = 16;
        var won = new int[Rounds];
        using var start = new Barrier(Racers);
        var threads = Enumerable.Range(0, Racers).Select(racer => new Thread(() =>
        {
            var store = Open(_folder);
            for (var round = 0; round < Rounds; round++)
            {
                start.SignalAndWait();
                // Synchronous on the real disk, so the task is complete.
                var task = store.CreateAsync($"race/{round}", new[] { (byte)racer }).AsTask();
                if (task.GetAwaiter().GetResult()) { Interlocked.Add(ref won[round], 1000 + racer); }
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        for (var round = 0; round < Rounds; round++)
        {
            Assert.InRange(won[round], 1000, 1000 + Racers - 1);
            Assert.Equal([(byte)(won[round] - 1000)], (await Store.ReadAsync($"race/{round}", 1))!);
        }
        Assert.Empty(await _disk.ListAsync(_folder["store/.tmp"]));
    }

    [Fact]
    public async Task Nothing_unfinished_is_left_by_success_or_by_refusal()
    {
        await Store.CreateAsync("a", default);
        await Store.CreateAsync("a", default);
        await WriteAsync("b", "b");
        await using (await Store.OpenWriteAsync("b", 0)) { }
        Assert.Empty(await _disk.ListAsync(_folder["store/.tmp"]));
    }

    [Fact]
    public async Task What_a_dead_writer_left_is_removed_and_what_another_has_under_way_is_not()
    {
        await LocalStore.RemoveUnfinishedAsync(_disk, _folder["store"], "dead.");
        await Store.CreateAsync("a", default);
        await File.WriteAllTextAsync(_folder["store/.tmp/dead.1"], "half", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_folder["store/.tmp/other.1"], "half", TestContext.Current.CancellationToken);
        await LocalStore.RemoveUnfinishedAsync(_disk, _folder["store"], "dead.");
        Assert.Equal(["other.1"], (await _disk.ListAsync(_folder["store/.tmp"])).Select(e => e.Name));
        Assert.NotNull(await Store.ReadAsync("a", 1));
    }

    [Fact]
    public async Task An_object_may_have_a_name_like_that_of_something_unfinished()
    {
        await Store.CreateAsync("a/.tmp/x", "x"u8.ToArray());
        await Store.CreateAsync("a/.tmp-y", "y"u8.ToArray());
        Assert.Equal(["a/.tmp-y", "a/.tmp/x"], await Store.ListAsync("a/"));
        await Assert.ThrowsAsync<UnsafePathException>(async () => await Store.CreateAsync(".tmp/x", default));
    }

    [Fact]
    public async Task A_link_in_the_place_of_an_object_is_not_followed()
    {
        await File.WriteAllTextAsync(_folder["secret"], "secret", TestContext.Current.CancellationToken);
        await Store.CreateAsync("a/b", default);
        File.CreateSymbolicLink(_folder["store/a/c"], _folder["secret"]);
        await Assert.ThrowsAsync<IOException>(async () => await Store.ReadAsync("a/c", 100));
        Assert.Equal(["a/b"], await Store.ListAsync("a/"));
    }

    [Fact]
    public async Task A_large_object_has_the_mode_that_was_asked_for()
    {
        await using (var writer = await Store.OpenWriteAsync("a/run.sh", 0b111_111_101)) { await writer.CommitAsync(); }
        Assert.Equal(0b111_111_101, (await _disk.StatAsync(_folder["store/a/run.sh"]))!.Mode);
    }
}
