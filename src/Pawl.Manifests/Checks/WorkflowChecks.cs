using Pawl.Manifests.Argo;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Checks;

/// <summary>What can only be judged by looking at several places of a workflow: Argo's validation, all of it at once.</summary>
internal sealed class WorkflowChecks
{
    private readonly WorkflowSource _source;
    private readonly Problems _problems;
    private readonly GlobalScope _globals;

    public WorkflowChecks(WorkflowSource source, Problems problems)
    {
        _source = source;
        _problems = problems;
        _globals = new GlobalScope(source);
    }

    public void Run()
    {
        NameRules.CheckUnique(_source.Templates.Where(t => !t.IsInline), t => t.Name, t => t.NameAt, "template name", _problems);
        CheckEntrypoint();
        CheckOnExit();
        CheckHooks();
        var onlyAtExit = OnlyAtExit();
        foreach (var template in _source.Templates)
        {
            new TemplateChecks(template, _globals, _problems, _source.HasTemplateRef).Run();
            new CacheChecks(template, _source.Workflow, _problems).Run();
            if (!template.IsInline) { new ReferenceChecks(template, _globals, _problems, !_source.Hooks.IsEmpty || onlyAtExit.Contains(template.Name)).Run(); }
        }
        CheckExpressions(_source.Node);
        foreach (var template in _source.Templates) { CheckExpressions(template.Node); }
    }

    private void CheckEntrypoint()
    {
        if (_source.Entrypoint is not { Text.Length: > 0 } entrypoint)
        {
            if (!_source.HasTemplateRef && !_source.IsTemplate) { _problems.Error(_source.Entrypoint ?? _source.SpecAt, $"spec.entrypoint is required; write `entrypoint: {_globals.TemplateNames.FirstOrDefault() ?? "TEMPLATE"}`"); }
            return;
        }
        if (_source.HasTemplateRef || entrypoint.Kind is not YamlKind.Scalar) { return; }
        if (_globals.Template(entrypoint.Text) is { } template) { CheckWorkflowArtifacts(template, entrypoint); }
        else { Undefined("entrypoint", entrypoint); }
    }

    private void CheckOnExit()
    {
        if (_source.OnExit is not { Kind: YamlKind.Scalar } onExit || _source.HasTemplateRef) { return; }
        if (_globals.Template(onExit.Text) is { } template) { CheckWorkflowArtifacts(template, onExit); }
        else { Undefined("onExit", onExit); }
    }

    private void CheckHooks()
    {
        if (_source.HasTemplateRef) { return; }
        foreach (var hook in _source.Hooks)
        {
            if (hook.TemplateAt is { } at && _globals.Template(at.Text) is null) { Undefined($"hooks.{hook.Name}", at); }
        }
    }

    private void Undefined(string what, YamlNode at)
    {
        var hint = Wording.DidYouMean(at.Text, _globals.TemplateNames);
        var choice = hint.Length > 0 ? hint : _globals.TemplateNames.Any() ? $"; write one of {ArgumentReader.Listed(_globals.TemplateNames)}, or add a template of that name" : "; add a template of that name";
        _problems.Error(at, $"{what} {at.Text.Quoted()} is not a template of this workflow (template name {at.Text.Quoted()} undefined){choice}");
    }

    // Parameters may still be given on the command line, artifacts not.
    private void CheckWorkflowArtifacts(TemplateSource template, YamlNode at)
    {
        if (_source.IsTemplate) { return; }
        foreach (var input in template.Inputs.Artifacts)
        {
            if (input.Artifact.Optional || input.HasLocation || _source.Arguments.Artifacts.Any(a => a.Name == input.Name)) { continue; }
            _problems.Error(at, $"inputs.artifacts.{input.Name} of template {template.Name.Quoted()} was not supplied; write it under spec.arguments.artifacts, or make it optional");
        }
    }

    // Templates that the exit handler reaches and the entrypoint does not.
    private HashSet<string> OnlyAtExit()
    {
        var atExit = Reached(_source.OnExit?.Text);
        atExit.ExceptWith(Reached(_source.Entrypoint?.Text));
        return atExit;
    }

    private HashSet<string> Reached(string? from)
    {
        var reached = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>();
        if (from is not null) { open.Push(from); }
        while (open.TryPop(out var name))
        {
            if (_globals.Template(name) is not { } template || !reached.Add(name)) { continue; }
            foreach (var call in template.Calls.SelectMany(g => g)) { if (call.Template is { } called) { open.Push(called); } }
        }
        return reached;
    }

    private void CheckExpressions(YamlNode node)
    {
        if (_problems.IsOpaque(node)) { return; }
        if (node.Kind is YamlKind.Scalar && Tags.HasExpression(node.Text)) { ExpressionChecks.CheckTags(node, _problems); }
        foreach (var item in node.Items) { CheckExpressions(item); }
        foreach (var (_, value) in node.Entries) { CheckExpressions(value); }
    }
}
