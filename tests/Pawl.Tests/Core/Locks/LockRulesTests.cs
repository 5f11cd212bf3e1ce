using System.Collections.Immutable;
using Pawl.Core.Locks;
using Pawl.Core.Workflows;
using Xunit;

namespace Pawl.Tests.Core.Locks;

public sealed class LockRulesTests
{
    private static readonly DateTimeOffset Noon = new(2024, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private ImmutableArray<LockRow> _rows = [];
    private int? _limit = 2;

    [Fact]
    public void A_mutex_has_one_holder()
    {
        Assert.Equal("taken", Ask("a", "m"));
        Assert.Equal("Waiting for m lock. Lock status: 0/1", Ask("b", "m"));
        Leave("a");
        Assert.Equal("taken", Ask("b", "m"));
    }

    [Fact]
    public void A_semaphore_has_as_many_as_its_limit_which_may_change()
    {
        Assert.Equal("taken", Ask("a", "s"));
        Assert.Equal("taken", Ask("b", "s"));
        Assert.Equal("Waiting for s lock. Lock status: 0/2", Ask("c", "s"));
        _limit = 3;
        Assert.Equal("taken", Ask("c", "s"));
        _limit = 1;
        Assert.Equal("taken", Ask("c", "s"));
        Assert.Equal("Waiting for s lock. Lock status: 0/1", Ask("d", "s"));
    }

    [Fact]
    public void No_limit_is_a_failure_and_0_is_a_wait()
    {
        _limit = null;
        Assert.Equal("failed: Failed to get semaphore limit for s", Ask("a", "s"));
        Assert.Empty(_rows);
        _limit = 0;
        Assert.Equal("Waiting for s lock. Lock status: 0/0", Ask("a", "s"));
    }

    [Fact]
    public void All_locks_are_taken_or_none()
    {
        Ask("a", "m");
        Assert.Equal("Waiting for m lock. Lock status: 0/1", Ask("b", "s", "m"));
        Assert.DoesNotContain(_rows, r => r.Run == "b" && r.IsHeld);
        Leave("a");
        Assert.Equal("taken", Ask("b", "s", "m"));
    }

    [Fact]
    public void Whoever_waits_for_several_blocks_the_queue_of_each()
    {
        Ask("a", "m");
        Ask("b", "s", "m");
        Assert.Equal("Waiting for s lock. Lock status: 2/2", Ask("c", "s"));
    }

    [Fact]
    public void The_highest_priority_goes_first_then_the_oldest()
    {
        Ask("a", "m");
        Ask("c", 0, 2, "m");
        Ask("b", 0, 1, "m");
        Ask("d", 5, 3, "m");
        Leave("a");
        Assert.StartsWith("Waiting", Ask("c", 0, 2, "m"), StringComparison.Ordinal);
        Assert.StartsWith("Waiting", Ask("b", 0, 1, "m"), StringComparison.Ordinal);
        Assert.Equal("taken", Ask("d", 5, 3, "m"));
        Leave("d");
        Assert.StartsWith("Waiting", Ask("c", 0, 2, "m"), StringComparison.Ordinal);
        Assert.Equal("taken", Ask("b", 0, 1, "m"));
    }

    [Fact]
    public void What_was_taken_is_given_again_and_what_is_known_to_be_held_is_put_back()
    {
        Assert.Equal("taken", Ask("a", "m"));
        Assert.Equal("taken", Ask("a", "m"));
        _rows = [];
        Update("a", 0, 0, [new LockClaim("", [new("m", true)], IsHeld: true)]);
        Assert.StartsWith("Waiting", Ask("b", "m"), StringComparison.Ordinal);
    }

    [Fact]
    public void Holders_of_one_run_have_their_turn_in_one_go()
    {
        var answers = Update("a", 0, 0, [.. "321".Select(c => new LockClaim($"n{c}", [new("s", false)], IsHeld: false))]);
        Assert.Equal(["n1 Taken", "n2 Taken", "n3 Busy"], answers.Select(a => $"{a.Node} {a.GetType().Name}"));
    }

    private string Ask(string run, params string[] locks) => Ask(run, 0, run[0], locks);

    private string Ask(string run, int priority, int age, params string[] locks) =>
        Update(run, priority, age, [new LockClaim("", [.. locks.Select(l => new LockKey(l, l == "m"))], IsHeld: false)]).Single() switch
        {
            LockAnswer.Taken => "taken",
            LockAnswer.Busy b => b.Message,
            LockAnswer.Failed f => $"failed: {f.Message}",
            var other => $"{other}",
        };

    private void Leave(string run) => Update(run, 0, run[0], []);

    private ImmutableArray<LockAnswer> Update(string run, int priority, int age, ImmutableArray<LockClaim> claims)
    {
        (_rows, var answers) = LockRules.Update(_rows, new LockAsker(run, priority, Noon.AddSeconds(age), "me"), claims, _ => _limit);
        return answers;
    }
}
