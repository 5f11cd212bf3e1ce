using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Flow;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>Two fields of one name: a template's and a dag's.</summary>
public sealed class FailFastTests
{
    private const string Message = "template has failed or errored children and failFast enabled";

    [Fact]
    public void After_a_failure_nothing_new_starts_and_what_runs_goes_on() =>
        Given(Of((Steps("main", [Call("a").Counts("5")], [Call("b")]) with { Parallelism = 2 }).FailsFast(), Leaf()))
            .Runs("wf[0].a(0:0)#1", "wf[0].a(1:1)#1")
            .Fails("wf[0].a(0:0)").Runs("wf[0].a(1:1)#1").GoesOn()
            .Succeeds("wf[0].a(1:1)").Has("wf[0]", Phase.Failed, Message).HasNo("wf[0].a(2:2)").HasNo("wf[1]").Ended(Phase.Failed, Message);

    [Fact]
    public void A_dag_starts_no_other_branch() =>
        Given(Of(Dag("main", Call("a"), Call("b"), Call("c", "leaf", "b")).FailsFast(), Leaf()))
            .Errs("wf.a").Runs("wf.b#1").Succeeds("wf.b").HasNo("wf.c").Ended(Phase.Failed, Message);

    [Fact]
    public void No_excuse_counts() =>
        Given(Of(Steps("main", [Call("a").Continues(failed: true)], [Call("b")]).FailsFast(), Leaf())).Fails("wf[0].a").HasNo("wf[1]").Ended(Phase.Failed, Message);

    [Fact]
    public void A_try_that_failed_is_a_child_that_failed() =>
        Given(Of(Dag("main", Call("a")).FailsFast(), Leaf().Retried(Retry(wait: "5"))))
            .Fails("wf.a(0)").Has("wf.a", Phase.Failed).Ended(Phase.Failed, Message);

    [Fact]
    public void Gates_and_groups_inside_end_with_it() =>
        Given(Of(Dag("main", Call("g", "gate"), Call("l").Counts("3"), Call("a")).FailsFast() with { Parallelism = 2 }, Gate(), Leaf()))
            .Runs("wf.a#1", "wf.l(0:0)#1").Fails("wf.l(0:0)").GoesOn().Succeeds("wf.a").Has("wf.l", Phase.Failed, Message).Has("wf.g", Phase.Failed, Message).Ended(Phase.Failed, Message);

    [Fact]
    public void Failures_further_down_are_none_of_its_own_until_their_template_fails() =>
        Given(Of(Dag("main", Call("a", "inner"), Call("b"), Call("c", "leaf", "b")).FailsFast(), Steps("inner", [Call("x"), Call("y")]), Leaf()))
            .Fails("wf.a[0].x").Succeeds("wf.b").Runs("wf.a[0].y#1", "wf.c#1").Succeeds("wf.a[0].y").Runs("wf.c#1").Succeeds("wf.c").Ended(Phase.Failed, Message);

    [Fact]
    public void A_retry_begins_without_the_failure() =>
        Given(Of((Steps("main", [Call("a").Counts("3")]) with { Parallelism = 1 }).FailsFast(), Leaf()))
            .Succeeds("wf[0].a(0:0)").Fails("wf[0].a(1:1)").Ended(Phase.Failed, Message)
            .Ask(new Request.Retry()).Runs("wf[0].a(1:1)#2").Succeeds("wf[0].a(1:1)").Runs("wf[0].a(2:2)#1").Succeeds("wf[0].a(2:2)").Ended(Phase.Succeeded);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_dag_gives_up_where_the_workflows_own_limit_holds_the_rest_back(bool failFast)
    {
        var inner = Dag("inner", Call("x"), Call("y"));
        inner = inner with { Body = (TemplateBody.Dag)inner.Body with { FailFast = failFast } };
        Given(Of(Dag("main", Call("g", "gate"), Call("b", "leaf", "g"), Call("a", "inner")), inner, Gate(), Leaf()) with { Parallelism = 1 })
            .Runs("wf.a.x#1").Ask(new Request.Resume(null)).Fails("wf.a.x")
            // The place that x leaves goes to who is first by name, and y has none.
            .Runs("wf.b#1").HasNo("wf.a.y").Has("wf.a", failFast ? Phase.Failed : Phase.Running);
    }

    [Fact]
    public void Cores_that_are_busy_are_no_reason_to_give_up() =>
        Given(Of(Dag("main", Call("g", "gate"), Call("b", "leaf", "g"), Call("a", "inner")), Dag("inner", Call("x"), Call("y")), Gate(), Leaf()), Limits(1))
            .Runs("wf.a.x#1").Ask(new Request.Resume(null)).Fails("wf.a.x").Runs("wf.b#1").Succeeds("wf.b").Runs("wf.a.y#1");
}
