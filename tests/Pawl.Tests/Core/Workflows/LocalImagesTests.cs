using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Xunit;

namespace Pawl.Tests.Core.Workflows;

public sealed class LocalImagesTests
{
    [Theory]
    [InlineData("busybox", "busybox:latest")]
    [InlineData("docker.io/library/busybox:1.36", "busybox:1.36")]
    [InlineData("registry.example:5000/my/tool", "my/tool:latest")]
    [InlineData("localhost/tool:v1", "tool:v1")]
    [InlineData("my/tool:v1", "my/tool:v1")]
    [InlineData("tool@sha256:00", "tool@sha256:00")]
    [InlineData("python:*", "python:*")]
    [InlineData("*", "*")]
    public void Are_known_by_their_name_without_registry_and_with_a_tag(string image, string key) => Assert.Equal(key, LocalImages.Key(image));

    [Theory]
    [InlineData("python:3.12", "exact")]
    [InlineData("quay.io/python:3.13", "of python")]
    [InlineData("python", "of python")]
    [InlineData("pythonic", "of all")]
    public void Are_found_by_name_and_else_by_the_longest_beginning(string image, string entrypoint)
    {
        var images = LocalImages.None.Add("python:3.12", Of("exact")).Add("python:*", Of("of python")).Add("*", Of("of all"));
        Assert.Equal([entrypoint], LocalImages.Find(images, image)!.Entrypoint);
        Assert.Null(LocalImages.Find(images.Remove("*"), "other"));
    }

    [Fact]
    public void Give_their_entrypoint_where_there_is_no_command_and_their_command_where_there_are_no_arguments_either()
    {
        var image = Of("run") with { Command = ["--help"], Files = Files("/bin/tool", "/here/tool") };
        Assert.Equal("run | --help", Completed(image, [], []));
        Assert.Equal("run | x", Completed(image, [], ["x"]));
        Assert.Equal("run | ", Completed(image, [], [], hasSource: true));
        Assert.Equal("own | ", Completed(image, ["own"], []));
        Assert.Equal("/here/tool | x", Completed(image, ["/bin/tool"], ["x"]));
    }

    [Fact]
    public void Without_an_entrypoint_have_the_arguments_in_place_of_their_command()
    {
        var image = Of() with { Command = ["cowsay", "hello"], Files = Files("/bin/tool", "/here/tool") };
        Assert.Equal(" | cowsay hello", Completed(image, [], []));
        Assert.Equal(" | /here/tool x", Completed(image, [], ["/bin/tool", "x"]));
    }

    private static LocalImage Of(params ImmutableArray<string> entrypoint) => new(entrypoint, [], [], null, Files());

    private static ImmutableSortedDictionary<string, string> Files(params string[] pair) =>
        pair is [var from, var to] ? ImmutableSortedDictionary<string, string>.Empty.Add(from, to) : ImmutableSortedDictionary<string, string>.Empty;

    private static string Completed(LocalImage image, ImmutableArray<string> command, ImmutableArray<string> args, bool hasSource = false)
    {
        var (program, words) = image.Complete(command, args, hasSource);
        return $"{string.Join(' ', program)} | {string.Join(' ', words)}";
    }
}
