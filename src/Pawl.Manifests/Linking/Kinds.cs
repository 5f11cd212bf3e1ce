namespace Pawl.Manifests.Linking;

/// <summary>The kinds of documents that pawl knows.</summary>
public static class Kinds
{
    public const string Workflow = "Workflow";
    public const string WorkflowTemplate = "WorkflowTemplate";
    public const string ClusterWorkflowTemplate = "ClusterWorkflowTemplate";
    public const string CronWorkflow = "CronWorkflow";
    public const string WorkflowEventBinding = "WorkflowEventBinding";
    public const string ConfigMap = "ConfigMap";

    /// <summary>Argo's own, each read and checked.</summary>
    internal static readonly string[] Argo = [Workflow, WorkflowTemplate, ClusterWorkflowTemplate, CronWorkflow, WorkflowEventBinding];

    /// <summary>Objects of the cluster that manifests bring along for their workflows. They are accepted; only config maps are read.</summary>
    internal static readonly string[] Beside =
        [ConfigMap, "Secret", "PersistentVolumeClaim", "PersistentVolume", "ResourceQuota", "LimitRange", "ServiceAccount", "Role", "RoleBinding", "ClusterRole",
            "ClusterRoleBinding", "Namespace"];

    /// <summary>Argo's, which the controller makes for itself.</summary>
    internal static readonly string[] OfController = ["WorkflowTaskSet", "WorkflowArtifactGCTask", "WorkflowTaskResult"];

    /// <summary>What may be called from elsewhere.</summary>
    public static string OfTemplate(bool clusterScope) => clusterScope ? ClusterWorkflowTemplate : WorkflowTemplate;
}
