using System.Reflection;
using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>Every case of every union is met by the random runs, and every pair of a node's state and a kind of news that can meet.</summary>
public sealed class CoverageTests(ITestOutputHelper output)
{
    private const int Seeds = 1_500;

    // A leaf's own news can come to no other node, and to it only while its attempt runs; late news of it is none and changes nothing.
    private static bool CanMeet(string state, string news) => news switch
    {
        nameof(Observation.LocksTaken) or nameof(Observation.LocksBusy) or nameof(Observation.LocksFailed) or nameof(Observation.Recalled) => state == Pending,
        nameof(Observation.Remembered) => state == Remembering,
        _ => !IsOfAnAttempt(news) || state == "Pod Running",
    };

    // Of nodes of all types: what they wait for is the same.
    private const string Pending = "Pending";
    private const string Remembering = "remembering";

    private static bool IsOfAnAttempt(string news) => news is nameof(Observation.Lost) or nameof(Observation.Ready) || Enum.TryParse<OutcomeKind>(news, out _);

    [Fact]
    public void Every_state_meets_every_kind_of_news()
    {
        var cells = new SortedDictionary<string, Dictionary<string, int>>(StringComparer.Ordinal);
        var events = new HashSet<Type>();
        for (var seed = 1_000; seed < 1_000 + Seeds; seed++)
        {
            var random = new RandomRun(seed, isChecked: false) { Seen = (before, observation) => Fill(cells, before, observation) };
            random.Play();
            events.UnionWith(random.Story.Journal.Select(e => e.GetType()));
        }
        var news = cells.Values.SelectMany(c => c.Keys).Distinct().Order(StringComparer.Ordinal).ToList();
        output.WriteLine($"{"",-24}{string.Join("", news.Select(n => $"{n,11}"))}");
        foreach (var (state, row) in cells)
        {
            output.WriteLine($"{state,-24}{string.Join("", news.Select(n => $"{(row.TryGetValue(n, out var count) ? $"{count}" : CanMeet(state, n) ? "EMPTY" : "-"),11}"))}");
        }
        Assert.Equal(Cases(typeof(RunEvent)).Except(events), []);
        Assert.Equal(OutcomesAndNews().Except(news), []);
        Assert.DoesNotContain(cells, row => news.Any(n => CanMeet(row.Key, n) && !row.Value.ContainsKey(n)));
    }

    private static IEnumerable<string> OutcomesAndNews() =>
        Cases(typeof(Observation)).Concat(Cases(typeof(Request))).Select(t => t.Name)
            .Except([nameof(Observation.Ended), nameof(Observation.Asked)]).Concat(Enum.GetNames<OutcomeKind>());

    private static IEnumerable<Type> Cases(Type union) =>
        union.GetNestedTypes(BindingFlags.Public).Where(t => t.IsSubclassOf(union)).OrderBy(t => t.Name, StringComparer.Ordinal);

    // News of an attempt meets its own node; everything else meets all of them.
    private static void Fill(SortedDictionary<string, Dictionary<string, int>> cells, RunState run, Observation seen)
    {
        var (kind, node) = seen switch
        {
            Observation.Ended e => (e.Outcome.Kind.ToString(), run.Find(e.Attempt.Node)),
            Observation.Lost l => (nameof(Observation.Lost), run.Find(l.Attempt.Node)),
            Observation.Ready r => (nameof(Observation.Ready), run.Find(r.Attempt.Node)),
            Observation.LocksTaken { Node: { } id } => (nameof(Observation.LocksTaken), run.Find(id)),
            Observation.LocksBusy { Node: { } id } => (nameof(Observation.LocksBusy), run.Find(id)),
            Observation.LocksFailed { Node: { } id } => (nameof(Observation.LocksFailed), run.Find(id)),
            Observation.LocksTaken or Observation.LocksBusy or Observation.LocksFailed => ("", null),
            Observation.Recalled r => (nameof(Observation.Recalled), run.Find(r.Node)),
            Observation.Remembered r => (nameof(Observation.Remembered), run.Find(r.Node)),
            Observation.Asked a => (a.Request.GetType().Name, null),
            _ => (seen.GetType().Name, null),
        };
        // Of the run itself.
        if (kind.Length == 0) { return; }
        foreach (var state in (node is null ? run.Nodes.Values : [node]).Select(StateOf).Distinct())
        {
            if (!cells.TryGetValue(state, out var row)) { cells[state] = row = new(StringComparer.Ordinal); }
            row[kind] = row.GetValueOrDefault(kind) + 1;
        }
    }

    private static string StateOf(Node n) =>
        n.Phase == Phase.Pending ? Pending
        : n is { IsRemembering: true, IsEnded: false } ? Remembering
        : $"{n.Type} {(n.IsEnded ? "ended" : n.Type == NodeType.Pod && !n.AttemptRuns ? "waiting" : n.WakeAt is not null ? "until a time" : "Running")}";

    [Theory]
    [MemberData(nameof(Observations))]
    public void Any_news_of_unknown_nodes_is_none(Observation seen)
    {
        var story = Given(Flow.Of(Flow.Leaf()));
        Assert.Empty(Scheduler.Decide(story.Run, seen));
    }

    public static TheoryData<Observation> Observations =>
    [
        new Observation.Tick(Noon),
        new Observation.Ended(Noon, new AttemptId(new NodeId("nobody"), 1), new Outcome { Kind = OutcomeKind.Succeeded }),
        new Observation.Ended(Noon, new AttemptId(new NodeId("wf"), 2), new Outcome { Kind = OutcomeKind.Succeeded }),
        new Observation.Lost(Noon, new AttemptId(new NodeId("wf"), 0), "late", null),
        new Observation.LocksTaken(Noon, new NodeId("nobody")),
        new Observation.LocksTaken(Noon, new NodeId("wf")),
        new Observation.LocksBusy(Noon, null, "busy"),
        new Observation.Recalled(Noon, new NodeId("wf"), NodeOutputs.None),
        new Observation.Remembered(Noon, new NodeId("wf"), "full"),
        new Observation.LocksFailed(Noon, new NodeId("wf"), "no limit"),
    ];

    [Fact]
    public void Every_want_comes_of_some_state()
    {
        var story = Given(Flow.Of(Flow.Dag("main", Flow.Call("a"), Flow.Call("g", "gate")), Flow.Leaf(), Flow.Gate(duration: "5")));
        var wants = Scheduler.Wanted(story.Run, story.Now).ToList();
        wants.AddRange(Scheduler.Wanted(Given(Flow.Of(Flow.Leaf().Locked("m"))).Run, story.Now));
        var memo = Given(Flow.Of(Flow.Leaf().Memoized("k")));
        wants.AddRange(Scheduler.Wanted(memo.Run, story.Now));
        wants.AddRange(Scheduler.Wanted(memo.Recalls("wf").Succeeds("wf").Run, story.Now));
        wants.AddRange(Scheduler.Wanted(story.Ask(new Request.Pause(false)).Run, story.Now));
        Assert.Empty(Cases(typeof(Want)).Except(wants.Select(w => w.GetType())));
    }
}
