using System.Diagnostics;
using Pawl.Manifests;
using Xunit;

namespace Pawl.Tests.Manifests;

/// <summary>The small notations inside a manifest: image references, quantities, durations.</summary>
public sealed class Notation
{
    [Theory]
    [InlineData("busybox")]
    [InlineData("python:3.12-slim")]
    [InlineData("my_repo/trainer__x")]
    [InlineData("registry.internal:5000/a/b/c:v1.0.2_x")]
    [InlineData("localhost/x")]
    [InlineData("[::1]:5000/x")]
    [InlineData("repo/trainer@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("repo/trainer:v1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")]
    [InlineData("{{workflow.parameters.image}}")]
    public void Image_references_are_taken(string image) => Assert.DoesNotContain(Image(image), p => p.Message.Contains("image", StringComparison.Ordinal));

    [Theory]
    [InlineData("Trainer", "NAME:TAG")]
    [InlineData("repo//trainer", "NAME:TAG")]
    [InlineData("repo/trainer:", "NAME:TAG")]
    [InlineData("repo/trainer:sha256@<digest>", "repo/trainer@sha256:<64 hex digits>")]
    [InlineData("repo/trainer:v1@sha256:12", "repo/trainer:v1@sha256:<64 hex digits>")]
    [InlineData("", "image: NAME:TAG")]
    public void Malformed_image_references_are_refused(string image, string instead) =>
        Assert.Contains(instead, Assert.Single(Image(image), p => p.Severity is Severity.Error).Message, StringComparison.Ordinal);

    [Fact]
    public void A_long_image_reference_takes_no_time()
    {
        var start = Stopwatch.GetTimestamp();
        Image(string.Concat(Enumerable.Repeat("a-", 100_000)));
        Image(string.Concat(Enumerable.Repeat("a-.", 200)) + "!");
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("500m", 500, "1Gi", 1L << 30)]
    [InlineData("0.5", 500, "128974848", 128974848)]
    [InlineData("2", 2000, "129e6", 129_000_000)]
    [InlineData("'1.5'", 1500, "129M", 129_000_000)]
    [InlineData("1e-1", 100, "1.5Ki", 1536)]
    [InlineData("100u", 1, "100m", 1)]
    public void Quantities_are_those_of_kubernetes(string cpu, long thousandths, string memory, long bytes)
    {
        var result = Checkout.Read(Checkout.WithTemplates($"  - {{name: main, container: {{image: i, command: [c], resources: {{limits: {{cpu: {cpu}, memory: {memory}}}}}}}}}\n"));
        var limits = ((Pawl.Core.Workflows.TemplateBody.Leaf)result.Workflow!.Templates["main"].Body).Container.Resources;
        Assert.Equal((thousandths, bytes), (limits.CpuLimit, limits.MemoryLimit));
    }

    [Theory]
    [InlineData("1Q")]
    [InlineData("-1")]
    [InlineData("1e99")]
    [InlineData("10E")]
    [InlineData("'{{inputs.parameters.x}}'")]
    public void Other_quantities_are_refused(string memory) =>
        Assert.Contains(Checkout.Read(Checkout.WithTemplates($"  - {{name: main, container: {{image: i, command: [c], resources: {{limits: {{memory: {memory}}}}}}}}}\n")).Messages(Severity.Error), m => m.Contains("quantity", StringComparison.Ordinal));

    [Theory]
    [InlineData("30", true)]
    [InlineData("1h30m", true)]
    [InlineData("1.5s", true)]
    [InlineData("300ms", true)]
    [InlineData("{{inputs.parameters.wait}}", true)]
    [InlineData("1d", false)]
    [InlineData("", false)]
    [InlineData("soon", false)]
    public void Durations_are_seconds_or_those_of_go(string duration, bool isTaken)
    {
        var errors = Checkout.Read(Checkout.WithTemplates($"  - {{name: main, inputs: {{parameters: [{{name: wait, value: x}}]}}, suspend: {{duration: \"{duration}\"}}}}\n")).Messages(Severity.Error);
        Assert.Equal(isTaken, errors.Length == 0);
    }

    private static Problem[] Image(string image) =>
        [.. Checkout.Read(Checkout.WithTemplates($"  - name: main\n    container: {{image: \"{image}\", command: [c]}}\n")).Problems.Where(p => !p.Message.Contains("resolve", StringComparison.Ordinal))];
}
