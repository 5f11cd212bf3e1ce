using System.Globalization;
using System.Text.Json;

namespace Pawl.Supervision.Notices;

/// <summary>Reads the answers of metadata services: texts from outside, of which nothing is taken for granted.</summary>
internal static class MetadataJson
{
    /// <exception cref="MetadataException">It is not the object that was expected.</exception>
    public static T Read<T>(string path, string text, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 16 });
            return document.RootElement.ValueKind is JsonValueKind.Object
                ? read(document.RootElement)
                : throw new MetadataException($"{path}: the answer is no JSON object");
        }
        // Of a text that is not UTF-16, such as half a surrogate pair.
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            throw new MetadataException($"{path}: the answer cannot be read: {e.Message}");
        }
    }

    public static string Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String
            ? value.GetString()!
            : throw new JsonException($"'{name}' is no text");

    /// <summary>UTC where it does not say.</summary>
    public static DateTimeOffset Time(JsonElement json, string name) => TryTime(Text(json, name)) ?? throw new JsonException($"'{name}' is no time");

    /// <summary>As RFC 3339 or RFC 1123 writes it.</summary>
    public static DateTimeOffset? TryTime(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) ? time : null;

    /// <summary>A time as part of a notice's id.</summary>
    public static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
}
