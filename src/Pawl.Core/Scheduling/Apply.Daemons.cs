namespace Pawl.Core.Scheduling;

public static partial class Scheduler
{
    // Those who wait for it are told now, once; of a retried one through the Retry node, which waits on for the end of its try.
    private static RunState Readied(RunState run, RunEvent.DaemonReady d)
    {
        var before = run.Nodes[d.Node];
        run = Readied(run, d.Node, d.Address);
        if (before.Daemoned) { return run; }
        if (before.Boundary is { } boundary)
        {
            run = run.With(boundary, b => b with { Active = b.Active - 1 }).TouchWatchers(boundary);
            run = TouchFailing(run, boundary);
        }
        var node = run.Nodes[d.Node];
        if (IsTry(run, node))
        {
            var retry = run.Nodes[node.Parent!.Value];
            run = Readied(run, retry.Id, d.Address);
            if (retry.Daemoned) { return run; }
            node = run.Nodes[retry.Id];
        }
        return node.HasHooks ? run.Touch(node.Id) : Told(run, node);
    }

    private static RunState Readied(RunState run, Workflows.NodeId id, string address) =>
        run.With(id, n => n with { Daemoned = true, Ip = address, IsSettled = n.IsSettled || !n.HasHooks });

    // Before what is around it was through: the group that has been told of it is bad after all, where it still goes on.
    private static RunState Died(RunState run, Node daemon) =>
        daemon.Phase.IsBad() && daemon.Parent is { } id && run.Find(id) is { IsEnded: false, Type: NodeType.StepGroup or NodeType.TaskGroup } group
            ? run.With(id, g => g with { BadChild = g.BadChild ?? Unexcused(run, group, daemon) })
            : run;
}
