using System.Collections.Immutable;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Flow;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>Parameters and artifacts on their way from node to node.</summary>
public sealed class PassingTests
{
    private static string Input(Story story, string node, string name = "p") => story.Node(node).Inputs.Parameters[name];

    [Fact]
    public void An_argument_beats_the_templates_own_default() =>
        Given(Of(Steps("main", [Call("a").Given("p", "given {{workflow.name}}"), Call("b")]), Leaf().Needs("p", "default {{workflow.uid}}")))
            .Sees(s => Assert.Equal(("given wf", "default uid"), (Input(s, "wf[0].a"), Input(s, "wf[0].b"))));

    [Fact]
    public void The_entry_template_gets_the_workflows_parameters_as_they_are() =>
        Given(Of(Leaf().Needs("p")), null, ("p", "{{workflow.name}}")).Sees(s => Assert.Equal("{{workflow.name}}", Input(s, "wf")));

    [Fact]
    public void A_missing_argument_is_an_Error() =>
        Given(Of(Leaf().Needs("p"))).Ended(Phase.Error, "inputs.parameters.p was not supplied");

    [Fact]
    public void A_step_reads_what_an_earlier_one_gave() =>
        Given(Of(Steps("main", [Call("a")], [Call("b").Given("p", "{{steps.a.outputs.parameters.o}} {{steps.a.outputs.result}} {{steps.a.exitCode}} {{steps.a.status}}")]), Leaf().Needs("p", "")))
            .Succeeds("wf[0].a", "out", ("o", "42")).Sees(s => Assert.Equal("42 out 0 Succeeded", Input(s, "wf[1].b")));

    [Fact]
    public void A_value_that_looks_like_a_tag_stays_text() =>
        Given(Of(Dag("main", Call("a"), Call("b", "leaf", "a").Given("p", "{{tasks.a.outputs.result}}")), Leaf("leaf", "{{inputs.parameters.p}}").Needs("p", "")))
            .Succeeds("wf.a", "{{workflow.uid}}").Sees(s => Assert.Equal("{{workflow.uid}}", Specs.Render(s.Run, s.Node("wf.b")).Args[0]));

    [Fact]
    public void A_loop_gives_the_list_of_what_its_succeeded_items_gave() =>
        Given(Of(Steps("main", [Call("a").Items("x", "y", "z").Continues(failed: true)], [Call("b").Given("p", "{{steps.a.outputs.parameters.o}}|{{steps.a.outputs.result}}|{{steps.a.status}}|{{steps.a.outputs.parameters}}")]),
                Leaf().Needs("p", "")))
            .Succeeds("wf[0].a(2:z)", "\"3+3\"", ("o", "three")).Fails("wf[0].a(1:y)").Succeeds("wf[0].a(0:x)", "1", ("o", "one"))
            .Sees(s => Assert.Equal("""["one","three"]|[1,"3+3"]|Succeeded|[{"o":"one"},{"o":"three"}]""", Input(s, "wf[1].b")));

    [Fact]
    public void Lists_of_JSON_hold_JSON() =>
        Given(Of(Dag("main", Call("a").Items("x", "y"), Call("b", "leaf", "a").Given("p", "{{tasks.a.outputs.result}}")), Leaf().Needs("p", "")))
            .Succeeds("wf.a(0:x)", """{"n":1}""").Succeeds("wf.a(1:y)", "[2]").Sees(s => Assert.Equal("""[{"n":1},[2]]""", Input(s, "wf.b")));

    [Theory]
    [InlineData("{{steps.a.outputs.parameters.o}}", "default")]
    [InlineData("{{ steps.a.outputs.parameters.o }}", "default")]
    public void A_reference_to_what_a_skipped_step_would_have_given_is_no_argument(string value, string expected) =>
        Given(Of(Steps("main", [Call("a").When("no == yes")], [Call("b").Given("p", value)]), Leaf().Needs("p", "default").Gives("o")))
            .Sees(s => Assert.Equal(expected, Input(s, "wf[1].b")));

    [Fact]
    public void A_skipped_step_gives_the_default_of_its_output() =>
        Given(Of(Dag("main", Call("a").When("no == yes"), Call("b", "leaf", "a").Given("p", "x{{tasks.a.outputs.parameters.o}}")),
                Leaf().Needs("p", "").Gives("o", new ValueFrom { Path = "/o", Default = "7" })))
            .Sees(s => Assert.Equal("x7", Input(s, "wf.b")));

    [Fact]
    public void A_condition_that_holds_only_with_what_a_skipped_step_would_have_given_is_an_error() =>
        Given(Of(Steps("main", [Call("a").When("no == yes")], [Call("b").When("\"{{steps.a.outputs.parameters.o}}\" == \"x\"")],
                [Call("c").When("\"{{steps.a.outputs.parameters.o}}\" != \"x\"")]), Leaf().Gives("o")))
            .Has("wf[1].b", Phase.Skipped)
            .Ended(Phase.Failed, "failed to resolve {{steps.a.outputs.parameters.o}}");

    [Fact]
    public void A_reference_to_nothing_inside_other_text_is_an_Error_of_the_task() =>
        Given(Of(Dag("main", Call("a").When("no == yes"), Call("b", "leaf", "a").Given("p", "x{{tasks.a.outputs.parameters.o}}")), Leaf().Needs("p", "").Gives("o")))
            .Ended(Phase.Error).Has("wf.b", Phase.Error, "failed to resolve {{tasks.a.outputs.parameters.o}}");

    [Fact]
    public void A_task_that_will_not_run_needs_no_arguments() =>
        Given(Of(Dag("main", Call("a").When("no == yes"), Call("b", "leaf", "a").Given("p", "x{{tasks.a.outputs.parameters.o}}").When("1 == 2")), Leaf().Needs("p", "").Gives("o")))
            .Has("wf.b", Phase.Skipped).Ended(Phase.Succeeded);

    [Fact]
    public void An_item_is_known_by_text_and_by_field()
    {
        var call = Call("a").Given("p", "{{item}} {{item.k}}") with
        {
            Loop = new Loop.Items([Item.Map("""{"k":"v"}""", ImmutableSortedDictionary<string, string>.Empty.Add("k", "v"))]),
        };
        Given(Of(Steps("main", [call]), Leaf().Needs("p"))).Sees(s => Assert.Equal("""{"k":"v"} v""", Input(s, "wf[0].a(0:k:v)")));
    }

    [Fact]
    public void Items_may_hold_tags_of_the_caller() =>
        Given(Of(Steps("main", [Call("a").Items("{{workflow.uid}}(1)").Given("p", "{{item}}")]), Leaf().Needs("p")))
            .Sees(s => Assert.Equal("uid(1)", Input(s, "wf[0].a(0:uid1)")));

    [Fact]
    public void An_artifact_is_handed_on_by_reference() =>
        Given(Of(Steps("main", [Call("a", "make")], [Call("b", "use").GivenFile("in", "{{steps.a.outputs.artifacts.model}}")]), Leaf("make").GivesFile("model"), Leaf("use").NeedsFile("in")))
            .SucceedsWithFile("wf[0].a", "model")
            .Sees(s => Assert.Equal(new BoundArtifact(File("model"), null), s.Node("wf[1].b").Inputs.Artifacts["in"]))
            .Sees(s => Assert.Equal(File("model"), Specs.Render(s.Run, s.Node("wf[1].b")).Inputs[0].Stored));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_missing_artifact_is_an_Error_unless_it_is_optional(bool optional)
    {
        var story = Given(Of(Dag("main", Call("a", "make").When("no == yes"), Call("b", "use", "a").GivenFile("in", "{{tasks.a.outputs.artifacts.model}}")),
            Leaf("make").GivesFile("model"), Leaf("use").NeedsFile("in", optional)));
        if (optional) { story.Runs("wf.b#1"); } else { story.Ended(Phase.Error).Has("wf.b", Phase.Error, "inputs.artifacts.in was not supplied"); }
    }

    [Fact]
    public void Steps_and_dags_give_what_they_declare()
    {
        var inner = Dag("inner", Call("a", "make")).GivesFile("m", "{{tasks.a.outputs.artifacts.model}}").Gives("o", new ValueFrom { Parameter = "{{tasks.a.status}}" });
        Given(Of(Steps("main", [Call("i", "inner")]).Gives("o", new ValueFrom { Parameter = "steps.i.outputs.parameters.o" }), inner, Leaf("make").GivesFile("model")))
            .SucceedsWithFile("wf[0].i.a", "model")
            .Sees(s => Assert.Equal(File("model"), s.Node("wf[0].i").Outputs.Artifacts["m"]))
            .Sees(s => Assert.Equal("Succeeded", s.Node("wf").Outputs.Parameters["o"]));
    }

    [Theory]
    [InlineData(null, Phase.Error)]
    [InlineData("5", Phase.Succeeded)]
    public void A_declared_output_that_nobody_gave_is_an_Error_unless_it_has_a_default(string? byDefault, Phase phase) =>
        Given(Of(Steps("main", [Call("a")]).Gives("o", new ValueFrom { Parameter = "{{steps.a.outputs.parameters.none}}", Default = byDefault }), Leaf()))
            .Succeeds("wf[0].a").Ended(phase);

    [Fact]
    public void Global_outputs_are_known_to_later_nodes_and_the_exit_handler() =>
        Given(Of(Dag("main", Call("a", "make"), Call("b", "use", "a").Given("p", "{{workflow.outputs.parameters.g}}").GivenFile("f", "{{workflow.outputs.artifacts.gf}}")),
                Leaf("make").Gives("o", globally: "g").GivesFile("model", globally: "gf"), Leaf("use").Needs("p").NeedsFile("f"),
                Leaf("bye", "{{workflow.outputs.parameters.g}}")) with
        { OnExit = "bye" })
            .Ends("wf.a", new Pawl.Core.Attempts.Outcome
            {
                Kind = Pawl.Core.Attempts.OutcomeKind.Succeeded,
                Outputs = new() { Parameters = Pawl.Core.Attempts.NodeOutputs.None.Parameters.Add("o", "1"), Artifacts = Pawl.Core.Attempts.NodeOutputs.None.Artifacts.Add("model", File("model")) },
            })
            .Sees(s => Assert.Equal(("1", File("model")), (Input(s, "wf.b"), s.Node("wf.b").Inputs.Artifacts["f"].Stored!)))
            .Succeeds("wf.b").Sees(s => Assert.Equal("1", Specs.Render(s.Run, s.Node("wf.onExit")).Args[0]));

    [Fact]
    public void Names_of_outputs_are_made_when_the_step_runs_and_the_last_of_two_that_are_alike_stays() =>
        Given(Of(Steps("main", [Call("a", "make").Given("p", "{{item}}").Items("x", "y")], [Call("b", "use").Given("p", "{{workflow.outputs.parameters.of-x}} {{workflow.outputs.parameters.all}}")]),
                Leaf("make").Needs("p").Gives("o-{{inputs.parameters.p}}", globally: "of-{{inputs.parameters.p}}").Gives("last", globally: "all"), Leaf("use").Needs("p")))
            .Sees(s => Assert.Equal("o-x", Specs.Render(s.Run, s.Node("wf[0].a(0:x)")).OutputParameters[0].Name))
            .Ends("wf[0].a(0:x)", Gave(("o-x", "1"), ("last", "x")))
            .Ends("wf[0].a(1:y)", Gave(("o-y", "2"), ("last", "y")))
            .Sees(s => Assert.Equal("1 y", Input(s, "wf[1].b")));

    private static Pawl.Core.Attempts.Outcome Gave(params (string Name, string Value)[] outputs) => new()
    {
        Kind = Pawl.Core.Attempts.OutcomeKind.Succeeded,
        Outputs = new() { Parameters = outputs.Aggregate(Pawl.Core.Attempts.NodeOutputs.None.Parameters, (all, o) => all.Add(o.Name, o.Value)) },
    };

    [Fact]
    public void Values_that_grow_out_of_bounds_are_Errors_and_no_crash()
    {
        var huge = new string('x', 5 << 20);
        var twice = "{{workflow.parameters.big}}{{workflow.parameters.big}}";
        Given(Of(Steps("main", [Call("a").Given("p", twice)]), Leaf().Needs("p")), null, ("big", huge)).Ended(Phase.Failed);
        Given(Of(Steps("main", [Call("a").Items(twice)]), Leaf()), null, ("big", huge)).Has("wf[0]", Phase.Error).Ended(Phase.Failed);
        Given(Of(Dag("main", Call("a").Items(twice)), Leaf()), null, ("big", huge)).Ended(Phase.Error);
        Given(Of(Leaf().Retried(Retry(twice))), null, ("big", huge)).Fails("wf(0)").Ended(Phase.Error);
        Given(Of(Gate(duration: twice)), null, ("big", huge)).Ended(Phase.Error);
        Given(Of(Steps("main", [Call("a")]).Gives("o", new ValueFrom { Default = "" }) with { }, Leaf().Needs("p", twice)), null, ("big", huge)).Ended(Phase.Failed);
    }
}
