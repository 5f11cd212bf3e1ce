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
        "entrypoint arguments templates onExit retryStrategy parallelism activeDeadlineSeconds suspend podSpecPatch volumes hooks "
            + "volumeClaimTemplates workflowTemplateRef templateDefaults workflowMetadata priority synchronization",
        noEffect: "affinity archiveLogs artifactGC artifactRepositoryRef automountServiceAccountToken dnsConfig dnsPolicy executor hostNetwork "
            + "imagePullSecrets nodeSelector podDisruptionBudget podGC podMetadata podPriorityClassName schedulerName securityContext "
            + "serviceAccountName tolerations ttlStrategy volumeClaimGC",
        unsupported: "executorPlugins hostAliases metrics podResources resourceClaims shutdown");

    private const string TemplateRead =
        "name inputs outputs container script steps dag suspend retryStrategy parallelism failFast activeDeadlineSeconds podSpecPatch metadata annotations volumes "
        + "timeout pendingTimeout synchronization memoize";

    private const string TemplateNoEffect =
        "affinity archiveLocation automountServiceAccountToken executor nodeSelector priorityClassName schedulerName securityContext "
        + "serviceAccountName tolerations";

    private const string TemplateUnsupported =
        "containerSet daemon data hostAliases http initContainers metrics plugin podResources resource "
        + "resourceClaims sidecars";

    public static readonly FieldTable Template = new(
        "template", TemplateRead, TemplateNoEffect, TemplateUnsupported,
        ("containerSet", "write one template for each container and a dag around them"),
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
        "valueFrom", "path parameter expression default supplied configMapKeyRef", unsupported: "event jqFilter jsonPath");

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
        "livenessProbe restartPolicy restartPolicyRules startupProbe stdin stdinOnce tty volumeDevices";

    public static readonly FieldTable Container = new(
        "container", "image command args env envFrom workingDir resources lifecycle volumeMounts", ContainerNoEffect, ContainerUnsupported);

    public static readonly FieldTable Script = new(
        "script", "image command args env envFrom workingDir resources lifecycle source volumeMounts", ContainerNoEffect, ContainerUnsupported);

    public static readonly FieldTable EnvVar = new("env", "name value valueFrom");

    public static readonly FieldTable Lifecycle = new("lifecycle", "preStop", unsupported: "postStart stopSignal");

    public static readonly FieldTable PreStop = new(
        "preStop", "exec", unsupported: "httpGet sleep tcpSocket", instead: [("sleep", "write `exec: {command: [sleep, \"SECONDS\"]}`")]);

    public static readonly FieldTable Exec = new("exec", "command");

    public static readonly FieldTable Resources = new("resources", "limits requests", unsupported: "claims");

    public static readonly FieldTable Volume = new(
        "volume", "name emptyDir ephemeral hostPath persistentVolumeClaim",
        unsupported: "awsElasticBlockStore azureDisk azureFile cephfs cinder configMap csi downwardAPI fc flexVolume flocker gcePersistentDisk gitRepo "
            + "glusterfs image iscsi nfs photonPersistentDisk portworxVolume projected quobyte rbd scaleIO secret storageos vsphereVolume",
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

    public static readonly FieldTable PodSpecPatch = new(
        "podSpecPatch", "terminationGracePeriodSeconds",
        unsupported: "activeDeadlineSeconds affinity automountServiceAccountToken containers dnsConfig dnsPolicy enableServiceLinks ephemeralContainers "
            + "hostAliases hostIPC hostNetwork hostPID hostUsers hostname hostnameOverride imagePullSecrets initContainers nodeName nodeSelector os "
            + "overhead preemptionPolicy priority priorityClassName readinessGates resourceClaims resources restartPolicy runtimeClassName "
            + "schedulerName schedulingGates securityContext serviceAccount serviceAccountName setHostnameAsFQDN shareProcessNamespace subdomain "
            + "tolerations topologySpreadConstraints volumes workloadRef",
        instead: [("containers", "write env, resources, command and args in the template")]);
}
