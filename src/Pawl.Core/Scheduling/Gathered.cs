using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Pawl.Core.Expressions;

namespace Pawl.Core.Scheduling;

/// <summary>What the items of a loop gave, as lists for those who read them.</summary>
/// <remarks>
/// Kept with the group's node once all is through and nothing in it changes any more: otherwise a loop that reads another would walk it
/// whole for each of its own items.
/// </remarks>
internal sealed class Gathered
{
    private static readonly ConditionalWeakTable<Node, ConcurrentDictionary<string, Gathered>> Known = new();
    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 1_000 };

    // Only children that succeeded contribute, so failed and skipped items leave no hole (Argo).
    private readonly List<Node> _good;
    private readonly ConcurrentDictionary<string, string?> _fields = new(StringComparer.Ordinal);

    private Gathered(List<Node> children)
    {
        _good = [.. children.Where(c => c.Phase == Phase.Succeeded)];
        IsEmpty = children.Count == 0;
        AllFailed = children.Count > 0 && children.All(c => c.Phase == Phase.Failed);
    }

    public bool IsEmpty { get; }

    public bool AnySucceeded => _good.Count > 0;

    public bool AllFailed { get; }

    /// <summary>Of all children of a task group.</summary>
    public static Gathered Of(RunState run, Node group) => Of(run, group, null);

    /// <param name="call">Of a step group, whose children come of several steps; null is all.</param>
    public static Gathered Of(RunState run, Node group, string? call)
    {
        Gathered Walk(string _) => new([.. group.Children.Select(c => run.Nodes[c]).Where(c => call is null || c.Call == call)]);
        return group.IsEnded
            ? Known.GetValue(group, static _ => new(StringComparer.Ordinal)).GetOrAdd(call ?? "", Walk)
            : Walk("");
    }

    /// <summary>A field such as <c>outputs.parameters.accuracy</c>; null where a loop has no such field of its own.</summary>
    /// <exception cref="ExpressionException">A result is no JSON.</exception>
    public string? this[string field] => _fields.GetOrAdd(field, Listed);

    private string? Listed(string field)
    {
        const string parameter = "outputs.parameters.";
        if (field == "outputs.result") { return $"[{string.Join(',', _good.Where(c => c.Outputs.Result is not null).Select(Result))}]"; }
        if (field == "outputs.parameters")
        {
            return $"[{string.Join(',', _good.Where(c => !c.Outputs.Parameters.IsEmpty).Select(c => JsonText.Compact(c.Outputs.Parameters)))}]";
        }
        return field.StartsWith(parameter, StringComparison.Ordinal)
            ? List([.. _good.Select(c => c.Outputs.Parameters.GetValueOrDefault(field[parameter.Length..])).OfType<string>()])
            : null;
    }

    // Argo reads each result as JSON, and the reader fails where one is none.
    private static string Result(Node child)
    {
        var result = child.Outputs.Result!;
        return IsJson(result, out _, out var reason)
            ? JsonText.Compacted(result.Trim())
            : throw new ExpressionException($"the result of {child.Id} is no JSON, as one item of a list must be: {reason}", 1);
    }

    // Argo: where every value is a JSON object or list the list holds those, else all are strings.
    private static string List(List<string> values)
    {
        var areNested = values.Count > 0 && values.TrueForAll(v =>
            v.AsSpan().TrimStart() is ['{' or '[', ..] && IsJson(v, out var kind, out _) && kind is JsonValueKind.Object or JsonValueKind.Array);
        Func<string, string> form = areNested ? v => JsonText.Compacted(v.Trim()) : JsonText.Quote;
        return $"[{string.Join(',', values.Select(form))}]";
    }

    private static bool IsJson(string text, out JsonValueKind kind, out string reason)
    {
        try
        {
            using var document = JsonDocument.Parse(text, Json);
            (kind, reason) = (document.RootElement.ValueKind, "");
            return true;
        }
        catch (JsonException e) { (kind, reason) = (JsonValueKind.Undefined, e.Message); }
        catch (ArgumentException) { (kind, reason) = (JsonValueKind.Undefined, "it holds half of a surrogate pair"); }
        return false;
    }
}
