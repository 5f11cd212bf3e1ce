using System.Collections.Immutable;
using System.Globalization;
using Pawl.Core.Attempts;
using Pawl.Core.Expressions;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>What a tag means at each place of a run. Look-ups by name: nothing is copied and no map is built.</summary>
internal static partial class Scopes
{
    /// <summary>Names that mean the same everywhere in a run.</summary>
    public static Scope Globals(RunState run) => name => Global(run, name);

    /// <summary>Names for a value that a template gives its own input: those of the run, and the inputs it has so far.</summary>
    public static Scope Defaults(RunState run, Template template, IReadOnlyDictionary<string, string> parameters)
    {
        string? Plain(string name) => Rest(name, "inputs.parameters.") is { } p ? parameters.GetValueOrDefault(p) : Global(run, name);
        var bound = new Bound(Bound.NoText.AddRange(parameters), Bound.NoArtifacts, Bound.NoText);
        return ExpressionTags.Scope(run, new RunNames(run, Plain) { Bound = bound }, name => Global(run, name), Unresolved.Stays,
            $"{template.Name}#{run.Nodes.Count}");
    }

    /// <summary>Names for an argument or <c>when</c> of a step or task.</summary>
    public static Scope Caller(RunState run, Node inside, string call, Item? item)
    {
        return ExpressionTags.Scope(
            run, new RunNames(run, Plain) { Inside = inside, Item = item, Bound = inside.Inputs }, Plain, Unresolved.Fails, $"{inside.Id.Value}.{call}({item?.Label})");

        string? Plain(string name) => Called(run, inside, call, item, name);
    }

    private static string Word(Node inside) => inside.Type == NodeType.DAG ? "tasks." : "steps.";

    // A simple name as a call knows it.
    private static string? Called(RunState run, Node inside, string call, Item? item, string name)
    {
        if (item is not null && name == "item") { return item.Text; }
        if (item is not null && name.StartsWith("item.", StringComparison.Ordinal)) { return item.Fields.GetValueOrDefault(name[5..]); }
        if (Rest(name, Word(inside)) is { } rest)
        {
            // What the caller of a template written inside a call knew is among its variables.
            return rest == "name" ? call : Sibling(run, inside, rest) ?? inside.Inputs.Variables.GetValueOrDefault(name);
        }
        return Input(run, inside.Inputs, run.Workflow.Templates[inside.Template], name) ?? Global(run, name);
    }

    /// <summary>Names for a template's own fields, once its inputs are bound; values that differ from try to try included.</summary>
    public static Scope Inside(RunState run, Node node, Template template)
    {
        var bare = Bare(run, node.Inputs, template);
        return ExpressionTags.Scope(
            run, new RunNames(run, Plain) { Bound = node.Inputs, Template = template }, Plain, Unresolved.Stays, node.Id.Value);

        string? Plain(string name) => name switch
        {
            "node.name" => node.Id.Value,
            "pod.name" => PodName(run, node),
            "steps.name" or "tasks.name" => node.Call,
            _ => bare(name),
        };
    }

    /// <summary>The same without the names that depend on which node it became.</summary>
    public static Scope Bare(RunState run, Bound bound, Template template)
    {
        string? Plain(string name) => Input(run, bound, template, name) ?? Path(template, name) ?? Global(run, name);
        return ExpressionTags.Scope(run, new RunNames(run, Plain) { Bound = bound, Template = template }, Plain, Unresolved.Stays, template.Name);
    }

    /// <summary>The strategy of a Retry node with its tags replaced.</summary>
    /// <exception cref="ExpressionException">A field grew beyond all bounds.</exception>
    public static RetryStrategy StrategyOf(RunState run, Node retry)
    {
        var template = run.Workflow.Templates[retry.Template];
        var strategy = run.RetryOf(template)!;
        var scope = Inside(run, retry, template);
        string? Text(string? text) => text is null ? null : Substitution.Apply(text, scope);
        return strategy with
        {
            RetryLimit = Text(strategy.RetryLimit),
            Expression = Text(strategy.Expression),
            Backoff = strategy.Backoff is { } b ? new Backoff(Text(b.Duration), Text(b.Factor), Text(b.Cap), Text(b.MaxDuration)) : null,
        };
    }

    /// <summary>References of <c>from</c> inside a steps or dag node; after an equals sign the expression of a <c>fromExpression</c>.</summary>
    public static ArtifactScope Artifacts(RunState run, Node inside)
    {
        var word = Word(inside);
        return name => Rest(name, "=") is { } expression ? ExpressionTags.Artifact(run, inside, expression, Found) : Found(name);

        BoundArtifact? Found(string name)
        {
            if (Rest(name, "inputs.artifacts.") is { } input) { return inside.Inputs.Artifacts.GetValueOrDefault(input); }
            if (Rest(name, "workflow.outputs.artifacts.") is { } global) { return Stored(run.Globals.Artifacts.GetValueOrDefault(global)); }
            if (Rest(name, word) is not { } rest) { return null; }
            var (call, field) = Cut(rest);
            return Rest(field, "outputs.artifacts.") is { } artifact && Child(run, inside, call) is { } node
                ? Stored(node.Outputs.Artifacts.GetValueOrDefault(artifact))
                : null;
        }
    }

    /// <summary>Outputs that a steps or dag template declares, from those of its children.</summary>
    /// <exception cref="ExpressionException">A reference gives nothing and there is no default.</exception>
    public static NodeOutputs OutputsOf(RunState run, Node node)
    {
        var template = run.Workflow.Templates[node.Template];
        var scope = Caller(run, node, "", null);
        var artifacts = Artifacts(run, node);
        var outputs = NodeOutputs.None;
        foreach (var p in template.Outputs.Parameters)
        {
            var value = p.ValueFrom?.Parameter is { } reference ? scope(Binding.Reference(reference))
                : p.ValueFrom?.Expression is { } expression ? ExpressionTags.Output(run, node, expression, p)
                : p.Value is { } text ? Substitution.Apply(text, scope)
                : null;
            value ??= p.ValueFrom?.Default ?? p.Default
                ?? throw new ExpressionException($"outputs.parameters.{p.Name}: {p.ValueFrom?.Parameter ?? p.ValueFrom?.Expression} gave nothing and has no default", 1);
            outputs = outputs with { Parameters = outputs.Parameters.SetItem(Substitution.Apply(p.Name, scope), value) };
        }
        foreach (var a in template.Outputs.Artifacts.Where(a => a.From is not null || a.FromExpression is not null))
        {
            if (artifacts(Binding.Origin(a)!)?.Stored is { } stored)
            {
                outputs = outputs with { Artifacts = outputs.Artifacts.SetItem(Substitution.Apply(a.Name, scope), stored) };
            }
            else if (!a.Optional) { throw new ExpressionException($"outputs.artifacts.{a.Name}: {a.From ?? a.FromExpression} gave nothing", 1); }
        }
        return outputs;
    }

    /// <summary>Argo's <c>workflow.failures</c>: a JSON list, quoted and escaped as a JSON string.</summary>
    public static string Failures(RunState run)
    {
        var failed = run.Nodes.Values.Where(n => n.Type is NodeType.Pod or NodeType.Skipped && n.Phase.IsBad()).OrderBy(n => n.Id).ToList();
        var list = failed.Count == 0 ? "null" : $"[{string.Join(',', failed.Select(n => Object(
            ("displayName", n.DisplayName),
            ("message", n.Message),
            ("templateName", run.TemplateNameOf(n)),
            ("phase", n.Phase.ToString()),
            ("podName", PodName(run, n)),
            ("finishedAt", n.FinishedAt is { } at ? Rfc3339(at) : ""))))}]";
        return JsonText.Quote(list);
    }

    private static string? Input(RunState run, Bound bound, Template template, string name)
    {
        if (bound.Variables.TryGetValue(name, out var variable)) { return variable; }
        if (Rest(name, "inputs.parameters.") is { } parameter) { return bound.Parameters.GetValueOrDefault(parameter); }
        return name == "inputs.parameters" ? Listed(run, bound.Parameters, [.. template.Inputs.Parameters.Select(p => p.Name)]) : null;
    }

    // As declared (Argo); by name in a run whose journal did not keep the order, so that its steps stay what they were.
    private static string Listed(RunState run, ImmutableSortedDictionary<string, string> parameters, ImmutableArray<string>? order) =>
        JsonText.Parameters(run.Submitted!.ParameterOrder is null || order is null
            ? parameters
            : order.Value.Distinct(StringComparer.Ordinal).Where(parameters.ContainsKey).Select(name => KeyValuePair.Create(name, parameters[name])));

    private static string? Path(Template template, string name)
    {
        if (!name.EndsWith(".path", StringComparison.Ordinal)) { return null; }
        var stem = name[..^".path".Length];
        return Rest(stem, "inputs.artifacts.") is { } input ? template.Inputs.Artifacts.FirstOrDefault(a => a.Name == input)?.Path
            : Rest(stem, "outputs.artifacts.") is { } artifact ? template.Outputs.Artifacts.FirstOrDefault(a => a.Name == artifact)?.Path
            : Rest(stem, "outputs.parameters.") is { } output ? template.Outputs.Parameters.FirstOrDefault(p => p.Name == output)?.ValueFrom?.Path
            : null;
    }

    private static string? Global(RunState run, string name)
    {
        if (Rest(name, "workflow.") is not { } rest) { return null; }
        var submitted = run.Submitted!;
        return rest switch
        {
            "name" => run.Name,
            "uid" => run.RunId,
            "namespace" or "serviceAccountName" => "default",
            "mainEntrypoint" => run.Workflow.Entrypoint,
            "status" => Phase.Running.ToString(),
            "priority" => run.Workflow.Priority?.ToString(CultureInfo.InvariantCulture),
            "parameters" or "parameters.json" => Listed(run, submitted.Parameters, submitted.ParameterOrder),
            "labels" or "labels.json" => JsonText.Compact(run.Workflow.Labels),
            "annotations" or "annotations.json" => JsonText.Compact(run.Workflow.Annotations),
            "creationTimestamp" or "creationTimestamp.RFC3339" => Rfc3339(submitted.At),
            "creationTimestamp.s" => submitted.At.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
            _ when Rest(rest, "parameters.") is { } p => submitted.Parameters.GetValueOrDefault(p),
            _ when Rest(rest, "labels.") is { } l => run.Workflow.Labels.GetValueOrDefault(l),
            _ when Rest(rest, "annotations.") is { } a => run.Workflow.Annotations.GetValueOrDefault(a),
            _ when Rest(rest, "outputs.parameters.") is { } g => run.Globals.Parameters.GetValueOrDefault(g),
            _ when Rest(rest, "creationTimestamp.") is { Length: 1 } c => Strftime(submitted.At, c[0]),
            _ => null,
        };
    }

    // A field of a step or task: "train.outputs.parameters.accuracy" without its word in front.
    private static string? Sibling(RunState run, Node inside, string rest)
    {
        var (call, field) = Cut(rest);
        if (Child(run, inside, call) is not { } node)
        {
            return inside.Type == NodeType.Steps ? Looped(run, inside, call, field) : null;
        }
        return Field(run, node, field);
    }

    private static string? Field(RunState run, Node node, string field)
    {
        if (node.Type == NodeType.TaskGroup && Gathered.Of(run, node)[field] is { } list) { return list; }
        if (node.Type == NodeType.Skipped && Rest(field, "outputs.parameters.") is { } skipped)
        {
            return run.Workflow.Templates[node.Template].Outputs.Parameters.FirstOrDefault(p => p.Name == skipped)?.ValueFrom?.Default;
        }
        return field switch
        {
            "id" => Names.ArgoId(run.Name, node.Id),
            "ip" => node.Ip,
            "status" => node.Phase.ToString(),
            "exitCode" => node.ExitCode?.ToString(CultureInfo.InvariantCulture),
            "message" => node.Message,
            "startedAt" => Rfc3339(node.StartedAt),
            "finishedAt" => node.FinishedAt is { } at ? Rfc3339(at) : null,
            "outputs.result" => node.Outputs.Result,
            "outputs.parameters" => JsonText.Compact(node.Outputs.Parameters),
            _ => Rest(field, "outputs.parameters.") is { } p ? node.Outputs.Parameters.GetValueOrDefault(p) : null,
        };
    }

    // An expanded step has no node of its own: its children stand in the step group, in the order of their items.
    private static string? Looped(RunState run, Node inside, string call, string field)
    {
        if (Group(run, inside, call) is not { } group) { return null; }
        if (field == "status") { return run.CallOf(group, call).Loop is not null ? group.Phase.ToString() : null; }
        return Gathered.Of(run, group, call) is { IsEmpty: false } gathered ? gathered[field] : null;
    }

    private static string Object(params (string Key, string Value)[] fields) =>
        $"{{{string.Join(',', fields.Select(f => $"{JsonText.Quote(f.Key)}:{JsonText.Quote(f.Value)}"))}}}";

    private static Node? Group(RunState run, Node steps, string call) =>
        ((TemplateBody.Steps)run.Workflow.Templates[steps.Template].Body).GroupOf(call) is { } g
            ? run.Find(new NodeId($"{steps.Id.Value}[{g}]"))
            : null;

    internal static Node? Child(RunState run, Node inside, string call)
    {
        if (inside.Type == NodeType.DAG) { return run.Find(new NodeId($"{inside.Id.Value}.{call}")); }
        return Group(run, inside, call) is { } group ? run.Find(new NodeId($"{group.Id.Value}.{call}")) : null;
    }

    private static BoundArtifact? Stored(ArtifactRef? artifact) => artifact is null ? null : new BoundArtifact(artifact, null);

    // Argo's second pod naming: workflow, template, hash of the node's name; a workflow that is one node is its own pod.
    private static string PodName(RunState run, Node node)
    {
        var id = Names.ArgoId(run.Name, node.Id);
        var template = run.TemplateNameOf(node) is { Length: > 0 } name ? $"{name}-" : "";
        return node.Id.Value == run.Name ? run.Name : $"{run.Name}-{template}{id[(run.Name.Length + 1)..]}";
    }

    private static (string Call, string Field) Cut(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? (text, "") : (text[..dot], text[(dot + 1)..]);
    }

    private static string? Rest(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal) ? name[prefix.Length..] : null;

    private static string Rfc3339(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string? Strftime(DateTimeOffset at, char c) => c switch
    {
        'B' => Format(at, "MMMM"),
        'b' => Format(at, "MMM"),
        'm' => Format(at, "MM"),
        'A' => Format(at, "dddd"),
        'a' => Format(at, "ddd"),
        'd' => Format(at, "dd"),
        'H' => Format(at, "HH"),
        'I' => Format(at, "hh"),
        'M' => Format(at, "mm"),
        'S' => Format(at, "ss"),
        'Y' => Format(at, "yyyy"),
        'y' => Format(at, "yy"),
        'p' => Format(at, "tt"),
        'Z' => "UTC",
        'z' => "+0000",
        'L' => Format(at, "fff"),
        _ => null,
    };

    private static string Format(DateTimeOffset at, string format) => at.UtcDateTime.ToString(format, CultureInfo.InvariantCulture);
}
