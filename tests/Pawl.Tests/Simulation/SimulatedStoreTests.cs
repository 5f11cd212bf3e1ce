using System.Globalization;
using Pawl.Simulation;
using Pawl.Simulation.Bugs;
using Pawl.Simulation.Disk;
using Pawl.Storage.Chains;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;
using Pawl.Tests.Storage.Chains;
using Pawl.Tests.Storage.Stores;
using Xunit;

namespace Pawl.Tests.Simulation;

/// <summary>The real store on the simulated disk.</summary>
public sealed class SimulatedStoreTests : ObjectStoreContract
{
    protected override IObjectStore Store { get; } = Stores.New(new World(1) { IsDirect = true });

    [Fact]
    public async Task What_was_created_or_committed_survives_every_power_cut()
    {
        for (var seed = 1UL; seed < 100; seed++)
        {
            var world = new World(seed) { IsDirect = true };
            var store = Stores.New(world);
            Assert.True(await store.CreateAsync("a/b/entry", "entry"u8.ToArray()));
            await using (var writer = await store.OpenWriteAsync("a/c/big", 0x1A4))
            {
                await writer.WriteAsync("big"u8.ToArray());
                await writer.CommitAsync();
            }
            world.CutPower();
            Assert.Equal("entry"u8.ToArray(), await Stores.New(world).ReadAsync("a/b/entry", 100));
            Assert.Equal("big"u8.ToArray(), await Stores.New(world).ReadAsync("a/c/big", 100));
        }
    }
}

/// <summary>The real chain on the real store on the simulated disk.</summary>
public sealed class SimulatedChainTests : ChainContract
{
    protected override IObjectStore Store { get; } = Stores.New(new World(1) { IsDirect = true });

    [Fact]
    public async Task An_entry_that_was_made_although_the_disk_said_no_is_durable_or_not_appended()
    {
        for (var seed = 1UL; seed < 100; seed++)
        {
            var world = new World(seed) { IsDirect = true };
            var chain = await Chain.OpenAsync(Stores.New(world, disk => new LinksAndFails(disk)), Run, Step);
            Assert.True(await chain.TryAppendAsync(Claim(), Noon));
            world.CutPower();
            Assert.NotNull((await Chain.OpenAsync(Stores.New(world), Run, Step)).Owner);
        }
    }

    private sealed class LinksAndFails(IDisk inner) : ThroughDisk(inner)
    {
        public override async ValueTask<bool> TryLinkAsync(string existing, string name)
        {
            await base.TryLinkAsync(existing, name);
            throw new IOException("the answer is lost");
        }
    }
}

internal static class Stores
{
    public static LocalStore New(World world, Func<IDisk, IDisk>? through = null)
    {
        IDisk disk = new SimDisk(new SimProcess(world, 1, Role.Shell, "test"));
        return new LocalStore(through is null ? disk : through(disk), "/store", () => world.Dice.Next().ToString("x16", CultureInfo.InvariantCulture), "boot-1");
    }
}
