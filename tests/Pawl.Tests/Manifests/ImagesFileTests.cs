using System.Collections.Immutable;
using System.Text;
using Pawl.Core.Workflows;
using Pawl.Manifests;
using Xunit;

namespace Pawl.Tests.Manifests;

public sealed class ImagesFileTests
{
    private const string Tool = """
        images:
          my/tool:v1: {entrypoint: [tool], command: [--help], path: [bin, /opt/bin], workingDir: /data, files: {/tool: bin/tool}}
          "python:*": {path: []}
          "*": {}
        """;

    [Fact]
    public void Says_what_stands_for_an_image_from_the_files_own_folder()
    {
        var (images, problems) = Read(Tool);
        Assert.Empty(problems);
        Assert.Equal(["*", "my/tool:v1", "python:*"], images.Keys);
        var tool = images["my/tool:v1"];
        Assert.Equal(["tool"], tool.Entrypoint);
        Assert.Equal(["--help"], tool.Command);
        Assert.Equal(["/home/me/bin", "/opt/bin"], tool.Path);
        Assert.Equal("/data", tool.WorkingDir);
        Assert.Equal("/home/me/bin/tool", tool.Files["/tool"]);
        Assert.False(images["*"].HasCommand);
    }

    [Theory]
    [InlineData("images: [a]", "images is a list")]
    [InlineData("image: {}", "unknown field 'image'")]
    [InlineData("images: {a: {entry: [x]}}", "unknown field 'entry'")]
    [InlineData("images: {a: {}, 'a:latest': {}}", "image 'a:latest' stands here twice")]
    [InlineData("images: {a: {path: ['x:y']}}", "has a ':' in it")]
    [InlineData("images: {a: {files: {tool: x}}}", "write an absolute path")]
    public void Says_what_is_wrong_with_it_and_gives_nothing(string text, string message)
    {
        var (images, problems) = Read(text);
        Assert.Empty(images);
        Assert.Contains(problems, p => p.Message.Contains(message, StringComparison.Ordinal));
    }

    [Fact]
    public void Lets_a_container_leave_its_command_to_an_image_that_it_knows()
    {
        Assert.True(With("my/tool:v1").CanRun);
        Assert.True(With("registry.example/my/{{workflow.name}}").CanRun);
        var unknown = Assert.Single(With("python:3").Problems);
        Assert.Equal(Severity.Unsupported, unknown.Severity);
        Assert.Contains("--images", unknown.Message, StringComparison.Ordinal);
    }

    private static ManifestResult With(string image) => ManifestReader.Read(
        "test.yaml",
        Encoding.UTF8.GetBytes(Checkout.WithTemplates($"  - {{name: main, container: {{image: \"{image}\", args: [x]}}}}\n")),
        new ManifestOptions { Images = Read(Tool).Images });

    private static (ImmutableSortedDictionary<string, LocalImage> Images, ImmutableArray<Problem> Problems) Read(string text) =>
        ImagesFile.Read("images.yaml", Encoding.UTF8.GetBytes(text), "/home/me");
}
