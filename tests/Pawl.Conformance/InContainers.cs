using Pawl.Core.Workflows;

namespace Pawl.Conformance;

/// <summary>The rows in real containers instead of on this machine, where PAWL_CONFORMANCE_EXECUTOR says so.</summary>
internal static class InContainers
{
    // As `tests/containers --corpus` makes them.
    private static readonly string[] Images =
        ["busybox", "busybox:latest", "alpine:3.23", "argoproj/argosay:v1", "argoproj/argosay:v2", "docker/whalesay", "docker/whalesay:latest", "python:alpine3.23"];

    private static bool AreWanted => Environment.GetEnvironmentVariable("PAWL_CONFORMANCE_EXECUTOR") is "container";

    public static IEnumerable<string> Options => AreWanted ? ["--executor", "container"] : [];

    /// <summary>Every image of the row is here; on this machine something stands for each.</summary>
    public static bool CanPlay(Reading reading) => !AreWanted || (reading.Result.Workflow?.Templates.Values.All(t => HasImages(t.Body)) ?? false);

    private static bool HasImages(TemplateBody body) =>
        body is not TemplateBody.Leaf leaf || leaf.Together.Concat(leaf.Init.Select(i => i.Container)).All(c => c.Image is null || Images.Contains(c.Image));
}
