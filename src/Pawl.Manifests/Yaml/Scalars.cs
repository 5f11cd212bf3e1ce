using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Pawl.Manifests.Yaml;

internal enum ScalarType
{
    Text,
    Null,
    Bool,
    Int,
    Float,
}

/// <summary>What YAML 1.1 makes of a scalar, as the YAML reader of Argo does (go-yaml v2), and its form in JSON.</summary>
internal static class Scalars
{
    private static readonly JsonWriterOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static ScalarType TypeOf(YamlNode node)
    {
        if (!node.IsPlain) { return ScalarType.Text; }
        if (IsNull(node.Text)) { return ScalarType.Null; }
        if (Truth(node.Text) is not null) { return ScalarType.Bool; }
        if (Integer(node.Text) is not null) { return ScalarType.Int; }
        return Number(node.Text) is not null ? ScalarType.Float : ScalarType.Text;
    }

    public static bool? Truth(string text) => text switch
    {
        "y" or "Y" or "yes" or "Yes" or "YES" or "true" or "True" or "TRUE" or "on" or "On" or "ON" => true,
        "n" or "N" or "no" or "No" or "NO" or "false" or "False" or "FALSE" or "off" or "Off" or "OFF" => false,
        _ => null,
    };

    /// <summary>Decimal, or octal, hexadecimal and binary by prefix; underscores are ignored. Within 64 bits.</summary>
    public static BigInteger? Integer(string text)
    {
        if (text.Length is 0 or > 80 || !(char.IsAsciiDigit(text[0]) || text[0] is '+' or '-')) { return null; }
        var digits = text.Replace("_", "", StringComparison.Ordinal);
        var negative = digits[0] == '-';
        if (digits[0] is '+' or '-') { digits = digits[1..]; }
        var (numberBase, from) = digits switch
        {
            ['0', 'x' or 'X', ..] => (16, 2),
            ['0', 'o' or 'O', ..] => (8, 2),
            ['0', 'b' or 'B', ..] => (2, 2),
            ['0', _, ..] => (8, 1),
            _ => (10, 0),
        };
        if (digits.Length == from) { return null; }
        var value = BigInteger.Zero;
        foreach (var c in digits.AsSpan(from))
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : 99;
            if (digit >= numberBase) { return null; }
            value = (value * numberBase) + digit;
        }
        value = negative ? -value : value;
        return value < long.MinValue || value > ulong.MaxValue ? null : value;
    }

    /// <summary>The value of a plain number with point or exponent.</summary>
    public static double? Number(string text)
    {
        if (text.Length is 0 or > 400 || !(char.IsAsciiDigit(text[0]) || text[0] is '+' or '-' or '.')) { return null; }
        foreach (var c in text) { if (!(char.IsAsciiDigit(c) || c is '+' or '-' or '.' or 'e' or 'E' or '_')) { return null; } }
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text.Replace("_", "", StringComparison.Ordinal), style, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value)
            ? value : null;
    }

    /// <summary>What Argo stores for an "any string" field: a text as it is, anything else in its JSON form.</summary>
    public static string AnyText(YamlNode node)
    {
        if (node.Kind is not YamlKind.Scalar) { return Json(node); }
        return TypeOf(node) switch
        {
            ScalarType.Null => "null",
            ScalarType.Bool => Truth(node.Text) is true ? "true" : "false",
            ScalarType.Int => Integer(node.Text)!.Value.ToString(CultureInfo.InvariantCulture),
            ScalarType.Float => FloatText(Number(node.Text)!.Value),
            _ => node.Text,
        };
    }

    /// <summary>Compact, keys sorted by their bytes, as Go writes a map.</summary>
    public static string Json(YamlNode node)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes, Compact)) { Write(writer, node); }
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    private static void Write(Utf8JsonWriter writer, YamlNode node)
    {
        switch (node.Kind)
        {
            case YamlKind.Sequence:
                writer.WriteStartArray();
                foreach (var item in node.Items) { Write(writer, item); }
                writer.WriteEndArray();
                break;
            case YamlKind.Mapping:
                writer.WriteStartObject();
                foreach (var (key, value) in node.Entries.OrderBy(e => AnyText(e.Key), StringComparer.Ordinal))
                {
                    writer.WritePropertyName(AnyText(key));
                    Write(writer, value);
                }
                writer.WriteEndObject();
                break;
            default:
                if (TypeOf(node) is ScalarType.Text) { writer.WriteStringValue(node.Text); }
                else { writer.WriteRawValue(AnyText(node), skipInputValidation: true); }
                break;
        }
    }

    private static bool IsNull(string text) => text is "" or "~" or "null" or "Null" or "NULL";

    // Go writes a float without exponent between 1e-6 and 1e21; decimal does so for as many digits as a double has.
    private static string FloatText(double value)
    {
        var shortest = value.ToString("R", CultureInfo.InvariantCulture);
        return Math.Abs(value) is >= 1e-6 and < 1e21 or 0
            ? decimal.Parse(shortest, NumberStyles.Float, CultureInfo.InvariantCulture).ToString("0.#############################", CultureInfo.InvariantCulture)
            : shortest.Replace("E", "e", StringComparison.Ordinal);
    }
}
