using System.Collections.Immutable;
using Pawl.Manifests.Argo;

namespace Pawl.Manifests.Checks;

/// <summary>What may be referred to at one place. Answers with a complaint, or null when a name is good.</summary>
/// <remarks>
/// Argo looks only at names with the prefixes below; any other text in braces is somebody else's and passes. The rules are
/// those of workflow/validate in Argo 4.1 (resolveAllVariables, addOutputsToScope).
/// </remarks>
internal sealed record Scope
{
    private static readonly string[] Checked = ["item.", "steps.", "inputs.", "outputs.", "pod.", "workflow.", "tasks."];

    private static readonly string[] NodeNames = ["id", "startedAt", "finishedAt", "hostNodeName", "status"];

    private static readonly ImmutableHashSet<string> GlobalNames =
    [
        "workflow.name", "workflow.namespace", "workflow.uid", "workflow.serviceAccountName", "workflow.mainEntrypoint", "workflow.status",
        "workflow.parameters", "workflow.parameters.json", "workflow.labels", "workflow.labels.json", "workflow.annotations", "workflow.annotations.json",
    ];

    private static readonly string[] GlobalPrefixes = ["workflow.creationTimestamp", "workflow.scheduledTime", "workflow.duration"];

    public required GlobalScope Globals { get; init; }

    public required TemplateSource Template { get; init; }

    public bool IsExitHandler { get; init; }

    /// <summary>Of a template inside a call: what is known at that call, and so inside it.</summary>
    public Scope? Outer { get; init; }

    /// <summary>The call that is being rendered; null elsewhere.</summary>
    public CallSource? Call { get; init; }

    /// <summary>The argument of the call in which the tag stands, where that is known.</summary>
    public string? Parameter { get; init; }

    /// <summary>Looks up a call of the enclosing steps or dag that has ended here. Null where there is none.</summary>
    public Func<string, Visible>? Sibling { get; init; }

    public static bool IsChecked(string tag) => Checked.Any(p => tag.StartsWith(p, StringComparison.Ordinal));

    public string? Complaint(string tag) => OwnComplaint(tag) is { } own && (Outer is null || Outer.Complaint(tag) is not null) ? own : null;

    private string? OwnComplaint(string tag)
    {
        if (!IsChecked(tag)) { return null; }
        if (tag.StartsWith("workflow.", StringComparison.Ordinal)) { return Workflow(tag); }
        if (tag.StartsWith("inputs.", StringComparison.Ordinal)) { return Inputs(tag); }
        if (tag.StartsWith("item.", StringComparison.Ordinal)) { return Item(tag); }
        if (tag.StartsWith("pod.", StringComparison.Ordinal)) { return Template.IsLeaf && tag == "pod.name" ? null : Unresolved(tag, "; only pod.name exists, in leaf templates"); }
        // Argo lets a template speak of its own outputs anywhere.
        if (tag.StartsWith("outputs.", StringComparison.Ordinal)) { return null; }
        return tag is "steps.name" or "tasks.name" ? null : OfSibling(tag);
    }

    public static string Unresolved(string tag, string hint) => $"failed to resolve {{{{{(tag.Length > 120 ? tag[..120] + "…" : tag)}}}}}{hint}";

    private string? Workflow(string tag)
    {
        if (GlobalNames.Contains(tag) || GlobalPrefixes.Any(p => tag.StartsWith(p, StringComparison.Ordinal))) { return null; }
        if (tag == "workflow.failures") { return IsExitHandler ? null : Unresolved(tag, "; it exists only in the exit handler (spec.onExit)"); }
        return Globals.Complaint(tag);
    }

    private string? Inputs(string tag)
    {
        if (tag == "inputs.parameters" || Call is { HasInline: true }) { return null; }
        var parts = tag.Split('.');
        var known = parts switch
        {
            ["inputs", "parameters", _] => Template.Inputs.Parameters.Select(p => p.Name),
            ["inputs", "artifacts", _] or ["inputs", "artifacts", _, "path"] => Template.Inputs.Artifacts.Select(a => a.Name),
            _ => null,
        };
        if (known is null) { return Unresolved(tag, "; write inputs.parameters.NAME, inputs.artifacts.NAME or inputs.artifacts.NAME.path"); }
        var names = known.ToHashSet(StringComparer.Ordinal);
        return names.Contains(parts[2]) || names.Any(Tags.AnyIn)
            ? null
            : Unresolved(tag, $"; template {Template.Name.Quoted()} has no such input{Wording.DidYouMean(parts[2], names)}{(names.Count == 0 ? ": declare it under inputs" : "")}");
    }

    private string? Item(string tag)
    {
        if (Call is { ItemKeys: null }) { return null; }
        if (Call is not { Loops: true }) { return Unresolved(tag, "; items exist only in a step or task with withItems: hand the item over as an argument"); }
        var key = tag["item.".Length..];
        return Call.ItemKeys.Contains(key) ? null : Unresolved(tag, $"; no item has the key {key.Quoted()}{Wording.DidYouMean(key, Call.ItemKeys)}");
    }

    private string? OfSibling(string tag)
    {
        var kind = tag.StartsWith("steps.", StringComparison.Ordinal) ? "steps" : "tasks";
        if (Sibling is null || Template.Type != (kind == "tasks" ? "dag" : "steps"))
        {
            var home = kind == "tasks" ? "dag" : "steps";
            return Unresolved(tag, $"; {kind} can be referred to only inside their own {home} template: hand the value over as an argument");
        }
        var rest = tag[(kind.Length + 1)..];
        var dot = rest.IndexOf('.', StringComparison.Ordinal);
        var (name, field) = dot < 0 ? (rest, "") : (rest[..dot], rest[(dot + 1)..]);
        var found = Sibling(name);
        if (found.Complaint is { } complaint)
        {
            var unresolved = Unresolved(tag, complaint);
            return found.IsTooEarly && Call is not null && Parameter is not null
                ? unresolved.InArgo($"templates.{Template.Name}.tasks.{Call.Name} missing dependency {name.Quoted()} for parameter {Parameter.Quoted()}")
                : unresolved;
        }
        return found.Call is null || OfNode(found.Call, field) is not { } hint ? null : Unresolved(tag, hint);
    }

    // What a call that has ended offers; null when the field exists.
    private string? OfNode(CallSource call, string field)
    {
        if (NodeNames.Contains(field)) { return null; }
        if (call.Template is null || Globals.Template(call.Template) is not { } called) { return null; }
        var outputs = field.Split('.');
        switch (outputs)
        {
            case ["ip"] when called.IsDaemon:
            case ["outputs", "result"] or ["exitCode"] when called.HasResult:
            case ["outputs", "parameters"] when call.Loops:
                return null;
            case ["outputs", "result"] or ["exitCode"]:
                return $"; template {called.Name.Quoted()} is {called.Type}, which has no {outputs[^1]}: only programs have one";
            case ["outputs", "parameters", var name]:
                return Among(name, called.Outputs.Parameters.Select(p => p.Name), called, "parameter");
            case ["outputs", "artifacts", var name]:
                return Among(name, called.Outputs.Artifacts.Select(a => a.Name), called, "artifact");
            default:
                return "; write status, exitCode, outputs.result, outputs.parameters.NAME or outputs.artifacts.NAME after the name";
        }
    }

    private static string? Among(string name, IEnumerable<string> known, TemplateSource called, string what) =>
        known.Contains(name) || known.Any(Tags.AnyIn) ? null : $"; template {called.Name.Quoted()} has no output {what} {name.Quoted()}{Wording.DidYouMean(name, known)}";
}

/// <summary>A call that may be referred to, or why it may not.</summary>
/// <param name="Call">Null with no complaint when nothing is known of it.</param>
/// <param name="IsTooEarly">Because it may still run then.</param>
internal readonly record struct Visible(CallSource? Call, string? Complaint, bool IsTooEarly = false);
