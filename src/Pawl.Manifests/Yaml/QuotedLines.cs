using System.Text;
using YamlDotNet.Core;

namespace Pawl.Manifests.Yaml;

/// <summary>Mends what the parser refuses and Argo's own reader takes: lines of a double-quoted text that stand too far left.</summary>
internal static class QuotedLines
{
    private const string Refusal = "multi-line double-quoted scalar, found wrong indentation";

    /// <summary>The same text with these lines moved right, which changes nothing: white space at their start is not part of the value.</summary>
    /// <returns>Null when the parser complained of something else.</returns>
    public static string? Indent(string text, YamlException refused)
    {
        var start = (int)Math.Clamp(refused.Start.Index, 0, text.Length);
        if (!refused.Message.Contains(Refusal, StringComparison.Ordinal) || start >= text.Length || text[start] != '"') { return null; }
        var close = Close(text, start + 1);
        var column = start - (text.AsSpan(0, start).LastIndexOf('\n') + 1);
        if (close < 0) { return null; }
        var mended = new StringBuilder(text, 0, start, text.Length + 1024);
        var changed = false;
        for (var from = start; from <= close;)
        {
            var end = text.IndexOf('\n', from, close - from + 1);
            var next = end < 0 ? close + 1 : end + 1;
            var line = text.AsSpan(from, next - from);
            var indent = line.Length - line.TrimStart(' ').Length;
            if (from > start && indent <= column && !line.IsWhiteSpace())
            {
                mended.Append(' ', column + 1 - indent);
                changed = true;
            }
            mended.Append(line);
            from = next;
        }
        return changed ? mended.Append(text, close + 1, text.Length - close - 1).ToString() : null;
    }

    private static int Close(string text, int from)
    {
        for (var i = from; i < text.Length; i++)
        {
            if (text[i] == '"') { return i; }
            if (text[i] == '\\') { i++; }
        }
        return -1;
    }
}
