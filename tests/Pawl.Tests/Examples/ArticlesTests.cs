using Pawl.Tests.Cli;
using Pawl.Tests.Shell;
using Xunit;

namespace Pawl.Tests.Examples;

[Trait("Category", "Slow")]
public sealed class ArticlesTests : PawlProgram
{
    [Theory]
    [InlineData("retry-example", "trained: ")]
    [InlineData("resilient-pipeline", "is Succeeded: nothing to do")]
    [InlineData("ml-training-graph", "checkpoints would go to s3://ml-artifacts/training/")]
    [InlineData("resilient-ml-workflow", "is Succeeded")]
    public async Task A_mended_pipeline_runs_to_its_end(string name, string said)
    {
        var ended = await PawlAsync("run", Checkout.At($"examples/articles/{name}.yaml"), "--name", "w");
        Assert.True(ended.Code == 0, ended.Output + ended.Error);
        Assert.Contains(said, (await PawlAsync("logs", "w")).Output, StringComparison.Ordinal);
    }
}
