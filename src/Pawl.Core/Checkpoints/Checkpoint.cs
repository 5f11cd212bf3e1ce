using System.Collections.Immutable;

namespace Pawl.Core.Checkpoints;

/// <summary>What a step's checkpoint folder held when all of it was whole: every file, in parts that are stored by content.</summary>
/// <param name="Step">The last training step it includes, where the trainer said so.</param>
/// <param name="Files">By ordinal order of their paths.</param>
public sealed record Checkpoint(long? Step, ImmutableArray<CheckpointFile> Files, ImmutableArray<CheckpointLink> Links)
{
    /// <summary>Bytes of all files.</summary>
    public long Size => Files.Sum(f => f.Size);

    /// <summary>Whether it is made of the same files and links, whatever step either is of.</summary>
    public bool HoldsSame(Checkpoint other) =>
        Links.SequenceEqual(other.Links)
        && Files.Length == other.Files.Length
        && Files.Zip(other.Files).All(p => p.First with { Chunks = [] } == p.Second with { Chunks = [] } && p.First.Chunks.SequenceEqual(p.Second.Chunks));
}

/// <param name="Path">Relative to the checkpoint folder, slash-separated.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Mode">Permission bits.</param>
/// <param name="Modified">mtime in nanoseconds since the epoch: frameworks take the newest file by it.</param>
/// <param name="Chunks">In the order of the file; none of an empty one.</param>
public sealed record CheckpointFile(string Path, long Size, int Mode, long Modified, ImmutableArray<Chunk> Chunks);

/// <summary>A symbolic link inside the folder, such as <c>last.ckpt</c>.</summary>
/// <param name="Target">As written in the link: relative, and inside the folder.</param>
public sealed record CheckpointLink(string Path, string Target);

/// <summary>A part of a file: in the store under <c>chunks/&lt;run&gt;/&lt;step&gt;/&lt;claim&gt;/&lt;sha256&gt;</c>.</summary>
/// <param name="Claim">Who wrote it; each owner writes under its own number, so that no late one can take from another.</param>
/// <param name="Sha256">Lower-case hex.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Crc32C">Castagnoli, of the bytes as they were read from the trainer's file.</param>
public sealed record Chunk(int Claim, string Sha256, int Size, uint Crc32C);
