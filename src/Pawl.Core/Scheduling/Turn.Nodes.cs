using System.Collections.Immutable;
using System.Diagnostics;
using Pawl.Core.Attempts;
using Pawl.Core.Errors;
using Pawl.Core.Expressions;
using Pawl.Core.Expressions.Expr;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

internal sealed partial class Turn
{
    private void Examine(Node node)
    {
        if (node.IsRemembering) { return; }
        if (node.Phase == Phase.Pending)
        {
            ExaminePending(node);
            return;
        }
        switch (node.Type)
        {
            case NodeType.Pod:
                if (!node.AttemptRuns && Stops(node)) { End(node, Phase.Failed, StopMessage); }
                break;
            case NodeType.Retry:
                JudgeTry(node);
                break;
            case NodeType.Steps:
                ExamineSteps(node);
                break;
            case NodeType.StepGroup:
                ExamineGroup(node);
                break;
            case NodeType.TaskGroup:
                ExamineTaskGroup(node);
                break;
            case NodeType.DAG:
                ExamineDag(node);
                break;
            case NodeType.Suspend:
                if (Stops(node)) { End(node, Phase.Failed, StopMessage); }
                else if (node.WakeAt <= now && !Run.Suspended) { PassGate(node); }
                break;
            case NodeType.Skipped:
                break;
            default:
                throw new UnreachableException($"{node.Type} is not handled");
        }
    }

    // A shutdown ends what has no running child; the children that run are stopped and come back here.
    private bool EndsByShutdown(Node node)
    {
        if (!Stops(node) || (node.Type != NodeType.Steps && node.Children.Count > node.Total - node.Open)) { return false; }
        End(node, Phase.Failed, StopMessage);
        return true;
    }

    private void ExamineSteps(Node steps)
    {
        if (EndsByFailFast(steps)) { return; }
        var groups = ((TemplateBody.Steps)Run.Workflow.Templates[steps.Template].Body).Groups;
        var last = steps.Children.IsEmpty ? null : Run.Nodes[steps.Children[^1]];
        if (last is { IsSettled: false }) { return; }
        if (last is not null && last.Phase.IsBad()) { End(steps, Phase.Failed, last.Message); }
        else if (last is not null && BadResult(steps, last, groups[steps.Children.Count - 1]) is { } problem) { End(steps, Phase.Error, problem); }
        else if (steps.Children.Count == groups.Length) { Finish(steps); }
        else if (!EndsByShutdown(steps)) { StartGroup(steps, groups[steps.Children.Count], steps.Children.Count); }
    }

    // Argo gathers the results of a loop when its group is through, if the template mentions them: where one is no JSON the steps are Error.
    private string? BadResult(Node steps, Node group, ImmutableArray<Call> calls)
    {
        foreach (var call in calls.Where(c => c.Loop is not null))
        {
            if (!TemplateTexts.Mentions(Run.Workflow.Templates[steps.Template], $"steps.{call.Name}.outputs.result")) { continue; }
            try { _ = Gathered.Of(Run, group, call.Name)["outputs.result"]; }
            catch (ExpressionException e) { return e.Message; }
        }
        return null;
    }

    private void StartGroup(Node steps, ImmutableArray<Call> calls, int index)
    {
        var id = new NodeId($"{steps.Id.Value}[{index}]");
        void Start(ImmutableArray<Fanout> fanouts) =>
            Emit(new RunEvent.NodeStarted(now, id, $"[{index}]", NodeType.StepGroup, "", steps.Id, steps.Id, "",
                Bound.Nothing, fanouts, null, steps.Hooked));
        try { Start([.. calls.Select(call => Expanded(steps, call))]); }
        catch (ExpressionException e)
        {
            Start([]);
            End(Run.Nodes[id], Phase.Error, e.Message);
        }
    }

    private Fanout Expanded(Node inside, Call call) =>
        Looping.Expand(call, Scopes.Caller(Run, inside, call.Name, null), MostNodes - Run.Nodes.Count);

    private void ExamineGroup(Node group)
    {
        if (group.Open == 0)
        {
            if (group.BadChild is not { } bad) { End(group, Phase.Succeeded, ""); }
            else if (Run.Nodes[bad] is var child && Scheduler.IsUnresolved(child)) { End(group, Phase.Error, child.Message); }
            else { End(group, Phase.Failed, $"child '{Names.ArgoId(Run.Name, bad)}' failed"); }
        }
        else { EndsByShutdown(group); }
    }

    private void ExamineTaskGroup(Node group)
    {
        if (group.Open == 0)
        {
            var bad = group.Children.Select(c => Run.Nodes[c]).LastOrDefault(c => c.Phase.IsBad());
            End(group, bad?.Phase ?? Phase.Succeeded, bad?.Message ?? "");
        }
        else { EndsByShutdown(group); }
    }

    private void ExamineDag(Node dag)
    {
        if (EndsByFailFast(dag)) { return; }
        if (dag.Open > 0) { EndsByShutdown(dag); }
        else if (BadTarget(dag) is { } phase) { End(dag, phase, ""); }
        else { Finish(dag); }
    }

    /// <summary>The phase of the first target that is through, bad and not excused.</summary>
    private Phase? BadTarget(Node dag)
    {
        var plan = Run.PlanOf(dag);
        var known = new Dictionary<string, Phase>(StringComparer.Ordinal);
        foreach (var target in plan.Targets)
        {
            if (Run.Find(new NodeId($"{dag.Id.Value}.{target}")) is null) { continue; }
            var phase = BranchPhase(plan, dag, target, known);
            var call = plan[target];
            if ((phase == Phase.Failed && !call.ContinueOnFailed) || (phase == Phase.Error && !call.ContinueOnError)) { return phase; }
        }
        return null;
    }

    // A task that did not run counts as whatever its ancestors were, the worst of them.
    private Phase BranchPhase(DagPlan plan, Node dag, string target, Dictionary<string, Phase> known)
    {
        var open = new Stack<string>();
        open.Push(target);
        while (open.TryPeek(out var name))
        {
            if (known.ContainsKey(name)) { open.Pop(); continue; }
            var phase = Run.Nodes[new NodeId($"{dag.Id.Value}.{name}")].Phase;
            if (phase is not (Phase.Skipped or Phase.Omitted)) { known[open.Pop()] = phase; continue; }
            var before = plan.Before(name);
            var unknown = before.Where(d => !known.ContainsKey(d)).ToList();
            if (unknown.Count > 0)
            {
                unknown.ForEach(open.Push);
                continue;
            }
            var phases = before.Select(d => known[d]).ToList();
            known[open.Pop()] = phases.Contains(Phase.Failed) ? Phase.Failed : phases.Contains(Phase.Error) ? Phase.Error : Phase.Succeeded;
        }
        return known[target];
    }

    // Outputs of steps and dag are computed once, when they succeed.
    private void Finish(Node node)
    {
        try { End(node, Phase.Succeeded, "", Scopes.OutputsOf(Run, node)); }
        catch (ExpressionException e) { End(node, Phase.Error, e.Message); }
    }

    private void JudgeTry(Node retry)
    {
        if (retry.Open > 0) { return; }
        if (retry.Children.IsEmpty)
        {
            if (Stops(retry)) { End(retry, Phase.Failed, StopMessage); }
            return;
        }
        var last = Run.Nodes[retry.Children[^1]];
        if (!last.Phase.IsBad() || IsUnneeded(retry))
        {
            End(retry, Phase.Succeeded, "", last.Outputs, last.ExitCode);
            return;
        }
        switch (Verdict(retry, last))
        {
            case RetryVerdict.Final f:
                End(retry, last.Phase, f.Message ?? last.Message, last.Outputs, last.ExitCode);
                break;
            case RetryVerdict.Error e:
                End(retry, Phase.Error, e.Message, last.Outputs, last.ExitCode);
                break;
            case RetryVerdict.Wait w:
                if (retry.WakeAt != w.Until) { Emit(new RunEvent.BackoffBegan(now, retry.Id, w.Until, w.Message)); }
                break;
            case RetryVerdict.Retry:
                // As soon as there is room.
                break;
        }
    }

    private RetryVerdict Verdict(Node retry, Node last)
    {
        if (Stops(retry)) { return new RetryVerdict.Final(StopMessage); }
        if (IsFull) { return new RetryVerdict.Error(TooMany); }
        RetryStrategy strategy;
        try { strategy = Scopes.StrategyOf(Run, retry); }
        catch (ExpressionException e) { return new RetryVerdict.Error(e.Message); }
        var outcome = last.Last is { } o
            ? o with { Message = last.Message }
            : new Outcome { Kind = OutcomeKind.Failed, Class = ErrorClass.Permanent, Message = last.Message };
        var verdict = RetryRules.Decide(strategy, retry.Children.Count, last.Phase == Phase.Failed, outcome,
            Run.Nodes[retry.Children[0]].StartedAt, last.FinishedAt!.Value, now, Run.Submitted!.Limits.TransientPattern);
        return verdict is RetryVerdict.Retry && strategy.Expression is { } expression ? Asked(expression, retry, last) : verdict;
    }

    // Last of all the strategy's own condition, in which every value is a text (Argo).
    private RetryVerdict Asked(string expression, Node retry, Node last)
    {
        var names = new RunNames(Run, Scopes.Globals(Run)) { Extra = RetryVariables(retry.Children.Count - 1, last) };
        try
        {
            return Expression.Parse(expression).Holds(names, ExpressionTags.Moment(Run, retry.Id.Value))
                ? new RetryVerdict.Retry()
                : new RetryVerdict.Final("retryStrategy.expression evaluated to false");
        }
        catch (ExpressionException e)
        {
            return new RetryVerdict.Error($"failed to evaluate retryStrategy.expression: {e.Message}");
        }
    }
}
