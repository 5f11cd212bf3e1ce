using System.Collections.Immutable;
using System.Diagnostics;
using Pawl.Core.Attempts;
using Pawl.Core.Expressions.Expr;
using Pawl.Core.Metrics;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>A run after all its events so far. Changed only by <see cref="Scheduler.Apply"/>.</summary>
public sealed partial record RunState
{
    private RunState(Workflow workflow) => Workflow = workflow;

    /// <summary>The definition; read again from the manifest, whose digest the first event holds.</summary>
    public Workflow Workflow { get; internal init; }

    /// <summary>Events applied; the sequence number of the last one in the journal.</summary>
    public long Sequence { get; init; }

    /// <summary>The first event; null before it.</summary>
    public RunEvent.Submitted? Submitted { get; init; }

    public Phase Phase { get; init; } = Phase.Pending;

    public string Message { get; init; } = "";

    public DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Set from a pause until an engine opens the run again.</summary>
    public RunEvent.Paused? Paused { get; init; }

    /// <summary>Set while the host on which the run is driven is about to go.</summary>
    public RunEvent.Leaving? Leaving { get; init; }

    /// <summary>Ids of the hints already journaled.</summary>
    public ImmutableHashSet<string> Hints { get; init; } = [];

    public bool Suspended { get; init; }

    public RunEvent.ShutdownBegan? ShutDown { get; init; }

    public ImmutableDictionary<NodeId, Node> Nodes { get; init; } = ImmutableDictionary<NodeId, Node>.Empty;

    /// <summary>Values that templates exported by <c>globalName</c>, parameters and artifacts.</summary>
    public NodeOutputs Globals { get; init; } = NodeOutputs.None;

    /// <summary>By key, see <see cref="MetricSeries.KeyOf"/>.</summary>
    public ImmutableSortedDictionary<string, MetricSeries> Metrics { get; init; } = ImmutableSortedDictionary.Create<string, MetricSeries>(StringComparer.Ordinal);

    /// <summary>What was wrong with metrics, the first few.</summary>
    public ImmutableArray<string> MetricProblems { get; init; } = [];

    /// <summary>Of the latest event: what was due by then has been looked at.</summary>
    public DateTimeOffset At { get; init; } = DateTimeOffset.MinValue;

    /// <summary>Nodes to look at: something about them changed since the last turn.</summary>
    public ImmutableSortedSet<NodeId> Touched { get; init; } = [];

    // Indices: each a question that every node answers for itself, kept so that a turn costs what it changes and not what there is.

    /// <summary>Leaves whose newest attempt runs.</summary>
    public ImmutableSortedSet<NodeId> Running { get; private init; } = [];

    /// <summary>Leaves to be attempted and Retry nodes to be tried again as soon as there is room.</summary>
    /// <remarks>Those that wait for a time are in <see cref="Wakes"/> instead.</remarks>
    public Queues Waiting { get; private init; }

    /// <summary>Groups and dags with something ready to start, by what they would start first.</summary>
    public Queues Fertile { get; private init; }

    public ImmutableSortedSet<Wake> Wakes { get; private init; } = [];

    /// <summary>Dags in which something failed and nothing goes on, with tasks that wait for room.</summary>
    /// <remarks>Only where a manifest's own limit can be what they wait for.</remarks>
    public ImmutableSortedSet<NodeId> Stalled { get; private init; } = [];

    /// <summary>Active suspend nodes.</summary>
    public ImmutableSortedSet<NodeId> Gates { get; private init; } = [];

    /// <summary>Nodes with a hook that asks about other calls, by the steps or dag node around them, until they are settled.</summary>
    public ImmutableDictionary<NodeId, ImmutableSortedSet<NodeId>> Watchers { get; private init; } =
        ImmutableDictionary<NodeId, ImmutableSortedSet<NodeId>>.Empty;

    /// <summary>How many nodes have not ended.</summary>
    public int Live { get; private init; }

    /// <summary>Of the names and inputs of all nodes: what they keep in memory beside themselves.</summary>
    public long Characters { get; private init; }

    /// <summary>Attempts ever made of nodes that a retry removed, so that no attempt's folder is used twice.</summary>
    public ImmutableDictionary<NodeId, int> PastAttempts { get; init; } = ImmutableDictionary<NodeId, int>.Empty;

    /// <summary>The time and chance that expressions see while something is decided or rendered; no fact of the run.</summary>
    internal ExprMoment Moment { get; init; }

    /// <summary>How often a step was asked to run again although it had succeeded: what it left before then counts no more.</summary>
    public ImmutableDictionary<NodeId, int> Anew { get; init; } = ImmutableDictionary<NodeId, int>.Empty;

    /// <summary>Inbox files already journaled.</summary>
    public ImmutableHashSet<string> Requests { get; init; } = [];

    public static RunState Begin(Workflow workflow) => new(workflow);

    public string RunId => Submitted?.RunId ?? "";

    public string Name => Submitted?.Name ?? "";

    public bool IsDone => Phase.IsFulfilled();

    /// <summary>Nothing runs and nothing will start by itself, though the run has not ended: it is paused, suspended, or at a gate.</summary>
    public bool IsAtRest => !IsDone && Running.IsEmpty && (Paused is not null || Suspended || (Wakes.IsEmpty && !AwaitsOthers));

    public NodeId EntryId => new(Name);

    /// <summary>Name of the node that a hook makes, beside a node or, named after the run, of the run itself.</summary>
    public static NodeId HookId(NodeId owner, Hook hook) => new(hook.IsExit ? $"{owner.Value}.onExit" : $"{owner.Value}.hooks.{hook.Name}");

    public NodeId ExitId => new($"{Name}.onExit");

    public Node? Find(NodeId id) => Nodes.GetValueOrDefault(id);

    /// <summary>Most attempts at once: what the machine and the manifest both allow.</summary>
    public int Slots => Math.Min(Submitted?.Limits.Slots ?? 1, Workflow.Parallelism ?? int.MaxValue);

    /// <summary>The retry strategy that wraps a template: its own, else the workflow's.</summary>
    public RetryStrategy? RetryOf(Template template) => template.RetryStrategy ?? Workflow.RetryStrategy;

    /// <summary>The step's name without its own retry suffix: one chain for all its tries.</summary>
    public NodeId StepOf(Node node) =>
        node.Parent is { } p && Find(p) is { Type: NodeType.Retry } ? p : node.Id;

    /// <summary>The step or task as written in the template around a node, by name.</summary>
    public Call CallOf(Node inside, string name) => Workflow.Templates[Find(inside.Type == NodeType.DAG ? inside.Id : inside.Boundary!.Value)!.Template].Body switch
    {
        TemplateBody.Dag => PlanOf(inside.Type == NodeType.DAG ? inside : Nodes[inside.Boundary!.Value])[name],
        TemplateBody.Steps steps => steps.CallNamed(name),
        _ => throw new UnreachableException("only steps and dags call"),
    };

    /// <summary>The name of a node's template as its author knows it; empty where it is written inside a call, and of a step group.</summary>
    public string TemplateNameOf(Node node) => Workflow.Templates.GetValueOrDefault(node.Template)?.Name ?? node.Template;

    /// <summary>Who waits for whom in a dag node.</summary>
    public DagPlan PlanOf(Node dag) => DagPlan.Of((TemplateBody.Dag)Workflow.Templates[dag.Template].Body, dag.Target);

    /// <summary>Something in a steps or dag node has failed whose template then starts nothing more.</summary>
    internal bool FailsFast(Node inside) => inside.Failures > 0 && Workflow.Templates[inside.Template].FailFast;

    /// <summary>Something that a failing node makes the steps or dag around it fail fast for; a hook's failure is nobody's.</summary>
    internal bool IsFailure(Node node) => node is { Type: NodeType.Pod or NodeType.Steps or NodeType.DAG, Hook: null } && node.Phase.IsBad()
        && !(node.Parent is { } parent && Find(parent) is { Type: NodeType.Retry, Hook: not null });

    internal RunState With(NodeId id, Func<Node, Node> change) => With(change(Nodes[id]));

    /// <summary>The only way a node comes in or changes, so that no index can be forgotten.</summary>
    internal RunState With(Node node) => (this with { Nodes = Nodes.SetItem(node.Id, node) }).Indexed(node.Id, Find(node.Id), node);

    internal RunState Without(NodeId id) => Find(id) is { } node ? (this with { Nodes = Nodes.Remove(id) }).Indexed(id, node, null) : this;

    private RunState Indexed(NodeId id, Node? before, Node? after)
    {
        var run = this;
        if (Runs(before) != Runs(after)) { run = run with { Running = Runs(after) ? Running.Add(id) : Running.Remove(id) }; }
        run = run.Locking(id, before, after);
        if (IsGate(before) != IsGate(after)) { run = run with { Gates = IsGate(after) ? Gates.Add(id) : Gates.Remove(id) }; }
        if (Stalls(before) != Stalls(after)) { run = run with { Stalled = Stalls(after) ? Stalled.Add(id) : Stalled.Remove(id) }; }
        var (old, wake) = (Wake(before), Wake(after));
        if (old != wake)
        {
            var wakes = old is { } gone ? Wakes.Remove(gone) : Wakes;
            run = run with { Wakes = wake is { } come ? wakes.Add(come) : wakes };
        }
        var (waited, waits) = (Waits(before), Waits(after));
        if (waited != waits) { run = run with { Waiting = Moved(Waiting, id, waited, waits) }; }
        var (started, starts) = (Starts(before), Starts(after));
        if (started != starts) { run = run with { Fertile = Moved(Fertile, id, started, starts) }; }
        var (watched, watches) = (Watches(before), Watches(after));
        if (watched != watches) { run = run with { Watchers = Moved(Watchers, id, watched, watches) }; }
        if (Lives(before) != Lives(after)) { run = run with { Live = Live + (Lives(after) ? 1 : -1) }; }
        if ((before is null) != (after is null)) { run = run with { Characters = run.Characters + Size(after) - Size(before) }; }
        return run;
    }

    private static bool Runs(Node? node) => node is { AttemptRuns: true, IsEnded: false };

    private static bool Lives(Node? node) => node is { IsEnded: false };

    private static NodeId? Watches(Node? node) => node is { Watches: true, IsSettled: false } ? node.Boundary : null;

    private static bool IsGate(Node? node) => node is { Type: NodeType.Suspend, Phase: Phase.Running };

    private bool Stalls(Node? node) => Workflow.Parallelism is not null
        && node is { Type: NodeType.DAG, IsEnded: false, Failures: > 0, Ready.IsEmpty: false }
        && node.Children.Count == node.Total - node.Open
        && Workflow.Templates[node.Template].Body is TemplateBody.Dag { FailFast: true };

    private static Wake? Wake(Node? node) => node is { IsEnded: false, WakeAt: { } at } ? new Wake(at, node.Id) : null;

    private static string? Waits(Node? node) => node switch
    {
        { IsEnded: true } or { Phase: Phase.Pending } or { IsRemembering: true } or { WakeAt: not null } => null,
        { Type: NodeType.Pod, AttemptRuns: false } or { Type: NodeType.Retry, Open: 0 } => node.Template,
        _ => null,
    };

    private string? Starts(Node? node) =>
        node is { Phase: Phase.Running, Ready.IsEmpty: false } ? CallOf(node, node.Ready.NextCall).Template : null;

    // Neither names nor inputs ever change. What a node hands on is counted each time: read back from the journal it is no longer shared.
    private static long Size(Node? node) => node is null ? 0 : node.Id.Value.Length + node.DisplayName.Length
        + node.Inputs.Parameters.Sum(p => (long)p.Value.Length) + node.Inputs.Variables.Sum(v => (long)v.Value.Length)
        + node.Inputs.Artifacts.Sum(a => (long)(a.Value.RawData?.Length ?? 0));

    private static Queues Moved(Queues queues, NodeId id, string? from, string? to)
    {
        if (from is not null) { queues = queues.Remove(from, id); }
        return to is null ? queues : queues.Add(to, id);
    }

    private static ImmutableDictionary<NodeId, ImmutableSortedSet<NodeId>> Moved(
        ImmutableDictionary<NodeId, ImmutableSortedSet<NodeId>> watchers, NodeId id, NodeId? from, NodeId? to)
    {
        if (from is { } old) { watchers = watchers[old].Remove(id) is { IsEmpty: false } left ? watchers.SetItem(old, left) : watchers.Remove(old); }
        return to is { } around ? watchers.SetItem(around, watchers.GetValueOrDefault(around, []).Add(id)) : watchers;
    }

    /// <summary>Others of the same steps or dag node may have been waiting for what a node has become.</summary>
    internal RunState TouchWatchers(NodeId? around) =>
        around is { } id && Watchers.TryGetValue(id, out var watching) ? this with { Touched = Touched.Union(watching) } : this;

    internal RunState Touch(NodeId? id) => id is { } node ? this with { Touched = Touched.Add(node) } : this;
}

/// <summary>When a node is to be looked at again.</summary>
public readonly record struct Wake(DateTimeOffset At, NodeId Node) : IComparable<Wake>
{
    public int CompareTo(Wake other) => At.CompareTo(other.At) is var c and not 0 ? c : Node.CompareTo(other.Node);
}
