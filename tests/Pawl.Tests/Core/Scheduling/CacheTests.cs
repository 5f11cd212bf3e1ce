using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Flow;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>What <c>pawl.dev/cache: auto</c> makes of a run, and what the digest of a step's content holds.</summary>
public sealed class CacheTests
{
    private static readonly NodeOutputs Kept = NodeOutputs.None with { Result = "kept" };

    [Fact]
    public void What_was_made_of_the_same_content_is_not_made_again()
    {
        var story = Given(Of(Leaf().Cached())).Has("wf", Phase.Pending).Runs();
        Assert.Equal([new Want.Recall(new NodeId("wf"), MemoKey.OfContent(null))], Scheduler.Wanted(story.Run, Noon));
        story.Recalls("wf", Kept, "ab", "taken from the cache: first made it").Then<RunEvent.AttemptStarted>().Ended(Phase.Succeeded);
        Assert.Equal(("kept", 0), (story.Node("wf").Outputs.Result, story.Node("wf").ExitCode));
        Assert.Equal(("ab", true, "taken from the cache: first made it"), (story.Node("wf").Memo!.Key, story.Node("wf").MemoHit, story.Node("wf").Message));
    }

    [Fact]
    public void What_was_not_is_made_and_kept_under_the_digest()
    {
        var story = Given(Of(Leaf().Cached().Retried())).Recalls("wf", key: "ab", message: "an artifact is gone").Runs("wf(0)#1").Succeeds("wf(0)", "made");
        Assert.Equal("an artifact is gone", story.Node("wf").MemoProblem);
        Assert.Equal("ab", Assert.IsType<Want.Remember>(Assert.Single(Scheduler.Wanted(story.Run, Noon))).Memo.Key);
        story.Remembers("wf").Ended(Phase.Succeeded);
    }

    [Fact]
    public void Where_nothing_of_it_can_be_kept_it_runs_and_ends() =>
        Given(Of(Leaf().Cached())).Recalls("wf").Runs("wf#1").Succeeds("wf").Has("wf", Phase.Succeeded, "").Ended(Phase.Succeeded);

    [Fact]
    public void What_cannot_be_kept_has_succeeded_all_the_same() =>
        Given(Of(Leaf().Cached())).Recalls("wf", key: "ab").Succeeds("wf").Remembers("wf", "not kept: full").Has("wf", Phase.Succeeded, "not kept: full").Ended(Phase.Succeeded);

    [Fact]
    public void State_outside_is_never_cached_nor_memoized()
    {
        Given(Of(Leaf().Cached((CacheAnnotations.ExternalState, "true")))).Runs("wf#1").Succeeds("wf").Ended(Phase.Succeeded);
        Given(Of(Leaf().Memoized("k") with { Annotations = Leaf().Annotations.Add(CacheAnnotations.ExternalState, "true") })).Runs("wf#1");
    }

    [Fact]
    public void A_key_that_the_user_wrote_counts_before_the_content() =>
        Given(Of(Leaf().Cached().Memoized("k"))).Sees(s => Assert.Equal(new MemoKey("cache", "k", null), s.Node("wf").Memo));

    [Fact]
    public void Only_what_runs_a_program_to_its_end_is_cached()
    {
        Given(Of(Steps("main", [Call("a")]).Cached(), Leaf())).Runs("wf[0].a#1");
        Given(Of(Leaf().Cached() with { IsDaemon = true })).Runs("wf#1");
    }

    [Fact]
    public void Tags_may_say_whether_and_for_how_long()
    {
        Template Asked(string cache, string age) => Leaf().Needs("p") with
        {
            Annotations = Leaf().Annotations.Add(CacheAnnotations.Cache, cache).Add(CacheAnnotations.MaxAge, age),
        };
        Given(Of(Asked("{{inputs.parameters.p}}", "2h")), parameters: ("p", "auto")).Sees(s => Assert.Equal(TimeSpan.FromHours(2), s.Node("wf").Memo!.MaxAge));
        Given(Of(Asked("{{inputs.parameters.p}}", "2h")), parameters: ("p", "never")).Runs("wf#1");
        Given(Of(Asked("{{inputs.parameters.p}}", "2h")), parameters: ("p", "no")).Ended(Phase.Error, "'no' cannot be pawl.dev/cache; write auto, or never");
    }

    [Fact]
    public void What_is_to_be_made_again_is_not_looked_up()
    {
        var story = Given(Of(Leaf().Cached())).Recalls("wf", key: "ab").Succeeds("wf").Remembers("wf").Ended(Phase.Succeeded);
        story.Ask(new Request.Retry(RestartSuccessful: true, "name=wf")).Recalls("wf", Kept, "ab").Runs("wf#2").Succeeds("wf", "again");
        Assert.Equal("again", Assert.IsType<Want.Remember>(Assert.Single(Scheduler.Wanted(story.Run, Noon))).Outputs.Result);
    }

    [Fact]
    public void The_digest_is_that_of_all_that_decides_the_outputs_and_of_nothing_else()
    {
        var leaf = Leaf("leaf", "{{inputs.parameters.p}}", "{{retries}}").Needs("p").Cached();
        var same = Sha(leaf);
        Assert.Equal(same, Sha(leaf with { Annotations = leaf.Annotations.Add("x", "y"), GracePeriod = TimeSpan.FromHours(1), ActiveDeadlineSeconds = "9" }));
        Assert.Equal(same, Sha(leaf.Asks(cpu: 500, memory: 1 << 20)));
        string?[] others =
        [
            Sha(leaf, "2"),
            Sha(Leaf("leaf", "{{inputs.parameters.p}}", "2").Needs("p").Cached()),
            Sha(leaf.Needs("q", "1")),
            Sha(With(leaf, c => c with { Command = ["other"] })),
            Sha(With(leaf, c => c with { Image = "other" })),
            Sha(With(leaf, c => c with { Env = [new("A", "1")] })),
            Sha(With(leaf, c => c with { Env = [new("A", "2")] })),
            Sha(With(leaf, c => c with { WorkingDir = "/other" })),
            Sha(With(leaf, c => c with { EnvFrom = [new EnvSource("A", EnvOrigin.Secret, "s", "k", false)] })),
            Sha(leaf with { Body = (TemplateBody.Leaf)leaf.Body with { Source = "other" } }),
            Sha(leaf.Gives("o")),
            Sha(leaf.GivesFile("o")),
        ];
        Assert.All(others, Assert.NotNull);
        Assert.Equal(others.Length + 1, others.Append(same).Distinct().Count());
    }

    [Fact]
    public void What_only_this_run_could_make_and_what_leaves_something_behind_has_no_digest()
    {
        Assert.NotNull(Sha(Leaf("leaf", "{{=sprig.upper('a')}}").Cached()));
        foreach (var tag in (string[])["{{pod.name}}", "{{workflow.name}}", "{{workflow.uid}}", "{{workflow.creationTimestamp.Y}}", "{{=workflow.name}}", "{{=string(now())}}", "{{=sprig.uuidv4()}}"])
        {
            Assert.Null(Sha(Leaf("leaf", tag).Cached()));
        }
        var mounting = With(Leaf().Cached(), c => c with { VolumeMounts = [new VolumeMount("v", "/v", null, false)] });
        Assert.NotNull(Sha(mounting with { Volumes = [new Volume("v", new VolumeSource.EmptyDir())] }));
        foreach (var source in (VolumeSource[])[new VolumeSource.Claim("c", false), new VolumeSource.RunClaim(), new VolumeSource.HostPath("/srv", false)])
        {
            Assert.Null(Sha(mounting with { Volumes = [new Volume("v", source)] }));
        }
        Assert.Null(Sha(Leaf().Cached() with { Outputs = new Outputs([], [new Artifact("o") { Path = "o", Location = new ArtifactLocation.InRepository(null, "k") }]) }));
    }

    [Fact]
    public void Input_files_count_by_their_content()
    {
        string? Fed(string sha256, string key)
        {
            var story = Given(Of(Steps("main", [Call("a")], [Call("b", "use").GivenFile("f", "{{steps.a.outputs.artifacts.f}}")]), Leaf().GivesFile("f"), Leaf("use").NeedsFile("f").Cached()));
            story.Ends("wf[0].a", new Outcome
            {
                Kind = OutcomeKind.Succeeded,
                ExitCode = 0,
                Outputs = NodeOutputs.None with { Artifacts = NodeOutputs.None.Artifacts.Add("f", new ArtifactRef(key, sha256, 3, ArtifactKind.File, 420)) },
            });
            return Specs.ContentOf(story.Run, story.Node("wf[1].b"))?.Sha256;
        }
        Assert.NotNull(Fed("ab", "one"));
        Assert.Equal(Fed("ab", "one"), Fed("ab", "two"));
        Assert.NotEqual(Fed("ab", "one"), Fed("cd", "one"));
    }

    private static Template With(Template template, Func<Container, Container> change)
    {
        var leaf = (TemplateBody.Leaf)template.Body;
        return template with { Body = leaf with { Container = change(leaf.Container) } };
    }

    private static string? Sha(Template template, string p = "1")
    {
        var story = Given(Of(template), parameters: ("p", p));
        return Specs.ContentOf(story.Run, story.Node("wf"))?.Sha256;
    }
}
