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
        "workflowMetadata", "labels annotations labelsFrom");

    public static readonly FieldTable LabelFrom = new("labelsFrom", "expression");

    public static readonly FieldTable VolumeClaimGc = new("volumeClaimGC", "strategy");

    public static readonly FieldTable TtlStrategy = new("ttlStrategy", "secondsAfterCompletion secondsAfterFailure secondsAfterSuccess");

    public static readonly FieldTable Metrics = new("metrics", "prometheus");

    public static readonly FieldTable Metric = new("metric", "name help labels when counter gauge histogram");

    public static readonly FieldTable MetricLabel = new("label of a metric", "key value");

    public static readonly FieldTable Counter = new("counter", "value");

    public static readonly FieldTable Gauge = new("gauge", "value realtime operation");

    public static readonly FieldTable Histogram = new("histogram", "value buckets");

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
