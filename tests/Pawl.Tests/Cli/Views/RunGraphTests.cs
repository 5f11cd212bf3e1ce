using Pawl.Cli.Views;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;

namespace Pawl.Tests.Cli.Views;

public sealed class RunGraphTests
{
    [Fact]
    public void The_next_group_hangs_off_the_last_nodes_of_the_one_before()
    {
        var run = Played.From(Samples.Steps).Succeeds("w[0].prepare").Succeeds("w[1].left").Succeeds("w[1].right").Succeeds("w[2].last").Run;
        Assert.Equal(["w[0]"], Children(run, "w"));
        Assert.Equal(["w[0].prepare"], Children(run, "w[0]"));
        Assert.Equal(["w[1]"], Children(run, "w[0].prepare"));
        Assert.Equal(["w[1].left", "w[1].right"], Children(run, "w[1]"));
        Assert.Equal(["w[2]"], Children(run, "w[1].left"));
        Assert.Equal(["w[2]"], Children(run, "w[1].right"));
        Assert.Equal(["w[2].last"], Outbound(run, "w"));
    }

    [Fact]
    public void A_task_hangs_off_the_last_try_of_the_task_it_waited_for()
    {
        var run = Played.From(Samples.Dag).Succeeds("w.a").Fails("w.b(0)").Succeeds("w.b(1)").Succeeds("w.c").Succeeds("w.d").Run;
        Assert.Equal(["w.a"], Children(run, "w"));
        Assert.Equal(["w.b", "w.c"], Children(run, "w.a"));
        Assert.Equal(["w.b(0)", "w.b(1)"], Children(run, "w.b"));
        Assert.Empty(Children(run, "w.b(0)"));
        Assert.Equal(["w.d"], Children(run, "w.b(1)"));
        Assert.Equal(["w.d"], Children(run, "w.c"));
        Assert.Equal(["w.d"], Outbound(run, "w"));
    }

    private static IEnumerable<string> Children(RunState run, string node) => new RunGraph(run).ChildrenOf(new NodeId(node)).Select(n => n.Value).Order();

    private static IEnumerable<string> Outbound(RunState run, string node) => new RunGraph(run).OutboundOf(new NodeId(node)).Select(n => n.Value);
}
