using System.Collections.Immutable;
using Pawl.Core.Attempts;
using Pawl.Core.Chains;
using Pawl.Core.Checkpoints;
using Pawl.Core.Errors;
using Xunit;

namespace Pawl.Tests.Core.Chains;

public class StepHistoryTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void The_first_attempt_has_no_history() => Assert.Equal(new StepHistory(TimeSpan.Zero, 0, null), Of((0, Claim())));

    [Fact]
    public void An_owner_that_vanished_and_one_that_was_preempted_are_interruptions() =>
        Assert.Equal(new StepHistory(TimeSpan.FromSeconds(70), 2, 40), Of(
            (0, Claim()), (50, Made(1, 40)), (100, Claim()), (120, End(3, OutcomeKind.Preempted, ErrorClass.Preempted, null)), (130, Claim())));

    [Fact]
    public void A_failure_of_its_own_is_none() =>
        Assert.Equal(new StepHistory(TimeSpan.FromSeconds(20), 0, 17), Of(
            (0, Claim()), (20, End(1, OutcomeKind.Failed, ErrorClass.Permanent, 17)), (30, Claim())));

    [Fact]
    public void What_a_person_appends_after_the_end_is_no_time_that_was_seen() =>
        Assert.Equal(new StepHistory(TimeSpan.FromSeconds(20), 1, 30), Of(
            (0, Claim()), (20, End(1, OutcomeKind.Preempted, ErrorClass.Preempted, 30)), (5000, Made(1, 10)), (5010, Claim())));

    [Fact]
    public void Steps_of_another_fingerprint_do_not_count() =>
        Assert.Null(Of((0, Claim("other")), (50, Made(1, 40)), (60, Claim())).Reached);

    private static Entry.Claimed Claim(string fingerprint = "f") => new Entry.Claimed("n", 1, fingerprint, 1, "h", "x");

    private static Entry.Checkpointed Made(int claim, long step) => new Entry.Checkpointed(claim, "f", new Checkpoint(step, [], []));

    private static Entry.Ended End(int claim, OutcomeKind kind, ErrorClass cause, long? step) =>
        new Entry.Ended(claim, new Outcome { Kind = kind, Class = cause, Training = new TrainingRecord { Step = step } });

    private static StepHistory Of(params (int Second, Entry Entry)[] chain)
    {
        ImmutableArray<Entry> entries = [.. chain.Select((c, i) => c.Entry with { Number = i + 1, At = Start.AddSeconds(c.Second) })];
        return StepHistory.Of(entries, entries.Length, "f");
    }
}
