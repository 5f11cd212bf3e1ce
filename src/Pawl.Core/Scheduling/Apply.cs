using System.Collections.Immutable;
using System.Diagnostics;
using Pawl.Core.Attempts;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

public static partial class Scheduler
{
    /// <summary>The run after one more fact. Total: it accepts every event the journal can hold.</summary>
    public static RunState Apply(RunState run, RunEvent e)
    {
        run = run with { Sequence = run.Sequence + 1 };
        return e switch
        {
            RunEvent.Submitted s => run with { Submitted = s, Phase = Phase.Running, StartedAt = s.At },
            RunEvent.Opened => run with { Paused = null, Touched = run.Touched.Union(run.Waiting) },
            RunEvent.NodeStarted s => Started(run, s),
            RunEvent.NodeSkipped s => Skipped(run, s),
            RunEvent.AttemptStarted a => Attempted(run, a),
            RunEvent.AttemptEnded a => Ended(run, a),
            RunEvent.AttemptPostponed p => Wakes(run, p.Node, p.Until, p.Message),
            RunEvent.BackoffBegan b => Wakes(run, b.Node, b.Until, b.Message),
            RunEvent.NodeEnded d => Fulfilled(run, d),
            RunEvent.Requested r => run with { Requests = run.Requests.Add(r.Name) },
            RunEvent.Paused p => run with { Paused = p },
            RunEvent.Suspended => run with { Suspended = true },
            RunEvent.Resumed => run with { Suspended = false },
            RunEvent.ShutdownBegan s => run with { ShutDown = s, Touched = run.Touched.Union(Unfulfilled(run)) },
            RunEvent.Retried r => Reopened(run, r),
            RunEvent.RunEnded d => run with { Phase = d.Phase, Message = d.Message, FinishedAt = d.At, Touched = [], Wakes = [] },
            _ => throw new UnreachableException($"{e.GetType().Name} is not handled"),
        };
    }

    private static IEnumerable<NodeId> Unfulfilled(RunState run) => run.Nodes.Values.Where(n => !n.IsFulfilled).Select(n => n.Id);

    private static RunState Started(RunState run, RunEvent.NodeStarted s)
    {
        var node = new Node
        {
            Id = s.Id,
            DisplayName = s.DisplayName,
            Type = s.Kind,
            Phase = Phase.Running,
            Template = s.Template,
            Parent = s.Parent,
            Boundary = s.Boundary,
            Call = s.Call,
            Inputs = s.Inputs,
            StartedAt = s.At,
            Starts = s.Starts,
            Hooked = s.Hooked,
            Depth = s.Boundary is { } b ? run.Nodes[b].Depth + 1 : 0,
            Attempt = run.PastAttempts.GetValueOrDefault(s.Id),
        };
        run = Added(run, Filled(run, node), active: Counts(s.Kind));
        if (s.WakeAt is { } at) { run = Wakes(run, s.Id, at, ""); }
        return s.Kind == NodeType.Suspend ? run with { Gates = run.Gates.Add(s.Id) } : run;
    }

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
            Hooked = s.Hooked,
        };
        return Told(Added(run, node, active: false), node);
    }

    // A new node takes the place at the head of its parent's queue: Decide starts nothing out of turn.
    private static RunState Added(RunState run, Node node, bool active)
    {
        run = run with { Nodes = run.Nodes.SetItem(node.Id, node), Touched = run.Touched.Add(node.Id) };
        if (node.Parent is { } parent)
        {
            run = run.With(parent, p => p with
            {
                Children = p.Children.Add(node.Id),
                Ready = p.Type is NodeType.Retry or NodeType.Steps || p.Ready.IsEmpty ? p.Ready : p.Ready.Dequeue(),
            });
            run = Fertility(run, parent) with { Waiting = run.Waiting.Remove(parent) };
        }
        if (active && node.Boundary is { } boundary) { run = run.With(boundary, b => b with { Active = b.Active + 1 }); }
        return Fertility(run, node.Id);
    }

    private static bool Counts(NodeType type) => type is NodeType.Pod or NodeType.Steps or NodeType.DAG or NodeType.Suspend;

    private static RunState Fertility(RunState run, NodeId id) => run with
    {
        Fertile = run.Nodes[id] is { Ready.IsEmpty: false, IsFulfilled: false } ? run.Fertile.Add(id) : run.Fertile.Remove(id),
    };

    // Groups begin with all their starts ready, dags with the tasks that wait for nobody.
    private static Node Filled(RunState run, Node node) => node.Type switch
    {
        NodeType.StepGroup or NodeType.TaskGroup => node with
        {
            Open = node.Starts.Length,
            Ready = [.. node.Starts],
        },
        NodeType.DAG when run.Workflow.Templates[node.Template].Body is TemplateBody.Dag dag => node with
        {
            Open = dag.Plan.Tasks.Length,
            Awaited = dag.Plan.Tasks.ToImmutableDictionary(t => t.Name, t => t.Dependencies.Distinct(StringComparer.Ordinal).Count()),
            Ready = [.. dag.Plan.Tasks.Where(t => t.Dependencies.IsEmpty).Select(t => new Start(t.Name, -1, null))],
        },
        _ => node,
    };

    private static RunState Attempted(RunState run, RunEvent.AttemptStarted a)
    {
        run = Unwaked(run, a.Node).With(a.Node, n => n with
        {
            Attempt = a.Number,
            AttemptRuns = true,
            AttemptSequence = run.Sequence,
            Message = "",
        });
        return run with { Running = run.Running.Add(a.Node), Waiting = run.Waiting.Remove(a.Node) };
    }

    private static RunState Ended(RunState run, RunEvent.AttemptEnded a)
    {
        run = run.With(a.Node, n => n with
        {
            AttemptRuns = false,
            Last = a.Outcome,
            Message = a.Outcome.Message,
            LostInARow = a.Outcome.Kind == OutcomeKind.Lost ? n.LostInARow + 1 : n.LostInARow,
            // A pause is the user's own doing: it says nothing about the platform.
            PreemptedInARow = a.Outcome.Kind == OutcomeKind.Preempted && run.Paused is null ? n.PreemptedInARow + 1 : n.PreemptedInARow,
        });
        return run with { Running = run.Running.Remove(a.Node), Waiting = run.Waiting.Add(a.Node), Touched = run.Touched.Add(a.Node) };
    }

    private static RunState Wakes(RunState run, NodeId id, DateTimeOffset at, string message) =>
        Unwaked(run, id).With(id, n => n with { WakeAt = at, Message = message }) is var woken
            ? woken with { Wakes = woken.Wakes.Add(new Wake(at, id)) }
            : run;

    private static RunState Unwaked(RunState run, NodeId id) => run.Nodes[id].WakeAt is { } at
        ? run.With(id, n => n with { WakeAt = null }) with { Wakes = run.Wakes.Remove(new Wake(at, id)) }
        : run;

    private static RunState Fulfilled(RunState run, RunEvent.NodeEnded d)
    {
        run = Unwaked(run, d.Id).With(d.Id, n => n with
        {
            Phase = d.Phase,
            Message = d.Message,
            FinishedAt = d.At,
            Outputs = d.Outputs,
            ExitCode = d.ExitCode,
            AttemptRuns = false,
            Ready = ImmutableQueue<Start>.Empty,
        });
        var node = run.Nodes[d.Id];
        run = run with
        {
            Running = run.Running.Remove(d.Id),
            Waiting = run.Waiting.Remove(d.Id),
            Gates = run.Gates.Remove(d.Id),
            Fertile = run.Fertile.Remove(d.Id),
            Touched = run.Touched.Remove(d.Id),
            Globals = Exported(run, node),
        };
        if (Counts(node.Type) && node.Boundary is { } boundary)
        {
            run = run.With(boundary, b => b with { Active = b.Active - 1 });
        }
        return Told(run, node);
    }

    // The parent learns that one of its children is through.
    private static RunState Told(RunState run, Node child)
    {
        if (child.Parent is not { } id || run.Find(id) is not { IsFulfilled: false } parent) { return run; }
        run = run.With(id, p => p.Type switch
        {
            NodeType.StepGroup or NodeType.TaskGroup => p with { Open = p.Open - 1, BadChild = p.BadChild ?? Unexcused(run, p, child) },
            NodeType.DAG => Released(run, p with { Open = p.Open - 1 }, child.Call),
            _ => p,
        });
        if (parent.Type == NodeType.Retry) { run = run with { Waiting = run.Waiting.Add(id) }; }
        return Fertility(run.Touch(id), id);
    }

    // Of a group only: a dag judges its targets when all is done.
    private static NodeId? Unexcused(RunState run, Node group, Node child)
    {
        var excuse = group.Type == NodeType.StepGroup ? run.CallOf(group, child.Call) : null;
        return child.Phase switch
        {
            Phase.Failed when excuse is not { ContinueOnFailed: true } => child.Id,
            Phase.Error when excuse is not { ContinueOnError: true } => child.Id,
            _ => null,
        };
    }

    private static Node Released(RunState run, Node dag, string task)
    {
        var plan = ((TemplateBody.Dag)run.Workflow.Templates[dag.Template].Body).Plan;
        foreach (var dependent in plan.DependentsOf(task))
        {
            var left = dag.Awaited[dependent] - 1;
            dag = dag with { Awaited = dag.Awaited.SetItem(dependent, left) };
            if (left == 0) { dag = dag with { Ready = dag.Ready.Enqueue(new Start(dependent, -1, null)) }; }
        }
        return dag;
    }

    private static NodeOutputs Exported(RunState run, Node node)
    {
        if (!run.Workflow.Templates.TryGetValue(node.Template, out var template) || node.Type is NodeType.Skipped) { return run.Globals; }
        var globals = run.Globals;
        foreach (var p in template.Outputs.Parameters.Where(p => p.GlobalName is not null))
        {
            if (node.Outputs.Parameters.TryGetValue(p.Name, out var value))
            {
                globals = globals with { Parameters = globals.Parameters.SetItem(p.GlobalName!, value) };
            }
        }
        foreach (var a in template.Outputs.Artifacts.Where(a => a.GlobalName is not null))
        {
            if (node.Outputs.Artifacts.TryGetValue(a.Name, out var stored))
            {
                globals = globals with { Artifacts = globals.Artifacts.SetItem(a.GlobalName!, stored) };
            }
        }
        return globals;
    }

    private static RunState Reopened(RunState run, RunEvent.Retried r)
    {
        var removed = r.Removed.ToHashSet();
        foreach (var id in r.Removed)
        {
            if (run.Find(id) is not { } node) { continue; }
            if (node.Attempt > 0) { run = run with { PastAttempts = run.PastAttempts.SetItem(id, node.Attempt) }; }
            run = Unwaked(run, id);
            run = run with { Nodes = run.Nodes.Remove(id), Gates = run.Gates.Remove(id), Waiting = run.Waiting.Remove(id) };
        }
        run = run with
        {
            Phase = Phase.Running,
            Message = "",
            StartedAt = r.At,
            FinishedAt = null,
            ShutDown = null,
            Fertile = [],
            Touched = [],
        };
        foreach (var id in r.Reset)
        {
            run = run.With(id, n => n with
            {
                Active = 0,
                Phase = Phase.Running,
                Message = "",
                StartedAt = r.At,
                FinishedAt = null,
                Outputs = NodeOutputs.None,
                BadChild = null,
                Children = n.Children.RemoveAll(removed.Contains),
            });
        }
        // Counters are what the remaining children say; inner nodes first would make no difference.
        foreach (var id in r.Reset) { run = Recounted(run, id); }
        return run with
        {
            Touched = run.Touched.Union(r.Reset),
            Waiting = run.Waiting.Union(r.Reset.Where(id => run.Nodes[id].Type == NodeType.Retry)),
        };
    }

    private static RunState Recounted(RunState run, NodeId id)
    {
        var node = run.Nodes[id];
        var fresh = Filled(run, node);
        var calls = fresh.Type == NodeType.DAG
            ? ((TemplateBody.Dag)run.Workflow.Templates[fresh.Template].Body).Plan.Tasks.Select(t => new Start(t.Name, -1, null))
            : fresh.Starts;
        var present = node.Children.Select(c => run.Nodes[c]).ToDictionary(c => c.Id);
        fresh = fresh with { Ready = ImmutableQueue<Start>.Empty };
        if (fresh.Type == NodeType.DAG)
        {
            foreach (var child in present.Values.Where(c => c.IsFulfilled))
            {
                fresh = Released(run, fresh with { Open = fresh.Open - 1 }, child.Call);
            }
        }
        else
        {
            fresh = fresh with { Open = fresh.Open - present.Values.Count(c => c.IsFulfilled) };
        }
        var ready = calls.Where(s => !present.ContainsKey(ChildId(fresh, s))
            && (fresh.Type != NodeType.DAG || fresh.Awaited[s.Call] == 0));
        fresh = fresh with { Ready = [.. ready] };
        run = run with { Nodes = run.Nodes.SetItem(id, fresh) };
        foreach (var child in present.Values.Where(c => c.IsFulfilled && c.Phase.IsBad()))
        {
            if (fresh.Type is NodeType.StepGroup or NodeType.TaskGroup)
            {
                run = run.With(id, n => n with { BadChild = n.BadChild ?? Unexcused(run, n, child) });
            }
        }
        if (Counts(node.Type) && node.Boundary is { } boundary)
        {
            run = run.With(boundary, b => b with { Active = b.Active + 1 });
        }
        return Fertility(run, id);
    }

    /// <summary>Name of the child that a group or dag makes for a start.</summary>
    internal static NodeId ChildId(Node parent, Start start)
    {
        // A step group is named after its steps node, [i], and its steps follow; a task group is the task.
        var name = parent.Type == NodeType.TaskGroup ? parent.Id.Value : $"{parent.Id.Value}.{start.Call}";
        return new NodeId(start.Item is { } item ? $"{name}({start.Index}:{item.Label})" : name);
    }
}
