using System.Text.Json;

namespace Pawl.Supervision.Checkpoints.Formats;

/// <summary>A document in JSON. An object or a list ends with its bracket, so that what was cut is never taken for all of it.</summary>
/// <remarks>
/// Python writes <c>NaN</c> and <c>Infinity</c> though JSON has no such words, people write comments, and logs are several documents in a file:
/// what a strict reader dislikes is not missing by that.
/// </remarks>
internal static class JsonFormat
{
    // A bigger document is not read to the end of it each time it changes.
    private const int MostBytes = 16 << 20;

    public static Ending End(FileBytes file)
    {
        if (file.Size > MostBytes) { return Ending.Unknown; }
        var bytes = new byte[file.Size];
        if (!file.TryRead(0, bytes)) { return Ending.Missing; }
        var text = bytes.AsSpan();
        if (text.StartsWith("\uFEFF"u8)) { text = text[3..]; }
        var isCut = EndsWithin(text);
        try
        {
            var json = new Utf8JsonReader(text, new JsonReaderOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip, MaxDepth = MostBytes });
            // A number or word that was cut may still be one.
            var hasEnd = json.Read() && json.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray;
            while (json.Read()) { }
            return hasEnd ? Ending.Whole : Ending.Unknown;
        }
        catch (JsonException) { return isCut ? Ending.Missing : Ending.Unknown; }
    }

    /// <summary>Whether it is empty, or its end is inside brackets or a string; Python's numbers become JSON's on the way.</summary>
    private static bool EndsWithin(Span<byte> text)
    {
        var (depth, isText, isEmpty) = (0, false, true);
        for (var at = 0; at < text.Length; at++)
        {
            // Where room was reserved before anything was written there are zeros.
            isEmpty &= text[at] <= (byte)' ';
            switch (text[at])
            {
                case (byte)'"':
                    isText = !isText;
                    break;
                case (byte)'\\' when isText:
                    at++;
                    break;
                case (byte)'{' or (byte)'[' when !isText:
                    depth++;
                    break;
                case (byte)'}' or (byte)']' when !isText:
                    depth = Math.Max(0, depth - 1);
                    break;
                case (byte)'N' when !isText && text[at..].StartsWith("NaN"u8):
                    "0  "u8.CopyTo(text[at..]);
                    break;
                case (byte)'I' when !isText && text[at..].StartsWith("Infinity"u8):
                    "0       "u8.CopyTo(text[at..]);
                    break;
                default:
                    break;
            }
        }
        return isEmpty || isText || depth > 0;
    }
}
