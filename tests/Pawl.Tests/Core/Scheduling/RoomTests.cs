using Pawl.Core.Scheduling;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Flow;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>Slots, cores, bytes and the limits of templates.</summary>
public sealed class RoomTests
{
    [Theory]
    [InlineData(2, null)]
    [InlineData(100, 2)]
    public void No_more_leaves_run_than_machine_and_workflow_allow(int slots, int? parallelism) =>
        Given(Of(Steps("main", [Call("a").Items("x", "y", "z")]), Leaf()) with { Parallelism = parallelism }, Limits(slots))
            .Runs("wf[0].a(0:x)#1", "wf[0].a(1:y)#1").Succeeds("wf[0].a(0:x)").Runs("wf[0].a(1:y)#1", "wf[0].a(2:z)#1");

    [Fact]
    public void A_template_limits_its_direct_children_only() =>
        Given(Of(Dag("main", Call("a", "inner"), Call("b", "inner"), Call("c")) with { Parallelism = 1 }, Steps("inner", [Call("x"), Call("y")]), Leaf()))
            .Runs("wf.a[0].x#1", "wf.a[0].y#1").HasNo("wf.b")
            .Succeeds("wf.a[0].x").Succeeds("wf.a[0].y").Has("wf.b", Phase.Running).HasNo("wf.c");

    [Fact]
    public void A_gate_takes_no_place_of_its_template() =>
        Given(Of(Dag("main", Call("g", "gate"), Call("a")) with { Parallelism = 1 }, Gate(), Leaf())).Has("wf.g", Phase.Running).Runs("wf.a#1");

    [Fact]
    public void A_try_takes_a_place_of_its_template_again() =>
        Given(Of(Steps("main", [Call("a").Items("x", "y")]) with { Parallelism = 1 }, Leaf().Retried(Retry(wait: "5"))))
            .Runs("wf[0].a(0:x)(0)#1").Fails("wf[0].a(0:x)(0)").Runs("wf[0].a(1:y)(0)#1")
            .After(5).Runs("wf[0].a(1:y)(0)#1").Succeeds("wf[0].a(1:y)(0)").Runs("wf[0].a(0:x)(1)#1");

    [Theory]
    [InlineData(1_500, 0, 0)]
    [InlineData(0, 600, 0)]
    [InlineData(0, 0, 2)]
    public void Requests_share_out_cores_bytes_and_gpus(long cpu, long memory, long gpus) =>
        Given(Of(Steps("main", [Call("a").Items("x", "y"), Call("free", "free")]), Leaf().Asks(cpu, memory, gpus), Leaf("free")), Limits(cpu: 2_000, memory: 1_000, gpus: 3))
            .Runs("wf[0].a(0:x)#1").Succeeds("wf[0].a(0:x)").Runs("wf[0].a(1:y)#1", "wf[0].free#1");

    [Fact]
    public void A_request_larger_than_the_machine_runs_alone() =>
        Given(Of(Dag("main", Call("a"), Call("big", "big"), Call("c", "leaf", "big")), Leaf().Asks(cpu: 1_000), Leaf("big").Asks(cpu: long.MaxValue)), Limits(cpu: 2_000))
            .Runs("wf.a#1").Succeeds("wf.a").Runs("wf.big#1").Succeeds("wf.big").Runs("wf.c#1");

    [Fact]
    public void What_a_machine_can_never_start_is_known_beforehand()
    {
        var limits = new RunLimits(8, 2_000, 1L << 30, TimeSpan.Zero, null);
        Assert.Empty(Requests.Impossible(Of(Leaf().Asks(cpu: 2_000, memory: 1L << 30)), limits));
        Assert.Equal(
            ["template 'leaf' requests 2.5 cores, and this machine has 2 cores; lower the request, or run it on a larger machine",
             "template 'leaf' requests 1,025 MiB of memory, and this machine has 1,024 MiB of memory; lower the request, or run it on a larger machine"],
            Requests.Impossible(Of(Leaf().Asks(cpu: 2_500, memory: 1025L << 20)), limits));
        Assert.Equal(
            ["template 'leaf' requests 1 GPU, and this machine has 0 GPUs; lower the request, or run it on a larger machine"],
            Requests.Impossible(Of(Leaf().Asks(gpus: 1)), limits));
    }

    [Fact]
    public void What_is_not_asked_for_may_be_short() =>
        Given(Of(Dag("main", Call("a", "big"), Call("b")), Leaf().Asks(memory: 1), Leaf("big").Asks(cpu: long.MaxValue)), Limits(cpu: 2_000)).Runs("wf.a#1", "wf.b#1");

    [Fact]
    public void What_has_room_goes_ahead_of_what_has_none() =>
        Given(Of(Dag("main", Call("a", "one"), Call("b", "two")), Steps("one", [Call("s"), Call("t", "big")]), Steps("two", [Call("u")]),
                Leaf().Asks(cpu: 1_000), Leaf("big").Asks(cpu: 2_000)), Limits(cpu: 2_000))
            .Runs("wf.a[0].s#1", "wf.b[0].u#1");

    [Fact]
    public void A_template_that_doubles_itself_ends_when_its_inputs_take_too_much()
    {
        var large = new string('x', 1 << 17);
        var run = Submitted(Of(Steps("main", [Call("a", "main"), Call("b", "main")]).Needs("p", large))).Run;
        run = Scheduler.ApplyTurn(run, Scheduler.Decide(run, new Observation.Tick(Noon)));
        Assert.Equal(Phase.Failed, run.Phase);
        Assert.InRange(run.Characters, 1L << 29, (1L << 29) + (1L << 20));
    }
}
