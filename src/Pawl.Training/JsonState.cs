using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Pawl.Training;

/// <summary>A state that is kept as JSON by a source-generated serializer: for small ones, and for those that are values.</summary>
internal sealed class JsonState<T>(T value, JsonTypeInfo<T> json) : ITrainingState
{
    private const string Name = "json";

    public T Value { get; set; } = value;

    public void Write(StateWriter to) => to.Write<byte>(Name, JsonSerializer.SerializeToUtf8Bytes(Value, json));

    public void Read(StateReader from) =>
        Value = JsonSerializer.Deserialize(from.ReadArray<byte>(Name), json) ?? throw new InvalidDataException($"the checkpoint holds no {typeof(T).Name}");
}
