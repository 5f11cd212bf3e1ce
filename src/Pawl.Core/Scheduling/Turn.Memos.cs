using Pawl.Core.Attempts;
using Pawl.Core.Expressions;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

internal sealed partial class Turn
{
    /// <returns>Null where nothing of the template is kept.</returns>
    private static MemoKey? MemoOf(Template template, Scope scope)
    {
        var policy = CacheAnnotations.Of(template, scope);
        return policy.HasExternalState ? null
            : template.Memoize is { } memoize ? memoize.Resolve(scope)
            : policy.IsOn && template is { IsLeaf: true, IsDaemon: false } ? MemoKey.OfContent(policy.MaxAge)
            : null;
    }

    private void Recall(Observation.Recalled seen)
    {
        if (Run.Find(seen.Node) is not { AwaitsRecall: true } node) { return; }
        if (seen.Found is { } found && !IsAnew(node))
        {
            Emit(new RunEvent.Recalled(now, node.Id, Hit: true, null) { Key = seen.Key });
            // What is cached by content is a program that succeeded, and others may ask for its code.
            End(Run.Nodes[node.Id], Phase.Succeeded, seen.Message ?? "", found, node.Memo!.ByContent == true ? 0 : null);
            return;
        }
        try { Emit(new RunEvent.Recalled(now, node.Id, Hit: false, EndOfGate(node)) { Key = seen.Key, Problem = seen.Found is null ? seen.Message : null }); }
        catch (ExpressionException e) { End(node, Phase.Error, e.Message); }
    }

    // What it makes now takes the place of what was kept.
    private bool IsAnew(Node node) => Run.Submitted!.NoCache == true || (node.Memo!.ByContent == true && Run.Anew.ContainsKey(Run.StepOf(node)));

    // Who asked for a key of their own wants it kept; without a cache by content the step is as good.
    private void Remembered(NodeId id, string? problem)
    {
        if (Run.Find(id) is not { IsRemembering: true, IsEnded: false } node) { return; }
        End(node, problem is null || node.Memo!.ByContent == true ? Phase.Succeeded : Phase.Error, problem ?? "", node.Outputs, node.ExitCode);
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
