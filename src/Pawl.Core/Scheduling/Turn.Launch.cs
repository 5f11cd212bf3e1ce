using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Pawl.Core.Expressions;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

internal sealed partial class Turn
{
    private const int DepthLimit = 100;

    // A template that calls itself twice, or is retried without end, would take all memory within one turn.
    private const int MostNodes = 100_000;

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
            if (exit is { Hooked: false })
            {
                Emit(new RunEvent.RunEnded(now, Phase.Error,
                    $"the exit handler was not run: {Run.ExitId} is the name of a task; rename the task"));
                return true;
            }
            if (exit is null) { return !IsHeld && LaunchRoot(Run.ExitId, onExit, ExitVariables(main), hooked: true); }
            if (!exit.IsFulfilled) { return false; }
        }
        var handler = Run.Find(Run.ExitId) is { Hooked: true } found ? found : null;
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
        if (Run.Nodes.Count >= MostNodes)
        {
            Skip(Phase.Error, TooMany);
            return;
        }
        try
        {
            if (parent.Type == NodeType.DAG && call.WithItems is { IsEmpty: false } items)
            {
                Emit(new RunEvent.NodeStarted(now, id, display, NodeType.TaskGroup, call.Template, parent.Id, inside.Id, call.Name,
                    Bound.Nothing, [.. Expanded(inside, call, items)], null, inside.Hooked));
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
            var bound = Binding.Bind(Run, Run.Workflow.Templates[call.Template], call.Arguments, scope, literal: false, Inherited(inside),
                Scopes.Artifacts(Run, inside));
            Launch(id, display, call.Template, parent.Id, inside.Id, call.Name, bound, inside.Hooked);
        }
        catch (ExpressionException e)
        {
            Skip(Phase.Error, e.Message);
        }
    }

    private static string TooMany => $"the run has {MostNodes:N0} nodes, the most it may have";

    // What the exit handler is told holds for all it calls; which try of its own template a node is concerns nobody below.
    private static ImmutableSortedDictionary<string, string> Inherited(Node inside) => inside.Inputs.Variables.IsEmpty
        ? inside.Inputs.Variables
        : inside.Inputs.Variables.RemoveRange(
            inside.Inputs.Variables.Keys.Where(name => !name.StartsWith("workflow.", StringComparison.Ordinal)));

    // Argo: each dependency Succeeded or Skipped, or ended as its own continueOn allows.
    private bool DependenciesHold(Node dag, Call call)
    {
        var plan = Scheduler.PlanOf(Run, dag);
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
        var variables = retry.Inputs.Variables.SetItems(RetryVariables(number, number == 0 ? null : Run.Nodes[retry.Children[^1]]));
        LaunchPlain(new NodeId($"{retry.Id.Value}({number})"), $"{retry.DisplayName}({number})", Run.Workflow.Templates[retry.Template],
            retry.Id, retry.Boundary, retry.Call, retry.Inputs with { Variables = variables }, retry.Hooked);
    }

    /// <param name="last">The try before; null before the first.</param>
    private Dictionary<string, string> RetryVariables(int retries, Node? last)
    {
        var seconds = last is null ? 0 : (long)Math.Round(((last.FinishedAt ?? now) - last.StartedAt).TotalSeconds);
        return new Dictionary<string, string>
        {
            ["retries"] = retries.ToString(CultureInfo.InvariantCulture),
            ["lastRetry.exitCode"] = last is null ? "0" : last.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "-1",
            ["lastRetry.status"] = last?.Phase.ToString() ?? "",
            ["lastRetry.duration"] = seconds.ToString(CultureInfo.InvariantCulture),
            ["lastRetry.message"] = last?.Message ?? "",
        };
    }

    private void LaunchPlain(
        NodeId id, string display, Template template, NodeId? parent, NodeId? boundary, string call, Bound bound, bool hooked)
    {
        void Start(NodeType kind, DateTimeOffset? wake = null) =>
            Emit(new RunEvent.NodeStarted(now, id, display, kind, template.Name, parent, boundary, call, bound, [], wake, hooked));
        switch (template.Body)
        {
            case TemplateBody.Leaf:
                Start(NodeType.Pod);
                Emit(new RunEvent.AttemptStarted(now, id, Run.Nodes[id].Attempt + 1) { Seed = Seed });
                break;
            case TemplateBody.Steps:
                Start(NodeType.Steps);
                break;
            case TemplateBody.Dag:
                Start(NodeType.DAG);
                break;
            case TemplateBody.Suspend suspend:
                try { Start(NodeType.Suspend, SuspendEnd(suspend, bound, template)); }
                catch (ExpressionException e)
                {
                    Start(NodeType.Suspend);
                    End(Run.Nodes[id], Phase.Error, e.Message);
                }
                break;
            default:
                throw new UnreachableException($"{template.Body.GetType().Name} is not handled");
        }
    }

    private DateTimeOffset? SuspendEnd(TemplateBody.Suspend suspend, Bound bound, Template template)
    {
        if (suspend.Duration is not { } text) { return null; }
        var plain = Substitution.Apply(text, Scopes.Bare(Run, bound, template));
        return Durations.TryParse(plain, out var duration)
            ? now + duration
            : throw new ExpressionException($"suspend duration '{plain}' is not a duration; write seconds such as 20, or 1m30s", 1);
    }
}
