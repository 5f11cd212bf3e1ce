using System.Text.Json;
using Pawl.Core.Checkpoints;
using Pawl.Storage.Chains;

namespace Pawl.Storage.Checkpoints;

/// <summary>How big the chunks of a checkpoint must be for its chain entry to hold all their names.</summary>
internal static class EntrySize
{
    // The longest a chunk, a file without its path, and the rest of an entry can be, as EntryJson writes them.
    private const int PerChunk = 136;
    private const int PerFile = 120;
    private const int PerLink = 40;
    private const int Rest = 4096;

    /// <param name="wanted">Bytes.</param>
    /// <returns>That, or the largest there is where only it will do.</returns>
    /// <exception cref="IOException">The checkpoint is too much for an entry.</exception>
    internal static int ChunkSize(FolderContent content, int wanted)
    {
        var names = content.Files.Sum(f => PerFile + Length(f.Path)) + content.Links.Sum(l => PerLink + Length(l.Path) + Length(l.Target));
        foreach (var size in (int[])[wanted, CheckpointRules.LargestChunk])
        {
            var chunks = content.Files.Sum(f => (f.Facts.Size + size - 1) / size);
            if (Rest + names + chunks * PerChunk <= EntryFile.Limit) { return size; }
        }
        throw new IOException(
            $"a checkpoint of {content.Files.Length} files and {content.Files.Sum(f => f.Facts.Size)} bytes is more than one entry of a chain "
            + $"can name ({EntryFile.Limit} bytes); not saved, write fewer files or keep fewer old checkpoints in the folder");
    }

    private static long Length(string text) => JsonEncodedText.Encode(text).EncodedUtf8Bytes.Length;
}
