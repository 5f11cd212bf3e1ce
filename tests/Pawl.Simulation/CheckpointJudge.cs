using System.Security.Cryptography;
using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;

namespace Pawl.Simulation;

/// <summary>Watches what becomes of checkpoints. Like the judge it believes the ledger and the disk only.</summary>
/// <remarks>
/// The invariants: <c>whole</c>, a trainer or the chain never names half a checkpoint, nor one of another training; <c>forward</c>, an
/// attempt goes on from the newest checkpoint that is intact, and told to go it loses no step; <c>lost</c>, what counts is in the store
/// until it is given up, but for what the medium itself destroyed; <c>budget</c>, no step is done again that was durable.
/// </remarks>
public sealed class CheckpointJudge(World world, Workload workload)
{
    // A save that was broken off or refused says so in the outcome.
    private const string NotCarried = "carried to the store";

    // By start: what was durable before it began.
    private readonly Dictionary<int, long> _durable = [];

    // What checkpoints held when they came to be: the chunks of one that was given up are gone.
    private readonly Dictionary<(string Folder, int Entry), IReadOnlyList<Trained>> _held = [];

    /// <summary>An entry came to be.</summary>
    /// <param name="folder">Of its chain.</param>
    public void EntryAppeared(string folder, ChainView chain, EntryView entry)
    {
        if (entry.Checkpoint is not { } checkpoint) { return; }
        var claim = chain.Entries.FirstOrDefault(e => e.Type == "Claimed" && e.Number == entry.Claim);
        if (claim?.Fingerprint != entry.Fingerprint) { world.Break("whole", $"{folder}/{entry.Number}: a checkpoint of another fingerprint than its claim's"); }
        CheckSound(folder, entry);
        _held[(folder, entry.Number)] = [.. Contents(folder, entry)];
        if (IsExcused(folder, entry)) { return; }
        foreach (var (path, parts) in checkpoint.Files)
        {
            if (Trained.WrittenAs(Bytes(folder, parts)) is null) { world.Break("whole", $"{folder}/{entry.Number}: {path} is nothing that a trainer wrote like this"); }
        }
        if (NewestIn(folder, entry) is { } newest)
        {
            if (checkpoint.Step > newest.Step) { world.Break("whole", $"{folder}/{entry.Number} says that it includes step {checkpoint.Step}; it holds {newest.Step}"); }
            if (entry.Fingerprint.EndsWith(Processes.SupervisorProgram.OtherFingerprint, StringComparison.Ordinal) == (newest.Recipe == Trained.OwnRecipe))
            {
                world.Break("whole", $"{folder}/{entry.Number} holds a checkpoint of another training: {newest}");
            }
        }
    }

    /// <summary>A name was removed.</summary>
    public void Vanished(string path)
    {
        if (!path.StartsWith(Places.Chunks, StringComparison.Ordinal) || path.Split('/') is not [.., var sha256] || sha256.Length != 64) { return; }
        if (world.Disk.Rotted.Contains(path)) { return; }
        var step = path[..path[..path.LastIndexOf('/')].LastIndexOf('/')];
        var part = path[(step.Length + 1)..];
        var folder = Places.Chains + step[Places.Chunks.Length..];
        if (ChainView.Of(world, folder).Checkpoints.FirstOrDefault(e => e.Checkpoint!.Files.Any(f => f.Parts.Contains(part))) is { } entry)
        {
            world.Break("lost", $"{path} was removed; checkpoint {entry.Number} counts and is made of it");
        }
    }

    /// <summary>All that counts is there.</summary>
    public void CheckAll()
    {
        foreach (var step in world.Ledger.Starts.Select(s => s.Step).Distinct()) { CheckAll(workload.ChainFolder(step)); }
    }

    /// <summary>A trainer has looked into its folder, and goes on from what it found.</summary>
    public void Resumed(Start start)
    {
        var folder = workload.ChainFolder(start.Step);
        var chain = ChainView.Of(world, folder);
        if (chain.ClaimOf(start.Node, start.Attempt) is not { } own) { return; }
        CheckAll(folder);
        var mine = chain.Checkpoints.Where(e => e.Fingerprint == own.Fingerprint).ToList();
        var intact = mine.Where(e => e.Number < own.Number && !IsExcused(folder, e)).ToList();
        var durable = intact.Count == 0 ? 0 : NewestIn(folder, intact[^1])?.Step ?? 0;
        _durable[start.Id] = durable;
        if (start.From < durable) { world.Break("forward", $"{start} went on from step {start.From}; checkpoint {intact[^1].Number} has {durable}"); }
        var found = chain.CheckpointsSince(own.Number).Where(e => e.Fingerprint == own.Fingerprint);
        if (start.From > 0 && !found.Any(e => IsExcused(folder, e) || _held[(folder, e.Number)].Any(t => t.Start == start.Source && t.Step == start.From)))
        {
            world.Break("whole", $"{start} found step {start.From} of start {start.Source}, which no entry of its fingerprint names");
        }
    }

    /// <summary>The engine knows how an attempt ended.</summary>
    public void Ended(RunEvent.AttemptEnded e)
    {
        // What was lost without an outcome the engine accounts for, which was not there to measure it.
        if (e.Outcome is { Kind: not OutcomeKind.Lost, Spent: { } spent } && (spent.Total - (e.Outcome.FinishedAt - e.Outcome.StartedAt)).Duration() > TimeSpan.FromTicks(e.Outcome.Stages.Length + 10))
        {
            world.Break("ledger", $"{e.Node}#{e.Number} took {e.Outcome.FinishedAt - e.Outcome.StartedAt}; its buckets add up to {spent.Total}");
        }
        var start = world.Ledger.Starts.LastOrDefault(s => s.Node == e.Node.Value && s.Attempt == e.Number && s.Host.Length == 0);
        if (start is null || start.ExitCode is null or 0 || start.Saved <= start.From || e.Outcome.Kind is not (OutcomeKind.Preempted or OutcomeKind.Failed)) { return; }
        if (world.Faults!.DiskErrors > 0 || world.Disk.HasRotted || world.Faults.Struck.ContainsKey(Fault.OtherRival) || e.Outcome.Warnings.Any(w => w.Contains(NotCarried, StringComparison.Ordinal))) { return; }
        var folder = workload.ChainFolder(start.Step);
        var newest = ChainView.Of(world, folder).Checkpoints.SelectMany(c => Contents(folder, c)).Select(t => t.Step).DefaultIfEmpty(0).Max();
        if (newest < start.Saved) { world.Break("forward", $"{start} left with step {start.Saved} saved; the store has {newest}, and nobody said so"); }
    }

    /// <summary>Steps done against steps needed, when the run is over.</summary>
    public void CheckBudget()
    {
        foreach (var step in _durable.Keys.Order().Select(id => world.Ledger.Starts[id - 1]).Where(s => s.Host.Length == 0).GroupBy(s => s.Step))
        {
            var starts = step.ToList();
            var done = starts.Sum(s => s.Done - s.From);
            var needed = starts.Max(s => s.Done);
            var again = starts.Zip(starts.Skip(1)).Sum(pair => Math.Max(0, pair.First.Done - _durable[pair.Second.Id]));
            if (done > needed + again) { world.Break("budget", $"{step.Key}: {done} steps were done; {needed} were needed and {again} were not durable when they were interrupted"); }
        }
    }

    private void CheckAll(string folder)
    {
        foreach (var entry in ChainView.Of(world, folder).Checkpoints) { CheckSound(folder, entry); }
    }

    private void CheckSound(string folder, EntryView entry)
    {
        foreach (var part in entry.Checkpoint!.Files.SelectMany(f => f.Parts))
        {
            var path = PathOf(folder, part);
            if (world.Disk.Rotted.Contains(path)) { continue; }
            var file = world.Disk.Find(path);
            if (file is null || Convert.ToHexStringLower(SHA256.HashData(file.Content)) != part[(part.IndexOf('/') + 1)..])
            {
                world.Break("lost", $"checkpoint {entry.Number} of {folder} counts; its part {part} is {(file is null ? "not there" : "not what was saved")}");
            }
        }
    }

    // What the medium destroyed nobody can keep.
    private bool IsExcused(string folder, EntryView entry) => entry.Checkpoint!.Files.SelectMany(f => f.Parts).Any(p => world.Disk.Rotted.Contains(PathOf(folder, p)));

    private Trained? NewestIn(string folder, EntryView entry) => Contents(folder, entry).MaxBy(t => t.Step);

    private IEnumerable<Trained> Contents(string folder, EntryView entry) => entry.Checkpoint!.Files.Select(f => Trained.WrittenAs(Bytes(folder, f.Parts))).OfType<Trained>();

    private byte[] Bytes(string folder, IReadOnlyList<string> parts) => [.. parts.SelectMany(p => world.Disk.Find(PathOf(folder, p)) is { } file ? file.Content.ToArray() : [])];

    private static string PathOf(string folder, string part) => $"{Places.Chunks}{folder[Places.Chains.Length..]}/{part}";
}
