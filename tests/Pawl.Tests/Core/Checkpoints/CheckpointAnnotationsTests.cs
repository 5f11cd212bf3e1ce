using Pawl.Core.Checkpoints;
using Xunit;

namespace Pawl.Tests.Core.Checkpoints;

public class CheckpointAnnotationsTests
{
    [Fact]
    public void Without_annotations_all_is_as_by_default() => Assert.Equal(CheckpointPolicy.Default, Read([]).Policy);

    [Fact]
    public void Every_annotation_is_read()
    {
        var (policy, problems) = Read(new()
        {
            ["pawl.dev/checkpoint-every"] = "5m",
            ["pawl.dev/checkpoint-keep"] = "2",
            ["pawl.dev/checkpoint-keep-every"] = "10",
            ["pawl.dev/checkpoint-ignore"] = "*.log, events/*",
            ["pawl.dev/hang-after"] = "90s",
            ["example.com/other"] = "1",
        });
        Assert.Empty(problems);
        Assert.Equal(new CheckpointEvery.Time(TimeSpan.FromMinutes(5)), policy.Every);
        Assert.Equal((2, 10), (policy.Keep, policy.KeepEvery));
        Assert.Equal(["*.log", "events/*"], policy.Ignore);
        Assert.Equal(TimeSpan.FromSeconds(90), policy.HangAfter);
    }

    [Fact]
    public void A_bare_number_counts_steps() => Assert.Equal(new CheckpointEvery.Steps(100), Read(new() { ["pawl.dev/checkpoint-every"] = "100" }).Policy.Every);

    [Theory]
    [InlineData("pawl.dev/checkpoint-every", "0")]
    [InlineData("pawl.dev/checkpoint-every", "-1")]
    [InlineData("pawl.dev/checkpoint-every", "often")]
    [InlineData("pawl.dev/checkpoint-every", "1d")]
    [InlineData("pawl.dev/checkpoint-keep", "0")]
    [InlineData("pawl.dev/checkpoint-keep", "99999999999")]
    [InlineData("pawl.dev/checkpoint-keep-every", "x")]
    [InlineData("pawl.dev/hang-after", "0s")]
    public void A_value_that_cannot_be_is_a_problem_and_leaves_the_default(string name, string text)
    {
        var (policy, problems) = Read(new() { [name] = text });
        Assert.Equal(CheckpointPolicy.Default, policy);
        Assert.Contains($"'{text}' cannot be {name}; write ", Assert.Single(problems), StringComparison.Ordinal);
    }

    private static (CheckpointPolicy Policy, List<string> Problems) Read(Dictionary<string, string> annotations)
    {
        var problems = new List<string>();
        return (CheckpointAnnotations.Read(annotations, (_, problem) => problems.Add(problem)), problems);
    }
}
