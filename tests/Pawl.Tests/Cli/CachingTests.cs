using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using Pawl.Tests.Crash;
using Pawl.Tests.Supervision.Engines;
using Xunit;

namespace Pawl.Tests.Cli;

/// <summary>Steps with <c>pawl.dev/cache: auto</c>. Each appends its name to a file outside when it runs.</summary>
[SupportedOSPlatform("linux")]
public sealed class CachingTests : PawlProgram
{
    private int _runs;

    [Fact]
    public async Task A_second_run_of_the_same_content_runs_nothing_and_says_so()
    {
        Project();
        Assert.Equal(["make", "use"], await RunAsync());
        Assert.Empty(await RunAsync());

        var tree = (await PawlAsync("get", "run-2")).Output;
        Assert.Contains("taken from the cache: run-1[0].make made it", tree, StringComparison.Ordinal);
        var node = Node(JsonNode.Parse((await PawlAsync("get", "run-2", "-o", "json")).Output)!, "make");
        Assert.Equal("Succeeded", (string)node["phase"]!);
        Assert.True((bool)node["memoizationStatus"]!["hit"]!);
        Assert.Equal("pawl.dev/cache", (string)node["memoizationStatus"]!["cacheName"]!);
        Assert.Equal(64, ((string)node["memoizationStatus"]!["key"]!).Length);
        Assert.Equal("said data 1", (string)node["outputs"]!["parameters"]![0]!["value"]!);
    }

    [Fact]
    public async Task Parameter_source_environment_and_files_beside_the_manifest_are_content()
    {
        Project();
        await RunAsync();
        Assert.Equal(["make", "use"], await RunAsync("-p", "count=2"));
        Assert.Empty(await RunAsync("-p", "count=2"));
        Assert.Empty(await RunAsync());

        // Of what is used only the source changed, not the file that it is given.
        Project(use: "cat in > out; true");
        Assert.Equal(["use"], await RunAsync());
        Project(env: "[{name: A, value: b}]");
        Assert.Equal(["make"], await RunAsync());
        Project();
        Assert.Empty(await RunAsync());

        Write("project/data", "other");
        Assert.Equal(["make", "use"], await RunAsync());
        Write("project/more", "x");
        Assert.Equal(["make", "use"], await RunAsync());
    }

    [Fact]
    public async Task A_step_is_cached_by_the_bytes_that_it_is_given()
    {
        Project(cacheOfMake: "never");
        Assert.Equal(["make", "use"], await RunAsync());
        Assert.Equal(["make"], await RunAsync());
        Assert.Equal(["make", "use"], await RunAsync("-p", "count=2"));
    }

    [Fact]
    public async Task The_value_of_a_secret_is_content_and_is_written_nowhere()
    {
        Directory.CreateDirectory(Path.Join(Folder, "home/secrets/s"));
        Write("home/secrets/s/k", "hunter2-swordfish");
        Project(env: "[{name: A, valueFrom: {secretKeyRef: {name: s, key: k}}}]");
        Assert.Equal(["make", "use"], await RunAsync());
        Assert.Empty(await RunAsync());
        Write("home/secrets/s/k", "another-swordfish");
        Assert.Equal(["make"], await RunAsync());

        var holders = Directory.EnumerateFiles(Path.Join(Folder, "home"), "*", SearchOption.AllDirectories).Where(f => File.ReadAllText(f).Contains("swordfish", StringComparison.Ordinal));
        Assert.Equal([Path.Join(Folder, "home/secrets/s/k")], holders);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Join(Folder, "home/cache/salt")));
    }

    [Fact]
    public async Task What_has_state_outside_runs_always()
    {
        Project(more: ", pawl.dev/external-state: \"true\"");
        Assert.Equal(["make", "use"], await RunAsync());
        Assert.Equal(["make"], await RunAsync());
    }

    [Fact]
    public async Task Who_wants_it_made_anew_gets_it_and_the_next_run_has_that()
    {
        Project();
        await RunAsync();
        Assert.Equal(["make", "use"], await RunAsync("--no-cache"));
        Assert.Empty(await RunAsync());
        Assert.Contains("run-2[0].make made it", (await PawlAsync("get", "run-3")).Output, StringComparison.Ordinal);
        Assert.Equal(0, (await PawlAsync("retry", "run-3", "--restart-successful", "--node-field-selector", "displayName=make")).Code);
        Assert.Equal(["make", "use"], Taken());
    }

    [Fact]
    public async Task A_damaged_artifact_is_made_again_with_a_warning()
    {
        Project();
        await RunAsync();
        var kept = Directory.GetFiles(Path.Join(Folder, "home/store/memo/artifacts"));
        foreach (var file in kept) { await File.AppendAllTextAsync(file, "x"); }

        var ended = await PawlAsync("run", Path.Join(Folder, "project/w.yaml"), "--name", "again");
        Assert.Equal(0, ended.Code);
        // What the other gave is the same bytes, and is whole again by then.
        Assert.Equal(["make"], Taken());
        Assert.Contains("⚠ make: what run-1[0].make made is not taken from the cache, and is made again: artifact out: memo/artifacts/", ended.Error, StringComparison.Ordinal);
        Assert.Contains("is not taken from the cache", (await PawlAsync("get", "again")).Output, StringComparison.Ordinal);
        Assert.Empty(await RunAsync());
    }

    [Fact]
    public async Task The_run_that_made_it_may_be_deleted()
    {
        Project();
        await RunAsync();
        Assert.Empty(await RunAsync());
        Assert.Equal(0, (await PawlAsync("delete", "run-1")).Code);
        Assert.Equal(0, (await PawlAsync("get", "run-2")).Code);
        Assert.Empty(await RunAsync());
        var json = JsonNode.Parse((await PawlAsync("get", "run-3", "-o", "json")).Output)!;
        var file = (string)json["status"]!["pawl"]!["artifacts"]!.AsArray().Last(a => (string)a!["name"]! == "out")!["file"]!;
        Assert.Equal("data 1\n", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task Two_runs_at_once_both_make_it_and_the_next_has_one_of_them()
    {
        Project(wait: true);
        var file = Path.Join(Folder, "project/w.yaml");
        using var first = Start("run", file, "--name", "first");
        using var second = Start("run", file, "--name", "second");
        await Eventually.True(() => Lines().Length == 2, "both began", () => "");
        Write("go", "");
        Assert.Equal((0, 0), ((await EndAsync(first)).Code, (await EndAsync(second)).Code));
        Assert.Equal(2, Taken().Count(l => l == "make"));
        Assert.Empty(await RunAsync());
    }

    [Fact]
    public async Task The_program_that_stands_for_an_image_is_content()
    {
        Directory.CreateDirectory(Path.Join(Folder, "bin"));
        Directory.CreateDirectory(Path.Join(Folder, "project"));
        var images = Write("images.yaml", "images:\n  my/tool:v1: {entrypoint: [tool], path: [bin]}\n");
        Write("project/w.yaml", OneStep("my/tool:v1", ""));
        WriteTool("one");
        Assert.Equal(["one"], await RunAsync("--images", images));
        Assert.Empty(await RunAsync("--images", images));
        WriteTool("two");
        Assert.Equal(["two"], await RunAsync("--images", images));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task In_a_container_the_image_is_content_and_not_its_name()
    {
        await using var rig = Containers.Rig();
        var image = $"localhost/pawl-{Path.GetFileName(Folder).ToLowerInvariant()}:1";
        async Task TagAsync(string verb, string first, string second)
        {
            using var podman = System.Diagnostics.Process.Start("podman", [verb, first, second]);
            await podman.WaitForExitAsync();
            Assert.Equal(0, podman.ExitCode);
        }
        await TagAsync("tag", Containers.Busybox, image);
        Directory.CreateDirectory(Path.Join(Folder, "project"));
        Write("project/w.yaml", OneStep(image, "command: [sh, -c], args: [\"date +%s.%N\"]"));
        async Task<string> ResultAsync()
        {
            await RunAsync("--executor", "container");
            var json = JsonNode.Parse((await PawlAsync("get", $"run-{_runs}", "-o", "json")).Output)!;
            return (string)Node(json, $"run-{_runs}")["outputs"]!["result"]!;
        }
        var first = await ResultAsync();
        Assert.Equal(first, await ResultAsync());
        await TagAsync("tag", Containers.Said, image);
        Assert.NotEqual(first, await ResultAsync());
        await TagAsync("untag", Containers.Said, image);
    }

    private static string OneStep(string image, string more) => $$$"""
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        metadata: {generateName: w-}
        spec:
          entrypoint: main
          templates:
            - name: main
              metadata: {annotations: {pawl.dev/cache: auto}}
              container: {image: "{{{image}}}", {{{more}}}}
        """;

    private void WriteTool(string word)
    {
        var tool = Write("bin/tool", $"#!/bin/sh\necho {word} >> {Folder}/ledger\n");
        File.SetUnixFileMode(tool, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private void Project(string use = "cat in > out", string env = "[]", string cacheOfMake = "auto", string more = "", bool wait = false)
    {
        Directory.CreateDirectory(Path.Join(Folder, "project"));
        if (!File.Exists(Path.Join(Folder, "project/data"))) { Write("project/data", "data"); }
        Write("project/w.yaml", $$$"""
            apiVersion: argoproj.io/v1alpha1
            kind: Workflow
            metadata: {generateName: w-}
            spec:
              entrypoint: main
              arguments: {parameters: [{name: count, value: "1"}]}
              templates:
                - name: main
                  steps:
                    - - {name: make, template: make, arguments: {parameters: [{name: count, value: "{{workflow.parameters.count}}"}]}}
                    - - {name: use, template: use, arguments: {artifacts: [{name: in, from: "{{steps.make.outputs.artifacts.out}}"}]}}
                - name: make
                  metadata: {annotations: {pawl.dev/cache: {{{cacheOfMake}}}{{{more}}}}}
                  inputs: {parameters: [{name: count}]}
                  script:
                    image: busybox
                    command: [sh]
                    env: {{{env}}}
                    source: |
                      echo make >> {{{Folder}}}/ledger
                      {{{(wait ? $"while [ ! -e {Folder}/go ]; do sleep 0.05; done" : "true")}}}
                      echo "$(cat data) {{inputs.parameters.count}}" > out
                      echo "said $(cat out)" > said
                  outputs:
                    parameters: [{name: said, valueFrom: {path: said}}]
                    artifacts: [{name: out, path: out}]
                - name: use
                  metadata: {annotations: {pawl.dev/cache: auto}}
                  inputs: {artifacts: [{name: in, path: in}]}
                  outputs: {artifacts: [{name: out, path: out}]}
                  script:
                    image: busybox
                    command: [sh]
                    source: |
                      echo use >> {{{Folder}}}/ledger
                      {{{use}}}
            """);
    }

    /// <returns>The steps that ran.</returns>
    private async Task<string[]> RunAsync(params string[] more)
    {
        var ended = await PawlAsync(["run", Path.Join(Folder, "project/w.yaml"), "--name", $"run-{++_runs}", .. more]);
        Assert.True(ended.Code == 0, ended.Output + ended.Error);
        return Taken();
    }

    private string[] Lines() => File.Exists(Path.Join(Folder, "ledger")) ? File.ReadAllLines(Path.Join(Folder, "ledger")) : [];

    private string[] Taken()
    {
        var lines = Lines();
        File.Delete(Path.Join(Folder, "ledger"));
        return lines;
    }

    private static JsonNode Node(JsonNode run, string name) =>
        run["status"]!["nodes"]!.AsObject().Select(n => n.Value!).Single(n => (string)n["displayName"]! == name);
}
