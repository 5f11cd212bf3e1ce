using Pawl.Core.Attempts;
using Pawl.Core.Expressions;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Xunit;
using static Pawl.Tests.Core.Scheduling.Flow;
using static Pawl.Tests.Core.Scheduling.Story;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>Volumes on their way from the workflow to the spec of an attempt.</summary>
public sealed class MountsTests
{
    [Fact]
    public void The_fingerprint_of_a_step_without_mounts_is_what_it_was_before_there_were_any() =>
        Given(Of(Leaf())).Sees(s => Assert.Equal(
            "3b705070b94f973fd4bc252a1d070150f14aa1df59464ac02882fe0a44dc180a", Specs.Render(s.Run, s.Node("wf")).Fingerprint));

    [Fact]
    public void A_mount_decides_the_outputs() =>
        Given(Of(Mounting(new VolumeMount("v", "/v", null, false))) with { Volumes = [new Volume("v", new VolumeSource.RunClaim())] })
            .Sees(s => Assert.NotEqual(
                "3b705070b94f973fd4bc252a1d070150f14aa1df59464ac02882fe0a44dc180a", Specs.Render(s.Run, s.Node("wf")).Fingerprint));

    [Fact]
    public void Tags_may_stand_in_volumes_and_in_mounts_and_a_templates_own_volume_goes_before() =>
        Given(Of(Mounting(new VolumeMount("{{inputs.parameters.p}}", "/{{inputs.parameters.p}}", "{{workflow.name}}", false)).Needs("p", "one") with
        {
            Volumes = [new Volume("one", new VolumeSource.Claim("of-{{inputs.parameters.p}}", ReadOnly: true))],
        }) with
        {
            Volumes = [new Volume("one", new VolumeSource.EmptyDir())],
        }).Sees(s => Assert.Equal(
            [new Mount("one", MountKind.Claim, "of-one", "/one", "wf", true)], Specs.Render(s.Run, s.Node("wf")).Mounts));

    [Fact]
    public void A_mount_of_no_volume_says_so()
    {
        Given(Of(Mounting(new VolumeMount("none", "/v", null, false)))).Sees(s =>
        {
            var e = Assert.Throws<ExpressionException>(() => Specs.Render(s.Run, s.Node("wf")));
            Assert.Contains("there is no volume 'none' to mount at /v", e.Message, StringComparison.Ordinal);
        });
    }

    private static Template Mounting(VolumeMount mount) => Leaf() with
    {
        Body = new TemplateBody.Leaf(new Container { Command = ["run"], VolumeMounts = [mount] }, null),
    };
}
