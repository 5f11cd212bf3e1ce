using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Pawl.Core.Expressions;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>Unfolds the loop of a call when its group begins.</summary>
internal static class Looping
{
    // Go's reader allows ten thousand; each level costs as much as an item.
    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 1_000 };

    /// <param name="scope">Of the caller, without an item.</param>
    /// <param name="most">Items that there is still place for.</param>
    /// <exception cref="ExpressionException">The loop does not come to a list, or to one that is too long.</exception>
    public static Fanout Expand(Call call, Scope scope, int most) => call.Loop switch
    {
        null => new Fanout(call.Name),
        Loop.Items items => Within(items.List.Length, most, () => new Fanout(call.Name, [.. items.List.Select(i => Resolved(i, scope))])),
        Loop.Param param => new Fanout(call.Name, Listed(call, param, scope, most)),
        Loop.Sequence sequence => Counted(call.Name, sequence, scope, most),
        _ => throw new UnreachableException($"{call.Loop.GetType().Name} is not handled"),
    };

    private static T Within<T>(long count, int most, Func<T> expand) => count <= most
        ? expand()
        : throw new ExpressionException($"the loop has {count.ToString("N0", CultureInfo.InvariantCulture)} items: {Turn.TooMany}", 1);

    // Items may hold tags of the caller's scope.
    private static Item Resolved(Item item, Scope scope)
    {
        if (!item.Text.Contains("{{", StringComparison.Ordinal)) { return item; }
        var text = Substitution.Apply(item.Text, scope);
        return item.Fields.IsEmpty
            ? Item.Plain(text)
            : Item.Map(text, item.Fields.ToImmutableSortedDictionary(f => f.Key, f => Substitution.Apply(f.Value, scope), StringComparer.Ordinal));
    }

    private static ImmutableArray<Item> Listed(Call call, Loop.Param param, Scope scope, int most)
    {
        var text = Substitution.Apply(param.Text, scope).Trim();
        string reason;
        try
        {
            using var document = JsonDocument.Parse(text, Json);
            var list = document.RootElement;
            if (list.ValueKind is JsonValueKind.Null) { return []; }
            if (list.ValueKind is JsonValueKind.Array) { return Within<ImmutableArray<Item>>(list.GetArrayLength(), most, () => [.. list.EnumerateArray().Select(Item.Of)]); }
            reason = $"it is {(list.ValueKind is JsonValueKind.Object ? "a map" : "a single value")}";
        }
        catch (JsonException e) { reason = e.Message; }
        // Half a surrogate pair, in the text itself or escaped in it.
        catch (Exception e) when (e is ArgumentException or InvalidOperationException) { reason = "it holds half of a surrogate pair"; }
        // Of a call that will not be made nobody needs the items (Argo).
        return WillNotRun(call, scope)
            ? []
            : throw new ExpressionException($"withParam value could not be parsed as a JSON list: {Shown(text)}: {reason}", 1);
    }

    private static bool WillNotRun(Call call, Scope scope)
    {
        try { return call.When is { } when && !When.Evaluate(Substitution.Apply(when, scope)); }
        catch (ExpressionException) { return false; }
    }

    private static Fanout Counted(string call, Loop.Sequence sequence, Scope scope, int most)
    {
        var start = Number("start", sequence.Start, scope) ?? 0;
        long end;
        if (Number("end", sequence.End, scope) is { } last) { end = last; }
        else if (Number("count", sequence.Count, scope) is { } count)
        {
            if (count == 0) { return new Fanout(call, []); }
            end = start + count - 1;
        }
        else { throw new ExpressionException("must have end or count in withSequence", 1); }
        var format = sequence.Format is null ? null : Substitution.Apply(sequence.Format, scope);
        // Argo puts the text in quotes and reads that as JSON; what would break out of them is a mistake and nobody's wish.
        if (format is not null && format.Any(c => c is '"' or '\\' || char.IsControl(c)))
        {
            throw new ExpressionException($"withSequence format '{Shown(format)}' holds a quote, a backslash or a control character", 1);
        }
        return Within(Math.Abs(end - start) + 1, most, () =>
            new Fanout(call, null, new SequenceRange(start, (int)Math.Abs(end - start) + 1, start <= end ? 1 : -1, string.IsNullOrEmpty(format) ? null : format)));
    }

    // Far fewer digits than a long has: sums of them stay numbers.
    private static long? Number(string field, string? text, Scope scope)
    {
        if (text is null) { return null; }
        var plain = Substitution.Apply(text, scope);
        return long.TryParse(plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && Math.Abs((decimal)number) <= 1L << 60
            ? number
            : throw new ExpressionException($"withSequence {field} '{Shown(plain)}' is not a whole number", 1);
    }

    private static string Shown(string text) => text.Length <= 200 ? text : text[..200] + "…";
}
