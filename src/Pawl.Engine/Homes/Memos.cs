using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pawl.Core.Attempts;
using Pawl.Core.Workflows;
using Pawl.Storage.Artifacts;
using Pawl.Storage.Files;

namespace Pawl.Engine.Homes;

/// <summary>What <c>memoize</c> and the cache by content keep in a home: the outputs of a node under a key, one small file each. A later one takes the place of one before.</summary>
/// <remarks>Artifacts are kept beside, by their content: no deletion of a run takes them away from another that uses them.</remarks>
/// <param name="nonce">Gives a text that nobody else has, at each call.</param>
public sealed class Memos(IDisk disk, Home home, ArtifactStore artifacts, TimeProvider clock, Func<string> nonce)
{
    // Argo's caches hold a mebibyte in all.
    private const int MostBytes = 4 << 20;

    // In the store.
    private const string Kept = "memo/artifacts";

    /// <returns>No outputs where nothing is kept, it is too old, or an artifact of it is not what was kept.</returns>
    public async ValueTask<Recollection> FindAsync(MemoKey memo)
    {
        if (await SmallFile.ReadAsync(disk, File(memo), MostBytes) is not { } bytes || Read(bytes) is not { } entry) { return Recollection.Nothing; }
        if (entry.Key != memo.Key || (memo.MaxAge is { } most && clock.GetUtcNow() - entry.CreatedAt > most)) { return Recollection.Nothing; }
        foreach (var (name, artifact) in entry.Outputs.Artifacts)
        {
            if (await artifacts.VerifyAsync(artifact) is { } problem)
            {
                return new Recollection(null, $"what {entry.Node} made is not taken from the cache, and is made again: artifact {name}: {problem}");
            }
        }
        return new Recollection(entry.Outputs, memo.ByContent == true ? $"taken from the cache: {entry.Node} made it" : null);
    }

    /// <returns>Why it could not be kept; null where it is, and is durable.</returns>
    public async ValueTask<string?> KeepAsync(MemoKey memo, string run, NodeId node, NodeOutputs outputs)
    {
        try
        {
            foreach (var (name, artifact) in outputs.Artifacts)
            {
                outputs = outputs with { Artifacts = outputs.Artifacts.SetItem(name, await artifacts.KeepAsync(artifact, Kept)) };
            }
        }
        catch (IOException e) { return $"cache {memo.Cache}: {e.Message}"; }
        var json = JsonSerializer.SerializeToUtf8Bytes(new MemoEntry(memo.Key, run, node.Value, clock.GetUtcNow(), outputs), MemoJson.Default.MemoEntry);
        if (json.Length > MostBytes)
        {
            return string.Create(CultureInfo.InvariantCulture, $"cache {memo.Cache}: the outputs of {node} are {json.Length:N0} bytes, and at most {MostBytes:N0} are kept; hand large ones on as artifacts");
        }
        var file = File(memo);
        await disk.MakeFolderAsync(Path.GetDirectoryName(file)!);
        await SmallFile.ReplaceAsync(disk, file, json, nonce());
        return null;
    }

    // The folder of a name that somebody chose ends with digits in hex.
    private string File(MemoKey memo) => memo.ByContent == true
        ? $"{home.Memos}/content/{memo.Key}.json"
        : $"{home.Memos}/{Names.Folder(memo.Cache)}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(memo.Key)))}.json";

    // What cannot be read was never kept: the step is made again and takes its place.
    private static MemoEntry? Read(byte[] bytes)
    {
        try { return JsonSerializer.Deserialize(bytes, MemoJson.Default.MemoEntry); }
        catch (JsonException) { return null; }
    }
}

/// <param name="Outputs">Null where there are none that can be used.</param>
/// <param name="Message">Who made them, or why they cannot be used; null is nothing to say.</param>
public sealed record Recollection(NodeOutputs? Outputs, string? Message)
{
    public static Recollection Nothing { get; } = new(null, null);
}

/// <param name="Run">Uid of the run that made it.</param>
/// <param name="Node">Its node.</param>
internal sealed record MemoEntry(string Key, string Run, string Node, DateTimeOffset CreatedAt, NodeOutputs Outputs);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MemoEntry))]
internal sealed partial class MemoJson : JsonSerializerContext;
