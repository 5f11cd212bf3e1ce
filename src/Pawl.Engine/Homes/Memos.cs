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

/// <summary>What <c>memoize</c> keeps in a home: the outputs of a node under a key, one small file each. A later one takes the place of one before.</summary>
/// <param name="nonce">Gives a text that nobody else has, at each call.</param>
public sealed class Memos(IDisk disk, Home home, ArtifactStore artifacts, TimeProvider clock, Func<string> nonce)
{
    // Argo's caches hold a mebibyte in all.
    private const int MostBytes = 4 << 20;

    /// <returns>Null where nothing is kept, it is too old, or an artifact of it is not what was kept.</returns>
    public async ValueTask<NodeOutputs?> FindAsync(MemoKey memo)
    {
        if (await SmallFile.ReadAsync(disk, File(memo), MostBytes) is not { } bytes || Read(bytes) is not { } entry) { return null; }
        if (entry.Key != memo.Key || (memo.MaxAge is { } most && clock.GetUtcNow() - entry.CreatedAt > most)) { return null; }
        foreach (var artifact in entry.Outputs.Artifacts.Values)
        {
            // The run that made it may have been deleted.
            if (await artifacts.VerifyAsync(artifact) is not null) { return null; }
        }
        return entry.Outputs;
    }

    /// <returns>Why it could not be kept; null where it is, and is durable.</returns>
    public async ValueTask<string?> KeepAsync(MemoKey memo, string run, NodeId node, NodeOutputs outputs)
    {
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

    private string File(MemoKey memo) =>
        $"{home.Memos}/{Names.Folder(memo.Cache)}/{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(memo.Key)))}.json";

    // What cannot be read was never kept: the step is made again and takes its place.
    private static MemoEntry? Read(byte[] bytes)
    {
        try { return JsonSerializer.Deserialize(bytes, MemoJson.Default.MemoEntry); }
        catch (JsonException) { return null; }
    }
}

/// <param name="Run">Uid of the run that made it.</param>
/// <param name="Node">Its node.</param>
internal sealed record MemoEntry(string Key, string Run, string Node, DateTimeOffset CreatedAt, NodeOutputs Outputs);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(MemoEntry))]
internal sealed partial class MemoJson : JsonSerializerContext;
