using Pawl.Core.Expressions;
using Pawl.Core.Expressions.Expr;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>The names of one place of a run as an expression sees them: what its tags mean, and which names there are.</summary>
/// <param name="plain">The meaning of a simple tag there.</param>
/// <remarks>Nothing is built in advance: a name is looked up when an expression walks over it, and only its neighbours are listed.</remarks>
internal sealed class RunNames(RunState run, Scope plain) : ExprScope
{
    private static readonly string[] GlobalNames =
    [
        "workflow.name", "workflow.uid", "workflow.namespace", "workflow.serviceAccountName", "workflow.mainEntrypoint", "workflow.status",
        "workflow.priority", "workflow.duration", "workflow.failures", "workflow.scheduledTime", "workflow.parameters.json",
        "workflow.labels.json", "workflow.annotations.json", "workflow.creationTimestamp.RFC3339", "workflow.creationTimestamp.s",
        .. "BbmAadHIMSYypZzL".Select(c => $"workflow.creationTimestamp.{c}"),
    ];

    private static readonly string[] NodeNames = ["node.name", "pod.name", "steps.name", "tasks.name"];

    private static readonly string[] CallFields =
        ["id", "ip", "status", "exitCode", "message", "startedAt", "finishedAt", "hostNodeName", "outputs.result", "outputs.parameters"];

    /// <summary>The steps or dag node whose calls can be named.</summary>
    public Node? Inside { get; init; }

    public Item? Item { get; init; }

    public Bound Bound { get; init; } = Bound.Nothing;

    /// <summary>Whose paths can be named.</summary>
    public Template? Template { get; init; }

    /// <summary>Artifacts as values, in <c>fromExpression</c> only.</summary>
    public ArtifactScope? Artifacts { get; init; }

    /// <summary>What else is a name here.</summary>
    public IReadOnlyDictionary<string, string>? Extra { get; init; }

    public override bool TryFind(string name, out object? value)
    {
        value = Extra?.GetValueOrDefault(name) ?? plain(name);
        if (value is null && Artifacts is not null && name.Contains(".artifacts.", StringComparison.Ordinal)) { value = Artifacts(name); }
        return value is not null || IsAbsent(name);
    }

    public override IEnumerable<string> Under(string prefix) =>
        Candidates(prefix).Where(name => name.StartsWith(prefix, StringComparison.Ordinal) && TryFind(name, out _));

    private IEnumerable<string> Candidates(string prefix)
    {
        foreach (var name in Extra?.Keys ?? []) { yield return name; }
        foreach (var name in Bound.Variables.Keys) { yield return name; }
        if (Item is { } item && Meet(prefix, "item."))
        {
            foreach (var key in item.Fields.Keys) { yield return $"item.{key}"; }
            yield return "item";
        }
        if (Meet(prefix, "inputs.") || Meet(prefix, "outputs."))
        {
            foreach (var name in Own()) { yield return name; }
        }
        if (Meet(prefix, "workflow."))
        {
            foreach (var name in GlobalNames.Concat(Globals())) { yield return name; }
        }
        foreach (var name in NodeNames) { yield return name; }
        if (Inside is not null && Meet(prefix, Word))
        {
            foreach (var name in Siblings(prefix)) { yield return name; }
        }
    }

    private string Word => Inside!.Type == NodeType.DAG ? "tasks." : "steps.";

    private static bool Meet(string prefix, string family) =>
        prefix.StartsWith(family, StringComparison.Ordinal) || family.StartsWith(prefix, StringComparison.Ordinal);

    private IEnumerable<string> Own()
    {
        foreach (var name in Bound.Parameters.Keys) { yield return $"inputs.parameters.{name}"; }
        foreach (var name in Bound.Artifacts.Keys) { yield return $"inputs.artifacts.{name}"; }
        if (Template is null) { yield break; }
        foreach (var a in Template.Inputs.Artifacts) { yield return $"inputs.artifacts.{a.Name}.path"; }
        foreach (var a in Template.Outputs.Artifacts) { yield return $"outputs.artifacts.{a.Name}.path"; }
        foreach (var p in Template.Outputs.Parameters) { yield return $"outputs.parameters.{p.Name}.path"; }
    }

    private IEnumerable<string> Globals() =>
    [
        .. run.Submitted!.Parameters.Keys.Select(name => $"workflow.parameters.{name}"),
        .. run.Workflow.Labels.Keys.Select(name => $"workflow.labels.{name}"),
        .. run.Workflow.Annotations.Keys.Select(name => $"workflow.annotations.{name}"),
        .. run.Globals.Parameters.Keys.Select(name => $"workflow.outputs.parameters.{name}"),
        .. run.Globals.Artifacts.Keys.Select(name => $"workflow.outputs.artifacts.{name}"),
    ];

    // One call where the prefix names it, else all there are.
    private IEnumerable<string> Siblings(string prefix)
    {
        var rest = prefix.Length > Word.Length ? prefix[Word.Length..] : "";
        var dot = rest.IndexOf('.', StringComparison.Ordinal);
        foreach (var call in Calls().Where(c => dot < 0 || c.Name == rest[..dot]))
        {
            foreach (var field in CallFields) { yield return $"{Word}{call.Name}.{field}"; }
            if (!run.Workflow.Templates.TryGetValue(call.Template, out var called)) { continue; }
            foreach (var p in called.Outputs.Parameters) { yield return $"{Word}{call.Name}.outputs.parameters.{p.Name}"; }
            foreach (var a in called.Outputs.Artifacts) { yield return $"{Word}{call.Name}.outputs.artifacts.{a.Name}"; }
        }
    }

    private IEnumerable<Call> Calls() => run.Workflow.Templates[Inside!.Template].Body switch
    {
        TemplateBody.Dag dag => dag.Tasks,
        TemplateBody.Steps steps => steps.Groups.SelectMany(calls => calls),
        _ => [],
    };

    // An output that is declared by a step which was skipped: it is nil, and a guard may stand in for it.
    private bool IsAbsent(string name)
    {
        if (Inside is null || !name.StartsWith(Word, StringComparison.Ordinal)) { return false; }
        var parts = name[Word.Length..].Split('.', 4);
        return parts is [var called, "outputs", "parameters" or "artifacts", var output]
            && Calls().FirstOrDefault(c => c.Name == called) is { } call
            && Scopes.Child(run, Inside, called) is { Type: NodeType.Skipped }
            && run.Workflow.Templates.TryGetValue(call.Template, out var template)
            && (parts[2] == "parameters"
                ? template.Outputs.Parameters.Any(p => p.Name == output)
                : Artifacts is not null && template.Outputs.Artifacts.Any(a => a.Name == output));
    }
}
