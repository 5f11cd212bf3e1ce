using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>Checks a WorkflowEventBinding, which nothing on one machine fires.</summary>
internal sealed class EventBindingReader(Problems problems)
{
    public void Read(YamlNode document)
    {
        if (Fields.Of(document.Field("spec"), KindTables.EventBinding, problems) is not { } spec)
        {
            problems.Notice(document, "a WorkflowEventBinding without spec binds nothing; write `spec:` with event and submit");
            return;
        }
        if (string.IsNullOrEmpty(spec.Map("event", KindTables.Event)?.Text("selector")))
        {
            problems.Notice(spec.Node, "a WorkflowEventBinding without event.selector is malformed when an event comes; write an expression, or \"true\" for every event");
        }
        if (spec.Map("submit", KindTables.EventSubmit) is not { } submit) { return; }
        var reference = submit.Map("workflowTemplateRef", KindTables.WorkflowTemplateRef);
        if (reference?.Text("name") is not { Length: > 0 }) { problems.Error(submit.Node, "submit without workflowTemplateRef; write `workflowTemplateRef: {name: NAME}`"); }
        reference?.Flag("clusterScope");
        foreach (var parameter in submit.Value("arguments")?.Field("parameters")?.Items ?? [])
        {
            if (Fields.Of(parameter, Tables.Parameter, problems) is not { } fields) { continue; }
            var name = fields.Text("name");
            if (string.IsNullOrEmpty(name)) { problems.Error(parameter, "parameter name is required; write `name: NAME`"); }
            if (fields.Value("valueFrom")?.Field("event") is null)
            {
                problems.Error(parameter, $"parameter {(name ?? "").Quoted()} of an event binding needs valueFrom.event; write `valueFrom: {{event: payload.NAME}}`");
            }
        }
    }
}
