using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;

namespace Pawl.Engine.Loop;

/// <summary>How events and requests are written: the journal's and the inbox's format.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    Converters = [typeof(NodeIdConverter)])]
[JsonSerializable(typeof(RunEvent))]
[JsonSerializable(typeof(Request))]
public sealed partial class EventJson : JsonSerializerContext
{
    public static ReadOnlyMemory<byte> Write(RunEvent e) => JsonSerializer.SerializeToUtf8Bytes(e, Default.RunEvent);

    /// <exception cref="JsonException">It is not an event that this program knows.</exception>
    public static RunEvent ReadEvent(ReadOnlyMemory<byte> json) =>
        Read(json, Default.RunEvent) ?? throw new JsonException("the event is null");

    public static ReadOnlyMemory<byte> Write(Request request) => JsonSerializer.SerializeToUtf8Bytes(request, Default.Request);

    /// <exception cref="JsonException">It is not a request that this program knows.</exception>
    public static Request ReadRequest(ReadOnlyMemory<byte> json) =>
        Read(json, Default.Request) ?? throw new JsonException("the request is null");

    // What is missing, or a value that its own type refuses, is reported in other ways.
    private static T? Read<T>(ReadOnlyMemory<byte> json, JsonTypeInfo<T> type)
    {
        try { return JsonSerializer.Deserialize(json.Span, type); }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException or ArgumentException or FormatException or OverflowException)
        {
            throw new JsonException(e.Message, e);
        }
    }
}

/// <summary>A node's id is its full name.</summary>
public sealed class NodeIdConverter : JsonConverter<NodeId>
{
    public override NodeId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetString() ?? throw new JsonException("a node id is null"));

    public override void Write(Utf8JsonWriter writer, NodeId value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
