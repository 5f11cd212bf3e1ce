using Pawl.Manifests;
using Pawl.Tests.Shell;
using Xunit;

namespace Pawl.Tests.Examples;

public sealed class ManifestsTests
{
    [Theory]
    [InlineData("hello/pipeline.yaml")]
    [InlineData("gate/pipeline.yaml")]
    [InlineData("digits/pipeline.yaml")]
    [InlineData("pytorch-digits/pipeline.yaml")]
    [InlineData("articles/retry-example.yaml")]
    [InlineData("articles/resilient-pipeline.yaml")]
    [InlineData("articles/ml-training-graph.yaml")]
    [InlineData("articles/resilient-ml-workflow.yaml")]
    public void Examples_are_read_without_a_word(string example)
    {
        var path = $"examples/{example}";
        var read = ManifestReader.Read(path, File.ReadAllBytes(Checkout.At(path)));

        Assert.Empty(read.Problems);
        Assert.NotNull(read.Workflow);
    }
}
