using System.Collections.Immutable;
using Pawl.Manifests;
using Pawl.Manifests.Argo;
using Pawl.Manifests.Linking;
using Pawl.Manifests.Yaml;

namespace Pawl.Tests.Manifests;

/// <summary>Argo's language as places: which one begins below which field of another.</summary>
internal static class Places
{
    // The names below these are the user's; a place begins under each.
    private static readonly string[] Named = ["hooks", "labelsFrom"];

    private static readonly ImmutableDictionary<(FieldTable Place, string Field), FieldTable> Lower = Of(
        (Tables.Document, "metadata", Tables.Metadata),
        (Tables.Spec, "arguments", Tables.Arguments), (Tables.Spec, "templates templateDefaults", Tables.Template), (Tables.Spec, "hooks", Tables.Hook),
        (Tables.Spec, "retryStrategy", Tables.RetryStrategy), (Tables.Spec, "volumes", Tables.Volume), (Tables.Spec, "volumeClaimTemplates", Tables.VolumeClaimTemplate),
        (Tables.Spec, "hostAliases", PodTables.HostAlias), (Tables.Spec, "podSpecPatch", PodTables.Patch), (Tables.Spec, "workflowTemplateRef", KindTables.WorkflowTemplateRef),
        (Tables.Spec, "workflowMetadata", KindTables.WorkflowMetadata), (Tables.Spec, "artifactGC", LocationTables.ArtifactGc), (Tables.Spec, "metrics", KindTables.Metrics),
        (Tables.Spec, "artifactRepositoryRef", LocationTables.RepositoryRef), (Tables.Spec, "ttlStrategy", KindTables.TtlStrategy),
        (Tables.Spec, "volumeClaimGC", KindTables.VolumeClaimGc), (Tables.Spec, "synchronization", Tables.Synchronization),
        (Tables.Template, "inputs", Tables.Inputs), (Tables.Template, "outputs", Tables.Outputs), (Tables.Template, "container", Tables.Container),
        (Tables.Template, "script", Tables.Script), (Tables.Template, "steps", Tables.Step), (Tables.Template, "dag", Tables.Dag), (Tables.Template, "suspend", Tables.Suspend),
        (Tables.Template, "retryStrategy", Tables.RetryStrategy), (Tables.Template, "podSpecPatch", PodTables.Patch), (Tables.Template, "metadata", Tables.PodMetadata),
        (Tables.Template, "volumes", Tables.Volume), (Tables.Template, "containerSet", PodTables.Set), (Tables.Template, "hostAliases", PodTables.HostAlias),
        (Tables.Template, "initContainers sidecars", PodTables.Beside), (Tables.Template, "http", LocationTables.HttpTemplate), (Tables.Template, "data", LocationTables.DataTemplate),
        (Tables.Template, "metrics", KindTables.Metrics), (Tables.Template, "synchronization", Tables.Synchronization), (Tables.Template, "memoize", Tables.Memoize),
        (Tables.Inputs, "parameters", Tables.Parameter), (Tables.Inputs, "artifacts", Tables.Artifact),
        (Tables.Outputs, "parameters", Tables.Parameter), (Tables.Outputs, "artifacts", Tables.Artifact),
        (Tables.Arguments, "parameters", Tables.Parameter), (Tables.Arguments, "artifacts", Tables.Artifact),
        (Tables.Parameter, "valueFrom", Tables.ValueFrom), (Tables.ValueFrom, "configMapKeyRef", KindTables.KeyRef),
        (Tables.Artifact, "raw", Tables.Raw), (Tables.Artifact, "archive", Tables.Archive), (Tables.Artifact, "artifactGC", LocationTables.ArtifactGc),
        (Tables.Artifact, "artifactory", LocationTables.Artifactory), (Tables.Artifact, "azure", LocationTables.Azure), (Tables.Artifact, "gcs", LocationTables.Gcs),
        (Tables.Artifact, "git", LocationTables.Git), (Tables.Artifact, "http", LocationTables.Http), (Tables.Artifact, "oss", LocationTables.Oss),
        (Tables.Artifact, "plugin", LocationTables.Plugin), (Tables.Artifact, "s3", LocationTables.S3), (Tables.Archive, "tar", Tables.Tar),
        (LocationTables.Artifactory, "usernameSecret passwordSecret", KindTables.KeyRef), (LocationTables.Http, "headers", LocationTables.HttpHeader),
        (LocationTables.Http, "auth", LocationTables.HttpAuth), (LocationTables.HttpAuth, "basicAuth", LocationTables.BasicAuth),
        (LocationTables.BasicAuth, "usernameSecret passwordSecret", KindTables.KeyRef), (LocationTables.Git, "usernameSecret passwordSecret sshPrivateKeySecret", KindTables.KeyRef),
        (LocationTables.HttpTemplate, "headers", LocationTables.HttpHeader), (LocationTables.HttpTemplate, "bodyFrom", LocationTables.BodyFrom),
        (LocationTables.HttpHeader, "valueFrom", LocationTables.HeaderValueFrom), (LocationTables.HeaderValueFrom, "secretKeyRef", KindTables.KeyRef),
        (LocationTables.DataTemplate, "source", LocationTables.DataSource), (LocationTables.DataTemplate, "transformation", LocationTables.Transformation),
        (LocationTables.DataSource, "artifactPaths", Tables.Artifact),
        (PodTables.Set, "containers", PodTables.Member), (PodTables.Set, "retryStrategy", PodTables.SetRetry), (PodTables.Set, "volumeMounts", Tables.VolumeMount),
        (Tables.EnvVar, "valueFrom", KindTables.EnvValueFrom), (KindTables.EnvValueFrom, "configMapKeyRef secretKeyRef", KindTables.KeyRef),
        (KindTables.EnvValueFrom, "fieldRef", KindTables.FieldRef), (KindTables.EnvFrom, "configMapRef secretRef", KindTables.ObjectRef),
        (PodTables.Lifecycle, "postStart preStop", PodTables.Hook), (PodTables.Hook, "exec", Tables.Exec), (PodTables.Hook, "httpGet", PodTables.HttpGet),
        (PodTables.Hook, "sleep", PodTables.Sleep), (PodTables.Hook, "tcpSocket", PodTables.TcpSocket), (PodTables.Probe, "exec", Tables.Exec),
        (PodTables.Probe, "httpGet", PodTables.HttpGet), (PodTables.Probe, "tcpSocket", PodTables.TcpSocket), (PodTables.HttpGet, "httpHeaders", PodTables.Header),
        (PodTables.Patch, "containers initContainers", PodTables.PatchContainer), (PodTables.Patch, "hostAliases", PodTables.HostAlias),
        (PodTables.PatchContainer, "env", PodTables.PatchVariable), (PodTables.PatchContainer, "resources", PodTables.PatchResources),
        (Tables.Volume, "emptyDir", Tables.EmptyDir), (Tables.Volume, "hostPath", Tables.HostPath), (Tables.Volume, "persistentVolumeClaim", Tables.VolumeClaim),
        (Tables.Volume, "configMap", VolumeTables.ConfigMap), (Tables.Volume, "secret", VolumeTables.Secret), (Tables.Volume, "downwardAPI", VolumeTables.Downward),
        (Tables.Volume, "projected", VolumeTables.Projected), (VolumeTables.Projected, "sources", VolumeTables.Source),
        (VolumeTables.Source, "configMap", VolumeTables.ConfigMapSource), (VolumeTables.Source, "secret", VolumeTables.SecretSource),
        (VolumeTables.Source, "downwardAPI", VolumeTables.DownwardSource), (VolumeTables.ConfigMap, "items", VolumeTables.Item), (VolumeTables.Secret, "items", VolumeTables.Item),
        (VolumeTables.ConfigMapSource, "items", VolumeTables.Item), (VolumeTables.SecretSource, "items", VolumeTables.Item), (VolumeTables.Downward, "items", VolumeTables.DownwardItem),
        (VolumeTables.DownwardSource, "items", VolumeTables.DownwardItem), (VolumeTables.DownwardItem, "fieldRef", KindTables.FieldRef),
        (Tables.VolumeClaimTemplate, "metadata", Tables.Metadata), (Tables.Dag, "tasks", Tables.Task),
        (Tables.Hook, "arguments", Tables.Arguments), (Tables.Hook, "templateRef", KindTables.TemplateRef),
        (Tables.Synchronization, "mutex mutexes", Tables.Mutex), (Tables.Synchronization, "semaphore semaphores", Tables.Semaphore),
        (Tables.Semaphore, "configMapKeyRef", Tables.LimitInMap), (Tables.Semaphore, "database", Tables.LimitInDatabase),
        (Tables.Memoize, "cache", Tables.Cache), (Tables.Cache, "configMap", Tables.CacheMap), (Tables.RetryStrategy, "backoff", Tables.Backoff),
        (KindTables.WorkflowMetadata, "labelsFrom", KindTables.LabelFrom), (KindTables.Metrics, "prometheus", KindTables.Metric),
        (KindTables.Metric, "labels", KindTables.MetricLabel), (KindTables.Metric, "counter", KindTables.Counter), (KindTables.Metric, "gauge", KindTables.Gauge),
        (KindTables.Metric, "histogram", KindTables.Histogram),
        (KindTables.Cron, "workflowSpec", Tables.Spec), (KindTables.Cron, "workflowMetadata", KindTables.WorkflowMetadata), (KindTables.Cron, "stopStrategy", KindTables.StopStrategy),
        (KindTables.EventBinding, "event", KindTables.Event), (KindTables.EventBinding, "submit", KindTables.EventSubmit),
        (KindTables.EventSubmit, "workflowTemplateRef", KindTables.WorkflowTemplateRef), (KindTables.EventSubmit, "arguments", Tables.Arguments));

    /// <summary>The places of a document, each with one of its fields that is written there.</summary>
    public static IEnumerable<(FieldTable Place, string Field)> In(YamlNode document) => Fields(document, Tables.Document, Spec(document.Field("kind")?.Text));

    /// <summary>All places that can be got to.</summary>
    public static IEnumerable<FieldTable> All() => Lower.Values.Concat([Tables.Document, Tables.Spec, KindTables.Cron, KindTables.EventBinding]).Distinct();

    private static FieldTable Spec(string? kind) => kind switch
    {
        Kinds.CronWorkflow => KindTables.Cron,
        Kinds.WorkflowEventBinding => KindTables.EventBinding,
        _ => Tables.Spec,
    };

    private static IEnumerable<(FieldTable Place, string Field)> Fields(YamlNode node, FieldTable place, FieldTable spec)
    {
        if (node.Kind is YamlKind.Sequence) { return node.Items.SelectMany(i => Fields(i, place, spec)); }
        return node.Entries.Where(e => !e.Value.IsNull).SelectMany(e => Below(e.Key.Text, e.Value, place, spec).Prepend((place, e.Key.Text)));
    }

    private static IEnumerable<(FieldTable Place, string Field)> Below(string field, YamlNode value, FieldTable place, FieldTable spec)
    {
        var below = place == Tables.Document && field == "spec" ? spec : Lower.GetValueOrDefault((place, field));
        if (below is null) { return []; }
        if (below == PodTables.Patch) { return Patch(value.Text).SelectMany(p => Fields(p, below, spec)); }
        return Named.Contains(field) ? value.Entries.SelectMany(e => Fields(e.Value, below, spec)) : Fields(value, below, spec);
    }

    // Tags without quotes are no YAML.
    private static ImmutableArray<YamlNode> Patch(string text) =>
        YamlTree.Read(text.Replace("{{", "", StringComparison.Ordinal).Replace("}}", "", StringComparison.Ordinal), new Problems(""));

    private static ImmutableDictionary<(FieldTable, string), FieldTable> Of(params (FieldTable Place, string Fields, FieldTable Below)[] lower)
    {
        FieldTable[] containers = [Tables.Container, Tables.Script, PodTables.Beside, PodTables.Member];
        FieldTable[] calls = [Tables.Step, Tables.Task];
        return lower
            .Concat(containers.SelectMany(c => ((FieldTable Place, string Fields, FieldTable Below)[])
            [
                (c, "env", Tables.EnvVar), (c, "envFrom", KindTables.EnvFrom), (c, "resources", Tables.Resources), (c, "lifecycle", PodTables.Lifecycle),
                (c, "volumeMounts", Tables.VolumeMount), (c, "readinessProbe", PodTables.Probe), (c, "ports", PodTables.Port),
            ]))
            .Concat(calls.SelectMany(c => ((FieldTable Place, string Fields, FieldTable Below)[])
            [
                (c, "arguments", Tables.Arguments), (c, "templateRef", KindTables.TemplateRef), (c, "inline", Tables.Template), (c, "continueOn", Tables.ContinueOn),
                (c, "withSequence", Tables.Sequence), (c, "hooks", Tables.Hook),
            ]))
            .SelectMany(l => l.Fields.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(f => KeyValuePair.Create((l.Place, f), l.Below)))
            .ToImmutableDictionary();
    }
}
