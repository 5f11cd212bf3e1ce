using System.Collections.Immutable;
using System.Diagnostics;
using Pawl.Core.Attempts;
using Pawl.Core.Errors;
using Pawl.Core.Expressions;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

internal sealed partial class Turn
{
    private void Examine(Node node)
    {
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
        if (!Stops(node) || node.Children.Any(c => !Run.Nodes[c].IsFulfilled)) { return false; }
        End(node, Phase.Failed, StopMessage);
        return true;
    }

    private void ExamineSteps(Node steps)
    {
        var groups = ((TemplateBody.Steps)Run.Workflow.Templates[steps.Template].Body).Groups;
        var last = steps.Children.IsEmpty ? null : Run.Nodes[steps.Children[^1]];
        if (last is { IsFulfilled: false }) { return; }
        if (last is not null && last.Phase.IsBad()) { End(steps, Phase.Failed, last.Message); }
        else if (steps.Children.Count == groups.Length) { Finish(steps); }
        else if (!EndsByShutdown(steps)) { StartGroup(steps, groups[steps.Children.Count], steps.Children.Count); }
    }

    private void StartGroup(Node steps, ImmutableArray<Call> calls, int index)
    {
        var starts = ImmutableArray.CreateBuilder<Start>();
        foreach (var call in calls)
        {
            if (call.WithItems is { IsEmpty: false } items)
            {
                starts.AddRange(Expanded(steps, call, items));
            }
            else { starts.Add(new Start(call.Name, -1, null)); }
        }
        Emit(new RunEvent.NodeStarted(now, new NodeId($"{steps.Id.Value}[{index}]"), $"[{index}]", NodeType.StepGroup, "",
            steps.Id, steps.Id, "", Bound.Nothing with { Variables = steps.Inputs.Variables }, starts.ToImmutable(), null, steps.Hooked));
    }

    // Items may hold tags of the caller's scope.
    private IEnumerable<Start> Expanded(Node caller, Call call, ImmutableArray<Item> items)
    {
        var scope = Scopes.Caller(Run, caller, call.Name, null);
        return items.Select((item, i) => new Start(call.Name, i, item.Text.Contains("{{", StringComparison.Ordinal) ? Resolved(item, scope) : item));
    }

    private static Item Resolved(Item item, Scope scope) => new(
        Substitution.Apply(item.Text, scope),
        item.Fields.ToImmutableSortedDictionary(f => f.Key, f => Substitution.Apply(f.Value, scope), StringComparer.Ordinal),
        Substitution.Apply(item.Label, scope).Replace("(", "", StringComparison.Ordinal).Replace(")", "", StringComparison.Ordinal));

    private void ExamineGroup(Node group)
    {
        if (group.Open == 0)
        {
            if (group.BadChild is { } bad) { End(group, Phase.Failed, $"child '{Names.ArgoId(Run.Name, bad)}' failed"); }
            else { End(group, Phase.Succeeded, ""); }
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
        if (dag.Open > 0)
        {
            EndsByShutdown(dag);
            return;
        }
        var plan = ((TemplateBody.Dag)Run.Workflow.Templates[dag.Template].Body).Plan;
        var known = new Dictionary<string, Phase>(StringComparer.Ordinal);
        foreach (var target in plan.Targets)
        {
            var phase = BranchPhase(plan, dag, target, known);
            var call = plan[target];
            if ((phase == Phase.Failed && !call.ContinueOnFailed) || (phase == Phase.Error && !call.ContinueOnError))
            {
                End(dag, phase, "");
                return;
            }
        }
        Finish(dag);
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
            var before = plan[name].Dependencies;
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
        if (retry.Children.IsEmpty || Run.Nodes[retry.Children[^1]] is not { IsFulfilled: true } last)
        {
            if (retry.Children.IsEmpty && Stops(retry)) { End(retry, Phase.Failed, StopMessage); }
            return;
        }
        if (!last.Phase.IsBad())
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
            case RetryVerdict.Wait w when retry.WakeAt != w.Until:
                Emit(new RunEvent.BackoffBegan(now, retry.Id, w.Until, w.Message));
                break;
        }
    }

    private RetryVerdict Verdict(Node retry, Node last)
    {
        if (Stops(retry)) { return new RetryVerdict.Final(StopMessage); }
        var template = Run.Workflow.Templates[retry.Template];
        var scope = Scopes.Inside(Run, retry, template);
        var strategy = Run.RetryOf(template)!;
        string? Text(string? text) => text is null ? null : Substitution.Apply(text, scope);
        var plain = strategy with
        {
            RetryLimit = Text(strategy.RetryLimit),
            Backoff = strategy.Backoff is { } b ? new Backoff(Text(b.Duration), Text(b.Factor), Text(b.Cap), Text(b.MaxDuration)) : null,
        };
        var outcome = last.Last is { } o
            ? o with { Message = last.Message }
            : new Outcome { Kind = OutcomeKind.Failed, Class = ErrorClass.Permanent, Message = last.Message };
        return RetryRules.Decide(plain, retry.Children.Count, last.Phase == Phase.Failed, outcome,
            Run.Nodes[retry.Children[0]].StartedAt, last.FinishedAt!.Value, now, Run.Submitted!.Limits.TransientPattern);
    }
}
