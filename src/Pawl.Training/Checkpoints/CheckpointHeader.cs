using System.Text.Json;

namespace Pawl.Training.Checkpoints;

/// <summary>Whose checkpoint a file is.</summary>
/// <param name="Run">Empty outside pawl.</param>
/// <param name="Node">For people: a retry of the step has another one.</param>
/// <param name="Fingerprint">Over what decides the step's outputs; empty outside pawl unless the trainer gives one.</param>
/// <param name="Step">The last step done.</param>
/// <param name="PayloadBytes">Of the state alone.</param>
internal sealed record CheckpointHeader(string Run, string Node, string Fingerprint, long Step, long PayloadBytes)
{
    public byte[] ToJson()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("run", Run);
            json.WriteString("node", Node);
            json.WriteString("fingerprint", Fingerprint);
            json.WriteNumber("step", Step);
            json.WriteNumber("payloadBytes", PayloadBytes);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    /// <exception cref="InvalidDataException">It is not a header.</exception>
    public static CheckpointHeader Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            string Text(string name) => root.GetProperty(name).GetString() ?? "";
            return new(Text("run"), Text("node"), Text("fingerprint"), root.GetProperty("step").GetInt64(), root.GetProperty("payloadBytes").GetInt64());
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"its header cannot be read: {e.Message}", e);
        }
    }
}
