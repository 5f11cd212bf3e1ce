using System.Collections.Immutable;
using Pawl.Core.Chains;
using Pawl.Core.Checkpoints;

namespace Pawl.Storage.Checkpoints;

/// <summary>How an attempt to save a checkpoint ended.</summary>
public abstract record Saved
{
    private Saved() { }

    /// <param name="Uploaded">Bytes that were not in the store yet.</param>
    public sealed record Appended(Entry.Checkpointed Entry, long Uploaded) : Saved;

    /// <summary>The folder holds what the newest checkpoint holds; nothing was written.</summary>
    public sealed record Already(Entry.Checkpointed Entry) : Saved;

    /// <summary>A file is another than the one that was found whole. Nothing was appended; what was uploaded shortens the next save.</summary>
    /// <param name="Path">Of the file or link, relative to the folder.</param>
    public sealed record Changed(string Path) : Saved;

    /// <summary>Somebody else owns the step: nothing was appended, nor ever will be by this claim.</summary>
    public sealed record Overtaken : Saved;
}

/// <summary>A part of a checkpoint that is not what was saved.</summary>
/// <param name="Entry">Number of its chain entry.</param>
/// <param name="File">Relative to the checkpoint folder.</param>
/// <param name="Key">Of the chunk; empty where the entry itself cannot be.</param>
/// <param name="Expected">In words.</param>
/// <param name="Found">In words.</param>
/// <param name="Follows">What was done about it, in words.</param>
public sealed record CheckpointProblem(int Entry, string File, string Key, string Expected, string Found, string Follows)
{
    internal static CheckpointProblem Of(int entry, string file, string key, Chunk chunk, string found, string follows) =>
        new(entry, file, key, $"{chunk.Size} bytes with SHA-256 {chunk.Sha256}, CRC-32C {chunk.Crc32C:x8}", found, follows);

    public override string ToString() => Key.Length == 0
        ? $"checkpoint {Entry}: {Found}; {Follows}"
        : $"checkpoint {Entry}: {File}: {Key} should be {Expected}, but there is {Found}; {Follows}";
}

/// <summary>What a restore left in the folder.</summary>
public abstract record Restored(ImmutableArray<CheckpointProblem> Problems)
{
    /// <param name="Kept">Bytes that were in the folder already.</param>
    /// <param name="Copied">Bytes that came from the store.</param>
    public sealed record From(Entry.Checkpointed Entry, long Kept, long Copied, ImmutableArray<CheckpointProblem> Problems) : Restored(Problems);

    /// <summary>Nothing: no checkpoint of this fingerprint is there, or none that verifies; then the problems say why.</summary>
    public sealed record None(ImmutableArray<CheckpointProblem> Problems) : Restored(Problems);

    /// <summary>Somebody else owns the step; what is in the folder is not to be used.</summary>
    public sealed record Overtaken(ImmutableArray<CheckpointProblem> Problems) : Restored(Problems);
}

/// <summary>What pruning did.</summary>
public abstract record Pruning
{
    private Pruning() { }

    /// <param name="Checkpoints">Numbers of the entries that went.</param>
    /// <param name="Chunks">How many were removed.</param>
    public sealed record Done(ImmutableArray<int> Checkpoints, int Chunks) : Pruning;

    /// <summary>Somebody else owns the step; nothing was removed.</summary>
    public sealed record Overtaken : Pruning;
}

/// <summary>A checkpoint as a list shows it.</summary>
/// <param name="Step">Of the trainer, where it said so.</param>
/// <param name="Size">Bytes of all files.</param>
/// <param name="NewBytes">Of those chunks that no checkpoint before it names.</param>
public sealed record ListedCheckpoint(
    int Number, DateTimeOffset At, int Claim, string Fingerprint, long? Step, long Size, int Files, long NewBytes, bool IsPinned, bool IsPruned);
