using System.Globalization;
using System.Text;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Engine.Loop;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Flow;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>Calls that are made once for each of several values.</summary>
public sealed class LoopTests
{
    private static string Input(Story story, string node, string name = "p") => story.Node(node).Inputs.Parameters[name];

    private static Story Steps(Call call, params (string Name, string Value)[] parameters) =>
        Given(Of(Flow.Steps("main", [call.Given("p", "{{item}}")]), Leaf().Needs("p", "")), null, parameters);

    private static Story Dag(Call call, params (string Name, string Value)[] parameters) =>
        Given(Of(Flow.Dag("main", call.Given("p", "{{item}}"), Call("z", "leaf", "a")), Leaf().Needs("p", "")), null, parameters);

    [Fact]
    public void A_parameter_that_is_a_JSON_list_is_unfolded() =>
        Steps(Call("a").Each("{{workflow.parameters.list}}"), ("list", """[1, 2.50, "x y", true, null, {"b": 1, "a": {"z": [1, 2], "y": "<"}}, [ 1, "(q)" ]]"""))
            .Runs("wf[0].a(0:1)#1", "wf[0].a(1:2.50)#1", "wf[0].a(2:x y)#1", "wf[0].a(3:true)#1", "wf[0].a(4:null)#1",
                """wf[0].a(5:a:{"z":[1,2],"y":"\u003c"},b:1)#1""", """wf[0].a(6:[1,"q"])#1""")
            .Sees(s => Assert.Equal("""{"a":{"z":[1,2],"y":"\u003c"},"b":1}""", Input(s, """wf[0].a(5:a:{"z":[1,2],"y":"\u003c"},b:1)""")))
            .Sees(s => Assert.Equal("""[1,"(q)"]""", Input(s, """wf[0].a(6:[1,"q"])""")));

    [Fact]
    public void Fields_of_items_are_known_by_name() =>
        Given(Of(Flow.Steps("main", [Call("a").Each("""[{"n": "1", "deep": {"k": [1, 2]}}]""").Given("p", "{{item.n}} {{item.deep}}")]), Leaf().Needs("p")))
            .Sees(s => Assert.Equal("""1 {"k":[1,2]}""", s.Run.Nodes.Values.Single(n => n.Type == NodeType.Pod).Inputs.Parameters["p"]));

    [Fact]
    public void What_an_earlier_step_gave_is_unfolded() =>
        Given(Of(Flow.Steps("main", [Call("g")], [Call("a").Each("{{steps.g.outputs.result}}")]), Leaf()))
            .Succeeds("wf[0].g", """["x","y"]""").Runs("wf[1].a(0:x)#1", "wf[1].a(1:y)#1");

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    public void An_empty_list_is_one_skipped_node(string list)
    {
        Steps(Call("a").Each(list)).Has("wf[0].a", Phase.Skipped, "Skipped, empty params").Ended(Phase.Succeeded);
        Dag(Call("a").Each(list)).Has("wf.a", Phase.Skipped, "Skipped, empty params").Runs("wf.z#1");
    }

    [Fact]
    public void A_group_of_empty_loops_is_through_at_once() =>
        Given(Of(Flow.Steps("main", [Call("a").Each("[]"), Call("b").Counts("0")], [Call("c")]), Leaf()))
            .Has("wf[0]", Phase.Succeeded).Has("wf[0].b", Phase.Skipped).Runs("wf[1].c#1");

    [Theory]
    [InlineData("{\"a\":1}", "it is a map")]
    [InlineData("3", "it is a single value")]
    [InlineData("\"\\ud800", null)]
    [InlineData("[\"\\ud800\"]", "it holds half of a surrogate pair")]
    [InlineData("{{steps.none.outputs.result}}", null)]
    public void What_is_no_list_makes_the_group_Error_and_a_task_Error(string text, string? reason)
    {
        var start = $"withParam value could not be parsed as a JSON list: {text}: {reason}";
        Steps(Call("a").Each(text)).Has("wf[0]", Phase.Error).Ended(Phase.Failed).Sees(s => Assert.StartsWith(start, s.Run.Message, StringComparison.Ordinal));
        Dag(Call("a").Each(text)).Has("wf.a", Phase.Error).Ended(Phase.Error).Sees(s => Assert.StartsWith(start, s.Node("wf.a").Message, StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_no_list_does_not_matter_to_a_call_that_will_not_be_made() =>
        Dag(Call("a").Each("none").When("1 == 2")).Has("wf.a", Phase.Skipped, "Skipped, empty params").Runs("wf.z#1");

    [Theory]
    [InlineData("3", null, null, null, "0 1 2")]
    [InlineData("3", "5", null, null, "5 6 7")]
    [InlineData(null, "19", "21", "2020-05-%02X", "2020-05-13 2020-05-14 2020-05-15")]
    [InlineData(null, "2", "-1", null, "2 1 0 -1")]
    [InlineData(null, null, "0", "x%03d", "x000")]
    [InlineData("{{workflow.parameters.n}}", "{{workflow.parameters.n}}", null, "{{workflow.parameters.n}}-%d", "2-2 2-3")]
    [InlineData("-1", null, null, null, "0 -1 -2")]
    public void A_sequence_counts(string? count, string? start, string? end, string? format, string items)
    {
        var story = Steps(Call("a").Counts(count, start, end, format), ("n", "2"));
        Assert.Equal(items.Split(' '), story.Run.Running.Select(id => Input(story, id.Value)).OrderBy(i => Array.IndexOf(items.Split(' '), i)));
        Assert.Equal(items.Split(' ').Select((item, i) => $"wf[0].a({i}:{item})").Order(StringComparer.Ordinal), story.Run.Running.Select(id => id.Value));
    }

    [Theory]
    [InlineData("%d", 7, "7")]
    [InlineData("%5d|%-5d|%05d|%+d|% d", 7, "    7|%!d(MISSING)|%!d(MISSING)|%!d(MISSING)|%!d(MISSING)")]
    [InlineData("%5d", -7, "   -7")]
    [InlineData("%-5d|", 7, "7    |")]
    [InlineData("%05d", -7, "-0007")]
    [InlineData("%+d", 7, "+7")]
    [InlineData("% d", 7, " 7")]
    [InlineData("%x", 255, "ff")]
    [InlineData("%#X", 255, "0XFF")]
    [InlineData("%02X", 10, "0A")]
    [InlineData("%o", 8, "10")]
    [InlineData("%#o", 8, "010")]
    [InlineData("%O", 8, "0o10")]
    [InlineData("%b", 5, "101")]
    [InlineData("%08b", 5, "00000101")]
    [InlineData("%c", 65, "A")]
    [InlineData("%q", 65, "'A'")]
    [InlineData("%U", 65, "U+0041")]
    [InlineData("%.3d", 7, "007")]
    [InlineData("%6.3d", 7, "   007")]
    [InlineData("%v", -3, "-3")]
    [InlineData("%T", 1, "int")]
    [InlineData("%s", 7, "%!s(int=7)")]
    [InlineData("100%%-%d", 7, "100%-7")]
    [InlineData("none", 7, "none%!(EXTRA int=7)")]
    [InlineData("%", 7, "%!(NOVERB)%!(EXTRA int=7)")]
    [InlineData("%[1]d-%02[1]d", 7, "7-07")]
    [InlineData("%[2]d", 7, "%!d(BADINDEX)")]
    [InlineData("é%d", 7, "é7")]
    public void Formats_are_those_of_Go(string format, int number, string text) =>
        Steps(Call("a").Counts("1", number.ToString(CultureInfo.InvariantCulture), format: format))
            .Sees(s => Assert.Equal(text, s.Run.Nodes.Values.Single(n => n.Type == NodeType.Pod).Inputs.Parameters["p"]));

    [Theory]
    [InlineData("many", null, null, "withSequence count 'many' is not a whole number")]
    [InlineData("1000000000000", null, null, "the loop has 1,000,000,000,000 items: a run may have 1,000,000 nodes, with 512 Mi characters of names and inputs")]
    [InlineData("99999999999999999999", null, null, "withSequence count '99999999999999999999' is not a whole number")]
    [InlineData(null, null, null, "must have end or count in withSequence")]
    [InlineData("1", null, "\"%d", "withSequence format '\"%d' holds a quote, a backslash or a control character")]
    public void A_sequence_that_cannot_be_counted_is_an_Error(string? count, string? end, string? format, string message) =>
        Steps(Call("a").Counts(count, end: end, format: format)).Has("wf[0]", Phase.Error, message).Ended(Phase.Failed, message);

    [Fact]
    public void A_condition_may_ask_for_the_item() =>
        Dag(Call("a").Counts("3").When("{{item}} != 1")).Has("wf.a(1:1)", Phase.Skipped).Runs("wf.a(0:0)#1", "wf.a(2:2)#1");

    [Fact]
    public void A_sequence_is_four_numbers_in_the_journal_however_long()
    {
        var story = Given(Of(Flow.Steps("main", [Call("a").Counts("5000")]), Leaf()), Limits(1));
        var group = Assert.Single(story.Journal.OfType<RunEvent.NodeStarted>(), e => e.Kind == NodeType.StepGroup);
        Assert.Contains("""{"call":"a","range":{"first":0,"count":5000,"step":1}}""", Print.Event(group), StringComparison.Ordinal);
        Assert.Equal((5000, 4999), (story.Node("wf[0]").Total, story.Node("wf[0]").Ready.Count()));
    }

    [Fact]
    public void A_journal_that_holds_every_start_by_itself_still_folds()
    {
        const string old = """
            {"type":"NodeStarted","at":"2024-05-01T12:00:00+00:00","id":"wf[0]","displayName":"[0]","kind":"StepGroup","template":"","parent":"wf","boundary":"wf","call":"",
             "inputs":{"parameters":{},"artifacts":{},"variables":{}},"hooked":false,"starts":[{"call":"a","index":0,"item":{"text":"x","fields":{},"label":"x"}},
             {"call":"a","index":1,"item":{"text":"y","fields":{},"label":"y"}},{"call":"b","index":-1}]}
            """;
        var story = Given(Of(Flow.Steps("main", [Call("a").Items("x", "y"), Call("b")]), Leaf()), Limits(1));
        var run = RunState.Begin(story.Run.Workflow);
        foreach (var e in story.Journal.TakeWhile(e => e is not RunEvent.NodeStarted { Kind: NodeType.StepGroup })) { run = Scheduler.Apply(run, e); }
        run = Scheduler.Apply(run, EventJson.ReadEvent(Encoding.UTF8.GetBytes(old)));
        Assert.Equal(["a(0:x)", "a(1:y)", "b"], run.Nodes[new NodeId("wf[0]")].Ready.Select(s => s.Item is { } item ? $"{s.Call}({s.Index}:{item.Text})" : s.Call));
        Assert.Equal(3, run.Nodes[new NodeId("wf[0]")].Open);
    }

    [Fact]
    public void A_retry_makes_the_missing_items_again_in_their_order() =>
        Given(Of(Flow.Steps("main", [Call("a").Counts("6")]), Leaf()), Limits(4))
            .Succeeds("wf[0].a(0:0)").Fails("wf[0].a(1:1)").Succeeds("wf[0].a(2:2)").Fails("wf[0].a(3:3)").Succeeds("wf[0].a(4:4)").Succeeds("wf[0].a(5:5)").Ended(Phase.Failed)
            .Ask(new Request.Retry()).Runs("wf[0].a(1:1)#2", "wf[0].a(3:3)#2").Succeeds("wf[0].a(3:3)").Succeeds("wf[0].a(1:1)").Ended(Phase.Succeeded);

    [Fact]
    public void Results_are_a_list_of_the_JSON_that_each_item_gave() =>
        Given(Of(Flow.Dag("main", Call("a").Counts("4"), Call("b", "leaf", "a").Given("p", "{{tasks.a.outputs.result}}")), Leaf().Needs("p", "")))
            .Succeeds("wf.a(3:3)", """{ "k" : "<" }""").Succeeds("wf.a(0:0)", "1.50").Succeeds("wf.a(1:1)").Succeeds("wf.a(2:2)", " \"x\"\n")
            .Sees(s => Assert.Equal("""[1.50,"x",{"k":"\u003c"}]""", Input(s, "wf.b")));

    [Fact]
    public void A_result_that_is_no_JSON_is_an_Error_of_who_reads_the_list() =>
        Given(Of(Flow.Dag("main", Call("a").Counts("1"), Call("b", "leaf", "a").Given("p", "{{tasks.a.outputs.result}}")), Leaf().Needs("p", "")))
            .Succeeds("wf.a(0:0)", "plain text").Has("wf.b", Phase.Error).Ended(Phase.Error)
            .Sees(s => Assert.StartsWith("the result of wf.a(0:0) is no JSON, as one item of a list must be: ", s.Node("wf.b").Message, StringComparison.Ordinal));

    [Fact]
    public void Steps_that_mention_a_result_which_is_no_JSON_are_Error_when_its_group_is_through() =>
        Given(Of(Flow.Steps("main", [Call("a").Counts("1")], [Call("b").Given("p", "{{steps.a.outputs.result}}")]), Leaf().Needs("p", "")))
            .Succeeds("wf[0].a(0:0)", "plain text").Has("wf[0]", Phase.Succeeded).HasNo("wf[1]").Ended(Phase.Error);

    [Fact]
    public void A_result_that_nobody_reads_may_be_any_text() =>
        Given(Of(Flow.Steps("main", [Call("a").Counts("1")], [Call("b")]), Leaf())).Succeeds("wf[0].a(0:0)", "plain text").Runs("wf[1].b#1");

    [Fact]
    public void Parameters_are_listed_as_they_were_declared()
    {
        var leaf = Leaf("leaf", "{{inputs.parameters}}").Needs("z", "1").Needs("a", "2");
        Given(Of(Flow.Steps("main", [Call("s").Given("z", "{{workflow.parameters}}")]), leaf), null, ("y", "1"), ("b", "2"))
            .Sees(s => Assert.Equal("""[{"name":"y","value":"1"},{"name":"b","value":"2"}]""", Input(s, "wf[0].s", "z")))
            .Sees(s => Assert.StartsWith("""[{"name":"z",""", Specs.Render(s.Run, s.Node("wf[0].s")).Args[0], StringComparison.Ordinal));
    }

    [Fact]
    public void A_template_inside_a_call_knows_what_its_caller_knows()
    {
        var inline = Leaf("", "{{item}} {{inputs.parameters.p}} {{steps.a.outputs.result}} {{inputs.parameters.own}}").Needs("own", "o") with
        {
            CallerTags = ["item", "inputs.parameters.p", "steps.a.outputs.result", "inputs.parameters.own"],
        };
        var workflow = Of(Flow.Steps("main", [Call("a")], [Call("b", "main/b/inline").Items("x")]).Needs("p"), Leaf());
        Given(workflow with { Templates = workflow.Templates.Add("main/b/inline", inline) }, null, ("p", "outer"))
            .Succeeds("wf[0].a", "42")
            .Sees(s => Assert.Equal("x outer 42 o", Specs.Render(s.Run, s.Node("wf[1].b(0:x)")).Args[0]));
    }
}
