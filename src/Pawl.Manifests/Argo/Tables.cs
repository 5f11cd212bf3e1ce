namespace Pawl.Manifests.Argo;

/// <summary>The fields of Argo 4.1 by place. A field that is in none of the three lists of its place does not exist in Argo.</summary>
internal static class Tables
{
    public static readonly FieldTable Document = new("the document", "apiVersion kind metadata spec", noEffect: "status");

    public static readonly FieldTable Metadata = new(
        "metadata",
        "name generateName labels annotations",
        noEffect: "namespace creationTimestamp deletionGracePeriodSeconds deletionTimestamp finalizers generation managedFields ownerReferences "
            + "resourceVersion selfLink uid");

    public static readonly FieldTable Spec = new(
        "spec",
        "entrypoint arguments templates onExit retryStrategy parallelism activeDeadlineSeconds suspend podSpecPatch",
        noEffect: "affinity archiveLogs artifactGC artifactRepositoryRef automountServiceAccountToken dnsConfig dnsPolicy executor hostNetwork "
            + "imagePullSecrets nodeSelector podDisruptionBudget podGC podMetadata podPriorityClassName schedulerName securityContext "
            + "serviceAccountName tolerations ttlStrategy volumeClaimGC",
        unsupported: "executorPlugins hooks hostAliases metrics podResources priority resourceClaims shutdown synchronization templateDefaults "
            + "volumeClaimTemplates volumes workflowMetadata workflowTemplateRef",
        ("hooks", "write `onExit: TEMPLATE` for what runs at the end"),
        ("templateDefaults", "write the fields in each template"),
        ("workflowTemplateRef", "write the templates in this file"),
        ("workflowMetadata", "write the labels and annotations under metadata"),
        ("volumes", "pass files as artifacts"),
        ("volumeClaimTemplates", "pass files as artifacts"));

    private const string TemplateRead =
        "name inputs outputs container script steps dag suspend retryStrategy parallelism activeDeadlineSeconds podSpecPatch metadata annotations";

    private const string TemplateNoEffect =
        "affinity archiveLocation automountServiceAccountToken executor nodeSelector priorityClassName schedulerName securityContext "
        + "serviceAccountName tolerations";

    private const string TemplateUnsupported =
        "containerSet daemon data failFast hostAliases http initContainers memoize metrics pendingTimeout plugin podResources resource "
        + "resourceClaims sidecars synchronization timeout volumes";

    public static readonly FieldTable Template = new(
        "template", TemplateRead, TemplateNoEffect, TemplateUnsupported,
        ("timeout", "write `activeDeadlineSeconds: SECONDS`, which counts from the start of the program"),
        ("containerSet", "write one template for each container and a dag around them"),
        ("volumes", "pass files as artifacts"),
        ("initContainers", "write a step before this one"));

    /// <summary>What makes a template the kind it is; exactly one of them stands in it.</summary>
    public static readonly string[] TemplateTypes =
        ["container", "script", "steps", "dag", "suspend", "containerSet", "resource", "http", "data", "plugin"];

    public static readonly FieldTable PodMetadata = new("template metadata", "annotations", noEffect: "labels");

    public static readonly FieldTable Inputs = new("inputs", "parameters artifacts");

    public static readonly FieldTable Outputs = new("outputs", "parameters artifacts", noEffect: "exitCode result");

    public static readonly FieldTable Arguments = new("arguments", "parameters artifacts");

    public static readonly FieldTable Parameter = new("parameter", "name value default description enum globalName valueFrom");

    public static readonly FieldTable ValueFrom = new(
        "valueFrom", "path parameter expression default supplied", unsupported: "configMapKeyRef event jqFilter jsonPath",
        instead: [("configMapKeyRef", "write the value")]);

    public static readonly FieldTable Artifact = new(
        "artifact",
        "name path from fromExpression raw optional mode archive globalName",
        noEffect: "archiveLogs artifactGC deleted",
        unsupported: "artifactory azure gcs git hdfs http oss plugin recurseMode s3 subPath",
        [.. "artifactory azure gcs git hdfs http oss s3".Split(' ').Select(s => (s, "remove it: artifacts are kept in pawl's own store, and a step can fetch from elsewhere"))]);

    public static readonly FieldTable Raw = new("raw", "data");

    public static readonly FieldTable Archive = new("archive", "none tar zip");

    private const string ContainerNoEffect =
        "imagePullPolicy name ports readinessProbe resizePolicy securityContext terminationMessagePath terminationMessagePolicy";

    private const string ContainerUnsupported =
        "envFrom livenessProbe restartPolicy restartPolicyRules startupProbe stdin stdinOnce tty volumeDevices volumeMounts";

    public static readonly FieldTable Container = new(
        "container", "image command args env workingDir resources lifecycle", ContainerNoEffect, ContainerUnsupported,
        ("envFrom", "write each variable under env"),
        ("volumeMounts", "pass files as artifacts"));

    public static readonly FieldTable Script = new(
        "script", "image command args env workingDir resources lifecycle source", ContainerNoEffect, ContainerUnsupported,
        ("envFrom", "write each variable under env"),
        ("volumeMounts", "pass files as artifacts"));

    public static readonly FieldTable EnvVar = new(
        "env", "name value", unsupported: "valueFrom",
        instead: [("valueFrom", "write `value:`, with a parameter in it where it must not stand in the manifest")]);

    public static readonly FieldTable Lifecycle = new("lifecycle", "preStop", unsupported: "postStart stopSignal");

    public static readonly FieldTable PreStop = new(
        "preStop", "exec", unsupported: "httpGet sleep tcpSocket", instead: [("sleep", "write `exec: {command: [sleep, \"SECONDS\"]}`")]);

    public static readonly FieldTable Exec = new("exec", "command");

    public static readonly FieldTable Resources = new("resources", "limits requests", unsupported: "claims");

    private const string CallRead = "name template arguments continueOn when withItems onExit";

    private const string CallUnsupported = "hooks inline templateRef withParam withSequence";

    private static readonly (string, string)[] CallInstead =
    [
        ("hooks", "write `onExit: TEMPLATE` in spec for what runs at the end"),
        ("inline", "write the template under spec.templates and call it by name"),
        ("templateRef", "copy the template into this file and write `template: NAME`"),
        ("withParam", "write the items with withItems"),
        ("withSequence", "write the items with withItems"),
    ];

    public static readonly FieldTable Step = new("step", CallRead, unsupported: CallUnsupported, instead: CallInstead);

    public static readonly FieldTable Task = new(
        "dag task", CallRead + " dependencies", unsupported: CallUnsupported + " depends",
        instead: [.. CallInstead, ("depends", "write `dependencies: [A, B]` where every one must have succeeded")]);

    public static readonly FieldTable ContinueOn = new("continueOn", "failed error");

    public static readonly FieldTable Dag = new("dag", "tasks target failFast");

    public static readonly FieldTable Suspend = new("suspend", "duration");

    public static readonly FieldTable RetryStrategy = new(
        "retryStrategy", "limit retryPolicy backoff expression", unsupported: "affinity");

    public static readonly FieldTable Backoff = new("backoff", "duration factor cap maxDuration");

    public static readonly FieldTable PodSpecPatch = new(
        "podSpecPatch", "terminationGracePeriodSeconds",
        unsupported: "activeDeadlineSeconds affinity automountServiceAccountToken containers dnsConfig dnsPolicy enableServiceLinks ephemeralContainers "
            + "hostAliases hostIPC hostNetwork hostPID hostUsers hostname hostnameOverride imagePullSecrets initContainers nodeName nodeSelector os "
            + "overhead preemptionPolicy priority priorityClassName readinessGates resourceClaims resources restartPolicy runtimeClassName "
            + "schedulerName schedulingGates securityContext serviceAccount serviceAccountName setHostnameAsFQDN shareProcessNamespace subdomain "
            + "tolerations topologySpreadConstraints volumes workloadRef",
        instead: [("containers", "write env, resources, command and args in the template")]);
}
