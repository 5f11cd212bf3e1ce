using System.CommandLine;
using Pawl.Manifests.Linking;

namespace Pawl.Cli.Verbs.Kept;

/// <summary>The option that means the cluster's templates instead of the namespace's.</summary>
internal static class KeptCluster
{
    public static Option<bool> Option() => new("--cluster") { Description = "A ClusterWorkflowTemplate is meant" };

    public static string Kind(ParseResult parsed, Option<bool> cluster, string[] kinds) =>
        kinds.Contains(Kinds.ClusterWorkflowTemplate) && parsed.GetValue(cluster) ? Kinds.ClusterWorkflowTemplate : kinds[0];
}
