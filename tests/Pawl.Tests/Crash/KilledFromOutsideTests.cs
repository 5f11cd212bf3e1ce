using System.Text.Json;
using Pawl.Core.Chains;
using Xunit;

namespace Pawl.Tests.Crash;

/// <summary>SIGKILL of engine, supervisor and step, alone and together, while a step runs.</summary>
public sealed class KilledFromOutsideTests
{
    private static readonly string[] ButB = ["a", "c", "d"];

    [Fact]
    public async Task A_step_whose_engine_was_killed_is_adopted_by_the_next_one()
    {
        await using var place = new Place(Manifests.Chain(), ButB);
        var (engine, b) = await StartAsync(place);
        engine.Kill();
        Assert.True(Place.Lives(b.Pid), place.Printed);

        var second = place.Start("resume", "@latest");
        await place.Until(() => place.Owner() == second.Pid, "the second engine owned the run");
        Assert.True(Place.Lives(b.Pid), place.Printed);
        place.Open("b");
        await place.EndsAsync(second, 0);

        Assert.Equal(b, Assert.Single(place.Ledger("b")));
        Assert.Single((await place.ChainAsync("crash.b")).OfType<Entry.Claimed>());
        await OthersRanOnceAsync(place);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_second_engine_is_told_who_owns_the_run()
    {
        await using var place = new Place(Manifests.Chain(), ButB);
        var (engine, b) = await StartAsync(place);

        Assert.Contains($"process {engine.Pid} on ", await place.DoAsync(1, "resume", "@latest", "--engine"), StringComparison.Ordinal);
        Assert.Contains($"process {engine.Pid} on ", await place.DoAsync(0, "resume", "@latest", "--dry-run"), StringComparison.Ordinal);
        await place.DoAsync(0, "resume", "@latest");

        place.Open("b");
        await place.EndsAsync(engine, 0);
        Assert.Equal(b, Assert.Single(place.Ledger("b")));
        await OthersRanOnceAsync(place);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Of_many_engines_that_start_at_once_one_owns_the_run()
    {
        await using var place = new Place(Manifests.Chain(), ButB);
        var (engine, b) = await StartAsync(place);
        engine.Kill();

        var engines = Enumerable.Range(0, 5).Select(_ => place.Start("resume", "@latest", "--engine")).ToList();
        await place.Until(() => engines.Count(e => e.HasEnded) == 4, "all but one gave up");
        var owner = engines.Single(e => !e.HasEnded);
        foreach (var other in engines.Where(e => e != owner))
        {
            await place.EndsAsync(other, 1);
            Assert.Contains($"process {owner.Pid} on ", other.Printed, StringComparison.Ordinal);
        }
        place.Open("b");
        await place.EndsAsync(owner, 0);
        Assert.Equal(b, Assert.Single(place.Ledger("b")));
        await OthersRanOnceAsync(place);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_submitted_run_whose_engine_was_killed_is_listed_as_such_and_resumed()
    {
        await using var place = new Place(Manifests.Chain(), ButB);
        await place.DoAsync(0, "submit", place.Manifest);
        var b = await place.UntilBegan("b");
        var engine = place.Owner();
        Place.Kill(engine);
        await place.Until(() => !Place.Lives(engine), "the engine died");
        Assert.Contains("no engine", await place.DoAsync(0, "list"), StringComparison.Ordinal);

        place.Open("b");
        await place.DoAsync(0, "resume", "@latest");
        Assert.Equal(b, Assert.Single(place.Ledger("b")));
        await OthersRanOnceAsync(place);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_step_whose_supervisor_was_killed_is_lost_and_starts_again()
    {
        await using var place = new Place(Manifests.Chain(), ButB);
        var (engine, b) = await StartAsync(place);
        Place.Kill(place.Supervisor("crash.b"));

        await BeganAgainAsync(place, b, attempt: 2);
        place.Open("b");
        await place.EndsAsync(engine, 0);
        await OthersRanOnceAsync(place);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task With_engine_and_supervisor_killed_the_step_starts_again()
    {
        await using var place = new Place(Manifests.Chain(), ButB);
        var (engine, b) = await StartAsync(place);
        Place.Kill(place.Supervisor("crash.b"));
        engine.Kill();

        var second = place.Start("resume", "@latest");
        await BeganAgainAsync(place, b, attempt: 2);
        place.Open("b");
        await place.EndsAsync(second, 0);
        await OthersRanOnceAsync(place);
    }

    [Fact]
    public async Task With_all_three_killed_only_the_running_step_starts_again()
    {
        await using var place = new Place(Manifests.Chain(), ButB);
        var (engine, b) = await StartAsync(place);
        Place.Kill(place.Supervisor("crash.b"), engine.Pid, b.Pid);
        await place.EndsAsync(engine, PawlProcess.Killed);

        var second = place.Start("resume", "@latest");
        await BeganAgainAsync(place, b, attempt: 2);
        place.Open("b");
        await place.EndsAsync(second, 0);
        await OthersRanOnceAsync(place);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_step_that_a_stranger_killed_has_failed()
    {
        await using var place = new Place(Manifests.Chain(), ButB);
        var (engine, b) = await StartAsync(place);
        Place.Kill(b.Pid);

        await place.EndsAsync(engine, 1);
        Assert.Single(place.Ledger("b"));
        using var run = JsonDocument.Parse(await place.DoAsync(0, "get", "@latest", "-o", "json"));
        var ended = Assert.Single((await place.ChainAsync("crash.b")).OfType<Entry.Ended>()).Outcome;
        Assert.Equal(137, ended.ExitCode);
        Assert.Equal(Pawl.Core.Errors.ErrorClass.Killed, ended.Class);
        Assert.Equal("Failed", run.RootElement.GetProperty("status").GetProperty("phase").GetString());
        await place.NothingIsLeftAsync();
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_killed_step_spends_a_retry()
    {
        await using var place = new Place(Manifests.Chain(retry: "{limit: 1}"), ButB);
        var (engine, b) = await StartAsync(place);
        Assert.Equal("crash.b(0)", b.Node);
        Place.Kill(b.Pid);

        var again = await place.UntilBegan("b", times: 2);
        Assert.Equal(("crash.b(1)", 1), (again.Node, again.Attempt));
        place.Open("b");
        await place.EndsAsync(engine, 0);
        await OthersRanOnceAsync(place);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task A_step_that_was_killed_while_nobody_owned_the_run_spends_a_retry_too()
    {
        await using var place = new Place(Manifests.Chain(retry: "{limit: 1}"), ButB);
        var (engine, b) = await StartAsync(place);
        engine.Kill();
        Place.Kill(b.Pid);
        await place.Until(() => place.Processes().Count == 0, "the supervisor ended");

        var second = place.Start("resume", "@latest");
        var again = await place.UntilBegan("b", times: 2);
        Assert.Equal(("crash.b(1)", 1), (again.Node, again.Attempt));
        place.Open("b");
        await place.EndsAsync(second, 0);
        await OthersRanOnceAsync(place);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Nothing_of_a_lost_attempt_is_left_when_the_next_begins_not_even_a_daemon()
    {
        // Forked twice, in a session of its own, and it keeps the step's stdout open.
        const string Daemon = "( setsid sh -c 'echo $$ >> $PLACE/daemons; exec sleep 100000' & )\nwhile [ ! -s $PLACE/daemons ]; do sleep 0.05; done";
        await using var place = new Place(Manifests.Chain(Daemon), "a", "c", "d");
        var (engine, b) = await StartAsync(place);
        await place.Until(() => place.Daemons.Count == 2, "the daemons of a and b run");
        Assert.False(Place.Lives(place.Daemons[0]), $"the daemon of step a outlived it\n{place.Printed}");
        Assert.True(Place.Lives(place.Daemons[1]), place.Printed);

        Place.Kill(place.Supervisor("crash.b"));
        await BeganAgainAsync(place, b, attempt: 2);
        Assert.False(Place.Lives(place.Daemons[1]), $"the daemon of the lost attempt lives\n{place.Printed}");

        place.Open("b");
        await place.EndsAsync(engine, 0);
        await OthersRanOnceAsync(place);
        Assert.DoesNotContain(place.Daemons, Place.Lives);
    }

    private static async Task<(PawlProcess Engine, Began B)> StartAsync(Place place)
    {
        var engine = place.Start("run", place.Manifest);
        return (engine, await place.UntilBegan("b"));
    }

    private static async Task BeganAgainAsync(Place place, Began before, int attempt)
    {
        var again = await place.UntilBegan("b", times: 2);
        Assert.Equal((before.Node, attempt), (again.Node, again.Attempt));
        Assert.NotEqual(before.Pid, again.Pid);
        Assert.False(Place.Lives(before.Pid), $"process {before.Pid} of the lost attempt lives beside the next\n{place.Printed}");
    }

    private static async Task OthersRanOnceAsync(Place place)
    {
        Assert.Equal(ButB, place.Ledger().Where(b => b.Step != "b").Select(b => b.Step));
        await place.NothingIsLeftAsync();
    }
}
