using Xunit;

namespace Pawl.Tests.Crash;

/// <summary>Ctrl-C, gates, and verbs that reach a run with and without an owner.</summary>
[Trait("Category", "Slow")]
public sealed class PausedTests
{
    private const int Paused = 3;

    private static readonly string[] ButB = ["a", "c", "d"];

    [Fact]
    public async Task Ctrl_C_pauses_and_resume_goes_on()
    {
        await using var place = new Place(Manifests.Chain(), ButB);
        var engine = place.Start("run", place.Manifest);
        var b = await place.UntilBegan("b");
        engine.Interrupt();
        await place.EndsAsync(engine, Paused);
        Assert.Contains("Paused", engine.Printed, StringComparison.Ordinal);
        Assert.False(Place.Lives(b.Pid));
        await place.NothingIsLeftAsync();

        place.Open("b");
        await place.DoAsync(0, "resume", "@latest");
        Assert.Equal(["a", "b", "b", "c", "d"], place.Ledger().Select(l => l.Step));
    }

    [Fact]
    public async Task Ctrl_C_twice_kills_a_step_that_does_not_listen()
    {
        await using var place = new Place(Manifests.Chain("trap '' TERM"), ButB);
        var engine = place.Start("run", place.Manifest, "--grace", "1h");
        await place.UntilBegan("b");
        engine.Interrupt();
        await place.UntilPrinted(engine, "steps get SIGTERM");
        engine.Interrupt();
        await place.EndsAsync(engine, Paused);
        await place.NothingIsLeftAsync();

        place.Open("b");
        await place.DoAsync(0, "resume", "@latest");
        Assert.Equal(["a", "b", "b", "c", "d"], place.Ledger().Select(l => l.Step));
    }

    [Fact]
    public async Task An_engine_killed_while_it_pauses_leaves_a_run_that_can_be_resumed()
    {
        await using var place = new Place(Manifests.Chain("trap '' TERM"), ButB);
        var engine = place.Start("run", place.Manifest, "--grace", "1h");
        await place.UntilBegan("b");
        engine.Interrupt();
        await place.UntilPrinted(engine, "steps get SIGTERM");
        engine.Kill();

        // The step had its stop signal, so its attempt is over one way or the other; the run is not.
        place.Open("b");
        await place.DoAsync(0, "resume", "@latest");
        Assert.Single(place.Ledger("a"));
        await place.NothingIsLeftAsync();
    }

    [Fact]
    public async Task Resume_never_passes_a_gate_of_a_run_that_nobody_owns()
    {
        await using var place = new Place(Manifests.Gate(), "a", "b");
        var engine = place.Start("run", place.Manifest);
        await place.UntilPrinted(engine, "waits at gate");
        engine.Kill();

        for (var times = 0; times < 10; times++)
        {
            Assert.Contains("waits at gate", await place.DoAsync(Paused, "resume", "@latest"), StringComparison.Ordinal);
        }
        Assert.Empty(place.Ledger("b"));

        await place.DoAsync(Paused, "resume", "@latest", "--node-field-selector", "displayName=another");
        Assert.Empty(place.Ledger("b"));
        await place.DoAsync(0, "resume", "@latest", "--node-field-selector", "displayName=gate");
        Assert.Equal(["a", "b"], place.Ledger().Select(l => l.Step));
        await place.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_request_whose_owner_dies_before_removing_it_counts_once()
    {
        await using var place = new Place(Manifests.Chain(), ButB);
        var engine = place.StartCrashing("engine:before:remove:/inbox/:1", "run", place.Manifest);
        await place.UntilBegan("b");
        var stop = place.Start("stop", "@latest", "--message", "enough");
        await place.EndsAsync(engine, PawlProcess.Killed);
        stop.Kill();

        var inbox = $"{place.Home}/runs/{place.Run}/inbox";
        Assert.Single(Directory.GetFiles(inbox, "*.json"));
        await place.DoAsync(1, "resume", "@latest");
        Assert.Empty(Directory.GetFiles(inbox, "*.json"));
        var journal = await File.ReadAllTextAsync($"{place.Home}/runs/{place.Run}/journal/1.jsonl");
        Assert.Single(journal.Split('\n'), l => l.Contains("\"ShutdownBegan\"", StringComparison.Ordinal));
        await place.NothingIsLeftAsync();
    }

    [Fact]
    public async Task A_run_without_an_owner_is_stopped_by_who_asks()
    {
        await using var place = new Place(Manifests.Chain(), ButB);
        var engine = place.Start("run", place.Manifest);
        var b = await place.UntilBegan("b");
        engine.Kill();
        Assert.True(Place.Lives(b.Pid));

        await place.DoAsync(0, "stop", "@latest");
        Assert.False(Place.Lives(b.Pid));
        Assert.Contains("Failed", await place.DoAsync(0, "get", "@latest"), StringComparison.Ordinal);
        await place.NothingIsLeftAsync();

        place.Open("b");
        await place.DoAsync(0, "retry", "@latest");
        Assert.Equal(["a", "b", "b", "c", "d"], place.Ledger().Select(l => l.Step));
    }

    [Fact]
    public async Task A_run_with_an_owner_is_stopped_by_it()
    {
        await using var place = new Place(Manifests.Chain(), ButB);
        var engine = place.Start("run", place.Manifest);
        await place.UntilBegan("b");
        Assert.Contains("has not ended", await place.DoAsync(1, "retry", "@latest"), StringComparison.Ordinal);
        await place.DoAsync(0, "stop", "@latest");
        await place.EndsAsync(engine, 1);
        Assert.Equal(["a", "b"], place.Ledger().Select(l => l.Step));
        await place.NothingIsLeftAsync();
    }

    [Fact]
    public async Task Delete_takes_only_what_has_ended_unless_forced()
    {
        await using var place = new Place(Manifests.Chain(), ButB);
        var engine = place.Start("run", place.Manifest);
        var b = await place.UntilBegan("b");
        Assert.Contains($"process {engine.Pid} on ", await place.DoAsync(1, "delete", "@latest"), StringComparison.Ordinal);
        engine.Kill();
        Assert.Contains("has not ended", await place.DoAsync(1, "delete", "@latest"), StringComparison.Ordinal);
        Assert.True(Place.Lives(b.Pid));

        await place.DoAsync(0, "delete", "@latest", "--force");
        Assert.False(Place.Lives(b.Pid));
        Assert.Equal("", (await place.DoAsync(0, "list", "-o", "name")).Trim());
        Assert.Empty(Directory.GetDirectories($"{place.Home}/runs"));
        await place.NothingIsLeftAsync();
    }

    [Fact]
    public async Task Delete_by_force_sends_the_owner_away()
    {
        await using var place = new Place(Manifests.Chain("trap '' TERM"), ButB);
        var engine = place.Start("run", place.Manifest, "--grace", "1h");
        await place.UntilBegan("b");
        await place.DoAsync(0, "delete", "@latest", "--force");
        await place.EndsAsync(engine, Paused);
        Assert.Empty(Directory.GetDirectories($"{place.Home}/runs"));
        await place.NothingIsLeftAsync();
    }
}
