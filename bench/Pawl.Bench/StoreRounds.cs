using Pawl.Core.Chains;
using Pawl.Storage.Chains;
using Pawl.Storage.Checkpoints;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;

namespace Pawl.Bench;

/// <summary>Carrying a checkpoint to a store in a folder and back, each beside the bare calls for the same bytes in files of the same size.</summary>
internal static class StoreRounds
{
    private const string Run = "0f8fad5b-d9cb-469f-a165-70867728950e";
    private const string Step = "bench.train";
    private const string Fingerprint = "f";

    internal static async Task RunAsync(Plan plan)
    {
        var disk = new Disk();
        var bytes = new byte[plan.Bytes];
        var buffer = new byte[1 << 20];
        var file = $"{plan.Folder}/checkpoints/model.pt";
        for (var round = 0; round <= plan.Rounds; round++)
        {
            // The first warms up the runtime and counts for nothing.
            var into = round == 0 ? new Plan(plan.Bytes, 0, plan.Folder) : plan;
            new Random(round).NextBytes(bytes);
            Directory.CreateDirectory($"{plan.Folder}/checkpoints");
            await File.WriteAllBytesAsync(file, bytes);
            Raw.Forget([file]);
            // What a trainer has just written is in memory.
            Raw.Read([file], buffer);

            // In turn also which is first: memory that was just freed is cheaper than what the machine must find.
            var owner = await OpenAsync(plan, disk, round);
            await InTurnAsync(round,
                () => into.TimeAsync("save", () => SaveAsync(owner, disk, plan, file)),
                () => RawWriteAsync(into, "raw write", bytes, owner.Store.ChunkSize),
                () => RawWriteAsync(into, "raw write, one file", bytes, plan.Bytes));

            var chunks = Directory.GetFiles($"{plan.Folder}/store/chunks", "*", SearchOption.AllDirectories);
            await InTurnAsync(round,
                () => RestoredAsync(into, "restore, file there", disk, round, [.. chunks, file]),
                () => RawReadAsync(into, "raw read of both", [.. chunks, file], buffer));
            await InTurnAsync(round,
                () =>
                {
                    File.Delete(file);
                    return RestoredAsync(into, "restore, empty folder", disk, round, chunks);
                },
                () => RawReadAsync(into, "raw read", chunks, buffer));
            Directory.Delete($"{plan.Folder}/store", recursive: true);
        }
        plan.Print();
    }

    private static async Task InTurnAsync(int round, params Func<Task>[] sides)
    {
        for (var i = 0; i < sides.Length; i++) { await sides[(round + i) % sides.Length](); }
    }

    private static Task RawWriteAsync(Plan plan, string name, byte[] bytes, int fileSize)
    {
        plan.Time(name, () => Raw.Write($"{plan.Folder}/raw", bytes, fileSize));
        Directory.Delete($"{plan.Folder}/raw", recursive: true);
        return Task.CompletedTask;
    }

    private static Task RawReadAsync(Plan plan, string name, string[] paths, byte[] buffer)
    {
        Raw.Forget(paths);
        plan.Time(name, () => Raw.Read(paths, buffer));
        return Task.CompletedTask;
    }

    private static async Task RestoredAsync(Plan plan, string name, Disk disk, int round, string[] paths)
    {
        var owner = await OpenAsync(plan, disk, round);
        Raw.Forget(paths);
        await plan.TimeAsync(name, () => RestoreAsync(owner, plan));
    }

    private static async Task<Owner> OpenAsync(Plan plan, Disk disk, int round)
    {
        var store = new LocalStore(disk, $"{plan.Folder}/store", () => Guid.NewGuid().ToString("N"), await Boot.IdAsync(disk));
        var chain = await Chain.OpenAsync(store, Run, Step);
        if (!await chain.TryAppendAsync(new Entry.Claimed(Step, 1, Fingerprint, 1, "bench", $"{round}"), DateTimeOffset.UnixEpoch)) { throw new IOException("overtaken"); }
        return new(chain, chain.Owner!.Number, new CheckpointStore(store, disk, TimeProvider.System, () => Guid.NewGuid().ToString("N"), Run, Step) { Aside = Task.Run });
    }

    private static async Task SaveAsync(Owner owner, Disk disk, Plan plan, string file)
    {
        var facts = await disk.StatAsync(file) ?? throw new IOException($"{file}: is not there");
        var content = new FolderContent([new(Path.GetFileName(file), facts)], []);
        if (await owner.Store.SaveAsync(owner.Chain, owner.Claim, $"{plan.Folder}/checkpoints", content, 1, null, default) is not Saved.Appended { Uploaded: var uploaded }
            || uploaded != plan.Bytes) { throw new IOException("not all was saved"); }
    }

    private static async Task RestoreAsync(Owner owner, Plan plan)
    {
        if (await owner.Store.RestoreAsync(owner.Chain, owner.Claim, Fingerprint, $"{plan.Folder}/checkpoints", default) is not Restored.From) { throw new IOException("not restored"); }
    }

    private sealed record Owner(Chain Chain, int Claim, CheckpointStore Store);
}
