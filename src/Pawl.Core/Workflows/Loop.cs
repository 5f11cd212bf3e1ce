using System.Collections.Immutable;
using System.Text.Json;
using Pawl.Core.Expressions;

namespace Pawl.Core.Workflows;

/// <summary>A call that is made once for each of several values.</summary>
public abstract record Loop
{
    private Loop() { }

    /// <summary>Argo's <c>withItems</c>, at least one; they may hold tags.</summary>
    public sealed record Items(ImmutableArray<Item> List) : Loop;

    /// <summary>Argo's <c>withParam</c>: with its tags replaced a JSON list.</summary>
    public sealed record Param(string Text) : Loop;

    /// <summary>Argo's <c>withSequence</c>. Each may hold tags; one of end and count is set.</summary>
    /// <param name="Start">Null is 0.</param>
    /// <param name="Format">A printf format of Go for one whole number; null is <c>%d</c>.</param>
    public sealed record Sequence(string? Start, string? End, string? Count, string? Format) : Loop;
}

/// <summary>One item of a loop.</summary>
/// <param name="Text">What <c>{{item}}</c> gives: a scalar as text, a map or list as compact JSON.</param>
/// <param name="Fields">What <c>{{item.key}}</c> gives, for a map; else empty.</param>
/// <param name="Label">What stands in the node's name after the index: Argo's rule, parentheses removed.</param>
public sealed record Item(string Text, ImmutableSortedDictionary<string, string> Fields, string Label)
{
    private static readonly ImmutableSortedDictionary<string, string> NoFields = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>A scalar, or a list as JSON.</summary>
    public static Item Plain(string text) => new(text, NoFields, Labelled(text));

    /// <param name="json">The whole map, compact, keys sorted.</param>
    public static Item Map(string json, ImmutableSortedDictionary<string, string> fields) =>
        new(json, fields, Labelled(string.Join(',', fields.Select(f => $"{f.Key}:{f.Value}").Order(StringComparer.Ordinal))));

    /// <summary>An element of a JSON list: numbers keep their digits, what is inside a map or list the order of its keys (Argo).</summary>
    /// <exception cref="InvalidOperationException">A text in it holds half a surrogate pair.</exception>
    public static Item Of(JsonElement json)
    {
        if (json.ValueKind is not JsonValueKind.Object) { return Plain(Plainly(json)); }
        var fields = NoFields.ToBuilder();
        var whole = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var field in json.EnumerateObject())
        {
            fields[field.Name] = Plainly(field.Value);
            whole[field.Name] = JsonText.Compacted(field.Value.GetRawText());
        }
        return Map($"{{{string.Join(',', whole.Select(f => $"{JsonText.Quote(f.Key)}:{f.Value}"))}}}", fields.ToImmutable());
    }

    private static string Plainly(JsonElement json) =>
        json.ValueKind is JsonValueKind.String ? json.GetString()! : JsonText.Compacted(json.GetRawText());

    private static string Labelled(string text) =>
        text.Replace("(", "", StringComparison.Ordinal).Replace(")", "", StringComparison.Ordinal);
}
