using System.Collections.Immutable;
using System.Diagnostics;
using Pawl.Core.Attempts;
using Pawl.Core.Metrics;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

public static partial class Scheduler
{
    private const int MostMetricProblems = 20;

    /// <summary>The run after one more fact. Total: it accepts every event the journal can hold.</summary>
    public static RunState Apply(RunState run, RunEvent e)
    {
        run = run with { Sequence = run.Sequence + 1, At = e.At > run.At ? e.At : run.At };
        return e switch
        {
            RunEvent.Submitted s => run with { Workflow = Labelled(run.Workflow, s), Submitted = s, Phase = Phase.Running, StartedAt = s.At, Suspended = run.Workflow.Suspend },
            RunEvent.Opened => run with { Paused = null },
            RunEvent.NodeStarted s => Started(run, s),
            RunEvent.NodeSkipped s => Skipped(run, s),
            RunEvent.LocksAsked l => run with { Phase = Phase.Pending, OwnLocks = l.Locks },
            RunEvent.LocksTaken l => LocksGiven(run, l),
            RunEvent.Recalled r => LookedUp(run, r),
            RunEvent.NodeMade m => run.With(m.Id, n => Idle(run, n, m.At) with { Outputs = m.Outputs, ExitCode = m.ExitCode, IsRemembering = true, WakeAt = null, Message = "" }),
            RunEvent.LocksBusy l => LocksRefused(run, l),
            RunEvent.AttemptStarted a => Attempted(run, a),
            RunEvent.AttemptEnded a => Ended(run, a),
            RunEvent.AttemptPostponed p => run.With(p.Node, n => n with { WakeAt = p.Until, Message = p.Message }),
            RunEvent.BackoffBegan b => run.With(b.Node, n => n with { WakeAt = b.Until, Message = b.Message }),
            RunEvent.NodeEnded d => Fulfilled(run, d),
            RunEvent.DaemonReady d => Readied(run, d),
            RunEvent.NodeSettled s => Settled(run, s.Id),
            RunEvent.Requested r => run with { Requests = run.Requests.Add(r.Name) },
            RunEvent.Paused p => run with { Paused = p },
            RunEvent.Leaving l => run with { Leaving = l },
            RunEvent.Stays => run with { Leaving = null },
            RunEvent.Hinted h => run with { Hints = run.Hints.Add(h.Notice) },
            RunEvent.PreemptionBegan p => run.With(p.Node, n => n with { Preemption = p }),
            RunEvent.GateSupplied s => run.With(s.Id, n => n with
            {
                Outputs = n.Outputs with { Parameters = n.Outputs.Parameters.SetItems(s.Outputs) },
                Message = s.Message ?? n.Message,
            }),
            RunEvent.Suspended => run with { Suspended = true },
            RunEvent.Resumed => run with { Suspended = false, Touched = run.Touched.Union(run.Gates) },
            RunEvent.ShutdownBegan s => run with { ShutDown = s, Touched = run.Touched.Union(Unended(run)) },
            RunEvent.Retried r => Reopened(run, r),
            RunEvent.MetricsEmitted m => Measured(run, m),
            RunEvent.RunEnded d => run with { Phase = d.Phase, Message = d.Message, FinishedAt = d.At, Touched = [], HasOwnLocks = false },
            _ => throw new UnreachableException($"{e.GetType().Name} is not handled"),
        };
    }

    private static IEnumerable<NodeId> Unended(RunState run) => run.Nodes.Values.Where(n => !n.IsEnded).Select(n => n.Id);

    private static Workflow Labelled(Workflow workflow, RunEvent.Submitted s) =>
        s.Labels is { } labels ? workflow with { Labels = workflow.Labels.SetItems(labels) } : workflow;

    private static RunState Measured(RunState run, RunEvent.MetricsEmitted m)
    {
        var metrics = run.Metrics.ToBuilder();
        foreach (var sample in m.Samples)
        {
            var key = MetricSeries.KeyOf(sample);
            metrics[key] = MetricSeries.After(metrics.GetValueOrDefault(key), sample);
        }
        return run with { Metrics = metrics.ToImmutable(), MetricProblems = [.. run.MetricProblems.Concat(m.Problems ?? []).Distinct().Take(MostMetricProblems)] };
    }


    private static RunState Started(RunState run, RunEvent.NodeStarted s) => Added(run, Filled(run, new Node
    {
        Id = s.Id,
        DisplayName = s.DisplayName,
        Type = s.Kind,
        Phase = s.Locks is null && s.Memo is null ? Phase.Running : Phase.Pending,
        Memo = s.Memo,
        Locks = s.Locks ?? [],
        Template = s.Template,
        Parent = s.Parent,
        Boundary = s.Boundary,
        Call = s.Call,
        Inputs = s.Inputs,
        StartedAt = s.At,
        SpentUntil = s.At,
        Fanouts = s.Fanouts ?? Fanout.Of(s.Starts ?? []),
        Target = s.Target,
        Hook = s.Hook,
        Owner = s.Owner,
        HasHooks = s.HasHooks is true,
        Watches = s.Watches is true,
        WakeAt = s.WakeAt,
        Hooked = s.Hooked,
        Depth = s.Boundary is { } b ? run.Nodes[b].Depth + 1 : 0,
        Attempt = run.PastAttempts.GetValueOrDefault(s.Id),
    })).Touch(s.Id);

    private static RunState Skipped(RunState run, RunEvent.NodeSkipped s)
    {
        var node = new Node
        {
            Id = s.Id,
            DisplayName = s.DisplayName,
            Type = NodeType.Skipped,
            Phase = s.Phase,
            Template = s.Template,
            Parent = s.Parent,
            Boundary = s.Boundary,
            Call = s.Call,
            Message = s.Message,
            StartedAt = s.At,
            FinishedAt = s.At,
            IsSettled = true,
            Hooked = s.Hooked,
            Hook = s.Hook,
            Owner = s.Owner,
        };
        return Told(Added(run, node), node);
    }

    // A new node takes the place at the head of its parent's queue: Decide starts nothing out of turn.
    private static RunState Added(RunState run, Node node)
    {
        run = run.With(node).TouchWatchers(node.Boundary);
        if (node.Owner is { } owner)
        {
            run = run.With(owner, o => o with { Hooks = o.Hooks.Add(node.Id), OpenHooks = o.OpenHooks + (node.IsEnded ? 0 : 1) }).Touch(owner);
        }
        if (node.Parent is { } parent)
        {
            run = run.With(parent, p => p.Type switch
            {
                NodeType.Retry => Idle(run, p, node.StartedAt) with { Children = p.Children.Add(node.Id), Open = 1, WakeAt = null, Message = "" },
                NodeType.Steps => p with { Children = p.Children.Add(node.Id) },
                _ => p with { Children = p.Children.Add(node.Id), Ready = p.Ready.IsEmpty ? p.Ready : p.Ready.Dequeue() },
            });
        }
        return node.Boundary is { } boundary && IsActive(node) ? run.With(boundary, b => b with { Active = b.Active + 1 }) : run;
    }

    // What template.parallelism counts.
    private static bool IsActive(Node node) => node is { IsFulfilled: false, Type: NodeType.Pod or NodeType.Steps or NodeType.DAG };

    // Groups begin with all their starts ready, dags with the tasks that wait for nobody.
    private static Node Filled(RunState run, Node node) => node.Type switch
    {
        NodeType.StepGroup or NodeType.TaskGroup => node with
        {
            Total = node.Fanouts.Sum(f => f.Count),
            Open = node.Fanouts.Sum(f => f.Count),
            Ready = ReadyStarts.Of(node.Fanouts),
        },
        NodeType.DAG => Filled(run.PlanOf(node), node),
        _ => node,
    };

    private static Node Filled(DagPlan plan, Node dag) => dag with
    {
        Total = plan.Tasks.Length,
        Open = plan.Tasks.Length,
        Awaited = plan.Tasks.ToImmutableDictionary(t => t.Name, t => plan.Before(t.Name).Length),
        Ready = ReadyStarts.Of(plan.Tasks.Where(t => plan.Before(t.Name).IsEmpty).Select(t => new Start(t.Name, -1, null))),
    };

    private static RunState Attempted(RunState run, RunEvent.AttemptStarted a) => run.With(a.Node, n => Idle(run, n, a.At) with
    {
        Attempt = a.Number,
        AttemptRuns = true,
        AttemptSequence = run.Sequence,
        AttemptStartedAt = a.At,
        AttemptSeed = a.Seed ?? 0,
        WakeAt = null,
        Message = "",
    });

    private static RunState Ended(RunState run, RunEvent.AttemptEnded a) => run.With(a.Node, n =>
    {
        // What brought the step on begins both rows anew, and may be the first of one.
        var (lost, preempted) = a.Outcome.Progressed ? (0, 0) : (n.LostInARow, n.PreemptedInARow);
        return Spent(n, a.At, a.Outcome) with
        {
            AttemptRuns = false,
            Preemption = null,
            Last = a.Outcome,
            Message = a.Outcome.Message,
            LostInARow = a.Outcome.Kind == OutcomeKind.Lost ? lost + 1 : lost,
            // A pause is the user's own doing: it says nothing about the platform.
            PreemptedInARow = a.Outcome.Kind == OutcomeKind.Preempted && run.Paused is null ? preempted + 1 : preempted,
        };
    });

    private static RunState Fulfilled(RunState run, RunEvent.NodeEnded d)
    {
        var before = run.Nodes[d.Id];
        var node = Idle(run, before, d.At) with
        {
            Phase = d.Phase,
            Message = d.Message,
            FinishedAt = d.At,
            Outputs = d.Outputs,
            ExitCode = d.ExitCode,
            AttemptRuns = false,
            WakeAt = null,
            Ready = default,
            IsSettled = before.IsSettled || !before.HasHooks,
        };
        run = run.With(node) with { Touched = run.Touched.Remove(d.Id), Globals = Exports.With(run, node, d.Exports) };
        if (node.Boundary is { } boundary)
        {
            var (fewer, more) = (IsActive(before) ? 1 : 0, run.IsFailure(node) && !run.IsFailure(before) ? 1 : 0);
            if (fewer + more > 0) { run = run.With(boundary, b => b with { Active = b.Active - fewer, Failures = b.Failures + more }); }
            run = TouchFailing(run.TouchWatchers(boundary), boundary);
        }
        if (node.Owner is { } owner) { run = run.With(owner, o => o with { OpenHooks = o.OpenHooks - 1 }).Touch(owner); }
        // Its hooks are looked at before its parent is told.
        if (node.HasHooks) { return run.Touch(node.Id); }
        return !before.IsSettled || IsTry(run, node) ? Told(run, node) : node.Daemoned ? Died(run, node) : run;
    }

    private static RunState Settled(RunState run, NodeId id)
    {
        run = run.With(id, n => n with { IsSettled = true });
        var node = run.Nodes[id];
        return Told(node.Boundary is { } boundary ? TouchFailing(run, boundary) : run, node);
    }

    private static RunState TouchFailing(RunState run, NodeId boundary) => run.FailsFast(run.Nodes[boundary]) ? run.Touch(boundary) : run;

    // The parent learns, once, that one of its children is settled.
    private static RunState Told(RunState run, Node child)
    {
        if (child.Parent is not { } id || run.Find(id) is not { IsEnded: false }) { return run; }
        return run.With(id, p => p.Type switch
        {
            NodeType.StepGroup or NodeType.TaskGroup => p with { Open = p.Open - 1, BadChild = p.BadChild ?? Unexcused(run, p, child) },
            NodeType.DAG => Released(run, p with { Open = p.Open - 1 }, child.Call),
            NodeType.Retry => Spent(run, p, child) with { Open = 0 },
            _ => p,
        }).Touch(id);
    }

    // Of a group only: a dag judges its targets when all is done.
    private static NodeId? Unexcused(RunState run, Node group, Node child)
    {
        if (group.Type == NodeType.StepGroup && IsUnresolved(child)) { return child.Id; }
        var excuse = group.Type == NodeType.StepGroup ? run.CallOf(group, child.Call) : null;
        return child.Phase switch
        {
            Phase.Failed when excuse is not { ContinueOnFailed: true } => child.Id,
            Phase.Error when excuse is not { ContinueOnError: true } => child.Id,
            _ => null,
        };
    }

    /// <summary>It could not even be begun. In a step group nothing excuses that: the group itself is Error (Argo).</summary>
    internal static bool IsUnresolved(Node node) => node is { Type: NodeType.Skipped, Phase: Phase.Error };

    private static Node Released(RunState run, Node dag, string task)
    {
        var plan = run.PlanOf(dag);
        foreach (var dependent in plan.DependentsOf(task))
        {
            var left = dag.Awaited[dependent] - 1;
            dag = dag with { Awaited = dag.Awaited.SetItem(dependent, left) };
            var start = new Start(dependent, -1, null);
            // A retry that begins a daemon anew leaves those in place that had ended after it.
            if (left == 0 && run.Find(ChildId(dag, start)) is null) { dag = dag with { Ready = dag.Ready.Enqueue(start) }; }
        }
        return dag;
    }

    /// <summary>Name of the child that a group or dag makes for a start.</summary>
    internal static NodeId ChildId(Node parent, Start start)
    {
        // A step group is named after its steps node, [i], and its steps follow; a task group is the task.
        var name = parent.Type == NodeType.TaskGroup ? parent.Id.Value : $"{parent.Id.Value}.{start.Call}";
        return new NodeId(start.Item is { } item ? $"{name}({start.Index}:{item.Label})" : name);
    }
}
