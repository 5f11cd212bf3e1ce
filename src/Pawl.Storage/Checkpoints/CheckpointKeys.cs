using System.Globalization;
using Pawl.Core.Checkpoints;
using Pawl.Core.Workflows;

namespace Pawl.Storage.Checkpoints;

/// <summary>Where the checkpoints of one step are in the store.</summary>
internal sealed class CheckpointKeys(string runId, string step)
{
    /// <summary>All that the checkpoints of a run are in, of whatever step.</summary>
    internal static string[] Of(string runId) => [$"chunks/{runId}/", $"pins/{runId}/", $"quarantine/{runId}/"];

    private readonly string _place = $"{runId}/{Names.Folder(step)}";

    internal string Chunks => $"chunks/{_place}/";

    internal string Pins => $"pins/{_place}/";

    internal string Of(Chunk chunk) => Of(chunk.Claim, chunk.Sha256);

    internal string Of(int claim, string sha256) => string.Create(CultureInfo.InvariantCulture, $"{Chunks}{claim}/{sha256}");

    internal string Pin(int entry) => string.Create(CultureInfo.InvariantCulture, $"{Pins}{entry}");

    internal string Quarantine(string sha256, string nonce) => $"quarantine/{_place}/{sha256}-{nonce}";

    /// <returns>Null of a key that is not a chunk's.</returns>
    internal (int Claim, string Sha256)? ChunkOf(string key) =>
        key[Chunks.Length..].Split('/') is [var claim, var sha256] && Number(claim) is { } number ? (number, sha256) : null;

    internal int? PinOf(string key) => Number(key[Pins.Length..]);

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
