using System.Runtime.Versioning;
using Xunit;

namespace Pawl.Tests.Cli;

/// <summary>Containers that leave their command to their image, on a machine without the image.</summary>
[SupportedOSPlatform("linux")]
public sealed class ImagesTests : PawlProgram
{
    private const string Manifest = """
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        metadata: {name: w}
        spec:
          entrypoint: main
          templates:
            - name: main
              container: {image: my/tool:v1, args: [hello]}
        """;

    private const string Images = "images:\n  my/tool:v1: {entrypoint: [tool], path: [bin]}\n";

    [Fact]
    public async Task Without_a_word_about_the_image_the_manifest_is_refused_and_told_what_is_missing()
    {
        var ended = await PawlAsync("run", Write("w.yaml", Manifest));
        Assert.Equal(1, ended.Code);
        Assert.Contains("w.yaml:8:18: unsupported: container without command needs the command of the image 'my/tool:v1'", ended.Error, StringComparison.Ordinal);
        Assert.Contains("--images", ended.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await PawlAsync("lint", Write("w.yaml", Manifest))).Code);
    }

    [Fact]
    public async Task The_command_is_what_the_file_says_and_stays_so_when_the_file_is_gone()
    {
        WriteTool("exit 1");
        var images = Write("images.yaml", Images);
        Assert.Equal(1, (await PawlAsync("run", Write("w.yaml", Manifest), "--images", images)).Code);

        File.Delete(images);
        WriteTool("echo tool says $1");
        Assert.Equal(0, (await PawlAsync("retry", "w")).Code);
        Assert.Contains("w: tool says hello", (await PawlAsync("logs", "w")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_homes_own_file_counts_where_none_is_named()
    {
        WriteTool("echo tool says $1");
        Directory.CreateDirectory(Path.Join(Folder, "home"));
        Write("home/images.yaml", Images.Replace("[bin]", "[../bin]", StringComparison.Ordinal));
        var file = Write("w.yaml", Manifest);
        Assert.DoesNotContain("unsupported", (await PawlAsync("lint", file)).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await PawlAsync("run", file)).Code);
    }

    [Fact]
    public async Task A_manifest_that_is_not_strictly_right_runs_when_asked_to()
    {
        WriteTool("echo tool says $1");
        var images = Write("images.yaml", Images);
        var file = Write("w.yaml", Manifest.Replace("[hello]", "[7], surprise: yes", StringComparison.Ordinal));
        Assert.Equal(1, (await PawlAsync("run", file, "--images", images)).Code);
        Assert.Equal(0, (await PawlAsync("run", file, "--images", images, "--strict=false")).Code);
        Assert.Equal("w: tool says 7\n", (await PawlAsync("logs", "w")).Output);
        Assert.Equal(1, (await PawlAsync("lint", file)).Code);
        Assert.Equal(0, (await PawlAsync("lint", file, "--strict=false")).Code);
    }

    private void WriteTool(string script)
    {
        Directory.CreateDirectory(Path.Join(Folder, "bin"));
        var tool = Write("bin/tool", $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(tool, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
