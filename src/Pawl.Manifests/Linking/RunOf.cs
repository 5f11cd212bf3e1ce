using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Linking;

/// <summary>The Workflow that a run of something kept is, as Argo makes it for <c>submit --from</c>.</summary>
public static class RunOf
{
    /// <summary>The kinds by the names that Argo's command line has for them.</summary>
    public static string? Kind(string written) => written.ToLowerInvariant() switch
    {
        "workflowtemplate" or "workflowtemplates" or "wftmpl" => Kinds.WorkflowTemplate,
        "clusterworkflowtemplate" or "clusterworkflowtemplates" or "cwft" or "cwftmpl" => Kinds.ClusterWorkflowTemplate,
        "cronworkflow" or "cronworkflows" or "cronwf" or "cwf" => Kinds.CronWorkflow,
        _ => null,
    };

    /// <summary>A Workflow that refers to a template.</summary>
    public static ReadOnlyMemory<byte> Template(string kind, string name) => Document(w =>
    {
        var isCluster = kind == Kinds.ClusterWorkflowTemplate;
        Metadata(w, name, isCluster ? "cluster-workflow-template" : "workflow-template", null, null);
        w.WriteStartObject("spec");
        w.WriteStartObject("workflowTemplateRef");
        w.WriteString("name", name);
        if (isCluster) { w.WriteBoolean("clusterScope", true); }
        w.WriteEndObject();
        w.WriteEndObject();
    });

    /// <summary>The Workflow that a CronWorkflow would start at <paramref name="at"/>.</summary>
    /// <param name="utf8">A file in which it stands.</param>
    /// <returns>Null where it does not, or has no workflowSpec.</returns>
    public static ReadOnlyMemory<byte>? Cron(ReadOnlySpan<byte> utf8, string name, DateTimeOffset at)
    {
        var document = Library.In(YamlTree.Read(utf8, new Problems("")), Kinds.CronWorkflow, name);
        return document?.Field("spec") is { } spec && spec.Field("workflowSpec") is { } workflow
            ? Document(w =>
            {
                Metadata(w, name, "cron-workflow", spec.Field("workflowMetadata"), at);
                w.WritePropertyName("spec");
                w.WriteRawValue(Scalars.Json(workflow));
            })
            : null;
    }

    private static ReadOnlyMemory<byte> Document(Action<Utf8JsonWriter> write)
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var w = new Utf8JsonWriter(bytes))
        {
            w.WriteStartObject();
            w.WriteString("apiVersion", Argo.WorkflowReader.ApiVersion);
            w.WriteString("kind", Kinds.Workflow);
            write(w);
            w.WriteEndObject();
        }
        return bytes.WrittenMemory;
    }

    private static void Metadata(Utf8JsonWriter w, string name, string label, YamlNode? added, DateTimeOffset? scheduled)
    {
        w.WriteStartObject("metadata");
        w.WriteString("generateName", $"{name}-");
        Texts(w, "labels", added, (label, name));
        Texts(w, "annotations", added, scheduled is { } at ? ("scheduled-time", at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)) : null);
        w.WriteEndObject();
    }

    private static void Texts(Utf8JsonWriter w, string field, YamlNode? added, (string Key, string Value)? own)
    {
        w.WriteStartObject(field);
        var key = own is { } o ? $"workflows.argoproj.io/{o.Key}" : null;
        if (own is { } written) { w.WriteString(key!, written.Value); }
        foreach (var entry in (added?.Field(field)?.Entries ?? []).Where(e => e.Key.Text != key)) { w.WriteString(entry.Key.Text, entry.Value.Text); }
        w.WriteEndObject();
    }
}
