using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Pawl.Storage.Json;

/// <summary>An object of a document that pawl wrote. A field that is missing or of another kind is a <see cref="JsonException"/>.</summary>
/// <remarks>
/// Read by hand, since a supervisor starts for every attempt: a generated reader is some thousand methods over our own types, which the
/// ahead-of-time compiler cannot make and every process would compile anew. Fields that nobody asks for are left alone.
/// </remarks>
public sealed class JsonFields
{
    private readonly JsonElement _object;

    private JsonFields(JsonElement element) => _object = element.ValueKind is JsonValueKind.Object
        ? element
        : throw new JsonException($"an object was expected, not {element.ValueKind}");

    public static JsonFields Parse(ReadOnlySpan<byte> json) => Utf8.IsValid(json) ? new(JsonElement.Parse(json)) : throw new JsonException("it is not UTF-8");

    /// <summary>The number of the document's layout.</summary>
    public int Schema(int newest) => Number("schema") is var schema && schema >= 1 && schema <= newest
        ? schema
        : throw new JsonException($"it has schema {schema}; this pawl reads 1 to {newest}");

    /// <summary>For fields that an earlier pawl of the same schema did not write.</summary>
    public bool Has(string name) => TryFind(name, out _);

    public string Text(string name) => TextOf(Find(name, JsonValueKind.String));

    public string? TextOrNull(string name) => IsNull(name) ? null : Text(name);

    public int Number(string name) => Find(name, JsonValueKind.Number).TryGetInt32(out var number) ? number : throw Wrong(name);

    public int? NumberOrNull(string name) => IsNull(name) ? null : Number(name);

    public long Long(string name) => Find(name, JsonValueKind.Number).TryGetInt64(out var number) ? number : throw Wrong(name);

    public long? LongOrNull(string name) => IsNull(name) ? null : Long(name);

    public double Real(string name) => Find(name, JsonValueKind.Number).GetDouble();

    public double? RealOrNull(string name) => IsNull(name) ? null : Real(name);

    public bool Flag(string name) => Find(name) is { ValueKind: JsonValueKind.True or JsonValueKind.False } flag ? flag.GetBoolean() : throw Wrong(name);

    public DateTimeOffset Time(string name)
    {
        try { return Find(name, JsonValueKind.String).TryGetDateTimeOffset(out var time) ? time : throw Wrong(name); }
        catch (InvalidOperationException e) { throw HalfACharacter(e); }
    }

    public DateTimeOffset? TimeOrNull(string name) => IsNull(name) ? null : Time(name);

    public TimeSpan Span(string name) =>
        TimeSpan.TryParseExact(Text(name), "c", CultureInfo.InvariantCulture, out var span) ? span : throw Wrong(name);

    public TimeSpan? SpanOrNull(string name) => IsNull(name) ? null : Span(name);

    /// <returns>The place of the field's text among the names.</returns>
    public int Choice(string name, string[] among) =>
        Array.IndexOf(among, Text(name)) is >= 0 and var place ? place : throw new JsonException($"'{name}' is '{Text(name)}', which this pawl does not know");

    public int? ChoiceOrNull(string name, string[] among) => IsNull(name) ? null : Choice(name, among);

    public JsonFields Object(string name) => new(Find(name, JsonValueKind.Object));

    public JsonFields? ObjectOrNull(string name) => IsNull(name) ? null : Object(name);

    /// <summary>The names of this object's own fields.</summary>
    public List<string> Names()
    {
        var names = new List<string>();
        foreach (var field in _object.EnumerateObject())
        {
            try { names.Add(field.Name); }
            catch (InvalidOperationException e) { throw HalfACharacter(e); }
        }
        return names;
    }

    public ImmutableArray<string> Texts(string name)
    {
        var all = Find(name, JsonValueKind.Array);
        var texts = new string[all.GetArrayLength()];
        for (var i = 0; i < texts.Length; i++) { texts[i] = all[i] is { ValueKind: JsonValueKind.String } text ? TextOf(text) : throw Wrong(name); }
        return ImmutableCollectionsMarshal.AsImmutableArray(texts);
    }

    public ImmutableArray<int> Numbers(string name)
    {
        var all = Find(name, JsonValueKind.Array);
        var numbers = new int[all.GetArrayLength()];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (all[i].ValueKind is not JsonValueKind.Number || !all[i].TryGetInt32(out numbers[i])) { throw Wrong(name); }
        }
        return ImmutableCollectionsMarshal.AsImmutableArray(numbers);
    }

    public ImmutableArray<T> All<T>(string name, Func<JsonFields, T> read) where T : class
    {
        var all = Find(name, JsonValueKind.Array);
        var items = new T[all.GetArrayLength()];
        var i = 0;
        foreach (var item in all.EnumerateArray()) { items[i++] = read(new JsonFields(item)); }
        return ImmutableCollectionsMarshal.AsImmutableArray(items);
    }

    // An absent field is no null: what pawl wrote says so.
    private bool IsNull(string name) => Find(name).ValueKind is JsonValueKind.Null;

    private JsonElement Find(string name) => TryFind(name, out var value) ? value : throw new JsonException($"'{name}' is missing");

    private bool TryFind(string name, out JsonElement value)
    {
        try { return _object.TryGetProperty(name, out value); }
        catch (InvalidOperationException e) { throw HalfACharacter(e); }
    }

    private JsonElement Find(string name, JsonValueKind kind) => Find(name) is var value && value.ValueKind == kind ? value : throw Wrong(name);

    private static string TextOf(JsonElement text)
    {
        try { return text.GetString()!; }
        catch (InvalidOperationException e) { throw HalfACharacter(e); }
    }

    // Of a surrogate pair one escape is there.
    private static JsonException HalfACharacter(InvalidOperationException e) => new($"not a text: {e.Message}", e);

    private JsonException Wrong(string name) => new($"'{name}' cannot be {_object.GetProperty(name).GetRawText()}");
}
