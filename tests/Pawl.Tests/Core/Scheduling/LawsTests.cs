using Xunit;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>Random workflows in a random world. The laws are asked after every turn, the oracle at the end; a failure names its seed.</summary>
public sealed class LawsTests
{
    private const int Seeds = 300;

    [Fact]
    public void Every_random_run_keeps_the_laws_and_ends_as_a_naive_walk_says()
    {
        var ended = 0;
        for (var seed = 0; seed < Seeds; seed++)
        {
            var run = new RandomRun(seed);
            try
            {
                Oracle.Agrees(run.Play().Run);
                ended++;
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, after {run.Story?.Journal.Count} events: {e.Message}\n{e.StackTrace}");
            }
        }
        Assert.Equal(Seeds, ended);
    }
}
