using System.Globalization;
using Pawl.Core.Chains;
using Pawl.Storage.Chains;
using Pawl.Storage.Checkpoints;
using Xunit;

namespace Pawl.Tests.Storage.Checkpoints;

/// <summary>
/// Damage of every kind to the files of a store with two checkpoints of three chunks of 64 KiB each. What is restored is the newest one that
/// is whole, bit for bit, and whatever was hit is named; a damaged chain is refused as a whole.
/// </summary>
[Trait("Category", "Slow")]
public sealed class CorruptionTests
{
    private const int ChunkSize = 64 * 1024;
    private const string Variable = "PAWL_TEST_CORRUPTIONS";

    private static readonly string[] Kinds =
        ["bit flip", "truncation", "zero tail", "chunk swap", "bytes added", "chunk gone", "chunk of another run", "stale entry", "entry of another run", "entry bit flip", "entry truncated"];

    [Fact]
    public async Task No_damage_goes_unseen_and_the_newest_whole_checkpoint_is_used()
    {
        var rounds = int.Parse(Environment.GetEnvironmentVariable(Variable) ?? "10000", CultureInfo.InvariantCulture);
        using var made = new StepOnDisk(ChunkSize);
        using var other = new StepOnDisk(ChunkSize);
        var pictures = await FillAsync(made, 1);
        await FillAsync(other, 2);
        var chunks = await ChunksAsync(made);
        var counts = new Dictionary<(string Kind, string Answer), int>();
        for (var round = 0; round < rounds; round++)
        {
            var kind = Kinds[round % Kinds.Length];
            var dice = new Random(round);
            // Only the newest is hit, only the one before, or both.
            var hit = kind.Contains("entry", StringComparison.Ordinal) ? [] : dice.Next(4) switch { 0 => new[] { 0 }, 1 => [0, 1], _ => [1] };
            var undo = Damage(made, other, kind, hit.Select(i => chunks[i][dice.Next(chunks[i].Length)]), dice);
            made.Clear();
            var answer = await CheckAsync(made, kind, hit, pictures, verify: round % 4 == 0);
            counts[(kind, answer)] = counts.GetValueOrDefault((kind, answer)) + 1;
            undo();
        }
        Assert.Equal(rounds, counts.Values.Sum());
        Assert.All(Kinds, kind => Assert.InRange(counts.Where(c => c.Key.Kind == kind).Sum(c => c.Value), rounds / Kinds.Length, rounds));
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"{rounds} corruptions, none unseen:\n" + string.Join('\n', counts.OrderBy(c => c.Key).Select(c => $"  {c.Key.Kind}: {c.Value} x {c.Key.Answer}")));
    }

    // Two checkpoints that share nothing, in one chain of one claim.
    private static async Task<string[]> FillAsync(StepOnDisk step, int seed)
    {
        var owner = await step.ClaimAsync();
        var pictures = new string[2];
        for (var i = 0; i < 2; i++)
        {
            step.Write("model.pt", 2 * ChunkSize + 999, 100 * seed + i);
            step.Write("optim.pt", ChunkSize, 1000 * seed + i);
            pictures[i] = step.Picture();
            await owner.SavedAsync(i);
        }
        return pictures;
    }

    private static async Task<string> CheckAsync(StepOnDisk step, string kind, int[] hit, string[] pictures, bool verify)
    {
        // As the next owner, but without an entry of its own, so that the store is the same for the next round.
        Chain chain;
        try { chain = await step.ChainAsync(); }
        catch (ChainBrokenException) when (hit.Length == 0) { return "chain refused"; }
        Assert.True(hit.Length > 0, $"{kind}: the chain was believed");
        var store = new CheckpointStore(step.Open(), new Pawl.Storage.Files.Disk(), TimeProvider.System, () => Guid.NewGuid().ToString("N"), StepOnDisk.Run, StepOnDisk.Step);
        var entries = chain.Entries.OfType<Entry.Checkpointed>().ToList();
        for (var i = 0; verify && i < 2; i++) { Assert.Equal(hit.Contains(i), (await store.VerifyAsync(entries[i], default)).Length > 0); }
        var restored = await store.RestoreAsync(chain, chain.Owner!.Number, StepOnDisk.Fingerprint, step.Folder, default);
        if (hit is [0, 1])
        {
            Assert.IsType<Restored.None>(restored);
            Assert.Equal(2, restored.Problems.Select(p => p.Entry).Distinct().Count());
            Assert.Equal("", step.Picture());
            return "nothing restored, both named";
        }
        var good = hit is [1] ? 0 : 1;
        Assert.Equal(entries[good].Number, Assert.IsType<Restored.From>(restored).Entry.Number);
        Assert.Equal(pictures[good], step.Picture());
        Assert.Equal(good == 0, restored.Problems.Length > 0);
        return good == 0 ? "the one before restored" : "the newest restored";
    }

    // Returns what makes the store whole again.
    private static Action Damage(StepOnDisk step, StepOnDisk other, string kind, IEnumerable<string> hit, Random dice)
    {
        var before = new Dictionary<string, byte[]>();
        foreach (var path in hit.DefaultIfEmpty(EntryPath(step, dice.Next(1, 4))).ToList())
        {
            Hit(step, other, kind, path, dice, before);
        }
        return () =>
        {
            foreach (var (path, bytes) in before) { File.WriteAllBytes(path, bytes); }
            if (Directory.Exists($"{step.StoreRoot}/quarantine")) { Directory.Delete($"{step.StoreRoot}/quarantine", recursive: true); }
        };
    }

    private static void Hit(StepOnDisk step, StepOnDisk other, string kind, string path, Random dice, Dictionary<string, byte[]> before)
    {
        var bytes = before[path] = File.ReadAllBytes(path);
        var at = dice.Next(bytes.Length);
        switch (kind)
        {
            case "bit flip" or "entry bit flip":
                var flipped = bytes.ToArray();
                flipped[at] ^= (byte)(1 << dice.Next(8));
                File.WriteAllBytes(path, flipped);
                break;
            case "truncation" or "entry truncated":
                File.WriteAllBytes(path, bytes[..at]);
                break;
            case "zero tail":
                at = Math.Min(at, bytes.Length - 16);
                File.WriteAllBytes(path, [.. bytes[..at], .. new byte[bytes.Length - at]]);
                break;
            case "bytes added":
                File.WriteAllBytes(path, [.. bytes, .. new byte[1 + dice.Next(100)]]);
                break;
            case "chunk gone":
                File.Delete(path);
                break;
            case "chunk swap":
                // With one of the same size where there is one: only the digest tells.
                File.Copy(step.Chunks().Where(p => !before.ContainsKey(p)).OrderBy(p => new FileInfo(p).Length != bytes.Length).ThenBy(_ => dice.Next()).First(), path, overwrite: true);
                break;
            case "chunk of another run":
                File.Copy(other.Chunks().OrderBy(p => new FileInfo(p).Length != bytes.Length).ThenBy(_ => dice.Next()).First(), path, overwrite: true);
                break;
            case "stale entry":
                File.Copy(EntryPath(step, int.Parse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture) % 3 + 1), path, overwrite: true);
                break;
            case "entry of another run":
                File.Copy(EntryPath(other, int.Parse(Path.GetFileNameWithoutExtension(path), CultureInfo.InvariantCulture)), path, overwrite: true);
                break;
        }
    }

    // The paths of each checkpoint's chunks.
    private static async Task<string[][]> ChunksAsync(StepOnDisk step) =>
        [.. (await step.ChainAsync()).Entries.OfType<Entry.Checkpointed>().Select(e => e.Checkpoint.Files.SelectMany(f => f.Chunks).Select(step.PathOf).ToArray())];

    private static string EntryPath(StepOnDisk step, int number) => $"{step.StoreRoot}/{Chain.Prefix(StepOnDisk.Run, StepOnDisk.Step)}{number}.json";
}
