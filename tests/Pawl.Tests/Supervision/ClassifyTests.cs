using Pawl.Core.Attempts;
using Pawl.Core.Errors;
using Pawl.Supervision;
using Xunit;

namespace Pawl.Tests.Supervision;

public sealed class ClassifyTests
{
    private static readonly Halt Preemption = new(HaltCause.Preemption, "the host goes");

    [Fact]
    public void A_process_killed_when_memory_ran_out_is_out_of_memory_in_Argos_words() =>
        Assert.Equal(
            new Verdict(OutcomeKind.Failed, ErrorClass.OutOfMemory, 137, "main: OOMKilled (exit code 137)"),
            Classify.Ended(new ProcessEnd(137, 9, OutOfMemory: true), null));

    [Fact]
    public void A_command_whose_child_ran_out_of_memory_is_out_of_memory_too() =>
        Assert.Equal(ErrorClass.OutOfMemory, Classify.Ended(new ProcessEnd(1, null, OutOfMemory: true), null).Class);

    [Fact]
    public void A_command_that_coped_with_a_child_out_of_memory_has_succeeded() =>
        Assert.Equal(OutcomeKind.Succeeded, Classify.Ended(new ProcessEnd(0, null, OutOfMemory: true), null).Kind);

    [Fact]
    public void Memory_that_runs_out_during_the_grace_period_is_not_a_preemption() =>
        Assert.Equal(ErrorClass.OutOfMemory, Classify.Ended(new ProcessEnd(137, 9, OutOfMemory: true), Preemption).Class);

    [Fact]
    public void Killed_by_us_is_what_we_killed_it_for() =>
        Assert.Equal(OutcomeKind.Preempted, Classify.Ended(new ProcessEnd(137, 9, false), Preemption with { Killed = true }).Kind);
}
