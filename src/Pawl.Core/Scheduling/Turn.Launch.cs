using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Pawl.Core.Errors;
using Pawl.Core.Expressions;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

internal sealed partial class Turn
{
    private const int DepthLimit = 100;

    // The entry node, then the exit handler, then the end.
    private bool LookAtRoots()
    {
        var entry = Run.Find(Run.EntryId);
        if (entry is null)
        {
            if (Run.ShutDown is not null)
            {
                Emit(new RunEvent.RunEnded(now, Phase.Failed, StopMessage));
                return true;
            }
            return !IsHeld && LaunchRoot(Run.EntryId, Run.Workflow.Entrypoint, Bound.NoText, hooked: false);
        }
        if (!entry.IsFulfilled) { return false; }
        var main = entry.Phase.IsBad() ? entry.Phase : Phase.Succeeded;
        var message = Run.ShutDown is not null && main != Phase.Succeeded ? StopMessage : entry.Message;
        if (Run.Workflow.OnExit is { } onExit && Run.ShutDown is not { Strategy: Shutdown.Terminate })
        {
            var exit = Run.Find(Run.ExitId);
            if (exit is null) { return !IsHeld && LaunchRoot(Run.ExitId, onExit, ExitVariables(main), hooked: true); }
            if (!exit.IsFulfilled) { return false; }
        }
        var handler = Run.Find(Run.ExitId);
        if (handler is { IsFulfilled: false }) { return false; }
        Emit(main == Phase.Succeeded && handler is not null && handler.Phase.IsBad()
            ? new RunEvent.RunEnded(now, handler.Phase, handler.Message)
            : new RunEvent.RunEnded(now, main, message));
        return true;
    }

    private ImmutableSortedDictionary<string, string> ExitVariables(Phase status) => Bound.NoText
        .Add("workflow.status", status.ToString())
        .Add("workflow.failures", Scopes.Failures(Run))
        .Add("workflow.duration", (now - Run.StartedAt).TotalSeconds.ToString("F6", CultureInfo.InvariantCulture));

    private bool LaunchRoot(NodeId id, string template, ImmutableSortedDictionary<string, string> variables, bool hooked)
    {
        var arguments = Run.Workflow.Arguments with
        {
            Parameters = [.. Run.Submitted!.Parameters.Select(p => new Parameter(p.Key) { Value = p.Value })],
        };
        try
        {
            // Values of the run are literal: a tag inside one is text.
            var bound = Binding.Bind(Run, Run.Workflow.Templates[template], arguments, name => null, literal: true, variables);
            Launch(new NodeId(id.Value), id.Value, template, null, null, "", bound, hooked);
        }
        catch (ExpressionException e)
        {
            Emit(new RunEvent.NodeSkipped(now, id, id.Value, template, null, null, "", Phase.Error, e.Message, hooked));
        }
        return true;
    }

    // One start of the first group or dag that has room; the order is that of the names.
    private bool Grow()
    {
        if (IsHeld) { return false; }
        foreach (var id in Run.Fertile)
        {
            var parent = Run.Nodes[id];
            if (Stops(parent)) { continue; }
            var inside = parent.Type == NodeType.DAG ? parent : Run.Nodes[parent.Boundary!.Value];
            if (Run.Workflow.Templates[inside.Template].Parallelism is { } limit && inside.Active >= limit) { continue; }
            var start = parent.Ready.Peek();
            var call = Run.CallOf(parent, start.Call);
            if (!HasRoom(Run.Workflow.Templates[call.Template])) { continue; }
            Begin(parent, inside, call, start);
            return true;
        }
        return false;
    }

    private void Begin(Node parent, Node inside, Call call, Start start)
    {
        var id = Scheduler.ChildId(parent, start);
        var display = start.Item is { } item ? $"{call.Name}({start.Index}:{item.Label})" : call.Name;
        void Skip(Phase phase, string message) =>
            Emit(new RunEvent.NodeSkipped(now, id, display, call.Template, parent.Id, inside.Id, call.Name, phase, message, inside.Hooked));

        if (parent.Type == NodeType.DAG && !DependenciesHold(parent, call))
        {
            Skip(Phase.Omitted, "omitted: depends condition not met");
            return;
        }
        try
        {
            if (parent.Type == NodeType.DAG && call.WithItems is { IsEmpty: false } items)
            {
                Emit(new RunEvent.NodeStarted(now, id, display, NodeType.TaskGroup, call.Template, parent.Id, inside.Id, call.Name,
                    Bound.Nothing with { Variables = inside.Inputs.Variables }, [.. Expanded(inside, call, items)], null, inside.Hooked));
                return;
            }
            var scope = Scopes.Caller(Run, inside, call.Name, start.Item);
            if (call.When is { } when)
            {
                var condition = Substitution.Apply(when, scope);
                if (!When.Evaluate(condition))
                {
                    Skip(Phase.Skipped, $"when '{condition}' evaluated false");
                    return;
                }
            }
            var bound = Binding.Bind(Run, Run.Workflow.Templates[call.Template], call.Arguments, scope, literal: false, inside.Inputs.Variables,
                Scopes.Artifacts(Run, inside));
            Launch(id, display, call.Template, parent.Id, inside.Id, call.Name, bound, inside.Hooked);
        }
        catch (ExpressionException e)
        {
            Skip(Phase.Error, e.Message);
        }
    }

    // Argo: each dependency Succeeded or Skipped, or ended as its own continueOn allows.
    private bool DependenciesHold(Node dag, Call call)
    {
        var plan = ((TemplateBody.Dag)Run.Workflow.Templates[dag.Template].Body).Plan;
        return call.Dependencies.All(name => Run.Nodes[new NodeId($"{dag.Id.Value}.{name}")].Phase switch
        {
            Phase.Succeeded or Phase.Skipped => true,
            Phase.Failed => plan[name].ContinueOnFailed,
            Phase.Error => plan[name].ContinueOnError,
            _ => false,
        });
    }

    // A retried template gets a Retry node with its tries below; the first try begins with it.
    private void Launch(NodeId id, string display, string name, NodeId? parent, NodeId? boundary, string call, Bound bound, bool hooked)
    {
        var template = Run.Workflow.Templates[name];
        if (boundary is { } b && Run.Nodes[b].Depth >= DepthLimit)
        {
            Emit(new RunEvent.NodeSkipped(now, id, display, name, parent, boundary, call, Phase.Error,
                $"Maximum recursion depth exceeded: {DepthLimit} nested template calls", hooked));
            return;
        }
        if (Run.RetryOf(template) is not null)
        {
            Emit(new RunEvent.NodeStarted(now, id, display, NodeType.Retry, name, parent, boundary, call, bound, [], null, hooked));
            LaunchTry(Run.Nodes[id]);
        }
        else { LaunchPlain(id, display, template, parent, boundary, call, bound, hooked); }
    }

    private void LaunchTry(Node retry)
    {
        var number = retry.Children.Count;
        var last = number == 0 ? null : Run.Nodes[retry.Children[^1]];
        var seconds = last is null ? 0 : (long)Math.Round(((last.FinishedAt ?? now) - last.StartedAt).TotalSeconds);
        var variables = retry.Inputs.Variables.SetItems(new Dictionary<string, string>
        {
            ["retries"] = number.ToString(CultureInfo.InvariantCulture),
            ["lastRetry.exitCode"] = last is null ? "0" : last.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "-1",
            ["lastRetry.status"] = last?.Phase.ToString() ?? "",
            ["lastRetry.duration"] = seconds.ToString(CultureInfo.InvariantCulture),
            ["lastRetry.message"] = last?.Message ?? "",
        });
        LaunchPlain(new NodeId($"{retry.Id.Value}({number})"), $"{retry.DisplayName}({number})", Run.Workflow.Templates[retry.Template],
            retry.Id, retry.Boundary, retry.Call, retry.Inputs with { Variables = variables }, retry.Hooked);
    }

    private void LaunchPlain(
        NodeId id, string display, Template template, NodeId? parent, NodeId? boundary, string call, Bound bound, bool hooked)
    {
        var (kind, wake) = template.Body switch
        {
            TemplateBody.Leaf => (NodeType.Pod, (DateTimeOffset?)null),
            TemplateBody.Steps => (NodeType.Steps, null),
            TemplateBody.Dag => (NodeType.DAG, null),
            TemplateBody.Suspend s => (NodeType.Suspend, SuspendEnd(s, bound, template)),
            _ => throw new UnreachableException($"{template.Body.GetType().Name} is not handled"),
        };
        Emit(new RunEvent.NodeStarted(now, id, display, kind, template.Name, parent, boundary, call, bound, [], wake, hooked));
        if (kind == NodeType.Pod) { Emit(new RunEvent.AttemptStarted(now, id, Run.Nodes[id].Attempt + 1)); }
    }

    private DateTimeOffset? SuspendEnd(TemplateBody.Suspend suspend, Bound bound, Template template)
    {
        if (suspend.Duration is not { } text) { return null; }
        var plain = Substitution.Apply(text, Scopes.Bare(Run, bound, template));
        return Durations.TryParse(plain, out var duration)
            ? now + duration
            : throw new ExpressionException($"suspend duration '{plain}' is not a duration; write seconds such as 20, or 1m30s", 1);
    }

    // Leaves to be attempted again, and retries whose wait is over, as soon as there is room.
    private bool Reattempt()
    {
        if (IsHeld) { return false; }
        foreach (var id in Run.Waiting)
        {
            var node = Run.Nodes[id];
            if (node.WakeAt > now || !HasRoom(Run.Workflow.Templates[node.Template])) { continue; }
            if (node.Type == NodeType.Retry)
            {
                if (node.Children.Count > 0
                    && (Run.Nodes[node.Children[^1]] is not { IsFulfilled: true } last || Verdict(node, last) is not RetryVerdict.Retry))
                {
                    continue;
                }
                LaunchTry(node);
                return true;
            }
            Emit(new RunEvent.AttemptStarted(now, id, node.Attempt + 1));
            return true;
        }
        return false;
    }
}
