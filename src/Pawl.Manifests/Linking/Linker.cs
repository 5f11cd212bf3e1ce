using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Manifests.Argo;
using Pawl.Manifests.Checks;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Linking;

/// <summary>A document whose references are followed.</summary>
/// <param name="Document">With a spec in which <c>workflowTemplateRef</c> and <c>templateDefaults</c> are merged.</param>
/// <param name="Elsewhere">Templates of other documents that it reaches, each with its key.</param>
internal sealed record Linked(YamlNode Document, ImmutableArray<(string Key, YamlNode Template)> Elsewhere);

/// <summary>
/// Follows what a workflow refers to, before anything is read: the rest of the program sees one workflow with all its templates.
/// </summary>
/// <param name="own">The documents of the manifest's own file.</param>
internal sealed class Linker(ImmutableArray<YamlNode> own, Problems problems)
{
    // Without one nobody said what there is: what is not in the file is then not supported instead of not found.
    private readonly Library? _library = problems.Options.Library;

    private readonly HashSet<ManifestText> _used = [];
    private readonly Problems _problems = problems;

    /// <summary>The files that something was taken from.</summary>
    public ImmutableArray<ManifestText> Used => _library?.InOrder(_used) ?? [];

    public Linked Link(YamlNode document)
    {
        if (document.Field("spec") is not { Kind: YamlKind.Mapping } spec) { return new(document, []); }
        spec = WithBase(spec);
        var defaults = spec.Field("templateDefaults") is { Kind: YamlKind.Mapping } map ? new TemplateDefaults(map) : null;
        if (defaults is not null) { spec = spec.Without("templateDefaults"); }
        var walk = new Walk(this, defaults);
        if (spec.Field("templates") is { Kind: YamlKind.Sequence } templates)
        {
            spec = spec.With("templates", templates.WithItems([.. templates.Items.Select(t => walk.Template(t, within: null))]));
        }
        if (spec.Field("hooks") is { } hooks) { spec = spec.With("hooks", walk.Hooks(hooks, within: null)); }
        walk.Finish();
        return new(document.With("spec", spec), walk.Reached);
    }

    // Argo: the workflow wins, arguments by whole entries; whether it is suspended only it can say.
    private YamlNode WithBase(YamlNode spec)
    {
        if (spec.Field("workflowTemplateRef") is not { } reference || Fields.Of(reference, KindTables.WorkflowTemplateRef, _problems) is not { } fields) { return spec; }
        if (spec.Entries.FirstOrDefault(e => e.Key.Text == "templates" && !e.Value.IsNull).Key is { } templates)
        {
            _problems.Error(templates, "templates is an invalid field in spec if the workflow has a workflowTemplateRef; write one of the two");
            return spec;
        }
        if (Named(fields, "name", "workflowTemplateRef") is not { } name || Find(fields, name, reference) is not { } found) { return spec; }
        if (found.Field("spec") is not { Kind: YamlKind.Mapping } below)
        {
            _problems.Error(reference, $"{fields.Scope()} {name.Quoted()} has no spec; write entrypoint and templates in it");
            return spec;
        }
        return StrategicMerge.Merge(below.Without("suspend"), spec.Without("workflowTemplateRef"));
    }

    private string? Named(Fields reference, string field, string what)
    {
        if (reference.Text(field) is not { Length: > 0 } name)
        {
            if (!reference.Has(field)) { _problems.Error(reference.Node, $"{what} without {field}; write `{field}: NAME`"); }
            return null;
        }
        if (!Tags.AnyIn(name)) { return name; }
        _problems.Unsupported(reference.Value(field)!, $"{field} {name.Quoted()} of {what} is made by a tag, which is not supported; write the name");
        return null;
    }

    private YamlNode? Find(Fields reference, string name, YamlNode at)
    {
        var kind = reference.Scope();
        if (Library.In(own, kind, name) is { } here) { return here; }
        if (_library?.Find(kind, name, _problems.Options) is { } found)
        {
            if (found.From is { } text) { _used.Add(text); }
            return found.Document;
        }
        if (_library is null) { _problems.Unsupported(at, $"{kind} {name.Quoted()} is not in this file; give the folder that it is in with --templates"); }
        else
        {
            var broken = _library.Broken is [var first, ..] ? $" ({first})" : "";
            _problems.Error(at, $"{kind} {name.Quoted()} not found{broken}; keep it with: pawl template create FILE, or name its folder with --templates DIR");
        }
        return null;
    }

    /// <summary>One way through everything that a workflow reaches.</summary>
    private sealed class Walk(Linker linker, TemplateDefaults? defaults)
    {
        private readonly HashSet<string> _known = new(StringComparer.Ordinal);
        private readonly Queue<(TemplateKey Key, YamlNode Object, YamlNode Template)> _open = new();
        private readonly ImmutableArray<(string, YamlNode)>.Builder _reached = ImmutableArray.CreateBuilder<(string, YamlNode)>();

        public ImmutableArray<(string, YamlNode)> Reached => _reached.ToImmutable();

        public void Finish()
        {
            while (_open.TryDequeue(out var next)) { _reached.Add((next.Key.Text, Template(next.Template, (next.Key, next.Object)))); }
        }

        /// <param name="within">The object that the template is in; null for the workflow itself.</param>
        public YamlNode Template(YamlNode template, (TemplateKey Key, YamlNode Object)? within)
        {
            if (template.Kind is not YamlKind.Mapping) { return template; }
            if (defaults is not null) { template = defaults.Under(template); }
            return Calls(template, within);
        }

        private YamlNode Calls(YamlNode template, (TemplateKey Key, YamlNode Object)? within)
        {
            if (template.Field("steps") is { Kind: YamlKind.Sequence } steps)
            {
                template = template.With("steps", steps.WithItems([.. steps.Items.Select(g => g.Kind is YamlKind.Sequence
                    ? g.WithItems([.. g.Items.Select(c => Call(c, within))])
                    : g)]));
            }
            if (template.Field("dag") is { Kind: YamlKind.Mapping } dag && dag.Field("tasks") is { Kind: YamlKind.Sequence } tasks)
            {
                template = template.With("dag", dag.With("tasks", tasks.WithItems([.. tasks.Items.Select(c => Call(c, within))])));
            }
            return template;
        }

        public YamlNode Hooks(YamlNode hooks, (TemplateKey Key, YamlNode Object)? within) => hooks.Kind is YamlKind.Mapping
            ? hooks.WithEntries([.. hooks.Entries.Select(h => new YamlEntry(h.Key, Call(h.Value, within)))])
            : hooks;

        // A name means a template of the object that it is written in; from there on it is a key.
        private YamlNode Call(YamlNode call, (TemplateKey Key, YamlNode Object)? within)
        {
            if (call.Kind is not YamlKind.Mapping) { return call; }
            if (call.Field("hooks") is { } hooks) { call = call.With("hooks", Hooks(hooks, within)); }
            if (call.Field("inline") is { Kind: YamlKind.Mapping } inline) { call = call.With("inline", Template(inline, within)); }
            foreach (var field in (string[])["template", "onExit"])
            {
                if (within is { } w && call.Field(field) is { Kind: YamlKind.Scalar } name && !Tags.AnyIn(name.Text))
                {
                    var key = w.Key.Sibling(name.Text);
                    Reach(key, w.Object);
                    call = call.With(field, YamlNode.OfText(key.Text, name));
                }
            }
            return call.Field("templateRef") is { } reference ? Referring(call, reference) : call;
        }

        private YamlNode Referring(YamlNode call, YamlNode reference)
        {
            if (call.Field("template") is not null || Fields.Of(reference, KindTables.TemplateRef, linker._problems) is not { } fields) { return call; }
            if (linker.Named(fields, "name", "templateRef") is not { } name || linker.Named(fields, "template", "templateRef") is not { } template) { return call; }
            if (linker.Find(fields, name, reference) is not { } found) { return call; }
            var key = new TemplateKey(fields.Flag("clusterScope") is true, name, template);
            if (!Reach(key, found))
            {
                linker._problems.Error(fields.Value("template")!, $"template reference {name}.{template} not found{Wording.DidYouMean(template, NamesIn(found))}");
                return call;
            }
            return call.Without("templateRef").With("template", YamlNode.OfText(key.Text, fields.Value("template")!));
        }

        private bool Reach(TemplateKey key, YamlNode from)
        {
            if (TemplatesOf(from).FirstOrDefault(t => t.Field("name")?.Text == key.Template) is not { } template) { return false; }
            if (_known.Add(key.Text)) { _open.Enqueue((key, from, template)); }
            return true;
        }

        private static ImmutableArray<YamlNode> TemplatesOf(YamlNode document) => document.Field("spec")?.Field("templates")?.Items ?? [];

        private static IEnumerable<string> NamesIn(YamlNode document) => TemplatesOf(document).Select(t => t.Field("name")?.Text).OfType<string>();
    }
}
