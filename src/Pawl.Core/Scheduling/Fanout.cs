using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Pawl.Core.Expressions;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>What one call came to when its group began, in the event, so that nothing is evaluated again.</summary>
/// <param name="Call">Name of the step or task.</param>
/// <param name="Items">Of a loop over items; none is an empty loop, of which one skipped node is made.</param>
/// <param name="Range">Of a loop over numbers: four values however many there are.</param>
public sealed record Fanout(string Call, ImmutableArray<Item>? Items = null, SequenceRange? Range = null)
{
    /// <summary>It is a loop, and over nothing.</summary>
    [JsonIgnore]
    public bool IsEmpty => Items is { IsEmpty: true };

    /// <summary>How many nodes it makes.</summary>
    [JsonIgnore]
    public int Count => Range?.Count ?? (Items is { IsEmpty: false } items ? items.Length : 1);

    /// <param name="index">From 0, below <see cref="Count"/>.</param>
    public Start StartAt(int index) => (Items, Range) switch
    {
        (_, { } range) => new Start(Call, index, range.ItemAt(index)),
        ({ IsEmpty: false } items, _) => new Start(Call, index, items[index]),
        _ => new Start(Call, -1, null),
    };

    /// <summary>The starts that journals held before there were fan-outs.</summary>
    internal static ImmutableArray<Fanout> Of(ImmutableArray<Start> starts) =>
    [
        .. starts.GroupBy(s => s.Call, StringComparer.Ordinal).Select(call => call.First().Item is null
            ? new Fanout(call.Key)
            : new Fanout(call.Key, [.. call.Select(s => s.Item!)])),
    ];
}

/// <summary>Whole numbers one after another, each with a step from the one before.</summary>
/// <param name="Step">1 or -1.</param>
/// <param name="Format">Checked to give a text for every number; null is the number alone.</param>
public sealed record SequenceRange(long First, int Count, int Step, string? Format)
{
    internal Item ItemAt(int index) => Item.Plain(GoFormat.Print(Format, First + ((long)index * Step)));
}
