using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

// Two fields of Argo with one name: template.failFast starts nothing after a failure, dag.failFast ends a dag that cannot go on.
internal sealed partial class Turn
{
    private const string FailedFast = "template has failed or errored children and failFast enabled";

    // What runs inside goes on. Then groups, tries that would be made again and gates end too: nothing would ever come after them.
    private bool EndsByFailFast(Node inside)
    {
        if (!Run.FailsFast(inside)) { return false; }
        if (inside.Active > 0) { return true; }
        if (AreEndedByFailFast(inside.Children)) { End(inside, Phase.Failed, FailedFast); }
        return true;
    }

    // Hooks still begin for what ends here, and what is around them waits.
    private bool AreEndedByFailFast(IEnumerable<NodeId> children)
    {
        var all = true;
        foreach (var child in children) { all &= IsEndedByFailFast(Run.Nodes[child]); }
        return all;
    }

    private bool IsEndedByFailFast(Node child)
    {
        if (child.IsFulfilled) { return child.IsSettled; }
        if (!AreEndedByFailFast(child.Children)) { return false; }
        if (child is { Type: NodeType.Retry, Children.IsEmpty: false })
        {
            var last = Run.Nodes[child.Children[^1]];
            // At once: what it made is not kept for later calls.
            EndAtOnce(child, last.Phase, last.Message, last.Outputs, last.ExitCode);
        }
        else { End(child, Phase.Failed, FailedFast); }
        return Run.Nodes[child.Id].IsSettled;
    }

    // Argo gives up only where its own limit holds targets back; cores of this machine that are busy are no reason.
    private bool GiveUp()
    {
        if (IsHeld || Run.Workflow.Parallelism is not { } limit || Run.Running.Count < limit || Busy.Count() < limit) { return false; }
        foreach (var id in Run.Stalled)
        {
            if (BadTarget(Run.Nodes[id]) is not { } phase) { continue; }
            End(Run.Nodes[id], phase, "");
            return true;
        }
        return false;
    }
}
