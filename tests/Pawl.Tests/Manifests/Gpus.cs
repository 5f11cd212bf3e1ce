using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Manifests;
using Xunit;

namespace Pawl.Tests.Manifests;

/// <summary>GPUs among the resources of a container.</summary>
public sealed class Gpus
{
    [Theory]
    [InlineData("limits: {nvidia.com/gpu: 2}", 2)]
    [InlineData("requests: {nvidia.com/gpu: '1'}, limits: {nvidia.com/gpu: 1, cpu: 1}", 1)]
    [InlineData("requests: {amd.com/gpu: 1}", 1)]
    [InlineData("limits: {nvidia.com/gpu: 0}", 0)]
    [InlineData("limits: {cpu: 1}", 0)]
    public void They_are_counted(string resources, int gpus)
    {
        var read = Checkout.Read(Manifest(resources));
        Assert.Empty(read.Messages(Severity.Error));
        Assert.Equal(gpus, Requests.Of(((TemplateBody.Leaf)read.Workflow!.Templates["main"].Body).Resources).Gpus);
    }

    [Theory]
    [InlineData("limits: {nvidia.com/gpu: 0.5}", "a GPU is had as a whole")]
    [InlineData("limits: {nvidia.com/gpu: '{{n}}'}", "is not a quantity; write a number such as 1, without tags")]
    public void Other_amounts_are_refused(string resources, string why) =>
        Assert.Contains(Checkout.Read(Manifest(resources)).Messages(Severity.Error), m => m.Contains(why, StringComparison.Ordinal));

    [Fact]
    public void Those_of_a_patch_are_not_counted_and_refused()
    {
        var read = Checkout.Read(Checkout.WithTemplates("""
              - name: main
                podSpecPatch: '{"containers": [{"name": "main", "resources": {"limits": {"nvidia.com/gpu": 1}}}]}'
                container: {image: i, command: [c]}

            """));
        Assert.Contains(read.Messages(Severity.Unsupported), m => m.Contains("cannot be patched in; write it under resources of the container", StringComparison.Ordinal));
    }

    private static string Manifest(string resources) =>
        Checkout.WithTemplates($"  - {{name: main, container: {{image: i, command: [c], resources: {{{resources}}}}}}}\n");
}
