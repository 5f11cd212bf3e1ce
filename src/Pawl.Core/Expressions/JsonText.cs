using System.Buffers;
using System.Globalization;
using System.Text;

namespace Pawl.Core.Expressions;

/// <summary>JSON as Go's <c>encoding/json</c> writes it, byte for byte: the text is what a step sees in <c>{{workflow.parameters}}</c>.</summary>
public static class JsonText
{
    private static readonly SearchValues<char> NotCompact = SearchValues.Create(" \t\r\n<>&\u2028\u2029");

    /// <summary>Argo's form of a list of parameters: <c>[{"name":"a","value":"1"}]</c>.</summary>
    public static string Parameters(IEnumerable<KeyValuePair<string, string>> parameters)
    {
        var text = new StringBuilder("[");
        foreach (var (name, value) in parameters)
        {
            if (text.Length > 1) { text.Append(','); }
            text.Append("{\"name\":");
            Append(text, name);
            text.Append(",\"value\":");
            Append(text, value);
            text.Append('}');
        }
        return text.Append(']').ToString();
    }

    /// <summary>An object with its keys in ordinal order, as Go writes a map: labels and annotations.</summary>
    public static string Compact(IEnumerable<KeyValuePair<string, string>> map)
    {
        var text = new StringBuilder("{");
        foreach (var (key, value) in map.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (text.Length > 1) { text.Append(','); }
            Append(text, key);
            text.Append(':');
            Append(text, value);
        }
        return text.Append('}').ToString();
    }

    /// <summary>One string in quotes.</summary>
    public static string Quote(string value)
    {
        var text = new StringBuilder(value.Length + 2);
        Append(text, value);
        return text.ToString();
    }

    /// <summary>JSON without white space between its parts, the rest as written except what Go escapes for the sake of HTML.</summary>
    /// <param name="json">Well-formed.</param>
    public static string Compacted(string json)
    {
        if (json.AsSpan().IndexOfAny(NotCompact) < 0) { return json; }
        var text = new StringBuilder(json.Length);
        var isInString = false;
        for (var i = 0; i < json.Length; i++)
        {
            var c = json[i];
            if (!isInString && c is (' ' or '\t' or '\r' or '\n')) { continue; }
            if (c is '<' or '>' or '&' or '\u2028' or '\u2029') { text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"); }
            else { text.Append(c); }
            if (c == '"') { isInString = !isInString; }
            else if (c == '\\' && isInString) { text.Append(json[++i]); }
        }
        return text.ToString();
    }

    private static void Append(StringBuilder text, string value)
    {
        text.Append('"');
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            switch (c)
            {
                case '"': text.Append("\\\""); break;
                case '\\': text.Append("\\\\"); break;
                case '\b': text.Append("\\b"); break;
                case '\f': text.Append("\\f"); break;
                case '\n': text.Append("\\n"); break;
                case '\r': text.Append("\\r"); break;
                case '\t': text.Append("\\t"); break;
                // Go escapes these so that the text can stand in HTML and JavaScript.
                case < ' ' or '<' or '>' or '&' or '\u2028' or '\u2029':
                    text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                    break;
                case var _ when char.IsHighSurrogate(c) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1]):
                    text.Append(c).Append(value[++i]);
                    break;
                case var _ when char.IsSurrogate(c): text.Append("\\ufffd"); break;
                default: text.Append(c); break;
            }
        }
        text.Append('"');
    }
}
