using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Manifests.Checks;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>Reads a step of <c>steps</c> or a task of <c>dag</c>.</summary>
internal sealed class CallReader(Problems problems)
{
    private static readonly string[] CallWays = ["template", "templateRef", "inline"];

    private static readonly string[] LoopWays = ["withItems", "withParam", "withSequence"];

    private readonly ArgumentReader _arguments = new(problems);

    public CallSource? Read(YamlNode node, bool isTask)
    {
        var what = isTask ? "dag task" : "step";
        if (Fields.Of(node, isTask ? Tables.Task : Tables.Step, problems) is not { } fields) { return null; }
        var (name, nameAt) = NameRules.OfPart(fields, what, problems);
        var (template, isOpen) = Template(fields, what);
        var arguments = _arguments.Read(fields.Value("arguments"), ArgumentPlace.Call);
        var continueOn = fields.Map("continueOn", Tables.ContinueOn);
        var items = Items(fields);
        CheckOnExit(fields, what);
        ImmutableArray<YamlNode> dependencies = [.. fields.List("dependencies").Where(d => d.Kind is YamlKind.Scalar)];
        var call = new Call
        {
            Name = name,
            Template = template ?? "",
            Arguments = new(arguments.PlainParameters, arguments.PlainArtifacts),
            When = fields.Text("when"),
            WithItems = items,
            ContinueOnFailed = continueOn?.Flag("failed") ?? false,
            ContinueOnError = continueOn?.Flag("error") ?? false,
            Dependencies = fields.Texts("dependencies"),
        };
        return new CallSource
        {
            Node = node,
            Name = name,
            NameAt = nameAt,
            Template = isOpen ? null : template,
            TemplateAt = fields.Value("template"),
            HasInline = fields.Has("inline"),
            Arguments = arguments,
            Loops = items is not null || fields.Has("withParam") || fields.Has("withSequence"),
            ItemKeys = fields.Has("withParam") || fields.Has("withSequence") ? null : [.. (items ?? []).SelectMany(i => i.Fields.Keys)],
            Dependencies = dependencies,
            Depends = fields.Value("depends"),
            ContinueOnAt = fields.Key("continueOn"),
            OnExit = fields.Value("onExit"),
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

    private ImmutableArray<Item>? Items(Fields fields)
    {
        var ways = LoopWays.Where(fields.Has).ToArray();
        if (ways.Length > 1) { problems.Error(fields.Key(ways[1])!, "only one of withItems, withParam, withSequence can be specified; remove the others"); }
        if (fields.Value("withSequence") is { Kind: YamlKind.Mapping } sequence
            && sequence.Entries.Any(e => e.Key.Text == "count") && sequence.Entries.Any(e => e.Key.Text == "end"))
        {
            problems.Error(sequence, "only one of count or end can be defined in withSequence; remove one of them");
        }
        if (fields.Value("withItems") is not { } list) { return null; }
        if (list.Kind is not YamlKind.Sequence)
        {
            problems.Error(list, $"withItems is {list.Name}; write a list, or withParam for a list that a tag gives");
            return null;
        }
        return [.. list.Items.Select(Item)];
    }

    private static Item Item(YamlNode node)
    {
        var text = Scalars.AnyText(node);
        var keys = ImmutableSortedDictionary.CreateRange(
            StringComparer.Ordinal,
            node.Entries.DistinctBy(e => Scalars.AnyText(e.Key)).Select(e => KeyValuePair.Create(Scalars.AnyText(e.Key), Scalars.AnyText(e.Value))));
        var label = node.Kind is YamlKind.Mapping
            ? string.Join(',', keys.Select(k => $"{k.Key}:{k.Value}").Order(StringComparer.Ordinal))
            : text;
        return new Item(text, keys, label.Replace("(", "", StringComparison.Ordinal).Replace(")", "", StringComparison.Ordinal));
    }

    private void CheckOnExit(Fields fields, string what)
    {
        if (fields.Text("onExit") is null) { return; }
        problems.Unsupported(
            fields.Key("onExit")!,
            $"onExit on a {what} instead of on the workflow: a failure before it is never notified, and current Argo has hooks in its place; "
                + "not supported yet; write `onExit: TEMPLATE` under spec, which runs at the end whatever happened");
    }
}
