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
        "entrypoint arguments templates onExit retryStrategy parallelism activeDeadlineSeconds suspend podSpecPatch volumes hostAliases hooks "
            + "volumeClaimTemplates workflowTemplateRef templateDefaults workflowMetadata artifactGC artifactRepositoryRef "
            + "metrics ttlStrategy volumeClaimGC priority synchronization",
        noEffect: "affinity archiveLogs automountServiceAccountToken dnsConfig dnsPolicy executor hostNetwork "
            + "imagePullSecrets nodeSelector podDisruptionBudget podGC podMetadata podPriorityClassName podResources resourceClaims schedulerName securityContext "
            + "serviceAccountName tolerations",
        unsupported: "executorPlugins shutdown");

    private const string TemplateRead =
        "name inputs outputs container script steps dag suspend retryStrategy parallelism failFast activeDeadlineSeconds podSpecPatch metadata annotations volumes "
        + "containerSet daemon hostAliases initContainers sidecars http data metrics timeout pendingTimeout synchronization memoize";

    private const string TemplateNoEffect =
        "affinity archiveLocation automountServiceAccountToken executor nodeSelector podResources priorityClassName resourceClaims schedulerName securityContext "
        + "serviceAccountName tolerations";

    private const string TemplateUnsupported =
        "plugin resource";

    public static readonly FieldTable Template = new("template", TemplateRead, TemplateNoEffect, TemplateUnsupported);

    /// <summary>What makes a template the kind it is; exactly one of them stands in it.</summary>
    public static readonly string[] TemplateTypes =
        ["container", "script", "steps", "dag", "suspend", "containerSet", "resource", "http", "data", "plugin"];

    public static readonly FieldTable PodMetadata = new("template metadata", "annotations", noEffect: "labels");

    public static readonly FieldTable Inputs = new("inputs", "parameters artifacts");

    public static readonly FieldTable Outputs = new("outputs", "parameters artifacts", noEffect: "exitCode result");

    public static readonly FieldTable Arguments = new("arguments", "parameters artifacts");

    public static readonly FieldTable Parameter = new("parameter", "name value default description enum globalName valueFrom");

    public static readonly FieldTable ValueFrom = new(
        "valueFrom", "path parameter expression default supplied configMapKeyRef", unsupported: "event jqFilter jsonPath");

    public static readonly FieldTable Artifact = new(
        "artifact",
        "name path from fromExpression raw optional mode recurseMode subPath archive globalName artifactGC artifactory azure gcs git http oss plugin s3",
        noEffect: "archiveLogs deleted",
        unsupported: "hdfs",
        instead: [("hdfs", "remove it: artifacts are kept in pawl's own store, and a step can fetch from elsewhere")]);

    public static readonly FieldTable Raw = new("raw", "data");

    public static readonly FieldTable Archive = new("archive", "none tar zip");

    public static readonly FieldTable Tar = new("tar", "compressionLevel");

    private const string ContainerNoEffect =
        "livenessProbe name resizePolicy securityContext startupProbe stdin stdinOnce terminationMessagePath terminationMessagePolicy";

    private const string ContainerUnsupported =
        "restartPolicy restartPolicyRules volumeDevices";

    public static readonly FieldTable Container = new(
        "container", "image command args env envFrom workingDir resources lifecycle volumeMounts readinessProbe ports imagePullPolicy tty", ContainerNoEffect, ContainerUnsupported);

    public static readonly FieldTable Script = new(
        "script", "image command args env envFrom workingDir resources lifecycle source volumeMounts readinessProbe ports imagePullPolicy tty", ContainerNoEffect, ContainerUnsupported);

    public static readonly FieldTable EnvVar = new("env", "name value valueFrom");

    public static readonly FieldTable Exec = new("exec", "command");

    public static readonly FieldTable Resources = new("resources", "limits requests", noEffect: "claims");

    public static readonly FieldTable Volume = new(
        "volume", "name emptyDir ephemeral hostPath persistentVolumeClaim configMap secret projected downwardAPI",
        unsupported: "awsElasticBlockStore azureDisk azureFile cephfs cinder csi fc flexVolume flocker gcePersistentDisk gitRepo "
            + "glusterfs image iscsi nfs photonPersistentDisk portworxVolume quobyte rbd scaleIO storageos vsphereVolume",
        instead: [("nfs", "mount it on this machine and write `hostPath: {path: /PATH}`")]);

    public static readonly FieldTable EmptyDir = new("emptyDir", "", noEffect: "medium sizeLimit");

    public static readonly FieldTable HostPath = new("hostPath", "path type");

    public static readonly FieldTable VolumeClaim = new("persistentVolumeClaim", "claimName readOnly");

    public static readonly FieldTable VolumeClaimTemplate = new("volumeClaimTemplate", "metadata spec", noEffect: "apiVersion kind status");

    public static readonly FieldTable VolumeMount = new(
        "volumeMount", "name mountPath subPath readOnly", noEffect: "mountPropagation recursiveReadOnly", unsupported: "subPathExpr",
        instead: [("subPathExpr", "write `subPath:` with a tag in it")]);

    private const string CallRead = "name template templateRef inline arguments continueOn when withItems withParam withSequence onExit hooks";

    public static readonly FieldTable Step = new("step", CallRead);

    public static readonly FieldTable Task = new("dag task", CallRead + " dependencies depends");

    public static readonly FieldTable Hook = new("hook", "template templateRef arguments expression");

    public static readonly FieldTable Sequence = new("withSequence", "start end count format");

    public static readonly FieldTable ContinueOn = new("continueOn", "failed error");

    public static readonly FieldTable Dag = new("dag", "tasks target failFast");

    public static readonly FieldTable Suspend = new("suspend", "duration");

    public static readonly FieldTable Synchronization = new("synchronization", "mutexes semaphores mutex semaphore");

    public static readonly FieldTable Memoize = new("memoize", "key maxAge cache");

    public static readonly FieldTable Cache = new("cache", "configMap");

    public static readonly FieldTable CacheMap = new("configMap", "name", noEffect: "key optional");

    public static readonly FieldTable Mutex = new("mutex", "name namespace database");

    public static readonly FieldTable Semaphore = new("semaphore", "configMapKeyRef database namespace");

    public static readonly FieldTable LimitInMap = new("configMapKeyRef", "name key", noEffect: "optional");

    public static readonly FieldTable LimitInDatabase = new("database", "key");

    public static readonly FieldTable RetryStrategy = new(
        "retryStrategy", "limit retryPolicy backoff expression", unsupported: "affinity");

    public static readonly FieldTable Backoff = new("backoff", "duration factor cap maxDuration");
}
