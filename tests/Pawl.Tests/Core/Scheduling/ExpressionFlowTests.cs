using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Flow;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>Expressions in the fields of a run; the language itself is tested under Expressions.</summary>
public sealed class ExpressionFlowTests
{
    private static string Input(Story story, string node, string name = "p") => story.Node(node).Inputs.Parameters[name];

    private static string Arg(Story story, string node) => Specs.Render(story.Run, story.Node(node)).Args[0];

    [Fact]
    public void An_argument_is_computed_from_what_a_step_gave() =>
        Given(Of(Steps("main", [Call("a")], [Call("b").Given("p", "<{{=asInt(steps.a.outputs.result) * 10 + asInt(steps.a.exitCode)}}>")]), Leaf().Needs("p", "")))
            .Succeeds("wf[0].a", "4").Sees(s => Assert.Equal("<40>", Input(s, "wf[1].b")));

    [Fact]
    public void What_is_no_text_is_inserted_as_JSON() =>
        Given(Of(Steps("main", [Call("a").Given("p", "{{=toJson({a: {b: [1, true]}})}} {{={a: {b: 1}}}} {{=1 < 2}}")]), Leaf().Needs("p", "")))
            .Sees(s => Assert.Equal("""{"a":{"b":[1,true]}} {"a":{"b":1}} true""", Input(s, "wf[0].a")));

    [Fact]
    public void An_item_is_known_to_an_expression() =>
        Given(Of(Steps("main", [Call("a").Items("x", "y").Given("p", "{{=sprig.upper(item)}}")]), Leaf().Needs("p")))
            .Sees(s => Assert.Equal(("X", "Y"), (Input(s, "wf[0].a(0:x)"), Input(s, "wf[0].a(1:y)"))));

    [Fact]
    public void A_condition_may_be_an_expression() =>
        Given(Of(Steps("main", [Call("a").When("{{= workflow.parameters.x == 'y'}}"), Call("b").When("{{= workflow.parameters['x'] != 'y'}}")]), Leaf()), null, ("x", "y"))
            .Runs("wf[0].a#1").Has("wf[0].b", Phase.Skipped, "when 'false' evaluated false");

    [Fact]
    public void A_templates_own_value_may_use_its_other_inputs()
    {
        var leaf = Leaf("leaf", "{{=inputs.parameters.twice}}{{=inputs.parameters.nope}}") with
        {
            Inputs = new Inputs([new Parameter("n") { Value = "2" }, new Parameter("twice") { Value = "{{=asInt(inputs.parameters.n) * 2}}" }], []),
        };
        Given(Of(leaf)).Sees(s => Assert.Equal("4{{=inputs.parameters.nope}}", Arg(s, "wf")));
        Given(Of(Steps("main", [Call("a").Given("n", "5")]), leaf)).Sees(s => Assert.Equal("10", Input(s, "wf[0].a", "twice")));
    }

    [Fact]
    public void An_argument_that_cannot_be_evaluated_is_an_Error() =>
        Given(Of(Dag("main", Call("a").Given("p", "{{=asInt('x')}}")), Leaf().Needs("p")))
            .Ended(Phase.Error).Has("wf.a", Phase.Error, "failed to evaluate expression asInt('x'): invalid operation: int(\"x\")");

    [Fact]
    public void What_a_skipped_step_would_have_given_is_nil() =>
        Given(Of(Dag("main", Call("a").When("no == yes"), Call("b", "leaf", "a").Given("p", "{{=tasks.a.outputs.parameters.o ?? 'none'}}{{=tasks.a.outputs.parameters.o == nil}}")),
                Leaf().Needs("p", "").Gives("o")))
            .Sees(s => Assert.Equal("nonetrue", Input(s, "wf.b")));

    [Fact]
    public void An_output_is_computed_from_the_branch_that_ran()
    {
        var main = Dag("main", Call("flip-coin"), Call("heads", "leaf", "flip-coin").When("{{tasks.flip-coin.outputs.result}} == heads"),
                Call("tails", "leaf", "flip-coin").When("{{tasks.flip-coin.outputs.result}} == tails"))
            .Gives("o", new ValueFrom { Expression = "tasks['flip-coin'].outputs.result == 'heads' ? tasks.heads.outputs.result : tasks.tails.outputs.result" })
            .Gives("d", new ValueFrom { Expression = "tasks.tails.outputs.result", Default = "none" });
        Given(Of(main, Leaf())).Succeeds("wf.flip-coin", "heads").Succeeds("wf.heads", "it was heads")
            .Sees(s => Assert.Equal(("it was heads", "none"), (s.Node("wf").Outputs.Parameters["o"], s.Node("wf").Outputs.Parameters["d"]))).Ended(Phase.Succeeded);
    }

    [Fact]
    public void An_output_that_gives_nil_and_has_no_default_is_an_Error() =>
        Given(Of(Steps("main", [Call("a")]).Gives("o", new ValueFrom { Expression = "steps.a.outputs.result" }), Leaf()))
            .Succeeds("wf[0].a").Ended(Phase.Error);

    [Fact]
    public void An_artifact_is_chosen_by_an_expression()
    {
        var main = Dag("main", Call("coin"), Call("heads", "file", "coin").When("{{tasks.coin.outputs.result}} == heads"), Call("tails", "file", "coin").When("{{tasks.coin.outputs.result}} == tails"));
        main = main with
        {
            Outputs = new Outputs([], [new Artifact("f") { FromExpression = "tasks.coin.outputs.result == 'heads' ? tasks.heads.outputs.artifacts.f : tasks.tails.outputs.artifacts.f" }]),
        };
        Given(Of(main, Leaf(), Leaf("file").GivesFile("f"))).Succeeds("wf.coin", "heads").SucceedsWithFile("wf.heads", "f")
            .Sees(s => Assert.Equal(File("f"), s.Node("wf").Outputs.Artifacts["f"])).Ended(Phase.Succeeded);
    }

    [Fact]
    public void A_retrys_expression_has_the_last_word()
    {
        const string Code2 = "asInt(lastRetry.exitCode) > 1 && lastRetry.status != 'Error' && asInt(retries) < 5 && lastRetry.message matches 'code 2'";
        Given(Of(Leaf().Retried(Retry("10", RetryPolicy.Always) with { Expression = Code2 })))
            .Fails("wf(0)", 2).Runs("wf(1)#1").Fails("wf(1)", 1).Ended(Phase.Failed, "retryStrategy.expression evaluated to false");
    }

    [Fact]
    public void A_retrys_expression_is_asked_after_the_limit() =>
        Given(Of(Leaf().Retried(Retry("0", RetryPolicy.Always) with { Expression = "no.such" }))).Fails("wf(0)").Ended(Phase.Failed, "No more retries left");

    [Fact]
    public void A_retrys_expression_may_hold_tags()
    {
        var leaf = Leaf().Needs("safe").Retried(Retry("10", RetryPolicy.Always) with { Expression = "{{inputs.parameters.safe}} == true" });
        Given(Of(Steps("main", [Call("a").Given("safe", "true"), Call("b").Given("safe", "false")]), leaf))
            .Fails("wf[0].a(0)").Fails("wf[0].b(0)").Runs("wf[0].a(1)#1").Has("wf[0].b", Phase.Failed);
    }

    [Fact]
    public void A_retrys_expression_that_cannot_be_evaluated_is_an_Error() =>
        Given(Of(Leaf().Retried(Retry("10", RetryPolicy.Always) with { Expression = "asInt(lastRetry.status) > 1" }))).Fails("wf(0)").Ended(Phase.Error);

    [Fact]
    public void Time_and_chance_are_those_of_the_attempt_and_do_not_change_its_fingerprint()
    {
        var leaf = Leaf("leaf", "{{=sprig.date('15:04', sprig.now())}} {{=sprig.uuidv4()}} {{=inputs.parameters.p}}").Needs("p", "1");
        Story Run(ulong seed) => Submitted(Of(leaf)).When(new Observation.Opened(Noon, "host", "1") { Seed = seed });
        var (one, other) = (Run(1), Run(2));
        Assert.StartsWith("12:00 ", Arg(one, "wf"), StringComparison.Ordinal);
        Assert.Equal(Arg(one, "wf"), Arg(one, "wf"));
        Assert.NotEqual(Arg(one, "wf"), Arg(other, "wf"));
        Assert.Equal(Specs.Render(one.Run, one.Node("wf")).Fingerprint, Specs.Render(other.Run, other.Node("wf")).Fingerprint);
        Assert.Equal(1UL, one.Journal.OfType<RunEvent.AttemptStarted>().Single().Seed);
    }

    [Fact]
    public void Nodes_of_one_turn_draw_different_chances() =>
        Given(Of(Steps("main", [Call("a").Items("x", "y").Given("p", "{{=sprig.uuidv4()}}"), Call("b").Given("p", "{{=sprig.uuidv4()}}{{=sprig.uuidv4()}}")]), Leaf().Needs("p")))
            .Sees(s => Assert.Equal(4, new HashSet<string> { Input(s, "wf[0].a(0:x)"), Input(s, "wf[0].a(1:y)"), Input(s, "wf[0].b")[..36], Input(s, "wf[0].b")[36..] }.Count));

    [Fact]
    public void A_try_is_told_its_number_by_an_expression() =>
        Given(Of(Leaf("leaf", "{{=asInt(retries) + 1}}").Retried()))
            .Sees(s => Assert.Equal("1", Arg(s, "wf(0)"))).Fails("wf(0)").Sees(s => Assert.Equal("2", Arg(s, "wf(1)")));
}
