using System.Collections.Immutable;
using Pawl.Core.Attempts;
using Pawl.Core.Errors;
using Pawl.Core.Preemption;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>Given a workflow, when this is observed, then these are the events and this is so. The laws hold after every turn.</summary>
internal sealed class Story
{
    public static readonly DateTimeOffset Noon = new(2024, 5, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly List<RunEvent> _journal = [];
    private int _requests;

    private Story(Workflow workflow) => Run = RunState.Begin(workflow);

    public RunState Run { get; private set; }

    public DateTimeOffset Now { get; private set; } = Noon;

    /// <summary>Told of every observation, with the run before it.</summary>
    public Action<RunState, Observation>? Seen { get; set; }

    /// <summary>False where only the observations matter and the laws are asked elsewhere.</summary>
    public bool IsChecked { get; set; } = true;

    /// <summary>All events so far.</summary>
    public IReadOnlyList<RunEvent> Journal => _journal;

    /// <summary>The events of the last turn.</summary>
    public IReadOnlyList<RunEvent> Turn { get; private set; } = [];

    /// <summary>Submitted and opened at noon.</summary>
    public static Story Given(Workflow workflow, RunLimits? limits = null, params (string Name, string Value)[] parameters) =>
        Submitted(workflow, limits, parameters).Opened();

    public static Story Submitted(Workflow workflow, RunLimits? limits = null, params (string Name, string Value)[] parameters)
    {
        var story = new Story(workflow);
        story.Apply([new RunEvent.Submitted(Noon, "uid", "wf", "wf.yaml", "00",
            parameters.ToImmutableSortedDictionary(p => p.Name, p => p.Value, StringComparer.Ordinal), null, limits ?? Flow.Limits(), "process")
            {
                ParameterOrder = [.. parameters.Select(p => p.Name)],
            }]);
        return story;
    }

    public Story After(double seconds)
    {
        Now = Now.AddSeconds(seconds);
        return When(new Observation.Tick(Now));
    }

    /// <summary>Time passes that nobody notices.</summary>
    public Story Asleep(double seconds)
    {
        Now = Now.AddSeconds(seconds);
        return this;
    }

    public Story Opened() => When(new Observation.Opened(Now, "host", "1"));

    public Story Ask(Request request) => When(new Observation.Asked(Now, $"r{_requests++}", request));

    public Story Succeeds(string node, string? result = null, params (string Name, string Value)[] parameters) =>
        Ends(node, new Outcome
        {
            Kind = OutcomeKind.Succeeded,
            ExitCode = 0,
            Outputs = new NodeOutputs { Result = result, Parameters = NodeOutputs.None.Parameters.SetItems(parameters.Select(p => KeyValuePair.Create(p.Name, p.Value))) },
        });

    public Story SucceedsWithFile(string node, string artifact) =>
        Ends(node, new Outcome
        {
            Kind = OutcomeKind.Succeeded,
            ExitCode = 0,
            Outputs = new NodeOutputs { Artifacts = NodeOutputs.None.Artifacts.Add(artifact, File(artifact)) },
        });

    public static ArtifactRef File(string name) => new($"artifacts/{name}", "ab", 3, ArtifactKind.File, 420);

    public Story Fails(string node, int code = 1, string? message = null) => Ends(node, new Outcome
    {
        Kind = OutcomeKind.Failed,
        Class = code == 75 ? ErrorClass.Transient : ErrorClass.Permanent,
        ExitCode = code,
        Message = message ?? $"main: Error (exit code {code})",
    });

    public Story Errs(string node, string message = "wait: no output") =>
        Ends(node, new Outcome { Kind = OutcomeKind.Errored, Class = ErrorClass.Permanent, Message = message });

    public Story IsPreempted(string node, bool progressed = false) =>
        Ends(node, new Outcome { Kind = OutcomeKind.Preempted, Class = ErrorClass.Preempted, Message = "preempted", Progressed = progressed });

    /// <summary>All the notices in force from now on: the host goes in so many seconds each, or may go where it is null.</summary>
    public Story Noticed(params double?[] seconds) => When(new Observation.Noticed(Now, [.. seconds.Select(s => s is { } left
        ? new Notice($"n{Now.AddSeconds(left):HHmmss}", "file", NoticeKind.Leaving, Now.AddSeconds(left), "told so")
        : new Notice("hint", "aws-rebalance", NoticeKind.Hint, null, "moves are recommended"))]));

    public Story IsLost(string node, bool progressed = false) => When(new Observation.Lost(Now, Current(node), "lost", progressed ? Now : null));

    public Story IsReady(string node, string address = "127.0.0.1") => When(new Observation.Ready(Now, Current(node), address));

    public Story TakesLocks(string? node) => When(new Observation.LocksTaken(Now, IdOf(node)));

    public Story LocksAreBusy(string? node, string message = "Waiting for default/Mutex/m lock. Lock status: 0/1") =>
        When(new Observation.LocksBusy(Now, IdOf(node), message));

    public Story LocksFail(string? node, string message = "Failed to get semaphore limit for default/Database/s") =>
        When(new Observation.LocksFailed(Now, IdOf(node), message));

    /// <summary>Somebody looked; without outputs there was nothing.</summary>
    /// <param name="key">Of a cache by content.</param>
    public Story Recalls(string node, NodeOutputs? found = null, string? key = null, string? message = null) =>
        When(new Observation.Recalled(Now, new NodeId(node), found) { Key = key, Message = message });

    public Story Remembers(string node, string? problem = null) => When(new Observation.Remembered(Now, new NodeId(node), problem));

    private static NodeId? IdOf(string? node) => node is null ? null : new NodeId(node);

    public Story Ends(string node, Outcome outcome) =>
        When(new Observation.Ended(Now, Current(node), outcome with { StartedAt = Now, FinishedAt = Now }));

    public Story When(Observation seen)
    {
        Seen?.Invoke(Run, seen);
        var events = Scheduler.Decide(Run, seen);
        Apply(events);
        if (IsChecked) { Laws.Hold(this, seen); }
        return this;
    }

    public Story Then(params RunEvent[] expected)
    {
        Assert.Equal(expected.Select(Print.Event), Turn.Select(Print.Event));
        return this;
    }

    /// <summary>The last turn held such events, in this order, and no other of that kind.</summary>
    public Story Then<T>(params string[] nodes) where T : RunEvent
    {
        Assert.Equal(nodes, Turn.OfType<T>().Select(Print.NodeOf));
        return this;
    }

    public Story ThenNothing() => Then();

    public Story Has(string node, Phase phase, string? message = null)
    {
        var found = Node(node);
        Assert.True(phase == found.Phase, $"{node} is {found.Phase}: {found.Message}");
        if (message is not null) { Assert.Equal(message, found.Message); }
        return this;
    }

    public Story HasNo(string node)
    {
        Assert.Null(Run.Find(new NodeId(node)));
        return this;
    }

    public Story Runs(params string[] attempts)
    {
        Assert.Equal(attempts.Order(StringComparer.Ordinal), Run.Running.Select(id => Run.Nodes[id].CurrentAttempt.ToString()).Order(StringComparer.Ordinal));
        return this;
    }

    public Story Ended(Phase phase, string? message = null)
    {
        Assert.True(Run.Phase == phase, $"the run is {Run.Phase}: {Run.Message}");
        if (message is not null) { Assert.Equal(message, Run.Message); }
        return this;
    }

    public Story GoesOn() => Ended(Phase.Running);

    public Story Wants(params Want[] wants)
    {
        Assert.Equal(wants, Scheduler.Wanted(Run, Now));
        return this;
    }

    public Story Sees(Action<Story> look)
    {
        look(this);
        return this;
    }

    public Node Node(string name) => Run.Find(new NodeId(name))
        ?? throw new InvalidOperationException($"no node {name}; there are {string.Join(", ", Run.Nodes.Keys.Order())}");

    public AttemptId Current(string node) => Node(node).CurrentAttempt;

    private void Apply(IReadOnlyList<RunEvent> events)
    {
        _journal.AddRange(events);
        Turn = events;
        Run = Scheduler.ApplyTurn(Run, events);
    }
}
