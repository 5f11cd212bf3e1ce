using System.Text;
using Pawl.Simulation;
using Pawl.Simulation.Disk;
using Pawl.Storage.Files;
using Pawl.Tests.Storage.Files;
using Xunit;

namespace Pawl.Tests.Simulation;

/// <summary>The simulated disk keeps what every disk promises, and forgets on a power cut what nobody flushed.</summary>
public sealed class SimulatedDiskTests : DiskContract
{
    private readonly World _world = new(1) { IsDirect = true };

    public SimulatedDiskTests()
    {
        Disk = new SimDisk(new SimProcess(_world, 1, Role.Shell, "test"));
        _world.Disk.MakeFolder(Root);
    }

    protected override IDisk Disk { get; }

    protected override string Root => "/root/test";

    [Fact]
    public async Task What_was_flushed_survives_every_power_cut()
    {
        for (var seed = 0UL; seed < 200; seed++)
        {
            await FlushedAsync($"f{seed}", "whole");
            _world.Disk.CutPower(new Dice(seed));
            Assert.Equal("whole", await TextAsync($"f{seed}"));
        }
    }

    [Fact]
    public async Task What_was_not_flushed_is_kept_lost_torn_or_zeros()
    {
        var found = new HashSet<string>();
        for (var seed = 0UL; seed < 200; seed++)
        {
            await using (var file = await Disk.CreateAsync($"{Root}/f{seed}"))
            {
                await Disk.FlushFolderAsync(Root);
                await file.WriteAsync("data"u8.ToArray());
            }
            _world.Disk.CutPower(new Dice(seed));
            found.Add(await TextAsync($"f{seed}"));
        }
        Assert.Superset(new HashSet<string> { "data", "", "da", "\0\0\0\0" }, found);
    }

    [Fact]
    public async Task A_name_whose_folder_was_not_flushed_may_be_lost()
    {
        var kept = 0;
        for (var seed = 0UL; seed < 200; seed++)
        {
            await WriteAsync($"f{seed}", "data");
            _world.Disk.CutPower(new Dice(seed));
            kept += await Disk.StatAsync($"{Root}/f{seed}") is null ? 0 : 1;
        }
        Assert.InRange(kept, 20, 180);
    }

    [Fact]
    public async Task A_rename_is_kept_or_undone_but_never_half()
    {
        var found = new HashSet<string>();
        for (var seed = 0UL; seed < 200; seed++)
        {
            await FlushedAsync($"old{seed}", "old");
            await FlushedAsync($"new{seed}", "new");
            await Disk.RenameAsync($"{Root}/new{seed}", $"{Root}/old{seed}");
            _world.Disk.CutPower(new Dice(seed));
            var moved = await Disk.StatAsync($"{Root}/new{seed}") is null;
            Assert.Equal(moved ? "new" : "old", await TextAsync($"old{seed}"));
            found.Add(moved ? "moved" : "undone");
        }
        Assert.Equal(2, found.Count);
    }

    [Fact]
    public async Task A_flush_after_a_failed_one_proves_nothing()
    {
        var lost = 0;
        for (var seed = 0UL; seed < 50; seed++)
        {
            await FlushedAsync($"f{seed}", "one ");
            await using (var file = await Disk.OpenAppendAsync($"{Root}/f{seed}")) { await file.WriteAsync("two"u8.ToArray()); }
            _world.Disk.Find($"{Root}/f{seed}")!.FailFlush();
            await using (var file = await Disk.OpenAppendAsync($"{Root}/f{seed}")) { await file.FlushAsync(); }
            _world.Disk.CutPower(new Dice(seed));
            lost += await TextAsync($"f{seed}") == "one two" ? 0 : 1;
        }
        Assert.Equal(50, lost);
    }

    [Fact]
    public void A_lock_is_free_when_its_owner_was_killed_and_handed_on_without_a_gap()
    {
        var (first, second) = (new SimProcess(_world, 2, Role.Engine, "first"), new SimProcess(_world, 3, Role.Supervisor, "second"));
        var held = new SimLock(_world, "/lock");
        Assert.True(held.TryTake(first));
        held.HandTo(second);
        first.Kill();
        Assert.Equal(second, held.Owner);
        second.Kill();
        Assert.Null(held.Owner);
    }

    private async Task FlushedAsync(string name, string text)
    {
        await using var file = await Disk.CreateAsync($"{Root}/{name}");
        await file.WriteAsync(Encoding.ASCII.GetBytes(text));
        await file.FlushAsync();
        await Disk.FlushFolderAsync(Root);
    }
}
