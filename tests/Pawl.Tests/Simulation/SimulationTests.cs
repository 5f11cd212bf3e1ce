using System.Collections.Concurrent;
using System.Globalization;
using Pawl.Simulation;
using Pawl.Simulation.Bugs;
using Xunit;

namespace Pawl.Tests.Simulation;

/// <summary>The real run loop, supervisor, chain and promotion in thousands of made-up worlds.</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    // PAWL_SEEDS raises it; every test run does at least these.
    private static readonly int Seeds = Math.Max(
        2000, int.TryParse(Environment.GetEnvironmentVariable("PAWL_SEEDS"), CultureInfo.InvariantCulture, out var wanted) ? wanted : 0);

    [Fact]
    public void Every_invariant_holds_in_every_seed()
    {
        var broken = new ConcurrentBag<SimulationResult>();
        long turns = 0, starts = 0, faults = 0;
        Parallel.For(1, Seeds + 1, (seed, state) =>
        {
            var result = SimulatedRun.Play((ulong)seed);
            Interlocked.Add(ref turns, result.Turns);
            Interlocked.Add(ref starts, result.Starts);
            Interlocked.Add(ref faults, result.Faults);
            if (result.Violation is null) { return; }
            broken.Add(result);
            if (broken.Count >= 10) { state.Stop(); }
        });
        output.WriteLine($"{Seeds:N0} seeds: {turns:N0} turns, {starts:N0} starts of programs, {faults:N0} faults");
        Assert.True(broken.IsEmpty, string.Join(Environment.NewLine, broken.OrderBy(b => b.Seed).Select(b => b.Report(bug: null))));
    }

    [Fact]
    public void Every_planted_bug_is_found()
    {
        var rows = new ConcurrentDictionary<string, (bool Found, string Row)>();
        Parallel.ForEach(Partitioner.Create(Catalogue.Names, EnumerablePartitionerOptions.NoBuffering), name =>
        {
            var bug = Catalogue.Named(name);
            var found = BugTable.FindFirst(bug, bug.From, (ulong)Seeds);
            rows[name] = (found is not null, BugTable.Row(bug, bug.From, found));
        });
        var table = string.Join(Environment.NewLine, Catalogue.Names.Select(n => rows[n].Row));
        output.WriteLine(table);

        // ./test prints it; a passed test's own output is not shown.
        if (Environment.GetEnvironmentVariable("PAWL_BUG_TABLE") is { Length: > 0 } file) { File.WriteAllText(file, table + Environment.NewLine); }
        Assert.True(rows.Count >= 20 && rows.Values.All(r => r.Found), table);
    }

    [Fact]
    public void A_seed_is_the_same_world_every_time()
    {
        for (var seed = 1UL; seed <= 40; seed++)
        {
            var (first, again) = (SimulatedRun.Play(seed), SimulatedRun.Play(seed));
            Assert.Equal((first.TraceHash, first.Turns, first.Phase), (again.TraceHash, again.Turns, again.Phase));
        }
    }

    [Fact]
    public void Seeds_differ()
    {
        var hashes = Enumerable.Range(1, 40).Select(seed => SimulatedRun.Play((ulong)seed).TraceHash).ToHashSet();
        Assert.Equal(40, hashes.Count);
    }

    [Fact]
    public void A_failure_prints_the_command_that_replays_it()
    {
        var bug = Catalogue.Named("claim-skipped");
        var found = BugTable.FindFirst(bug, from: 1, seeds: 100)!;
        Assert.Contains($"dotnet run --project tests/Pawl.Simulation -- --from {found.Seed} --seeds 1 --bug claim-skipped --trace", found.Report(bug), StringComparison.Ordinal);
        Assert.Equal(found.TraceHash, SimulatedRun.Play(found.Seed, Catalogue.Named("claim-skipped")).TraceHash);
    }
}
