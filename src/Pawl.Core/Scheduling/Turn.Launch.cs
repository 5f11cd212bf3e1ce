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
    private const int MostNodes = 1_000_000;

    // Of names and inputs, which are kept beside the nodes: a value handed to every one of them is many values once the journal is read again.
    private const long MostCharacters = 1L << 29;

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
            return !IsHeld && (AskOwnLocks() || LaunchEntry());
        }
        if (!entry.IsEnded) { return LookAtHooks(Phase.Running); }
        var main = entry.Phase.IsBad() ? entry.Phase : Phase.Succeeded;
        if (LookAtHooks(main)) { return true; }
        if (Run.Live > 0) { return false; }
        var message = Run.ShutDown is not null && main != Phase.Succeeded ? StopMessage : entry.Message;
        if (Run.Workflow.ExitHandler is { } onExit && Run.ShutDown is not { Strategy: Shutdown.Terminate })
        {
            var exit = Run.Find(Run.ExitId);
            if (exit is { Hooked: false })
            {
                Emit(new RunEvent.RunEnded(now, Phase.Error,
                    $"the exit handler was not run: {Run.ExitId} is the name of a task; rename the task"));
                return true;
            }
            if (exit is null) { return !IsHeld && LaunchHook(Run.ExitId, onExit, main); }
        }
        var handler = Run.Find(Run.ExitId) is { Hooked: true } found ? found : null;
        var bad = handler is not null && handler.Phase.IsBad() ? handler : Unresolved(Run.Workflow.Hooks);
        Emit(main == Phase.Succeeded && bad is not null
            ? new RunEvent.RunEnded(now, bad.Phase, bad.Message)
            : new RunEvent.RunEnded(now, main, message));
        return true;
    }

    private ImmutableSortedDictionary<string, string> ExitVariables(Phase status) => Bound.NoText
        .Add("workflow.status", status.ToString())
        .Add("workflow.failures", Scopes.Failures(Run))
        .Add("workflow.duration", (now - Run.StartedAt).TotalSeconds.ToString("F6", CultureInfo.InvariantCulture));

    private bool LaunchEntry()
    {
        var (id, template) = (Run.EntryId, Run.Workflow.Entrypoint);
        try { Launch(id, id.Value, template, null, null, "", OfTheRun(template, Bound.NoText), hooked: false); }
        catch (ExpressionException e)
        {
            Emit(new RunEvent.NodeSkipped(now, id, id.Value, template, null, null, "", Phase.Error, e.Message, Hooked: false));
        }
        return true;
    }

    // The run's own arguments. Their values are literal: a tag inside one is text.
    private Bound OfTheRun(string template, ImmutableSortedDictionary<string, string> variables)
    {
        var arguments = Run.Workflow.Arguments with
        {
            Parameters = [.. Run.Submitted!.Parameters.Select(p => new Parameter(p.Key) { Value = p.Value })],
        };
        return Binding.Bind(Run, Run.Workflow.Templates[template], arguments, name => null, literal: true, variables);
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
        if (IsFull)
        {
            Skip(Phase.Error, TooMany);
            return;
        }
        try
        {
            if (parent.Type == NodeType.DAG && call.Loop is not null)
            {
                var fanout = Expanded(inside, call);
                if (fanout.IsEmpty) { Skip(Phase.Skipped, NoItems); }
                else
                {
                    Emit(new RunEvent.NodeStarted(now, id, display, NodeType.TaskGroup, call.Template, parent.Id, inside.Id, call.Name,
                        Bound.Nothing, [fanout], null, inside.Hooked));
                }
                return;
            }
            if (start.Item is null && call.Loop is not null)
            {
                Skip(Phase.Skipped, NoItems);
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
                Binding.CheckResolved(when, scope);
            }
            var template = Run.Workflow.Templates[call.Template];
            var bound = Binding.Bind(Run, template, call.Arguments, scope, literal: false, Known(template, scope, Inherited(inside)), Scopes.Artifacts(Run, inside));
            Launch(id, display, call.Template, parent.Id, inside.Id, call.Name, bound, inside.Hooked, TiesOf(call));
        }
        catch (ExpressionException e)
        {
            Skip(Phase.Error, e.Message);
        }
    }

    private const string NoItems = "Skipped, empty params";

    internal static string TooMany =>
        string.Create(CultureInfo.InvariantCulture, $"a run may have {MostNodes:N0} nodes, with {MostCharacters >> 20:N0} Mi characters of names and inputs");

    private bool IsFull => Run.Nodes.Count >= MostNodes || Run.Characters >= MostCharacters;

    // A template written inside a call may use what its caller knows: Argo fills in the call as a whole, so the caller's names win.
    private static ImmutableSortedDictionary<string, string> Known(Template template, Scope caller, ImmutableSortedDictionary<string, string> variables)
    {
        foreach (var tag in template.CallerTags)
        {
            if (caller(tag) is { } value) { variables = variables.SetItem(tag, value); }
        }
        return variables;
    }

    // What the exit handler is told holds for all it calls; which try of its own template a node is concerns nobody below.
    private static ImmutableSortedDictionary<string, string> Inherited(Node inside) => inside.Inputs.Variables.IsEmpty
        ? inside.Inputs.Variables
        : inside.Inputs.Variables.RemoveRange(
            inside.Inputs.Variables.Keys.Where(name => !name.StartsWith("workflow.", StringComparison.Ordinal)));

    // Argo: a bare name wants Succeeded or Skipped, or an end that the task's own continueOn allows.
    private bool DependenciesHold(Node dag, Call call)
    {
        var plan = Run.PlanOf(dag);
        return plan.DependsOf(call.Name).Holds((task, result) =>
        {
            var node = Run.Nodes[new NodeId($"{dag.Id.Value}.{task}")];
            return (result, node.Phase) switch
            {
                (null, Phase.Succeeded or Phase.Skipped) => true,
                (null or TaskResult.Daemoned, Phase.Running) => node.Daemoned,
                (null, Phase.Failed) => plan[task].ContinueOnFailed,
                (null, Phase.Error) => plan[task].ContinueOnError,
                (TaskResult.Succeeded, Phase.Succeeded) => true,
                (TaskResult.Failed, Phase.Failed) => true,
                (TaskResult.Errored, Phase.Error) => true,
                (TaskResult.Skipped, Phase.Skipped) => true,
                (TaskResult.Omitted, Phase.Omitted) => true,
                (TaskResult.AnySucceeded, _) => node.Type == NodeType.TaskGroup && Gathered.Of(Run, node).AnySucceeded,
                (TaskResult.AllFailed, _) => node.Type == NodeType.TaskGroup && Gathered.Of(Run, node).AllFailed,
                _ => false,
            };
        });
    }

    // A retried template gets a Retry node with its tries below; the first try begins with it.
    private void Launch(NodeId id, string display, string name, NodeId? parent, NodeId? boundary, string call, Bound bound, bool hooked, Ties ties = default)
    {
        var template = Run.Workflow.Templates[name];
        if (boundary is { } b && Run.Nodes[b].Depth >= DepthLimit)
        {
            Emit(new RunEvent.NodeSkipped(now, id, display, name, parent, boundary, call, Phase.Error,
                $"Maximum recursion depth exceeded: {DepthLimit} nested template calls", hooked) { Hook = ties.Hook, Owner = ties.Owner });
            return;
        }
        var pending = PendingOf(template, bound);
        if (Run.RetryOf(template) is not null)
        {
            Emit(ties.On(new RunEvent.NodeStarted(now, id, display, NodeType.Retry, name, parent, boundary, call, bound, null, pending?.WakeAt, hooked) { Locks = pending?.Locks, Memo = pending?.Memo }));
            // Nobody has asked whether there is room for a hook.
            if (ties.Hook is null && pending is null) { LaunchTry(Run.Nodes[id]); }
        }
        else { LaunchPlain(id, display, name, parent, boundary, call, bound, hooked, ties, pending); }
    }

    private void LaunchTry(Node retry)
    {
        var number = retry.Children.Count;
        var variables = retry.Inputs.Variables.SetItems(RetryVariables(number, number == 0 ? null : Run.Nodes[retry.Children[^1]]));
        LaunchPlain(new NodeId($"{retry.Id.Value}({number})"), $"{retry.DisplayName}({number})", retry.Template,
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

    /// <param name="pending">What it waits for before it begins; null is nothing.</param>
    private void LaunchPlain(
        NodeId id, string display, string name, NodeId? parent, NodeId? boundary, string call, Bound bound, bool hooked, Ties ties = default, Pending? pending = null)
    {
        var template = Run.Workflow.Templates[name];
        void Start(NodeType kind, DateTimeOffset? wake = null, string? target = null) =>
            Emit(ties.On(new RunEvent.NodeStarted(now, id, display, kind, name, parent, boundary, call, bound, null, wake, hooked) { Target = target, Locks = pending?.Locks, Memo = pending?.Memo }));
        switch (template.Body)
        {
            case TemplateBody.Leaf:
                Start(NodeType.Pod, pending?.WakeAt);
                if (Originals.Find(Run, Run.Nodes[id]) is { } original)
                {
                    End(Run.Nodes[id], Phase.Skipped, $"original pod: {original.Id}", original.Outputs, original.ExitCode);
                    break;
                }
                if (ties.Hook is null && pending is null) { Emit(new RunEvent.AttemptStarted(now, id, Run.Nodes[id].Attempt + 1) { Seed = Seed }); }
                break;
            case TemplateBody.Steps:
                Start(NodeType.Steps);
                break;
            case TemplateBody.Dag dag:
                try { Start(NodeType.DAG, target: TargetOf(dag, bound, template)); }
                catch (ExpressionException e)
                {
                    Start(NodeType.DAG, target: "");
                    End(Run.Nodes[id], Phase.Error, e.Message);
                }
                break;
            case TemplateBody.Suspend suspend:
                try { Start(NodeType.Suspend, pending is null ? SuspendEnd(suspend, bound, template) : null); }
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

    private string? TargetOf(TemplateBody.Dag dag, Bound bound, Template template)
    {
        if (dag.Target is not { } text || !text.Contains("{{", StringComparison.Ordinal)) { return null; }
        var target = Substitution.Apply(text, Scopes.Bare(Run, bound, template));
        return DagPlan.Unknown(dag, target) is { } unknown ? throw new ExpressionException($"target '{unknown}' is not defined", 1) : target;
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
