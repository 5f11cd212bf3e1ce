using System.Globalization;
using System.Text.Json;
using Pawl.Storage.Files;

namespace Pawl.Simulation;

/// <summary>A step's chain as it lies on the disk this moment, read by the judge itself and not by the code it judges.</summary>
public sealed record ChainView(IReadOnlyList<EntryView> Entries)
{
    public EntryView? NewestClaim => Entries.LastOrDefault(e => e.Type == "Claimed");

    /// <summary>The newest completion that nothing superseded.</summary>
    public EntryView? Completed => Entries.LastOrDefault(e => e.Type is "Completed" or "Superseded") is { Type: "Completed" } done ? done : null;

    /// <summary>Checkpoints that were not given up, oldest first.</summary>
    public IEnumerable<EntryView> Checkpoints => CheckpointsSince(int.MaxValue);

    /// <summary>
    /// Checkpoints that were not given up before a claim, oldest first: its owner may have restored one, slept, and been overtaken by somebody
    /// who gave it up.
    /// </summary>
    public IEnumerable<EntryView> CheckpointsSince(int claim)
    {
        var pruned = Entries.Where(e => e.Number < claim).SelectMany(e => e.Pruned).ToHashSet();
        return Entries.Where(e => e.Checkpoint is not null && !pruned.Contains(e.Number));
    }

    /// <summary>The newest claim of an attempt.</summary>
    public EntryView? ClaimOf(string node, int attempt) =>
        Entries.LastOrDefault(e => e.Type == "Claimed" && e.Node == node && e.Attempt == attempt);

    public static ChainView Of(World world, string folder)
    {
        var entries = new List<EntryView>();
        foreach (var (name, kind) in world.Disk.List(folder))
        {
            if (kind is FileKind.File && name.EndsWith(".json", StringComparison.Ordinal)
                && EntryView.Parse(world.Disk.Find($"{folder}/{name}")!.Content) is { } entry)
            {
                entries.Add(entry);
            }
        }
        return new ChainView([.. entries.OrderBy(e => e.Number)]);
    }
}

/// <param name="Claim">Of Ended and Completed: the number of their writer's claim.</param>
/// <param name="Id">The output parameter in which a program says which start it was.</param>
public sealed record EntryView(
    string Type, int Number, int Claim, string Node, int Attempt, string Fingerprint, string? Id,
    IReadOnlyList<(string Name, string Key)> Artifacts, CheckpointView? Checkpoint, IReadOnlyList<int> Pruned)
{
    public int? StartId => Id is ['s', .. var number] ? int.Parse(number, CultureInfo.InvariantCulture) : null;

    /// <returns>Null where it is not whole.</returns>
    public static EntryView? Parse(ReadOnlySpan<byte> bytes)
    {
        using var json = Json.Parse(bytes);
        if (json is null) { return null; }
        var root = json.RootElement;
        var outputs = root.TryGetProperty("outputs", out var o) ? o : default;
        return new EntryView(
            Json.Text(root, "type") ?? "", Json.Number(root, "number"), Json.Number(root, "claim"), Json.Text(root, "node") ?? "", Json.Number(root, "attempt"),
            Json.Text(root, "fingerprint") ?? "",
            Json.Member(outputs, "parameters") is { } parameters ? Json.Text(parameters, "id") : null,
            Json.Member(outputs, "artifacts") is { } artifacts
                ? [.. artifacts.EnumerateObject().Select(a => (a.Name, Json.Text(a.Value, "key") ?? ""))] : [],
            Json.Member(root, "checkpoint") is { } checkpoint ? CheckpointView.Of(checkpoint) : null,
            [.. Json.All(root, "checkpoints").Select(n => n.GetInt32())]);
    }
}

/// <param name="Step">As the trainer said it; null where it did not.</param>
/// <param name="Files">The parts of each, as <c>claim/sha256</c>.</param>
public sealed record CheckpointView(long? Step, IReadOnlyList<(string Path, IReadOnlyList<string> Parts)> Files)
{
    public static CheckpointView Of(JsonElement json) => new(
        json.TryGetProperty("step", out var step) && step.ValueKind is JsonValueKind.Number ? step.GetInt64() : null,
        [.. Json.All(json, "files").Select(f => (Json.Text(f, "path") ?? "", Parts(f)))]);

    private static IReadOnlyList<string> Parts(JsonElement file) =>
        [.. Json.All(file, "chunks").Select(c => string.Create(CultureInfo.InvariantCulture, $"{Json.Number(c, "claim")}/{Json.Text(c, "sha256")}"))];
}

/// <summary>Reads JSON members that may be absent.</summary>
public static class Json
{
    /// <returns>Null where it is not a whole document.</returns>
    public static JsonDocument? Parse(ReadOnlySpan<byte> bytes)
    {
        try { return JsonDocument.Parse(bytes.ToArray()); }
        catch (JsonException) { return null; }
    }

    public static JsonElement? Member(JsonElement of, string name) =>
        of.ValueKind is JsonValueKind.Object && of.TryGetProperty(name, out var member) && member.ValueKind is JsonValueKind.Object ? member : null;

    public static IEnumerable<JsonElement> All(JsonElement of, string name) =>
        of.TryGetProperty(name, out var all) && all.ValueKind is JsonValueKind.Array ? all.EnumerateArray() : [];

    public static string? Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var text) && text.ValueKind is JsonValueKind.String ? text.GetString() : null;

    public static int Number(JsonElement of, string name) =>
        of.TryGetProperty(name, out var number) && number.ValueKind is JsonValueKind.Number ? number.GetInt32() : 0;
}
