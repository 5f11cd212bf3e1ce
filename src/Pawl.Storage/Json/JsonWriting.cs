using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Pawl.Storage.Json;

/// <summary>The fields that <see cref="JsonFields"/> reads, written.</summary>
public static class JsonWriting
{
    /// <param name="indented">For files that people look into.</param>
    public static byte[] Object(bool indented, Action<Utf8JsonWriter> fields)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes, new JsonWriterOptions { Indented = indented }))
        {
            json.WriteStartObject();
            fields(json);
            json.WriteEndObject();
        }
        return bytes.WrittenSpan.ToArray();
    }

    public static void Write(this Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } value) { json.WriteNumber(name, value); } else { json.WriteNull(name); }
    }

    public static void Write(this Utf8JsonWriter json, string name, double? number)
    {
        if (number is { } value) { json.WriteNumber(name, value); } else { json.WriteNull(name); }
    }

    public static void Write(this Utf8JsonWriter json, string name, TimeSpan? span) =>
        json.WriteString(name, span?.ToString("c", CultureInfo.InvariantCulture));

    public static void Write(this Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } value) { json.WriteString(name, value); } else { json.WriteNull(name); }
    }

    public static void Write(this Utf8JsonWriter json, string name, ImmutableArray<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts) { json.WriteStringValue(text); }
        json.WriteEndArray();
    }

    public static void Write(this Utf8JsonWriter json, string name, ImmutableArray<int> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers) { json.WriteNumberValue(number); }
        json.WriteEndArray();
    }

    public static void Write<T>(this Utf8JsonWriter json, string name, ImmutableArray<T> items, Action<Utf8JsonWriter, T> fields) where T : class
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            fields(json, item);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Null where the item is.</summary>
    public static void Write<T>(this Utf8JsonWriter json, string name, T? item, Action<Utf8JsonWriter, T> fields) where T : class
    {
        if (item is null)
        {
            json.WriteNull(name);
            return;
        }
        json.WriteStartObject(name);
        fields(json, item);
        json.WriteEndObject();
    }
}
