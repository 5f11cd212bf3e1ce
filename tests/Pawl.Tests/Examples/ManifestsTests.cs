using Pawl.Manifests;
using Pawl.Tests.Shell;
using Xunit;

namespace Pawl.Tests.Examples;

public sealed class ManifestsTests
{
    [Theory]
    [InlineData("hello")]
    [InlineData("gate")]
    [InlineData("digits")]
    [InlineData("pytorch-digits")]
    public void Examples_are_read_without_a_word(string example)
    {
        var path = $"examples/{example}/pipeline.yaml";
        var read = ManifestReader.Read(path, File.ReadAllBytes(Checkout.At(path)));

        Assert.Empty(read.Problems);
        Assert.NotNull(read.Workflow);
    }
}
