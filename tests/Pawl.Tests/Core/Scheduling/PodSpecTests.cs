using Pawl.Core.Attempts;
using Pawl.Core.Expressions;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Flow;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>Steps of several containers on their way from the workflow to the spec of an attempt.</summary>
public sealed class PodSpecTests
{
    // Of a step with one process, from before there were others.
    private const string Plain = "3b705070b94f973fd4bc252a1d070150f14aa1df59464ac02882fe0a44dc180a";

    [Fact]
    public void A_step_with_one_process_has_the_schema_and_the_fingerprint_it_always_had() => Given(Of(Leaf())).Sees(s =>
    {
        var spec = Specs.Render(s.Run, s.Node("wf"));
        Assert.Equal((AttemptSpec.PlainSchema, Plain, false), (spec.Schema, spec.Fingerprint, spec.IsPod));
    });

    [Fact]
    public void A_sidecar_decides_the_outputs() => Given(Of(Leaf() with { Body = Beside(new NamedContainer("s", Command("s"), [], false)) })).Sees(s =>
    {
        var spec = Specs.Render(s.Run, s.Node("wf"));
        Assert.Equal((AttemptSpec.CurrentSchema, true), (spec.Schema, spec.IsPod));
        Assert.NotEqual(Plain, spec.Fingerprint);
    });

    [Fact]
    public void Tags_may_stand_in_every_container() =>
        Given(Of((Leaf() with { Body = Beside(new NamedContainer("s", Command("{{inputs.parameters.p}}"), [], false)) }).Needs("p", "one")))
            .Sees(s => Assert.Equal(["one"], Specs.Render(s.Run, s.Node("wf")).Sidecars[0].Command));

    [Fact]
    public void What_is_asked_for_is_the_sum_of_what_runs_together_or_the_most_before_it()
    {
        static Container Asks(long memory) => new() { Resources = new(null, null, memory, null) };
        var leaf = new TemplateBody.Leaf(Asks(10), null) { Sidecars = [new("s", Asks(5), [], false)], Init = [new("i", Asks(12), [], false)] };

        Assert.Equal(15, Requests.Of(leaf.Resources).MemoryBytes);
        Assert.Equal(40, Requests.Of((leaf with { Init = [new("i", Asks(40), [], false)] }).Resources).MemoryBytes);
    }

    [Fact]
    public void A_patch_of_the_template_is_laid_over_that_of_the_workflow() => Given(Of((Leaf() with
    {
        Patch = new PodPatch("""{"containers":[{"name":"main","resources":{"limits":{"cpu":"{{inputs.parameters.cpu}}00m"}},"env":[{"name":"A","value":"2"}]}]}"""),
    }).Needs("cpu", "5")) with
    {
        Patch = new PodPatch("""{"terminationGracePeriodSeconds":7,"containers":[{"name":"main","resources":{"limits":{"memory":"1Mi"}},"env":[{"name":"A","value":"1"}]}]}"""),
    }).Sees(s =>
    {
        var spec = Specs.Render(s.Run, s.Node("wf"));
        Assert.Equal((1L << 20, 500, TimeSpan.FromSeconds(7)), (spec.MemoryLimit, spec.CpuLimit, spec.GracePeriod));
        Assert.Equal([new EnvVar("A", "2")], spec.Env);
    });

    [Fact]
    public void A_patch_may_be_made_by_tags_as_a_whole() =>
        Given(Of((Leaf() with { Patch = new PodPatch("{{inputs.parameters.p}}") }).Needs("p", """{"containers":[{"name":"main","args":["patched"]}]}""")))
            .Sees(s => Assert.Equal(["patched"], Specs.Render(s.Run, s.Node("wf")).Args));

    [Fact]
    public void A_limit_that_differs_by_try_leaves_the_fingerprint_alone() => Given(Of(Leaf() with
    {
        Patch = new PodPatch("""{"containers":[{"name":"main","resources":{"limits":{"memory":"{{retries}}1Mi"}}}]}"""),
        RetryStrategy = new RetryStrategy { RetryLimit = "2" },
    })).Sees(s => Assert.Equal((1L << 20, Plain), (Specs.Render(s.Run, s.Node("wf(0)")).MemoryLimit, Specs.Render(s.Run, s.Node("wf(0)")).Fingerprint)));

    [Fact]
    public void A_patch_that_is_no_object_says_so() => Given(Of((Leaf() with { Patch = new PodPatch("{{inputs.parameters.p}}") }).Needs("p", "no"))).Sees(s =>
        Assert.Contains("podSpecPatch is no JSON", Assert.Throws<ExpressionException>(() => Specs.Render(s.Run, s.Node("wf"))).Message, StringComparison.Ordinal));

    [Fact]
    public void Members_of_a_set_are_shown_as_nodes_of_their_own() => Given(Of(Leaf() with
    {
        Body = new TemplateBody.Leaf(new Container(), null)
        {
            Set = new ContainerSet([new("a", Command("a"), [], false), new("b", Command("b"), ["a"], false)], null),
        },
    })).Sees(s =>
    {
        var members = SetMembers.Of(s.Run, s.Node("wf"));
        Assert.Equal([("wf.a", Phase.Running), ("wf.b", Phase.Pending)], members.Select(m => (m.Id.Value, m.Phase)));
        Assert.Equal([new NodeId("wf.b")], SetMembers.After(s.Run, members[0]));
    });

    private static Container Command(string program) => new() { Command = [program] };

    private static TemplateBody.Leaf Beside(NamedContainer sidecar) => new(Command("run"), null) { Sidecars = [sidecar] };
}
