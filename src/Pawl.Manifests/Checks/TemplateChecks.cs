using Pawl.Core.Workflows;
using Pawl.Manifests.Argo;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Checks;

/// <summary>Calls, arguments, dependencies and outputs of one template.</summary>
internal sealed class TemplateChecks(TemplateSource template, GlobalScope globals, Problems problems, bool hasTemplateRef)
{
    public void Run()
    {
        CheckInputs();
        CheckOutputs();
        var calls = template.Calls.SelectMany(g => g).ToArray();
        NameRules.CheckUnique(calls, c => c.Name, c => c.NameAt, template.Type == "dag" ? "task name" : "step name", problems);
        foreach (var call in calls) { CheckCall(call); }
        if (template.Type == "dag") { CheckDag(calls); }
    }

    private void CheckInputs()
    {
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        if (template.Template?.Body is Pawl.Core.Workflows.TemplateBody.Leaf leaf)
        {
            foreach (var mount in (leaf.Set?.Members.FirstOrDefault(m => m.Name == "main")?.Container ?? leaf.Container).VolumeMounts) { paths.TryAdd(mount.Path, $"volumeMounts.{mount.Volume}"); }
        }
        foreach (var input in template.Inputs.Artifacts)
        {
            var path = input.Artifact.Path;
            if (template.Type is "container" or "script" or "containerSet" && path is null)
            {
                problems.Error(input.At, $"input artifact {input.Name.Quoted()} did not specify a path; write `path: /PATH`");
            }
            else if (template.Type is "steps" or "dag" && path is not null)
            {
                problems.Error(input.At, $"path of input artifact {input.Name.Quoted()} is only valid in container/script templates; remove it here");
            }
            else if (path is not null && !paths.TryAdd(path, input.Name))
            {
                problems.Error(input.At, $"path {path.Quoted()} of input artifact {input.Name.Quoted()} is already mounted in {paths[path].Quoted()}; write another path");
            }
        }
    }

    private void CheckOutputs()
    {
        foreach (var output in template.Outputs.Parameters) { CheckOutput(output); }
        foreach (var output in template.Outputs.Artifacts)
        {
            if (template.Type is "container" or "script" or "containerSet" && output.Artifact.Path is null)
            {
                problems.Error(output.At, $"output artifact {output.Name.Quoted()} did not specify a path; write `path: /PATH`");
            }
            else if (template.Type is "steps" or "dag" && output.FromAt is null)
            {
                problems.Error(output.At, $"output artifact {output.Name.Quoted()} of {template.Type} needs from; write `from: \"{{{{{CallWord}.NAME.outputs.artifacts.NAME}}}}\"`");
            }
        }
    }

    private string CallWord => template.Type == "dag" ? "tasks" : "steps";

    private void CheckOutput(ParameterSource output)
    {
        var (name, source) = (output.Name.Quoted(), output.Parameter.ValueFrom);
        if (output.HasSource && output.Parameter.Value is not null)
        {
            problems.Error(output.At, $"output parameter {name} has both valueFrom and value specified; write one of them");
        }
        else if (!output.HasSource && output.Parameter.Value is null)
        {
            problems.Error(output.At, $"output parameter {name} does not have valueFrom or value specified; write `valueFrom: {{{Instead}}}`");
        }
        else if (template.Type == "suspend" && source is { Supplied: false })
        {
            problems.Unsupported(output.At, $"output parameter {name} of a suspend template is not supported with this source; write `valueFrom: {{{Instead}}}`");
        }
        else if (source is not null && Mismatch(output, source) is { } rule)
        {
            problems.Error(output.At, $"output parameter {name}: {rule}; write `valueFrom: {{{Instead}}}`");
        }
    }

    private string Instead => template.Type switch
    {
        "steps" or "dag" => $"parameter: \"{{{{{CallWord}.NAME.outputs.parameters.NAME}}}}\"",
        "suspend" => "supplied: {}",
        _ => "path: /PATH",
    };

    private string? Mismatch(ParameterSource output, ValueFrom source)
    {
        bool Has(string field) => output.At.Entries.FirstOrDefault(e => e.Key.Text == "valueFrom").Value?.Entries.Any(e => e.Key.Text == field && !e.Value.IsNull) ?? false;
        return template.Type switch
        {
            "container" or "script" or "containerSet" when source.Path is null && !Has("path") => ".path must be specified for Container templates",
            "steps" or "dag" when source.Parameter is null && !Has("parameter") && !Has("expression") => ".parameter or expression must be specified for Steps templates",
            _ => null,
        };
    }

    private void CheckCall(CallSource call)
    {
        if (problems.IsSettled) { return; }
        CheckArgumentValues(call);
        if (call.OnExit is { Kind: YamlKind.Scalar } onExit && !hasTemplateRef && globals.Template(onExit.Text) is null) { Undefined(onExit); }
        foreach (var hook in call.Hooks)
        {
            if (hook.TemplateAt is { } at && !hasTemplateRef && globals.Template(at.Text) is null) { Undefined(at); }
        }
        if (call.Template is not { Length: > 0 } name || call.TemplateAt is null) { return; }
        if (globals.Template(name) is { } called) { CheckArguments(call, called); }
        else if (!hasTemplateRef) { Undefined(call.TemplateAt); }
    }

    private void Undefined(YamlNode at)
    {
        if (TemplateKey.Of(at.Text) is { } key)
        {
            problems.Error(at, $"template reference {key.Object}.{key.Template} not found; add a template of that name to the object, or call one that exists");
            return;
        }
        var hint = Wording.DidYouMean(at.Text, globals.TemplateNames);
        problems.Error(at, $"template name {at.Text.Quoted()} undefined{(hint.Length > 0 ? hint : "; add a template of that name, or call one that exists")}");
    }

    private void CheckArgumentValues(CallSource call)
    {
        foreach (var argument in call.Arguments.Parameters.Where(p => !p.HasValue))
        {
            problems.Error(argument.At, $"argument {argument.Name.Quoted()}: .value or .valueFrom is required; write `value: TEXT`");
        }
    }

    private void CheckArguments(CallSource call, TemplateSource called)
    {
        var parameters = call.Arguments.Parameters.Select(p => p.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var input in called.Inputs.Parameters)
        {
            if (input.HasValue || input.Parameter.Default is not null || parameters.Contains(input.Name)) { continue; }
            problems.Error(
                call.NameAt,
                $"inputs.parameters.{input.Name} was not supplied: {call.Name.Quoted()} calls {called.Name.Quoted()} without it; "
                    + $"write it under arguments.parameters{Near(input.Name, call.Arguments.Parameters.Select(p => p.Name), called.Inputs.Parameters.Select(p => p.Name))}, or give the input a default");
        }
        var artifacts = call.Arguments.Artifacts.Select(a => a.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var input in called.Inputs.Artifacts)
        {
            if (input.Artifact.Optional || input.HasLocation || artifacts.Contains(input.Name)) { continue; }
            problems.Error(
                call.NameAt,
                $"inputs.artifacts.{input.Name} was not supplied: {call.Name.Quoted()} calls {called.Name.Quoted()} without it; write it under arguments.artifacts, or make the input optional");
        }
    }

    // An argument that the template does not know and that is nearly the missing one is a slip of the pen.
    private static string Near(string missing, IEnumerable<string> given, IEnumerable<string> declared) =>
        Wording.Nearest(missing, given.Except(declared)) is { } slip ? $" (there is {slip.Quoted()})" : "";

    private void CheckDag(CallSource[] tasks)
    {
        var graph = new DagGraph(template);
        var hasDependencies = tasks.Any(t => !t.Dependencies.IsEmpty || t.Depends is not null);
        var usesDepends = tasks.Any(t => t.Depends is not null);
        if (usesDepends && tasks.FirstOrDefault(t => !t.Dependencies.IsEmpty) is { } mixed)
        {
            problems.Error(mixed.Dependencies[0], "cannot use both 'depends' and 'dependencies' in the same DAG template; write one of them everywhere");
        }
        foreach (var task in tasks)
        {
            if (problems.IsSettled) { break; }
            foreach (var (name, at) in DagGraph.Named(task).DistinctBy(n => n.Name))
            {
                if (!graph.Has(name)) { problems.Error(at, $"dependency {name.Quoted()} not defined{Or(Wording.DidYouMean(name, graph.Names), "; write the name of a task of this dag")}"); }
            }
            CheckItemResults(task, graph);
            if (hasDependencies && task.Name is [>= '0' and <= '9', ..])
            {
                problems.Error(task.NameAt, $"task name {task.Name.Quoted()} cannot begin with a digit; put a letter first"
                    .InArgo($"templates.{template.Name}.tasks.{task.Name} name cannot begin with a digit when using either 'depends' or 'dependencies'"));
            }
            if (usesDepends && task.ContinueOnAt is { } continueOn)
            {
                problems.Error(continueOn, "continueOn beside depends; write 'TASK.Failed' or 'TASK.Errored' in depends instead"
                    .InArgo($"templates.{template.Name} cannot use 'continueOn' when using 'depends'. Instead use 'dep-task.Failed'/'dep-task.Errored'"));
            }
        }
        CheckTarget(graph);
        if (graph.Cycle() is { } cycle)
        {
            var names = cycle.Select(t => t.Name).ToArray();
            var shown = names.Length <= 12 ? names : [.. names[..10], "…", names[^1]];
            problems.Error(cycle[0].NameAt, $"dependency cycle detected: {string.Join(" -> ", shown)}; remove one of these dependencies");
        }
    }

    private void CheckItemResults(CallSource task, DagGraph graph)
    {
        foreach (var (name, result) in task.DependsOn?.Mentioned ?? [])
        {
            if (result is TaskResult.AnySucceeded or TaskResult.AllFailed && graph.Task(name) is { Loops: false })
            {
                problems.Error(task.Depends!, $"dependency {name.Quoted()} uses an items-based condition such as .AnySucceeded or .AllFailed but does not contain any items; write {name}.Succeeded or {name}.Failed");
            }
        }
    }

    private void CheckTarget(DagGraph graph)
    {
        if (template.DagTarget is not { Kind: YamlKind.Scalar } target || Tags.AnyIn(target.Text)) { return; }
        foreach (var name in target.Text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!graph.Has(name)) { problems.Error(target, $"target {name.Quoted()} is not defined{Or(Wording.DidYouMean(name, graph.Names), "; write names of tasks of this dag")}"); }
        }
    }

    private static string Or(string hint, string otherwise) => hint.Length > 0 ? hint : otherwise;
}
