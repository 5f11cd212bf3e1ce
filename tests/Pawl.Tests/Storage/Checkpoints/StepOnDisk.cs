using Pawl.Core.Chains;
using Pawl.Core.Checkpoints;
using Pawl.Storage.Chains;
using Pawl.Storage.Checkpoints;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;
using Xunit;

namespace Pawl.Tests.Storage.Checkpoints;

/// <summary>A step with a real store and a real checkpoint folder, in memory where the machine has such a place.</summary>
internal sealed class StepOnDisk : IDisposable
{
    internal const string Run = "0f8fad5b-d9cb-469f-a165-70867728950e";
    internal const string Step = "digits-x7k2q.train";
    internal const string Fingerprint = "f";

    internal StepOnDisk(int chunkSize = 4096, string? place = null)
    {
        ChunkSize = chunkSize;
        place ??= Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath().TrimEnd('/');
        Place = $"{place}/pawl-test-{Guid.NewGuid():N}";
        Directory.CreateDirectory(Folder);
    }

    internal int ChunkSize { get; }

    internal string Place { get; }

    internal string Folder => $"{Place}/checkpoints";

    internal string StoreRoot => $"{Place}/store";

    public void Dispose() => new Disk().RemoveTreeAsync(Place).AsTask().GetAwaiter().GetResult();

    internal LocalStore Open(IDisk? disk = null) => new(disk ?? new Disk(), StoreRoot, () => Guid.NewGuid().ToString("N"), "this-boot");

    internal ValueTask<Chain> ChainAsync() => Chain.OpenAsync(Open(), Run, Step);

    /// <summary>A process that has just claimed the step.</summary>
    internal async ValueTask<Owner> ClaimAsync(IDisk? disk = null, string fingerprint = Fingerprint)
    {
        var chain = await ChainAsync();
        Assert.True(await chain.TryAppendAsync(new Entry.Claimed(Step, 1, fingerprint, 1, "host", Guid.NewGuid().ToString("N")), DateTimeOffset.UnixEpoch));
        var store = Open(disk);
        // Read anew, so that what comes goes through the given disk.
        chain = await Chain.OpenAsync(Open(), Run, Step);
        if (disk is not null) { chain = await Chain.OpenAsync(store, Run, Step); }
        return new(this, chain, chain.Owner!.Number, new CheckpointStore(store, disk ?? new Disk(), TimeProvider.System, () => Guid.NewGuid().ToString("N"), Run, Step) { ChunkSize = ChunkSize });
    }

    /// <summary>As a trainer that has just written a file.</summary>
    internal byte[] Write(string path, int size, int seed)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        Write(path, bytes);
        return bytes;
    }

    internal void Write(string path, byte[] bytes)
    {
        var place = $"{Folder}/{path}";
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        File.WriteAllBytes(place + ".tmp", bytes);
        File.Move(place + ".tmp", place, overwrite: true);
    }

    internal void Clear()
    {
        Directory.Delete(Folder, recursive: true);
        Directory.CreateDirectory(Folder);
    }

    /// <summary>All that is in the folder, taken for whole.</summary>
    internal async ValueTask<FolderContent> LookAsync()
    {
        var disk = new Disk();
        var files = new List<WholeFile>();
        var links = new List<CheckpointLink>();
        foreach (var path in Paths(Folder))
        {
            var facts = (await disk.StatAsync($"{Folder}/{path}"))!;
            if (facts.Kind == FileKind.Link) { links.Add(new(path, (await disk.ReadLinkAsync($"{Folder}/{path}"))!)); }
            if (facts.Kind == FileKind.File) { files.Add(new(path, facts)); }
        }
        return new([.. files], [.. links]);
    }

    /// <summary>Everything in a folder that a restore must bring back, in text.</summary>
    internal static string Picture(string folder) => string.Join('\n', Paths(folder).Select(path =>
    {
        var file = new FileInfo($"{folder}/{path}");
        return file.LinkTarget is { } target
            ? $"{path} -> {target}"
            : $"{path} {Facts(file.FullName)} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file.FullName)))}";
    }));

    private static string Facts(string path)
    {
        var facts = new Disk().StatAsync(path).AsTask().GetAwaiter().GetResult()!;
        return $"{facts.Mode:x} {facts.Modified}";
    }

    internal string Picture() => Picture(Folder);

    /// <summary>Paths of all chunks below the store.</summary>
    internal List<string> Chunks() => Directory.Exists($"{StoreRoot}/chunks")
        ? [.. Directory.GetFiles($"{StoreRoot}/chunks", "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)]
        : [];

    internal string PathOf(Chunk chunk) => Chunks().Single(p => p.EndsWith($"/{chunk.Claim}/{chunk.Sha256}", StringComparison.Ordinal));

    private static IEnumerable<string> Paths(string folder) => Directory
        .GetFileSystemEntries(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
        .Where(p => new FileInfo(p).LinkTarget is not null || File.Exists(p))
        .Select(p => p[(folder.Length + 1)..])
        .Order(StringComparer.Ordinal);
}

/// <summary>One claim's process.</summary>
internal sealed class Owner(StepOnDisk step, Chain chain, int claim, CheckpointStore store)
{
    internal Chain Chain => chain;

    internal int Claim => claim;

    internal CheckpointStore Store => store;

    internal async ValueTask<Saved> SaveAsync(long? trainerStep = null, CancellationToken stop = default) =>
        await store.SaveAsync(chain, claim, step.Folder, await step.LookAsync(), trainerStep, null, stop);

    internal async ValueTask<Saved.Appended> SavedAsync(long? trainerStep = null) => Assert.IsType<Saved.Appended>(await SaveAsync(trainerStep));

    internal ValueTask<Restored> RestoreAsync(string fingerprint = StepOnDisk.Fingerprint) =>
        store.RestoreAsync(chain, claim, fingerprint, step.Folder, default);

    internal async ValueTask<Restored.From> RestoredAsync() => Assert.IsType<Restored.From>(await RestoreAsync());

    internal ValueTask<Pruning> PruneAsync(int keep, int keepEvery = 0) =>
        store.PruneAsync(chain, claim, new CheckpointPolicy { Keep = keep, KeepEvery = keepEvery });

    /// <summary>Every checkpoint that counts is whole in the store.</summary>
    internal async ValueTask AllVerifyAsync()
    {
        var history = new CheckpointHistory(chain.Entries);
        foreach (var entry in history.All.Where(e => !history.IsPruned(e))) { Assert.Empty(await store.VerifyAsync(entry, default)); }
    }
}
