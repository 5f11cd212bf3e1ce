namespace Pawl.Manifests.Argo;

/// <summary>The fields of what belongs to a pod of several containers.</summary>
internal static class PodTables
{
    private const string ContainerRead = "name image command args env envFrom workingDir resources lifecycle volumeMounts readinessProbe ports imagePullPolicy tty";

    private const string ContainerNoEffect = "livenessProbe resizePolicy securityContext startupProbe stdin stdinOnce terminationMessagePath terminationMessagePolicy";

    private const string ContainerUnsupported = "restartPolicy restartPolicyRules volumeDevices";

    public static readonly FieldTable Beside = new("container", ContainerRead + " mirrorVolumeMounts", ContainerNoEffect, ContainerUnsupported);

    public static readonly FieldTable Member = new("container of a containerSet", ContainerRead + " dependencies", ContainerNoEffect, ContainerUnsupported);

    public static readonly FieldTable Set = new("containerSet", "containers retryStrategy volumeMounts");

    public static readonly FieldTable SetRetry = new("retryStrategy of a containerSet", "retries duration");

    public static readonly FieldTable HostAlias = new("hostAlias", "ip hostnames");

    public static readonly FieldTable Port = new("port", "containerPort name", noEffect: "hostIP hostPort protocol");

    public static readonly FieldTable Lifecycle = new("lifecycle", "postStart preStop", unsupported: "stopSignal");

    public static readonly FieldTable Hook = new("hook", "exec httpGet sleep tcpSocket");

    public static readonly FieldTable Probe = new(
        "probe", "exec httpGet tcpSocket initialDelaySeconds periodSeconds timeoutSeconds successThreshold", noEffect: "failureThreshold terminationGracePeriodSeconds",
        unsupported: "grpc");

    public static readonly FieldTable HttpGet = new("httpGet", "host httpHeaders path port scheme");

    public static readonly FieldTable Header = new("httpHeader", "name value");

    public static readonly FieldTable TcpSocket = new("tcpSocket", "host port");

    public static readonly FieldTable Sleep = new("sleep", "seconds");

    public static readonly FieldTable Patch = new(
        "podSpecPatch", "terminationGracePeriodSeconds containers initContainers hostAliases",
        noEffect: "affinity automountServiceAccountToken dnsConfig dnsPolicy enableServiceLinks hostIPC hostNetwork hostPID hostUsers hostname "
            + "hostnameOverride imagePullSecrets nodeName nodeSelector os overhead preemptionPolicy priority priorityClassName readinessGates "
            + "runtimeClassName schedulerName schedulingGates securityContext serviceAccount serviceAccountName setHostnameAsFQDN subdomain "
            + "tolerations topologySpreadConstraints",
        unsupported: "activeDeadlineSeconds ephemeralContainers resourceClaims resources restartPolicy shareProcessNamespace volumes workloadRef",
        instead: [("volumes", "write them under volumes of the template or the spec"), ("activeDeadlineSeconds", "write it in the template")]);

    public static readonly FieldTable PatchContainer = new(
        "a container of podSpecPatch", "name image command args env workingDir resources", ContainerNoEffect + " imagePullPolicy ports",
        "envFrom lifecycle readinessProbe tty volumeMounts " + ContainerUnsupported);

    public static readonly FieldTable PatchVariable = new("env of podSpecPatch", "name value", unsupported: "valueFrom");

    public static readonly FieldTable PatchResources = new("resources of podSpecPatch", "limits", noEffect: "requests", unsupported: "claims");
}
