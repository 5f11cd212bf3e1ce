using Pawl.Manifests.Argo;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Checks;

/// <summary>Every <c>{{tag}}</c> of one template, judged by what is known at the place where it stands.</summary>
/// <param name="outer">Of a template inside a call: what is known there.</param>
internal sealed class ReferenceChecks(TemplateSource template, GlobalScope globals, Problems problems, bool isExitHandler, Scope? outer = null)
{
    public void Run()
    {
        var scope = new Scope { Globals = globals, Template = template, IsExitHandler = isExitHandler, Outer = outer };
        var graph = template.Type == "dag" ? new DagGraph(template) : null;
        var stepGroups = StepGroups();
        foreach (var (key, value) in template.Node.Entries)
        {
            if (key.Text == "outputs")
            {
                var after = scope with { Sibling = graph is not null ? graph.SeenFromOutside : name => Step(name, stepGroups, int.MaxValue) };
                Walk(value, after);
                CheckOutputReferences(after);
            }
            else if (!(key.Text is "steps" or "dag")) { Walk(value, scope); }
        }
        if (template.DagTarget is { } target) { Walk(target, scope); }
        for (var group = 0; group < template.Calls.Length; group++)
        {
            foreach (var call in template.Calls[group])
            {
                var here = group;
                var during = scope with { Call = call, Sibling = graph is not null ? name => graph.SeenFrom(call, name) : name => Step(name, stepGroups, here) };
                WalkCall(call, during);
                foreach (var argument in call.Arguments.Artifacts)
                {
                    if (argument.Artifact.From is { } reference) { CheckBare(reference, argument.FromAt!, during); }
                }
            }
        }
    }

    // A template inside the call has names of its own beside those known here.
    private void WalkCall(CallSource call, Scope during)
    {
        if (problems.IsOpaque(call.Node)) { return; }
        foreach (var (key, value) in call.Node.Entries)
        {
            if (call.Inline is not null && key.Text == "inline") { continue; }
            if (Tags.AnyIn(key.Text)) { CheckText(key, during); }
            Walk(value, key.Text == "hooks" ? Beside(call, during) : during);
        }
        if (call.Inline is { } inline)
        {
            new ReferenceChecks(inline, globals, problems, isExitHandler, during with { Call = call with { HasInline = false } }).Run();
        }
    }

    // A hook knows what has become of the call beside which it stands.
    private static Scope Beside(CallSource call, Scope during) =>
        during with { Sibling = name => name == call.Name ? new(call with { Loops = false }, null) : during.Sibling!(name) };

    private Dictionary<string, (CallSource Call, int Group)> StepGroups()
    {
        var steps = new Dictionary<string, (CallSource, int)>(StringComparer.Ordinal);
        for (var group = 0; group < template.Calls.Length; group++)
        {
            foreach (var call in template.Calls[group]) { steps.TryAdd(call.Name, (call, group)); }
        }
        return steps;
    }

    private static Visible Step(string name, Dictionary<string, (CallSource Call, int Group)> steps, int group)
    {
        if (!steps.TryGetValue(name, out var step)) { return new(null, $"; there is no step {name.Quoted()}{Wording.DidYouMean(name, steps.Keys)}"); }
        if (step.Group < group) { return new(step.Call, null); }
        return new(null, step.Group == group
            ? $"; step {name.Quoted()} is in the same group and has not ended yet: move this step to a later group"
            : $"; step {name.Quoted()} comes later: move it to an earlier group");
    }

    // In these fields, and in the from of an argument, the braces are optional: a bare reference must be looked at too.
    private void CheckOutputReferences(Scope scope)
    {
        if (template.Type is not ("steps" or "dag")) { return; }
        foreach (var output in template.Outputs.Parameters)
        {
            if (output.Parameter.ValueFrom?.Parameter is { } reference) { CheckBare(reference, output.At, scope); }
        }
        foreach (var output in template.Outputs.Artifacts)
        {
            if (output.Artifact.From is { } reference) { CheckBare(reference, output.FromAt!, scope); }
        }
    }

    private void CheckBare(string reference, YamlNode at, Scope scope)
    {
        if (Tags.AnyIn(reference)) { return; }
        var bare = Tags.Bare(reference);
        if (scope.Complaint(bare) is { } complaint) { problems.Error(at, complaint); }
        else if (!Scope.IsChecked(bare)) { problems.Error(at, Scope.Unresolved(bare, $"; write {{{{{(template.Type == "dag" ? "tasks" : "steps")}.NAME.outputs…}}}}")); }
    }

    private void Walk(YamlNode node, Scope scope)
    {
        if (problems.IsOpaque(node) || problems.IsSettled) { return; }
        if (node.Kind is YamlKind.Scalar && Tags.AnyIn(node.Text)) { CheckText(node, scope); }
        foreach (var item in node.Items) { Walk(item, scope); }
        foreach (var (key, value) in node.Entries)
        {
            if (Tags.AnyIn(key.Text)) { CheckText(key, scope); }
            Walk(value, scope);
        }
    }

    // With its spaces, which Argo repeats.
    private static string AsWritten(string text, int at)
    {
        var tag = text[at..(text.IndexOf("}}", at, StringComparison.Ordinal) + 2)];
        return tag.Length <= 120 ? tag : tag[..120] + "…";
    }

    private static string? ParameterWith(CallSource? call, YamlNode node) => call?.Arguments.Parameters.FirstOrDefault(p => Holds(p.At, node))?.Name;

    private static bool Holds(YamlNode within, YamlNode node) =>
        ReferenceEquals(within, node) || within.Items.Any(i => Holds(i, node)) || within.Entries.Any(e => Holds(e.Value, node));

    private void CheckText(YamlNode node, Scope scope)
    {
        foreach (var (tag, at) in Tags.In(node.Text).DistinctBy(t => t.Tag))
        {
            if (scope.Complaint(tag) is null || (scope with { Parameter = ParameterWith(scope.Call, node) }).Complaint(tag) is not { } complaint) { continue; }
            if (AsWritten(node.Text, at) is var written && written != $"{{{{{tag}}}}}") { complaint = complaint.InArgo($"failed to resolve {written}"); }
            if (node.IsLiteral) { problems.Error(node, node.Line + 1 + node.Text.AsSpan(0, at).Count('\n'), 1, complaint); }
            else { problems.Error(node, complaint); }
        }
        if (Tags.Unclosed(node.Text) is { } open && Scope.IsChecked(open))
        {
            problems.Error(node, $"tag {("{{" + open).Quoted()} is not closed; write }}}} at its end");
        }
    }
}
