using Pawl.Core.Chains;
using Xunit;

namespace Pawl.Tests.Crash;

/// <summary>SIGKILL at every named point, then resume: the run succeeds, and what was completed ran once.</summary>
public sealed class NamedPointTests
{
    private static readonly string[] Steps = ["a", "b", "c", "d"];

    public static TheoryData<string> Quick => new(NamedPoints.All.Where(p => p.Quick).Select(p => p.Name));

    public static TheoryData<string> Others => new(NamedPoints.All.Where(p => !p.Quick).Select(p => p.Name));

    [Theory]
    [MemberData(nameof(Quick))]
    public Task A_run_killed_here_is_resumed(string point) => KillAndResumeAsync(NamedPoints.All.Single(p => p.Name == point));

    [Theory]
    [Trait("Category", "Slow")]
    [MemberData(nameof(Others))]
    public Task A_run_killed_anywhere_is_resumed(string point) => KillAndResumeAsync(NamedPoints.All.Single(p => p.Name == point));

    private static async Task KillAndResumeAsync(NamedPoint point)
    {
        await using var place = new Place(Manifests.Chain(), Steps);
        await place.EndsAsync(place.StartCrashing(point.Text, "run", place.Manifest), point.KillsEngine ? PawlProcess.Killed : 0);
        foreach (var p in point.Points) { await place.Until(() => place.WasReached(p), $"{p} was reached"); }

        if (point.NoRun)
        {
            Assert.Contains("There is no run", await place.DoAsync(1, "resume", "@latest"), StringComparison.Ordinal);
            Assert.Empty(place.Ledger());
            await place.DoAsync(0, "run", place.Manifest);
            Assert.Equal("crash", (await place.DoAsync(0, "list", "-o", "name")).Trim());
            Assert.Equal(Steps, place.Ledger().Select(b => b.Step));
            await place.NothingIsLeftAsync();
            return;
        }

        if (point.KillsEngine)
        {
            await place.DoAsync(0, "resume", "@latest");
        }
        foreach (var step in Steps)
        {
            var times = step == "b" && point.Repeats ? 2 : 1;
            Assert.True(place.Ledger(step).Count == times, $"{step} began {place.Ledger(step).Count} times, not {times}\n{place.Printed}");
            var chain = await place.ChainAsync($"crash.{step}");
            Assert.Single(chain.OfType<Entry.Completed>());
            Assert.Equal(chain.OfType<Entry.Claimed>().Select(c => c.Attempt), chain.OfType<Entry.Claimed>().Select(c => c.Attempt).Distinct());
        }
        Assert.Equal("a\nb\nc\nd\n", await File.ReadAllTextAsync(place.Artifact("crash.d", "out")));
        Assert.Contains("Succeeded", await place.DoAsync(0, "get", "@latest"), StringComparison.Ordinal);
        await place.NothingIsLeftAsync();
    }
}
