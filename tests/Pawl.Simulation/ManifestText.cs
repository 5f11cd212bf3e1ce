using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Pawl.Core.Workflows;

namespace Pawl.Simulation;

/// <summary>A thrown workflow as the manifest that a user would submit, in JSON.</summary>
public static class ManifestText
{
    public static byte[] Of(Workflow workflow)
    {
        var spec = new JsonObject
        {
            ["entrypoint"] = workflow.Entrypoint,
            ["podSpecPatch"] = string.Create(CultureInfo.InvariantCulture, $"terminationGracePeriodSeconds: {workflow.GracePeriod!.Value.TotalSeconds}"),
            ["templates"] = All(workflow.Templates.Values, Template),
        };
        if (!workflow.Locks.IsEmpty) { spec["synchronization"] = Locks(workflow.Locks); }
        if (workflow.OnExit is { } onExit) { spec["onExit"] = onExit; }
        if (workflow.Parallelism is { } parallelism) { spec["parallelism"] = parallelism; }
        return System.Text.Encoding.UTF8.GetBytes(new JsonObject
        {
            ["apiVersion"] = "argoproj.io/v1alpha1",
            ["kind"] = "Workflow",
            ["metadata"] = new JsonObject { ["name"] = workflow.Name },
            ["spec"] = spec,
        }.ToJsonString());
    }

    private static JsonObject Template(Template template)
    {
        var json = new JsonObject
        {
            ["name"] = template.Name,
            ["inputs"] = Ends(All(template.Inputs.Parameters, p => new JsonObject { ["name"] = p.Name }), All(template.Inputs.Artifacts, AtPath)),
            ["outputs"] = Ends(
                All(template.Outputs.Parameters, p => new JsonObject { ["name"] = p.Name, ["valueFrom"] = new JsonObject { ["path"] = p.ValueFrom!.Path } }),
                All(template.Outputs.Artifacts, AtPath)),
        };
        if (!template.Annotations.IsEmpty) { json["metadata"] = new JsonObject { ["annotations"] = new JsonObject(template.Annotations.Select(a => KeyValuePair.Create(a.Key, (JsonNode?)a.Value))) }; }
        if (!template.Locks.IsEmpty) { json["synchronization"] = Locks(template.Locks); }
        if (template.RetryStrategy is { } retry) { json["retryStrategy"] = Retry(retry); }
        switch (template.Body)
        {
            case TemplateBody.Leaf leaf: json["container"] = Container(leaf.Container); break;
            case TemplateBody.Suspend: json["suspend"] = new JsonObject(); break;
            case TemplateBody.Dag dag: json["dag"] = new JsonObject { ["tasks"] = All(dag.Tasks, Call) }; break;
            case TemplateBody.Steps steps: json["steps"] = new JsonArray([.. steps.Groups.Select(g => All(g, Call))]); break;
        }
        return json;
    }

    // All that is thrown: mutexes.
    private static JsonObject Locks(ImmutableArray<LockRef> locks) =>
        new() { ["mutexes"] = All(locks.OfType<LockRef.Mutex>(), m => new JsonObject { ["name"] = m.Name }) };

    private static JsonObject Container(Container container)
    {
        var json = new JsonObject { ["image"] = "simulated", ["command"] = Texts(container.Command), ["args"] = Texts(container.Args) };
        if (container.Resources.CpuRequest is { } cpu) { json["resources"] = new JsonObject { ["requests"] = new JsonObject { ["cpu"] = $"{cpu}m" } }; }
        if (container.PreStop is ContainerAction.Exec hook)
        {
            json["lifecycle"] = new JsonObject { ["preStop"] = new JsonObject { ["exec"] = new JsonObject { ["command"] = Texts(hook.Command) } } };
        }
        return json;
    }

    private static JsonObject Retry(RetryStrategy retry)
    {
        var json = new JsonObject { ["limit"] = retry.RetryLimit, ["retryPolicy"] = retry.Policy.ToString() };
        if (retry.Backoff is { } backoff)
        {
            var waits = new JsonObject { ["duration"] = backoff.Duration };
            if (backoff.Factor is { } factor) { waits["factor"] = factor; }
            if (backoff.Cap is { } cap) { waits["cap"] = cap; }
            json["backoff"] = waits;
        }
        return json;
    }

    private static JsonObject Call(Call call)
    {
        var json = new JsonObject
        {
            ["name"] = call.Name,
            ["template"] = call.Template,
            ["arguments"] = Ends(
                All(call.Arguments.Parameters, p => new JsonObject { ["name"] = p.Name, ["value"] = p.Value }),
                All(call.Arguments.Artifacts, a => new JsonObject { ["name"] = a.Name, ["from"] = a.From })),
        };
        if (call.When is { } when) { json["when"] = when; }
        switch (call.Loop)
        {
            case Loop.Items items: json["withItems"] = Texts([.. items.List.Select(i => i.Text)]); break;
            case Loop.Param param: json["withParam"] = param.Text; break;
            case Loop.Sequence { Count: { } count } sequence: json["withSequence"] = new JsonObject { ["count"] = count, ["format"] = sequence.Format }; break;
        }
        // All that is thrown: each of these must be through.
        if (call.Depends is { } depends) { json["depends"] = string.Join(" && ", depends.Tasks); }
        if (!call.Dependencies.IsEmpty) { json["dependencies"] = Texts(call.Dependencies); }
        return json;
    }

    private static JsonObject AtPath(Artifact artifact) => new() { ["name"] = artifact.Name, ["path"] = artifact.Path };

    private static JsonObject Ends(JsonArray parameters, JsonArray artifacts) => new() { ["parameters"] = parameters, ["artifacts"] = artifacts };

    private static JsonArray Texts(ImmutableArray<string> texts) => new([.. texts.Select(t => JsonValue.Create(t))]);

    private static JsonArray All<T>(IEnumerable<T> items, Func<T, JsonObject> write) => new([.. items.Select(write)]);
}
