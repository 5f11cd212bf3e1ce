using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Manifests.Checks;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>A hook and where it stands.</summary>
/// <param name="TemplateAt">Null where it calls something that is not known here.</param>
/// <param name="Hook">Null where it calls nothing that can be called, which is reported.</param>
internal sealed record HookSource(string Name, YamlNode At, YamlNode? TemplateAt, Hook? Hook);

/// <summary>Reads the <c>hooks</c> of a workflow, a step or a task: a map of names to what is called.</summary>
internal sealed class HookReader(Problems problems)
{
    public ImmutableArray<HookSource> Read(Fields owner)
    {
        if (owner.Value("hooks") is not { } hooks) { return []; }
        if (hooks.Kind is YamlKind.Mapping) { return [.. hooks.Entries.Select(h => Hook(h.Key, h.Value)).OfType<HookSource>()]; }
        problems.Error(hooks, $"hooks is {hooks.Name}; write a map such as `exit: {{template: NAME}}`");
        return [];
    }

    /// <summary>The model's hooks of what was read; <c>onExit</c> wins over <c>hooks.exit</c> (Argo).</summary>
    public static ImmutableArray<Hook> Model(ImmutableArray<HookSource> hooks, string? onExit)
    {
        var read = hooks.Select(h => h.Hook).OfType<Hook>();
        return Core.Workflows.Hook.Ordered(onExit is null ? read : read.Where(h => !h.IsExit).Append(new Hook { Name = Core.Workflows.Hook.Exit, Template = onExit }));
    }

    private HookSource? Hook(YamlNode key, YamlNode value)
    {
        var name = key.Text;
        if (Fields.Of(value, Tables.Hook, problems) is not { } fields)
        {
            if (value.IsNull) { problems.Error(key, $"hook {name.Quoted()} calls nothing; write `template: NAME`"); }
            return null;
        }
        var template = Template(fields, name);
        var expression = fields.Text("expression");
        if (name != Core.Workflows.Hook.Exit && string.IsNullOrEmpty(expression))
        {
            problems.Error(key, $"hooks.{name} Expression required; write `expression: workflow.status == \"Running\"` or whatever it is to wait for");
        }
        ExpressionChecks.CheckBare(fields.Value("expression"), problems);
        var arguments = new ArgumentReader(problems).Read(fields.Value("arguments"), ArgumentPlace.Call);
        var isEmpty = arguments.Parameters.IsEmpty && arguments.Artifacts.IsEmpty;
        return new(name, key, template is null ? null : fields.Value("template"), template is null ? null : new Hook
        {
            Name = name,
            Template = template,
            Expression = string.IsNullOrEmpty(expression) ? null : expression,
            Arguments = isEmpty ? null : new(arguments.PlainParameters, arguments.PlainArtifacts),
        });
    }

    private string? Template(Fields fields, string name)
    {
        if (fields.Has("template") && fields.Has("templateRef")) { problems.Error(fields.Key("templateRef")!, $"hook {name.Quoted()} has both template and templateRef; write one of them"); }
        if (fields.Text("template") is not { Length: > 0 } template)
        {
            if (!fields.Has("templateRef")) { problems.Error(fields.Node, $"hook {name.Quoted()} calls nothing; write `template: NAME`"); }
            return null;
        }
        if (!Tags.AnyIn(template)) { return template; }
        problems.Unsupported(fields.Value("template")!, $"template {template.Quoted()} is named by a tag, which is not supported; write the name of a template");
        return null;
    }
}
