using System.Text;
using Pawl.Engine.Homes;
using Xunit;

namespace Pawl.Tests.Engine.Homes;

public sealed class RunLockTests : Scratch
{
    private static readonly Owner First = new(4711, "wörk\u001b[31mstation", DateTimeOffset.UnixEpoch, "0.1.0");

    private RunFolder Run => new("u1", Folder);

    [Fact]
    public async Task A_second_owner_is_told_who_has_the_run()
    {
        await using var held = await Take(First);

        var refused = Assert.IsType<LockResult.OwnedBy>(await RunLock.TryTakeAsync(Disk, Run, First with { Pid = 2 }, TimeProvider.System));
        Assert.Equal("process 4711 on wörk[31mstation since 1970-01-01 00:00:00Z (pawl 0.1.0)", refused.Description);
        Assert.Equal(refused.Description, await RunLock.OwnerAsync(Disk, Run));
    }

    [Fact]
    public async Task The_lock_is_the_fact_and_the_text_a_label()
    {
        await using (await Take(First))
        {
            foreach (var text in (string[])["", "{", "null", "{}", new string('x', 10_000)])
            {
                await using (var file = await Disk.OpenAppendAsync(Run.Lock))    // the runtime's own calls respect the lock
                {
                    await file.TruncateAsync(0);
                    await file.WriteAsync(Encoding.UTF8.GetBytes(text));
                }
                Assert.NotNull(await RunLock.OwnerAsync(Disk, Run));
            }
        }
        Assert.Null(await RunLock.OwnerAsync(Disk, Run));
        await using var again = await Take(First with { Pid = 3 });
        Assert.Contains("process 3 on", await RunLock.OwnerAsync(Disk, Run), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asking_for_the_owner_of_a_run_that_is_not_there_makes_nothing()
    {
        Assert.Null(await RunLock.OwnerAsync(Disk, Run));
        Assert.Empty(Directory.GetFileSystemEntries(Folder));
    }

    [Fact]
    public async Task Those_who_only_look_keep_nobody_from_taking_it()
    {
        using var stop = new CancellationTokenSource();
        var looking = Task.Run(async () => { while (!stop.IsCancellationRequested) { await RunLock.OwnerAsync(Disk, Run); } });
        for (var n = 0; n < 200; n++) { await (await Take(First)).DisposeAsync(); }
        await stop.CancelAsync();
        await looking;
    }

    private async Task<RunLock> Take(Owner owner) =>
        Assert.IsType<LockResult.Owned>(await RunLock.TryTakeAsync(Disk, Run, owner, TimeProvider.System)).Lock;
}
