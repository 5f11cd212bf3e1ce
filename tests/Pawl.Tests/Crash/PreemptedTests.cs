using Pawl.Core.Attempts;
using Pawl.Core.Chains;
using Xunit;

namespace Pawl.Tests.Crash;

/// <summary>Rehearsed preemptions with and without an engine, and a host that goes.</summary>
[Trait("Category", "Slow")]
public sealed class PreemptedTests
{
    private const int Paused = 3;

    private static readonly string[] ButB = ["a", "c", "d"];

    [Fact]
    public async Task A_rehearsal_stops_the_step_and_starts_it_again_at_once()
    {
        await using var place = new Place(Manifests.Chain(), ButB);
        var engine = place.Start("run", place.Manifest);
        var b = await place.UntilBegan("b");
        Assert.Contains("has no node 'x'", await place.DoAsync(1, "preempt", "@latest", "x"), StringComparison.Ordinal);
        Assert.Contains("nothing of a of ", await place.DoAsync(1, "preempt", "@latest", "a"), StringComparison.Ordinal);
        await place.DoAsync(2, "preempt", "@latest", "--notice", "soon");
        Assert.Contains("b told to go within 30s", await place.DoAsync(0, "preempt", "@latest", "b", "--notice", "30s"), StringComparison.Ordinal);
        await place.UntilBegan("b", times: 2);
        Assert.False(Place.Lives(b.Pid));
        Assert.Equal(OutcomeKind.Preempted, (await place.ChainAsync("crash.b")).OfType<Entry.Ended>().Single().Outcome.Kind);

        place.Open("b");
        await place.EndsAsync(engine, 0);
        Assert.Equal(["a", "b", "b", "c", "d"], place.Ledger().Select(l => l.Step));
        Assert.Contains("cannot preempt", await place.DoAsync(1, "preempt", "@latest"), StringComparison.Ordinal);
        await place.NothingIsLeftAsync();
    }

    [Fact]
    public async Task The_notice_is_the_end_of_a_step_that_does_not_listen_however_long_its_grace_period_is()
    {
        await using var place = new Place(Manifests.Chain("trap '' TERM"), ButB);
        var engine = place.Start("run", place.Manifest, "--grace", "1h");
        await place.UntilBegan("b");
        await place.DoAsync(0, "preempt", "@latest", "--notice", "0s");
        await place.UntilBegan("b", times: 2);
        place.Open("b");
        await place.EndsAsync(engine, 0);
        await place.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_run_without_an_engine_is_preempted_by_who_asks_and_goes_on_at_the_next_resume()
    {
        await using var place = new Place(Manifests.Chain(), ButB);
        var engine = place.Start("run", place.Manifest);
        var b = await place.UntilBegan("b");
        engine.Kill();
        Assert.Contains("told to go", await place.DoAsync(0, "preempt", "@latest"), StringComparison.Ordinal);
        await place.NothingIsLeftAsync();
        Assert.False(Place.Lives(b.Pid));
        Assert.Contains("nothing", await place.DoAsync(1, "preempt", "@latest"), StringComparison.Ordinal);

        place.Open("b");
        await place.DoAsync(0, "resume", "@latest");
        Assert.Equal(["a", "b", "b", "c", "d"], place.Ledger().Select(l => l.Step));
    }

    [Fact]
    public async Task An_engine_killed_with_a_rehearsal_in_its_journal_has_it_carried_out_by_the_next()
    {
        await using var place = new Place(Manifests.Chain(), ButB);
        var engine = place.StartCrashing("engine:before:remove:/inbox/:1", "run", place.Manifest);
        await place.UntilBegan("b");
        var preempt = place.Start("preempt", "@latest");
        await place.EndsAsync(engine, PawlProcess.Killed);
        preempt.Kill();
        var next = place.Start("resume", "@latest");
        await place.UntilBegan("b", times: 2);
        place.Open("b");
        await place.EndsAsync(next, 0);
        Assert.Equal(["a", "b", "b", "c", "d"], place.Ledger().Select(l => l.Step));
        await place.NothingIsLeftAsync();
    }

    [Fact]
    public async Task On_a_host_that_goes_the_next_step_waits_for_a_resume_elsewhere()
    {
        await using var place = new Place(Manifests.Chain(), ButB);
        var file = Path.Combine(place.Folder, "leaves");
        var engine = place.Start("run", place.Manifest, "--notice-file", file);
        await place.UntilBegan("b");
        await File.WriteAllTextAsync(file, """{"seconds": 3600}""");
        await place.UntilPrinted(engine, "Leaving");
        place.Open("b");
        await place.EndsAsync(engine, Paused);
        Assert.Contains("this machine goes by", engine.Printed, StringComparison.Ordinal);

        Assert.Contains("this machine goes by", await place.DoAsync(Paused, "resume", "@latest", "--notice-file", file), StringComparison.Ordinal);
        Assert.Empty(place.Ledger("c"));
        await place.DoAsync(0, "resume", "@latest");
        await place.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_notice_that_is_cancelled_lets_the_run_go_on()
    {
        await using var place = new Place(Manifests.Chain(), ButB);
        var file = Path.Combine(place.Folder, "leaves");
        var engine = place.Start("run", place.Manifest, "--notice-file", file);
        await place.UntilBegan("b");
        Assert.DoesNotContain("System.Net.Http", await File.ReadAllTextAsync($"/proc/{engine.Pid}/maps"), StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, "");
        await place.UntilPrinted(engine, "Leaving");
        File.Delete(file);
        await place.UntilPrinted(engine, "Stays");
        place.Open("b");
        await place.EndsAsync(engine, 0);
        await place.NothingIsLeftAsync();
    }
}
