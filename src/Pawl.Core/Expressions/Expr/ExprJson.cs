using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Pawl.Core.Expressions.Expr;

/// <summary>Values from JSON and to it, as Go's <c>encoding/json</c> has them: numbers are floats, keys are in order.</summary>
internal static class ExprJson
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = ExprValues.DeepestValue };

    /// <exception cref="ExpressionException">It is no JSON.</exception>
    public static object? Parse(string text, Fuel fuel, int column)
    {
        fuel.Make(column, text.Length);
        try
        {
            using var document = JsonDocument.Parse(text, Options);
            return Value(document.RootElement, fuel, column);
        }
        catch (JsonException e)
        {
            throw new ExpressionException($"the text is no JSON: {e.Message}", column);
        }
        catch (ArgumentException)
        {
            // A surrogate that stands alone cannot even be handed to the reader.
            throw new ExpressionException("the text is no JSON: it is no valid Unicode", column);
        }
    }

    private static object? Value(JsonElement element, Fuel fuel, int column)
    {
        fuel.Spend(column);
        switch (element.ValueKind)
        {
            case JsonValueKind.Null: return null;
            case JsonValueKind.True: return true;
            case JsonValueKind.False: return false;
            case JsonValueKind.Number:
                return element.TryGetDouble(out var number) && double.IsFinite(number) ? number
                    : throw new ExpressionException($"the number {element.GetRawText()[..Math.Min(40, element.GetRawText().Length)]} is too large", column);
            case JsonValueKind.String:
                return Text(element, column);
            case JsonValueKind.Array:
                var list = new List<object?>(element.GetArrayLength());
                foreach (var item in element.EnumerateArray()) { list.Add(Value(item, fuel, column)); }
                return list;
            default:
                var map = new ExprMap();
                foreach (var property in element.EnumerateObject()) { map[Name(property, column)] = Value(property.Value, fuel, column); }
                return map;
        }
    }

    // The reader lets the escape of a lone surrogate through and fails when it is to be a string.
    private static string Text(JsonElement element, int column)
    {
        try { return element.GetString()!; }
        catch (InvalidOperationException) { throw new ExpressionException("a text in the JSON is no valid Unicode", column); }
    }

    private static string Name(JsonProperty property, int column)
    {
        try { return property.Name; }
        catch (InvalidOperationException) { throw new ExpressionException("a key in the JSON is no valid Unicode", column); }
    }

    /// <param name="indent">Two spaces a level, as <c>toJSON</c> writes; otherwise on one line.</param>
    /// <param name="isRaw">Without Go's escapes of <c>&lt; &gt; &amp;</c>.</param>
    public static string Text(object? value, Fuel fuel, int column, bool indent = false, bool isRaw = false)
    {
        var output = new FuelText(fuel, column);
        Append(output, value, fuel, column, indent, isRaw, 0);
        return output.ToString();
    }

    private static void Append(FuelText output, object? value, Fuel fuel, int column, bool indent, bool isRaw, int depth)
    {
        if (depth > ExprValues.DeepestValue) { throw ExprValues.TooDeep(column); }
        switch (value)
        {
            case null: output.Append("null"); break;
            case bool b: output.Append(b ? "true" : "false"); break;
            case long n: output.Append(n.ToString(CultureInfo.InvariantCulture)); break;
            case double d when double.IsFinite(d): output.Append(GoNumber.Json(d)); break;
            case double d: throw new ExpressionException($"JSON has no number {GoNumber.General(d)}", column);
            case string s:
                fuel.Make(column, s.Length);
                output.Append(isRaw ? Raw(s) : JsonText.Quote(s));
                break;
            case DateTimeOffset t: output.Append(JsonText.Quote(GoTime.Format(t, GoTime.Rfc3339Nano))); break;
            // A duration is a number of nanoseconds to Go.
            case TimeSpan t: output.Append(((Int128)t.Ticks * 100).ToString(CultureInfo.InvariantCulture)); break;
            case ExprZone: output.Append("{}"); break;
            case ExprBranch branch: Append(output, branch.ToMap(), fuel, column, indent, isRaw, depth); break;
            case List<object?> list:
                Row(output, '[', ']', list.Count, indent, depth, i => Append(output, list[i], fuel, column, indent, isRaw, depth + 1));
                break;
            case ExprMap map:
                using (var entries = ((IEnumerable<KeyValuePair<string, object?>>)map).GetEnumerator())
                {
                    Row(output, '{', '}', map.Count, indent, depth, _ =>
                    {
                        entries.MoveNext();
                        output.Append(isRaw ? Raw(entries.Current.Key) : JsonText.Quote(entries.Current.Key));
                        output.Append(indent ? ": " : ":");
                        Append(output, entries.Current.Value, fuel, column, indent, isRaw, depth + 1);
                    });
                }
                break;
            default: throw new ExpressionException($"a {ExprValues.TypeOf(value)} has no form in JSON", column);
        }
    }

    private static void Row(FuelText output, char open, char close, int count, bool indent, int depth, Action<int> item)
    {
        output.Append(open);
        for (var i = 0; i < count; i++)
        {
            if (i > 0) { output.Append(','); }
            if (indent) { Line(output, depth + 1); }
            item(i);
        }
        if (indent && count > 0) { Line(output, depth); }
        output.Append(close);
    }

    private static void Line(FuelText output, int depth)
    {
        output.Append('\n');
        for (var i = 0; i < depth; i++) { output.Append("  "); }
    }

    private static string Raw(string text)
    {
        var quoted = new StringBuilder(JsonText.Quote(text));
        return quoted.Replace("\\u003c", "<").Replace("\\u003e", ">").Replace("\\u0026", "&").ToString();
    }
}
