using Pawl.Core.Workflows;
using Pawl.Manifests.Checks;

namespace Pawl.Manifests.Argo;

/// <summary>Reads where an artifact is, besides <c>raw</c>.</summary>
internal sealed class LocationReader(Problems problems)
{
    private static readonly string[] GcStrategies = ["", "Never", "OnWorkflowCompletion", "OnWorkflowDeletion"];

    /// <param name="isOutput">Something is written there.</param>
    public ArtifactLocation? Read(Fields artifact, string name, bool isOutput) =>
        artifact.Map("http", LocationTables.Http) is { } http ? Http(http)
        : artifact.Map("artifactory", LocationTables.Artifactory) is { } artifactory ? Artifactory(artifactory)
        : artifact.Map("git", LocationTables.Git) is { } git ? Git(git, name, isOutput)
        : InRepository(artifact, mayBeAll: false);

    /// <param name="mayBeAll">Without a key all of it is meant.</param>
    public ArtifactLocation.InRepository? InRepository(Fields artifact, bool mayBeAll)
    {
        foreach (var (field, table, bucketField, keyField) in ((string, FieldTable, string, string)[])
                 [("s3", LocationTables.S3, "bucket", "key"), ("gcs", LocationTables.Gcs, "bucket", "key"),
                  ("oss", LocationTables.Oss, "bucket", "key"), ("azure", LocationTables.Azure, "container", "blob")])
        {
            // What concerns a real bucket is not told one by one.
            if (artifact.Map(field, table.Silent) is not { } place) { continue; }
            var (bucket, key) = (place.Text(bucketField), place.Text(keyField));
            if (bucket is { Length: > 0 } && !Tags.AnyIn(bucket) && !problems.Options.Buckets.Contains(bucket))
            {
                problems.Unsupported(
                    place.Value(bucketField)!, $"bucket {bucket.Quoted()} is not supported: nothing on this machine stands for it, and pawl uses no credentials of buckets yet; "
                        + $"make the folder buckets/{bucket} in the home, or a link of that name, or write the key alone, which is kept in the home's repository");
            }
            return key is { Length: > 0 } || mayBeAll ? new ArtifactLocation.InRepository(string.IsNullOrEmpty(bucket) ? null : bucket, key ?? "") : null;
        }
        if (artifact.Map("plugin", LocationTables.Plugin.Silent) is not { } plugin) { return null; }
        problems.Notice(artifact.Key("plugin")!, "no plugin is asked: the key is one of the home's own repository");
        return plugin.Text("key") is { Length: > 0 } own ? new ArtifactLocation.InRepository(null, own) : null;
    }

    /// <summary>Null where nothing is said.</summary>
    public static ArtifactGc? Gc(Fields owner, Problems problems)
    {
        if (owner.Map("artifactGC", LocationTables.ArtifactGc) is not { } fields || fields.Text("strategy") is not { } strategy) { return null; }
        if (Array.IndexOf(GcStrategies, strategy) is >= 0 and var at) { return (ArtifactGc)Math.Max(0, at - 1); }
        problems.Error(fields.Value("strategy")!, $"unknown strategy {strategy.Quoted()} of artifactGC{Wording.DidYouMean(strategy, GcStrategies)}");
        return null;
    }

    // Without an address Argo says nothing either, until somebody needs it.
    private ArtifactLocation.Http Http(Fields fields)
    {
        var basic = fields.Map("auth", LocationTables.HttpAuth)?.Map("basicAuth", LocationTables.BasicAuth);
        return new(fields.Text("url") ?? "", new HereReader(problems).Headers(fields), Secret(basic, "usernameSecret"), Secret(basic, "passwordSecret"));
    }

    private ArtifactLocation.Http Artifactory(Fields fields) =>
        new(fields.Text("url") ?? "", [], Secret(fields, "usernameSecret"), Secret(fields, "passwordSecret"));

    private ArtifactLocation.Git? Git(Fields fields, string name, bool isOutput)
    {
        if (isOutput) { problems.Error(fields.Node, $"artifact {name.Quoted()}: nothing can be saved in a git repository; write another location, or none"); }
        if (fields.Text("repo") is not { Length: > 0 } repo)
        {
            problems.Error(fields.Value("repo") ?? fields.Node, $"artifact {name.Quoted()}: git.repo is required; write `repo: ADDRESS`");
            return null;
        }
        return new ArtifactLocation.Git(
            repo, fields.Text("revision"), fields.Text("branch"), fields.WholeOrTag("depth"), fields.Flag("singleBranch") ?? false, !(fields.Flag("disableSubmodules") ?? false),
            fields.Texts("fetch"), Secret(fields, "usernameSecret"), Secret(fields, "passwordSecret"), Secret(fields, "sshPrivateKeySecret"),
            fields.Flag("insecureIgnoreHostKey") ?? false);
    }

    private KeyRef? Secret(Fields? fields, string field) => ArgumentReader.KeyRef(fields?.Map(field, KindTables.KeyRef), field, problems);
}
