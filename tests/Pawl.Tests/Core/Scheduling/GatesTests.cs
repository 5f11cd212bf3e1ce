using System.Collections.Immutable;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Flow;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>Suspend nodes and suspended runs.</summary>
public sealed class GatesTests
{
    private static readonly Request.Resume Resume = new(null);

    private static Request.Set Set(Phase? phase, string? message, params (string Name, string Value)[] outputs) =>
        new("phase=Running", phase, message, outputs.ToImmutableSortedDictionary(o => o.Name, o => o.Value, StringComparer.Ordinal));

    [Fact]
    public void A_gate_waits_for_a_request_and_for_nothing_else() =>
        Given(Of(Steps("main", [Call("g", "gate")], [Call("a")]), Gate(), Leaf()))
            .Has("wf[0].g", Phase.Running).Wants().Sees(s => Assert.True(s.Run.IsAtRest))
            .Opened().Opened().After(1e6).Has("wf[0].g", Phase.Running)
            .Ask(Resume).Has("wf[0].g", Phase.Succeeded).Runs("wf[1].a#1");

    [Theory]
    [InlineData("20")]
    [InlineData("{{inputs.parameters.wait}}")]
    public void A_gate_with_a_duration_opens_by_itself(string duration) =>
        Given(Of(Gate(duration: duration).Needs("wait", "20s")))
            .Wants(new Want.WakeAt(Noon.AddSeconds(20))).Sees(s => Assert.False(s.Run.IsAtRest))
            .After(19).GoesOn().After(1).Ended(Phase.Succeeded);

    [Fact]
    public void A_gate_whose_duration_is_none_is_an_Error() =>
        Given(Of(Gate(duration: "soon"))).Ended(Phase.Error, "suspend duration 'soon' is not a duration; write seconds such as 20, or 1m30s");

    [Fact]
    public void A_retried_gate_is_at_rest_on_its_second_try_too() =>
        Given(Of(Steps("main", [Call("a")], [Call("g", "gate")]).Retried(Retry(wait: "1")), Leaf(), Gate()))
            .Fails("wf(0)[0].a").After(1).Succeeds("wf(1)[0].a").Sees(s => Assert.True(s.Run.IsAtRest)).Wants();

    [Fact]
    public void A_selector_passes_only_the_gates_it_names() =>
        Given(Of(Dag("main", Call("g", "gate"), Call("h", "gate")), Gate()))
            .Ask(new Request.Resume("displayName=g,phase=Running")).Has("wf.g", Phase.Succeeded).Has("wf.h", Phase.Running)
            .Ask(new Request.Resume("displayName!=h")).Has("wf.h", Phase.Running)
            .Ask(new Request.Resume("templateName==gate")).Ended(Phase.Succeeded);

    [Theory]
    [InlineData("name=wf.g", true)]
    [InlineData("inputs.parameters.p.value=1", true)]
    [InlineData("inputs.parameters.p.value=2", false)]
    [InlineData("inputs.parameters.p.value!=2", true)]
    [InlineData("other=1", false)]
    public void Selectors_know_these_fields(string selector, bool matches) =>
        Given(Of(Dag("main", Call("g", "gate")), Gate().Needs("p", "1"))).Sees(s => Assert.Equal(matches, NodeSelector.Matches(selector, "wf", s.Node("wf.g"))));

    [Fact]
    public void A_selector_by_id_matches_Argos_id() =>
        Given(Of(Dag("main", Call("g", "gate")), Gate()))
            .Ask(new Request.Resume($"id={Names.ArgoId("wf", new NodeId("wf.g"))}")).Ended(Phase.Succeeded);

    [Fact]
    public void Supplied_outputs_come_from_the_input_of_that_name_or_a_default() =>
        Given(Of(Gate().Needs("a", "1").Gives("a", new ValueFrom { Supplied = true }).Gives("b", new ValueFrom { Supplied = true, Default = "2" })))
            .Ask(Resume)
            .Sees(s => Assert.Equal(("1", "2"), (s.Node("wf").Outputs.Parameters["a"], s.Node("wf").Outputs.Parameters["b"])));

    [Fact]
    public void What_a_gate_is_given_comes_before_all_defaults_and_only_once() =>
        Given(Of(Gate().Needs("a", "1").Gives("a", new ValueFrom { Supplied = true }).Gives("b", new ValueFrom { Supplied = true })))
            .Ask(Set(null, null, ("a", "7"), ("unknown", "x"))).Has("wf", Phase.Running)
            .Ask(Set(null, "seen", ("a", "8"), ("b", "9"))).Has("wf", Phase.Running, "seen")
            .Ask(Resume).Ended(Phase.Succeeded)
            .Sees(s => Assert.Equal(("7", "9", 2), (s.Node("wf").Outputs.Parameters["a"], s.Node("wf").Outputs.Parameters["b"], s.Node("wf").Outputs.Parameters.Count)));

    [Fact]
    public void A_gate_is_ended_as_it_is_set() =>
        Given(Of(Dag("main", Call("g", "gate"), Call("h", "gate")), Gate()))
            .Ask(Set(Phase.Failed, "rejected") with { Selector = "displayName=g" }).Has("wf.g", Phase.Failed, "rejected").Has("wf.h", Phase.Running)
            .Ask(Set(Phase.Succeeded, "fine")).Has("wf.h", Phase.Succeeded, "fine").Ended(Phase.Failed);

    [Fact]
    public void A_stop_with_a_selector_fails_only_the_gates_it_names() =>
        Given(Of(Steps("main", [Call("g", "gate")], [Call("a")]), Gate(), Leaf()))
            .Ask(new Request.Stop("no", "displayName=h")).Has("wf[0].g", Phase.Running)
            .Ask(new Request.Stop("no", "displayName=g")).Has("wf[0].g", Phase.Failed, "no").Ended(Phase.Failed);

    [Fact]
    public void A_supplied_output_that_nobody_supplied_is_an_Error() =>
        Given(Of(Gate().Gives("a", new ValueFrom { Supplied = true })))
            .Ask(Resume).Ended(Phase.Error, "raw output parameter 'a' has not been set and does not have a default value");

    [Fact]
    public void A_suspended_run_starts_nothing_and_what_runs_goes_on() =>
        Given(Of(Steps("main", [Call("a")], [Call("b")]), Leaf()))
            .Ask(new Request.Suspend()).Wants(new Want.Run(new AttemptId(new NodeId("wf[0].a"), 1)))
            .Succeeds("wf[0].a").HasNo("wf[1].b").Sees(s => Assert.True(s.Run.IsAtRest))
            .Opened().HasNo("wf[1].b")
            .Ask(Resume).Runs("wf[1].b#1");

    [Fact]
    public void A_manifest_may_begin_suspended() =>
        Given(Of(Leaf()) with { Suspend = true }).HasNo("wf").After(100).HasNo("wf").Opened().HasNo("wf").Ask(Resume).Runs("wf#1");

    [Fact]
    public void A_selector_does_not_lift_a_suspension() =>
        Given(Of(Leaf()) with { Suspend = true }).Ask(new Request.Resume("name=wf")).HasNo("wf");

    [Fact]
    public void A_gate_whose_time_came_during_a_suspension_opens_after_it() =>
        Given(Of(Steps("main", [Call("g", "gate")], [Call("a")]), Gate(duration: "5"), Leaf()))
            .Ask(new Request.Suspend()).After(10).Has("wf[0].g", Phase.Running).After(10).Has("wf[0].g", Phase.Running)
            .Ask(Resume).Has("wf[0].g", Phase.Succeeded).Runs("wf[1].a#1");

    [Fact]
    public void A_preempted_attempt_waits_for_the_end_of_a_suspension() =>
        Given(Of(Leaf())).Ask(new Request.Suspend()).IsPreempted("wf").Runs().Ask(Resume).Runs("wf#2");
}
