using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics;
using Xunit;

namespace Pawl.Conformance;

/// <summary>Whether manifests are taken, refused and run as Argo does it.</summary>
/// <remarks>
/// Argo's manifests are always read, and played with PAWL_CONFORMANCE_PLAY=1, which takes some five minutes; the project's own are always played.
/// PAWL_CONFORMANCE=TEXT looks at the rows with this in their name only; PAWL_CONFORMANCE_TABLE=FILE gets the tables; PAWL_CONFORMANCE_UPDATE=1 writes
/// not-yet.txt anew; PAWL_CONFORMANCE_STRICT=1 fails where a listed row passes; PAWL_CONFORMANCE_LONG=1 plays those too that take a quarter of an
/// hour; PAWL_CONFORMANCE_KEEP=1 keeps the homes. PAWL_CONFORMANCE_EXECUTOR=container plays the rows whose images tests/containers makes, in those:
/// <c>eval "$(tests/containers --corpus)"</c> first.
/// </remarks>
[Trait("Category", "Slow")]
public sealed class ConformanceTests
{
    // More than there are cores: most rows wait for a sleep or for a process to start.
    private const int AtOnce = 6;

    [Fact]
    public Task Own_manifests_get_argos_answer() => CheckAsync("Own manifests", Row.Read("own", Checkout.Own("manifests")), plays: true);

    [Fact]
    public async Task Argos_manifests_get_argos_answer()
    {
        if (Checkout.Argo is not { } folder)
        {
            Assert.Skip("Argo's manifests are not there: corpus/argo in the folder that PAWL_SHARED names, or in ../shared beside the checkout");
            return;
        }
        await CheckAsync("Argo's manifests", Row.Read("argo", folder), plays: Option("_PLAY").Length > 0);
    }

    private static async Task CheckAsync(string title, ImmutableArray<Row> rows, bool plays)
    {
        var library = new Library(rows);
        var watch = Stopwatch.StartNew();
        var verdicts = new ConcurrentBag<Verdict>();
        var wanted = rows.Where(r => r.Name.Contains(Option(""), StringComparison.Ordinal));
        await Parallel.ForEachAsync(wanted, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (row, _) =>
        {
            var reading = Reading.Of(row, library);
            verdicts.Add(reading.Validity());
            if (!row.IsPlayed || !plays || !InContainers.CanPlay(reading)) { return; }
            // What takes too long for every day says so in its reason.
            var isLong = !Play.PlaysLong && Lists.Exceptions.GetValueOrDefault(row.Name, "").Contains("PAWL_CONFORMANCE_LONG", StringComparison.Ordinal);
            verdicts.Add(isLong ? new Verdict(row, Check.Run, Play.TimeOver) : await Play.VerdictAsync(row, reading, library));
        });
        // A row that was too quick or too slow for its actions beside the others gets a second chance alone.
        foreach (var failed in new Table(title, verdicts, watch.Elapsed).Failures.Where(v => v.Check == Check.Run).ToList())
        {
            verdicts = [.. verdicts.Where(v => v != failed), await Play.VerdictAsync(failed.Row, Reading.Of(failed.Row, library), library)];
        }
        var table = new Table(title, verdicts, watch.Elapsed);
        TestContext.Current.TestOutputHelper?.WriteLine(table.ToString());
        table.Save();
        if (Option("_UPDATE").Length > 0)
        {
            Lists.Update(verdicts);
            return;
        }
        Assert.True(!table.Failures.Any(), $"These rows do not pass and are not listed:\n{table}");
        Assert.True(Option("_STRICT").Length == 0 || !table.Surprises.Any(), $"These rows are listed and pass:\n{table}");
    }

    private static string Option(string name) => Environment.GetEnvironmentVariable("PAWL_CONFORMANCE" + name) ?? "";
}
