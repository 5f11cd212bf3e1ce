using Pawl.Manifests.Linking;

namespace Pawl.Manifests.Argo;

/// <summary>The fields of references and of the documents that are no Workflow.</summary>
internal static class KindTables
{
    public static readonly FieldTable WorkflowTemplateRef = new("workflowTemplateRef", "name clusterScope");

    public static readonly FieldTable TemplateRef = new("templateRef", "name template clusterScope", noEffect: "runtimeResolution");

    public static readonly FieldTable KeyRef = new("reference to a key", "name key optional");

    public static readonly FieldTable EnvValueFrom = new(
        "valueFrom of env", "configMapKeyRef secretKeyRef fieldRef", unsupported: "fileKeyRef resourceFieldRef",
        instead: [("resourceFieldRef", "write the value")]);

    public static readonly FieldTable FieldRef = new("fieldRef", "apiVersion fieldPath");

    public static readonly FieldTable EnvFrom = new("envFrom", "prefix configMapRef secretRef");

    public static readonly FieldTable ObjectRef = new("reference to an object", "name optional");

    public static readonly FieldTable WorkflowMetadata = new(
        "workflowMetadata", "labels annotations", unsupported: "labelsFrom", instead: [("labelsFrom", "write the label under labels")]);

    public static readonly FieldTable Cron = new(
        "CronWorkflow spec",
        "schedules schedule timezone concurrencyPolicy startingDeadlineSeconds successfulJobsHistoryLimit failedJobsHistoryLimit suspend when "
            + "stopStrategy workflowSpec workflowMetadata");

    public static readonly FieldTable StopStrategy = new("stopStrategy", "expression condition");

    public static readonly FieldTable EventBinding = new("WorkflowEventBinding spec", "event submit");

    public static readonly FieldTable Event = new("event", "selector");

    public static readonly FieldTable EventSubmit = new("submit", "workflowTemplateRef arguments metadata");

    /// <summary>The kind that a reference names.</summary>
    public static string Scope(this Fields reference) => Kinds.OfTemplate(reference.Flag("clusterScope") is true);
}
