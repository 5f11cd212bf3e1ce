using Pawl.Core.Attempts;
using Pawl.Core.Expressions;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

internal sealed partial class Turn
{
    private void Recall(NodeId id, NodeOutputs? found)
    {
        if (Run.Find(id) is not { AwaitsRecall: true } node) { return; }
        if (found is not null)
        {
            Emit(new RunEvent.Recalled(now, id, Hit: true, null));
            End(Run.Nodes[id], Phase.Succeeded, "", found);
            return;
        }
        try { Emit(new RunEvent.Recalled(now, id, Hit: false, EndOfGate(node))); }
        catch (ExpressionException e) { End(node, Phase.Error, e.Message); }
    }

    private void Remembered(NodeId id, string? problem)
    {
        if (Run.Find(id) is not { IsRemembering: true, IsEnded: false } node) { return; }
        End(node, problem is null ? Phase.Succeeded : Phase.Error, problem ?? "", node.Outputs, node.ExitCode);
    }

    /// <summary>What has succeeded is kept first, where it is to be.</summary>
    /// <returns>False where it ends at once.</returns>
    private bool Keeps(Node node, Phase phase, NodeOutputs outputs, int? exitCode)
    {
        if (phase != Phase.Succeeded || node is not { Memo: not null, MemoHit: false, IsRemembering: false }) { return false; }
        Emit(new RunEvent.NodeMade(now, node.Id, outputs, exitCode));
        return true;
    }

    // The time of a gate counts from when nothing else holds it up.
    private DateTimeOffset? EndOfGate(Node node) => node.Type == NodeType.Suspend && Run.Workflow.Templates[node.Template] is { Body: TemplateBody.Suspend suspend } template
        ? SuspendEnd(suspend, node.Inputs, template)
        : null;
}
