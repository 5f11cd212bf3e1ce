using System.Diagnostics;
using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Flow;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>A node costs the same in a large run as in a small one, within the depth of a tree. Bytes are counted, since time is the machine's.</summary>
public sealed class CostTests(ITestOutputHelper output)
{
    private static readonly Outcome Good = new() { Kind = OutcomeKind.Succeeded, ExitCode = 0 };
    private static readonly Outcome Bad = new() { Kind = OutcomeKind.Failed, ExitCode = 1, Message = "main: Error (exit code 1)" };
    private static readonly Outcome Preempted = new() { Kind = OutcomeKind.Preempted, Message = "preempted" };

    private static string[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(i => $"{i}")];

    private static Workflow Loop(int count) => Of(Steps("main", [Call("a").Items(Numbers(count))]), Leaf());

    private static Workflow Sequence(int count) => Of(Dag("main", Call("a").Counts($"{count}", format: "n%06d")), Leaf());

    private static Workflow ByDepends(int count) =>
        Of(Dag("main", [Call("first"), .. Numbers(count).Select(n => Call($"t{n}").Depends("first.Succeeded && !first.Failed"))]), Leaf());

    private static Workflow OnResults(int count) =>
        Of(Dag("main", Call("a").Counts($"{count / 2}"), Call("b").Counts($"{count / 2}").Depends("a").When("'{{tasks.a.outputs.parameters.none}}' == '[]'")), Leaf());

    private static Workflow FlatDag(int count) => Of(Dag("main", [.. Numbers(count).Select(n => Call($"t{n}"))]), Leaf());

    private static Workflow FanIn(int count) =>
        Of(Dag("main", [.. Numbers(count).Select(n => Call($"t{n}", "leaf", "first")), Call("last", "leaf", [.. Numbers(count).Select(n => $"t{n}")]), Call("first")]), Leaf());

    private static Workflow Chain(int count) => Of(Dag("main", [.. Enumerable.Range(0, count).Select(i => i == 0 ? Call("t0") : Call($"t{i}", "leaf", $"t{i - 1}"))]), Leaf());

    // Many groups with something ready at once, none of which has room.
    private static Workflow Nested(int count) =>
        Of(Dag("main", [.. Numbers(count / 3).Select(n => Call($"t{n}", "inner"))]), Steps("inner", [Call("a")], [Call("b", "big")]), Leaf(), Leaf("big").Asks(cpu: 4_000));

    private static Workflow Retries(int count) => Of(Steps("main", [Call("a").Items(Numbers(count / 2))]), Leaf().Retried(Retry("1", wait: "1")));

    private static Workflow Skips(int count) => Of(Steps("main", [Call("a")], [Call("b").Items(Numbers(count)).When("{{steps.a.status}} != Succeeded")]), Leaf());

    public static TheoryData<string> Shapes => [nameof(Loop), nameof(Sequence), nameof(ByDepends), nameof(OnResults), nameof(FlatDag), nameof(FanIn), nameof(Chain), nameof(Nested), nameof(Retries), nameof(Skips)];

    private static Workflow Shape(string shape, int count) => shape switch
    {
        nameof(Loop) => Loop(count),
        nameof(Sequence) => Sequence(count),
        nameof(ByDepends) => ByDepends(count),
        nameof(OnResults) => OnResults(count),
        nameof(FlatDag) => FlatDag(count),
        nameof(FanIn) => FanIn(count),
        nameof(Chain) => Chain(count),
        nameof(Nested) => Nested(count),
        nameof(Retries) => Retries(count),
        _ => Skips(count),
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Bytes_and_events_per_node_stay_flat(string shape)
    {
        Drive(Shape(shape, 100), 4);
        var small = Drive(Shape(shape, 1_000), 4);
        var large = Drive(Shape(shape, 20_000), 4);
        output.WriteLine($"{shape}: {small.BytesPerNode:N0} bytes and {small.EventsPerNode:N2} events a node of 1,000, "
            + $"{large.BytesPerNode:N0} and {large.EventsPerNode:N2} of 20,000, in {large.Took.TotalSeconds:N1} s");
        Assert.True(large.BytesPerNode <= 1.5 * small.BytesPerNode, $"{shape}: {large.BytesPerNode:N0} bytes a node, not {small.BytesPerNode:N0}");
        Assert.True(large.EventsPerNode <= 1.01 * small.EventsPerNode, $"{shape}: {large.EventsPerNode:N2} events a node, not {small.EventsPerNode:N2}");
    }

    [Theory]
    [Trait("Category", "Slow")]
    [InlineData(nameof(Sequence))]
    [InlineData(nameof(ByDepends))]
    [InlineData(nameof(Nested))]
    public void A_hundred_thousand_nodes_cost_each_what_a_thousand_do(string shape)
    {
        Drive(Shape(shape, 100), 4);
        var small = Drive(Shape(shape, 1_000), 4);
        var large = Drive(Shape(shape, 100_000), 4);
        output.WriteLine($"{shape}: {small.BytesPerNode:N0} bytes a node of 1,000 in {small.Took.TotalSeconds:N2} s, "
            + $"{large.BytesPerNode:N0} of 100,000 in {large.Took.TotalSeconds:N1} s");
        Assert.True(large.BytesPerNode <= 1.5 * small.BytesPerNode, $"{shape}: {large.BytesPerNode:N0} bytes a node, not {small.BytesPerNode:N0}");
    }

    [Fact]
    public void All_at_once_costs_no_more_a_node()
    {
        var small = Drive(Loop(1_000), 100_000);
        var large = Drive(Loop(20_000), 100_000);
        Assert.True(large.BytesPerNode <= 1.5 * small.BytesPerNode, $"{large.BytesPerNode:N0} bytes a node, not {small.BytesPerNode:N0}");
    }

    [Fact]
    public void A_stop_of_many_running_leaves_costs_each_of_them_the_same()
    {
        var (small, large) = (Stop(1_000), Stop(20_000));
        Assert.True(large <= 1.5 * small, $"{large:N0} bytes a node, not {small:N0}");

        static double Stop(int count)
        {
            var run = Begin(Loop(count), 100_000);
            var before = GC.GetAllocatedBytesForCurrentThread();
            run = Turn(run, new Observation.Asked(Story.Noon, "stop", new Request.Stop(null)));
            while (!run.IsDone) { run = Turn(run, new Observation.Ended(Story.Noon, run.Nodes[run.Running.Max].CurrentAttempt, Preempted)); }
            return (double)(GC.GetAllocatedBytesForCurrentThread() - before) / count;
        }
    }

    private static RunState Turn(RunState run, Observation seen) => Scheduler.ApplyTurn(run, Scheduler.Decide(run, seen));

    private static RunState Begin(Workflow workflow, int slots) => Turn(
        Story.Submitted(workflow, Limits(slots)).Run, new Observation.Opened(Story.Noon, "host", "1"));

    private static (double BytesPerNode, double EventsPerNode, TimeSpan Took) Drive(Workflow workflow, int slots)
    {
        var clock = Stopwatch.StartNew();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var run = Begin(workflow, slots);
        var now = Story.Noon;
        while (!run.IsDone)
        {
            now = now.AddMilliseconds(10);
            if (run.Running.IsEmpty) { now = Scheduler.NextWake(run, now)!.Value; run = Turn(run, new Observation.Tick(now)); continue; }
            var node = run.Nodes[run.Running.Min];
            run = Turn(run, new Observation.Ended(now, node.CurrentAttempt, node.Id.Value.EndsWith(")(0)", StringComparison.Ordinal) ? Bad : Good));
            // What is wanted is what runs: as many as there are slots.
            if (slots < 100) { foreach (var _ in Scheduler.Wanted(run, now)) { } }
        }
        Assert.Equal(Phase.Succeeded, run.Phase);
        return ((double)(GC.GetAllocatedBytesForCurrentThread() - before) / run.Nodes.Count, (double)run.Sequence / run.Nodes.Count, clock.Elapsed);
    }
}
