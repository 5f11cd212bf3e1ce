using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>The fields of one map, each known by its table. Whatever is not read is reported on construction.</summary>
internal sealed class Fields
{
    private readonly FieldTable _table;
    private readonly Problems _problems;
    private readonly Dictionary<string, YamlEntry> _entries = new(StringComparer.Ordinal);

    private Fields(YamlNode node, FieldTable table, Problems problems)
    {
        Node = node;
        _table = table;
        _problems = problems;
        foreach (var entry in node.Entries)
        {
            var name = problems.Options.Strict ? entry.Key.Text : AnyCase(entry.Key.Text);
            var treatment = table[name];
            if (treatment is null && !problems.IsSettled)
            {
                problems.ErrorIfStrict(
                    entry.Key, $"unknown field {name.Quoted()} in {table.Place}{Hint(name)}",
                    $"unknown field {name.Quoted()} in {table.Place} counts for nothing{Wording.DidYouMean(name, table.Names)}");
            }
            if (treatment is null || entry.Value.IsNull) { continue; }
            _entries[name] = entry;
            Report(entry, treatment.Value);
        }
    }

    public YamlNode Node { get; }

    public FieldTable Table => _table;

    /// <summary>Null when there is no such map, or when something else stands in its place, which is reported.</summary>
    public static Fields? Of(YamlNode? node, FieldTable table, Problems problems)
    {
        if (node is null || node.IsNull) { return null; }
        if (node.Kind is YamlKind.Mapping) { return new Fields(node, table, problems); }
        problems.Error(node, $"{table.Place} is {node.Name}; write a map of fields");
        return null;
    }

    public YamlNode? Value(string field) => _entries.TryGetValue(field, out var entry) ? entry.Value : null;

    public YamlNode? Key(string field) => _entries.TryGetValue(field, out var entry) ? entry.Key : null;

    public bool Has(string field) => _entries.ContainsKey(field);

    public Fields? Map(string field, FieldTable table) => Of(Value(field), table, _problems);

    /// <summary>A text. Numbers and truth values are refused, as Argo does.</summary>
    public string? Text(string field) => Value(field) is { } value ? Text(value, field) : null;

    /// <summary>Argo's "any string": anything, in its text form.</summary>
    public string? AnyText(string field)
    {
        if (Value(field) is not { } value) { return null; }
        var text = Scalars.AnyText(value);
        if (value.Kind is YamlKind.Scalar && text != value.Text)
        {
            _problems.Notice(value, $"{field} {value.Text} without quotes is {text} in YAML 1.1; write \"{value.Text}\" if the text is meant");
        }
        return text;
    }

    public long? Whole(string field)
    {
        if (Value(field) is not { } value) { return null; }
        if (value.Kind is YamlKind.Scalar && Scalars.TypeOf(value) is ScalarType.Int && Integer(value.Text) is { } number) { return number; }
        _problems.Error(value, $"{field} is {Shown(value)}; write a whole number without quotes");
        return null;
    }

    /// <summary>Argo's "int or string": a whole number with or without quotes, or a text with a tag.</summary>
    public string? WholeOrTag(string field)
    {
        if (Value(field) is not { } value) { return null; }
        if (value.Kind is YamlKind.Scalar)
        {
            if (Scalars.TypeOf(value) is ScalarType.Int) { return Scalars.AnyText(value); }
            if (Scalars.TypeOf(value) is ScalarType.Text
                && (Checks.Tags.AnyIn(value.Text) || long.TryParse(value.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _)))
            {
                return value.Text;
            }
        }
        _problems.Error(value, $"{field} is {Shown(value)}; write a whole number or a tag such as \"{{{{inputs.parameters.n}}}}\"");
        return null;
    }

    public bool? Flag(string field)
    {
        if (Value(field) is not { } value) { return null; }
        if (value.Kind is YamlKind.Scalar && Scalars.TypeOf(value) is ScalarType.Bool) { return Scalars.Truth(value.Text); }
        _problems.Error(value, $"{field} is {Shown(value)}; write true or false without quotes");
        return null;
    }

    public ImmutableArray<YamlNode> List(string field)
    {
        if (Value(field) is not { } value) { return []; }
        if (value.Kind is YamlKind.Sequence) { return value.Items; }
        _problems.Error(value, $"{field} is {value.Name}; write a list");
        return [];
    }

    public ImmutableArray<string> Texts(string field) =>
        [.. List(field).Select(item => Text(item, $"an entry of {field}")).OfType<string>()];

    /// <summary>A map of texts to texts, such as labels.</summary>
    public ImmutableSortedDictionary<string, string> TextMap(string field)
    {
        var map = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (Value(field) is not { } value) { return map.ToImmutable(); }
        if (value.Kind is not YamlKind.Mapping)
        {
            _problems.Error(value, $"{field} is {value.Name}; write a map of texts");
            return map.ToImmutable();
        }
        foreach (var entry in value.Entries)
        {
            if (entry.Value.IsNull) { map[entry.Key.Text] = ""; }
            else if (Text(entry.Value, $"{field}.{entry.Key.Text}") is { } text) { map[entry.Key.Text] = text; }
        }
        return map.ToImmutable();
    }

    private string AnyCase(string name) =>
        _table[name] is null ? _table.Names.FirstOrDefault(n => n.Equals(name, StringComparison.OrdinalIgnoreCase), name) : name;

    private string? Text(YamlNode value, string what)
    {
        if (value.Kind is YamlKind.Scalar && Scalars.TypeOf(value) is ScalarType.Text) { return value.Text; }
        if (!_problems.Options.Strict && value is { Kind: YamlKind.Scalar, IsNull: false })
        {
            _problems.Notice(value, $"{what} is {Shown(value)}, read as text");
            return Scalars.AnyText(value);
        }
        var instead = value.Kind is YamlKind.Scalar ? $"write \"{(value.IsNull ? "" : value.Text)}\" in quotes" : "write a text";
        _problems.Error(value, $"{what} is {Shown(value)}; {instead}");
        return null;
    }

    private static string Shown(YamlNode value) => value.Kind is YamlKind.Scalar && value.Text.Length > 0
        ? Scalars.TypeOf(value) is ScalarType.Text ? value.Text.Quoted() : $"{value.Name} ({value.Text})"
        : value.Name;

    private static long? Integer(string text) =>
        Scalars.Integer(text) is { } number && number >= new BigInteger(long.MinValue) && number <= new BigInteger(long.MaxValue) ? (long)number : null;

    private string Hint(string name)
    {
        var near = Wording.DidYouMean(name, _table.Names);
        return near.Length > 0 ? near : "; Argo has no such field here: remove it";
    }

    private void Report(YamlEntry entry, Treatment treatment)
    {
        if (treatment is Treatment.Read) { return; }
        _problems.MakeOpaque(entry.Value);
        // `daemon: false` asks for nothing.
        if (entry.Value.Kind is YamlKind.Scalar && Scalars.TypeOf(entry.Value) is ScalarType.Bool && Scalars.Truth(entry.Value.Text) is false) { return; }
        if (treatment is Treatment.NoEffect) { _problems.NoEffect(entry.Key); }
        else { _problems.Unsupported(entry.Key, $"{entry.Key.Text} in {_table.Place} is not supported yet; {_table.Instead(entry.Key.Text)}"); }
    }
}
