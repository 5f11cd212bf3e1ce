using System.Collections.Immutable;
using System.Text.Json;

namespace Pawl.Conformance;

/// <summary>A run as <c>-o json</c> shows it: what the judgement needs of it.</summary>
internal sealed record Seen(string Name, string Phase, string Message, ImmutableArray<SeenNode> Nodes)
{
    public bool IsDone => Phase is "Succeeded" or "Failed" or "Error";

    /// <summary>Active suspend nodes, by display name.</summary>
    public IEnumerable<string> Gates => Nodes.Where(n => n is { Type: "Suspend", Phase: "Running" }).Select(n => n.DisplayName);

    /// <summary>Some step runs since at least that long.</summary>
    public bool Runs(TimeSpan since) => Nodes.Any(n => n is { Type: "Pod", Phase: "Running" } && DateTimeOffset.UtcNow - n.StartedAt >= since);

    public static Seen? Of(string json)
    {
        if (json.Length == 0) { return null; }
        using var document = JsonDocument.Parse(json);
        var status = document.RootElement.GetProperty("status");
        return new Seen(
            document.RootElement.GetProperty("metadata").GetProperty("name").GetString()!,
            Text(status, "phase"),
            Text(status, "message"),
            [.. status.GetProperty("nodes").EnumerateObject().Select(n => Node(n.Value))]);
    }

    private static SeenNode Node(JsonElement node)
    {
        var values = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (node.TryGetProperty("outputs", out var outputs))
        {
            if (outputs.TryGetProperty("result", out var result)) { values["result"] = result.GetString()!; }
            if (outputs.TryGetProperty("parameters", out var parameters))
            {
                foreach (var parameter in parameters.EnumerateArray()) { values[Text(parameter, "name")] = Text(parameter, "value"); }
            }
        }
        return new SeenNode(
            Text(node, "displayName"), Text(node, "type"), Text(node, "phase"), Text(node, "message"), values.ToImmutable(),
            node.TryGetProperty("startedAt", out var at) && at.ValueKind is JsonValueKind.String ? at.GetDateTimeOffset() : DateTimeOffset.MaxValue);
    }

    private static string Text(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString()! : "";
}

internal sealed record SeenNode(
    string DisplayName, string Type, string Phase, string Message, ImmutableDictionary<string, string> Outputs, DateTimeOffset StartedAt);
