namespace Pawl.Manifests.Argo;

/// <summary>The fields of the places that artifacts are in, and of the templates that the supervisor does itself.</summary>
internal static class LocationTables
{
    // A folder stands for the bucket: nothing that concerns a real one matters.
    public static readonly FieldTable S3 = new(
        "s3", "bucket key",
        noEffect: "accessKeySecret addressingStyle caSecret createBucketIfNotPresent disableHTTP encryptionOptions endpoint insecure numParallelTransfers "
            + "partSize region roleARN secretKeySecret sessionTokenSecret useSDKCreds");

    public static readonly FieldTable Gcs = new("gcs", "bucket key", noEffect: "serviceAccountKeySecret");

    public static readonly FieldTable Azure = new("azure", "container blob", noEffect: "accountKeySecret endpoint useSDKCreds");

    public static readonly FieldTable Oss = new(
        "oss", "bucket key", noEffect: "accessKeySecret createBucketIfNotPresent endpoint lifecycleRule secretKeySecret securityToken useSDKCreds");

    public static readonly FieldTable Plugin = new("plugin", "key", noEffect: "name configuration connectionTimeoutSeconds");

    public static readonly FieldTable Artifactory = new("artifactory", "url usernameSecret passwordSecret");

    public static readonly FieldTable Http = new("http artifact", "url headers auth");

    public static readonly FieldTable HttpAuth = new(
        "auth", "basicAuth", unsupported: "clientCert oauth2", instead: [("oauth2", "fetch it in a step"), ("clientCert", "fetch it in a step")]);

    public static readonly FieldTable BasicAuth = new("basicAuth", "usernameSecret passwordSecret");

    public static readonly FieldTable Git = new(
        "git",
        "repo revision branch depth singleBranch disableSubmodules fetch usernameSecret passwordSecret sshPrivateKeySecret insecureIgnoreHostKey",
        noEffect: "insecureSkipTLS");

    public static readonly FieldTable ArtifactGc = new(
        "artifactGC", "strategy", noEffect: "forceFinalizerRemoval podMetadata podSpecPatch serviceAccountName");

    public static readonly FieldTable RepositoryRef = new("artifactRepositoryRef", "configMap key");

    public static readonly FieldTable HttpTemplate = new(
        "http", "url method headers body bodyFrom timeoutSeconds insecureSkipVerify successCondition");

    public static readonly FieldTable HttpHeader = new("header", "name value valueFrom");

    public static readonly FieldTable HeaderValueFrom = new("valueFrom of a header", "secretKeyRef");

    public static readonly FieldTable BodyFrom = new("bodyFrom", "bytes");

    public static readonly FieldTable DataTemplate = new("data", "source transformation");

    public static readonly FieldTable DataSource = new("source of data", "artifactPaths");

    public static readonly FieldTable Transformation = new("transformation", "expression");
}
