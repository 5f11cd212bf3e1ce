using System.Globalization;
using Pawl.Core.Chains;
using Pawl.Core.Workflows;
using Pawl.Storage.Files;
using Xunit;

namespace Pawl.Tests.Crash;

/// <summary>Not at chosen points but at every one: the first call to the disk, the second, and so on.</summary>
[Trait("Category", "Slow")]
public sealed class EveryCallTests
{
    // More calls than one engine makes from opening a run to its end.
    private const int MostCalls = 200;

    // More than a supervisor makes in the folders of its step.
    private const int SupervisorCalls = 24;

    [Theory]
    [InlineData("before")]
    [InlineData("after")]
    public async Task Engines_that_die_at_their_first_call_second_call_and_so_on_bring_a_run_to_its_end(string when)
    {
        string[] steps = ["a", "b", "c", "d"];
        await using var place = new Place(Manifests.Chain(), steps);
        await place.EndsAsync(place.StartCrashing("engine:after:flush:/journal/:1", "run", place.Manifest), PawlProcess.Killed);

        var call = 0;
        for (var code = PawlProcess.Killed; code == PawlProcess.Killed && call < MostCalls;)
        {
            var engine = place.StartCrashing(string.Create(CultureInfo.InvariantCulture, $"engine:{when}:any:/:{++call}"), "resume", "@latest");
            code = await engine.EndAsync();
            Assert.True(code is PawlProcess.Killed or 0, $"call {call}: exit code {code}\n{place.Printed}");
        }

        Assert.True(call is > 10 and < MostCalls, $"{call} engines");
        Assert.Equal(steps, place.Ledger().Select(b => b.Step));
        foreach (var step in steps) { Assert.Single((await place.ChainAsync($"crash.{step}")).OfType<Entry.Claimed>()); }
        await place.NothingIsLeftAsync();
    }

    [Theory]
    [InlineData("before")]
    [InlineData("after")]
    public async Task A_supervisor_that_dies_at_any_call_costs_at_most_one_more_try(string when)
    {
        var steps = Enumerable.Range(1, SupervisorCalls).Select(n => string.Create(CultureInfo.InvariantCulture, $"s{n}")).ToArray();
        var points = steps.Select((s, i) => new CrashPoint("supervisor", when == "after", "any", $"/{Names.Folder($"crash.{s}")}/", i + 1)).ToArray();
        await using var place = new Place(Manifests.Dag("", "", [.. steps.Select(s => (s, ""))]), steps);
        var crash = string.Join(';', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Role}:{when}:{p.Call}:{p.PathPart}:{p.Count}")));
        await place.EndsAsync(place.StartCrashing(crash, "run", place.Manifest), 0);

        Assert.True(points.Count(place.WasReached) > 10, $"only {points.Count(place.WasReached)} supervisors died");
        foreach (var (step, point) in steps.Zip(points))
        {
            var chain = await place.ChainAsync($"crash.{step}");
            var claims = chain.OfType<Entry.Claimed>().ToList();
            Assert.Single(chain.OfType<Entry.Completed>());
            Assert.InRange(claims.Count, 1, place.WasReached(point) ? 2 : 1);
            Assert.InRange(place.Ledger(step).Count, 1, claims.Count);
        }
        await place.NothingIsLeftAsync();
    }
}
