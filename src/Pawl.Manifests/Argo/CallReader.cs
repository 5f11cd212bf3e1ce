using System.Collections.Immutable;
using Pawl.Core.Expressions;
using Pawl.Core.Workflows;
using Pawl.Manifests.Checks;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>Reads a step of <c>steps</c> or a task of <c>dag</c>.</summary>
/// <param name="readInline">Reads a template that is written inside a call; its second argument is the name that it gets.</param>
internal sealed class CallReader(Problems problems, Func<YamlNode, string, TemplateSource?> readInline)
{
    private static readonly string[] CallWays = ["template", "templateRef", "inline"];

    private static readonly string[] LoopWays = ["withItems", "withParam", "withSequence"];

    private readonly ArgumentReader _arguments = new(problems);

    /// <param name="caller">The template that the call stands in.</param>
    public CallSource? Read(YamlNode node, bool isTask, string caller)
    {
        var what = isTask ? "dag task" : "step";
        if (Fields.Of(node, isTask ? Tables.Task : Tables.Step, problems) is not { } fields) { return null; }
        var (name, nameAt) = NameRules.OfPart(fields, what, problems);
        var (template, isOpen) = Template(fields, what);
        var inline = fields.Value("inline") is { } body ? readInline(body, $"{caller}/{name}/inline") : null;
        if (inline is not null && template is null) { (template, isOpen) = (inline.Name, inline.Template is null); }
        var arguments = _arguments.Read(fields.Value("arguments"), ArgumentPlace.Call);
        var continueOn = fields.Map("continueOn", Tables.ContinueOn);
        var loop = Loop(fields);
        var depends = Depends(fields);
        CheckOnExit(fields, what);
        var hooks = new HookReader(problems).Read(fields);
        ImmutableArray<YamlNode> dependencies = [.. fields.List("dependencies").Where(d => d.Kind is YamlKind.Scalar)];
        var call = new Call
        {
            Name = name,
            Template = template ?? "",
            Arguments = new(arguments.PlainParameters, arguments.PlainArtifacts),
            When = fields.Text("when"),
            Loop = loop,
            ContinueOnFailed = continueOn?.Flag("failed") ?? false,
            ContinueOnError = continueOn?.Flag("error") ?? false,
            Dependencies = fields.Texts("dependencies"),
            Depends = depends,
            Hooks = HookReader.Model(hooks, fields.Text("onExit")),
        };
        return new CallSource
        {
            Node = node,
            Name = name,
            NameAt = nameAt,
            Template = isOpen ? null : template,
            TemplateAt = fields.Value("template") ?? fields.Value("inline"),
            Inline = inline,
            HasInline = fields.Has("inline"),
            Arguments = arguments,
            Loops = LoopWays.Any(fields.Has),
            ItemKeys = fields.Has("withParam") || fields.Has("withSequence") ? null : [.. loop is Loop.Items items ? items.List.SelectMany(i => i.Fields.Keys) : []],
            Dependencies = dependencies,
            Depends = fields.Value("depends"),
            DependsOn = depends,
            ContinueOnAt = fields.Key("continueOn"),
            OnExit = fields.Value("onExit"),
            Hooks = hooks,
            Call = isOpen || template is null ? null : call,
        };
    }

    private (string? Template, bool IsOpen) Template(Fields fields, string what)
    {
        var ways = CallWays.Where(fields.Has).ToArray();
        if (ways.Length == 0) { problems.Error(fields.Node, $"{what} calls nothing; write `template: NAME`"); }
        if (ways.Length > 1) { problems.Error(fields.Key(ways[1])!, $"{what} has both {ways[0]} and {ways[1]}; write one of them"); }
        var template = fields.Text("template");
        if (template is { Length: 0 }) { problems.Error(fields.Value("template")!, $"{what} calls nothing; write `template: NAME`"); }
        if (template is not null && Tags.AnyIn(template))
        {
            problems.Unsupported(fields.Value("template")!, $"template {template.Quoted()} is named by a tag, which is not supported; write the name of a template");
            return (null, true);
        }
        return (template, template is null);
    }

    private Loop? Loop(Fields fields)
    {
        var ways = LoopWays.Where(fields.Has).ToArray();
        if (ways.Length > 1) { problems.Error(fields.Key(ways[1])!, "only one of withItems, withParam, withSequence can be specified; remove the others"); }
        var sequence = Sequence(fields);
        if (fields.Text("withParam") is { } param) { return new Loop.Param(param); }
        if (sequence is not null || fields.Value("withItems") is not { } list) { return sequence; }
        if (list.Kind is YamlKind.Sequence) { return list.Items.IsEmpty ? null : new Loop.Items([.. list.Items.Select(Item)]); }
        problems.Error(list, $"withItems is {list.Name}; write a list, or withParam for a list that a tag gives");
        return null;
    }

    private Loop.Sequence? Sequence(Fields call)
    {
        if (call.Map("withSequence", Tables.Sequence) is not { } fields) { return null; }
        if (fields.Has("count") && fields.Has("end")) { problems.Error(fields.Node, "only one of count or end can be defined in withSequence; remove one of them"); }
        if (!fields.Has("count") && !fields.Has("end")) { problems.Error(fields.Node, "must have end or count in withSequence; write `count: \"5\"`"); }
        return new(fields.WholeOrTag("start"), fields.WholeOrTag("end"), fields.WholeOrTag("count"), fields.Text("format"));
    }

    private DependsExpr? Depends(Fields fields)
    {
        if (fields.Text("depends") is not { } text) { return null; }
        try { return string.IsNullOrWhiteSpace(text) ? null : DependsExpr.Parse(text); }
        catch (ExpressionException e)
        {
            problems.Error(fields.Value("depends")!, $"depends {text.Quoted()}, column {e.Column}: {e.Message}");
            return null;
        }
    }

    private static Item Item(YamlNode node)
    {
        var text = Scalars.AnyText(node);
        return node.Kind is not YamlKind.Mapping ? Core.Workflows.Item.Plain(text) : Core.Workflows.Item.Map(text, ImmutableSortedDictionary.CreateRange(
            StringComparer.Ordinal,
            node.Entries.DistinctBy(e => Scalars.AnyText(e.Key)).Select(e => KeyValuePair.Create(Scalars.AnyText(e.Key), Scalars.AnyText(e.Value)))));
    }

    private void CheckOnExit(Fields fields, string what)
    {
        if (fields.Text("onExit") is null) { return; }
        problems.Notice(
            fields.Key("onExit")!,
            $"onExit on a {what} instead of on the workflow: a failure before it is never notified, and current Argo has hooks in its place; "
                + "write `hooks: {exit: {template: NAME}}`, or `onExit: NAME` under spec, which runs at the end whatever happened");
    }
}
