using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace Pawl.Tests.Cli;

public sealed class ManyRunsTests : PawlProgram
{
    [Fact]
    public async Task Runs_are_listed_and_deleted_by_what_is_known_of_them()
    {
        var good = Write("good.yaml", Samples.Step("echo hello"));
        var bad = Write("bad.yaml", Samples.Step("exit 3"));
        Assert.Equal(0, (await PawlAsync("run", good, "--name", "good-1")).Code);
        Assert.Equal(0, (await PawlAsync("run", good, "--name", "good-2")).Code);
        Assert.Equal(1, (await PawlAsync("run", bad, "--name", "bad-1")).Code);

        Assert.Equal("bad-1\n", await NamesAsync("list", "--status", "failed,Error"));
        Assert.Equal("good-2\ngood-1\n", await NamesAsync("list", "--prefix", "good-", "--completed"));
        Assert.Equal("", await NamesAsync("list", "--running"));
        Assert.Equal("", await NamesAsync("list", "--older", "1d"));
        Assert.Equal("bad-1\ngood-2\ngood-1\n", await NamesAsync("list", "--since", "1d"));
        Assert.DoesNotContain("NAME", (await PawlAsync("list", "--no-headers")).Output, StringComparison.Ordinal);
        Assert.Contains("--status finished is no phase", (await PawlAsync("list", "--status", "finished")).Error, StringComparison.Ordinal);

        Assert.Equal("good-2 would be deleted\ngood-1 would be deleted\n", (await PawlAsync("delete", "--prefix", "good-", "--dry-run")).Output);
        Assert.Equal(2, (await PawlAsync("delete")).Code);
        Assert.Equal(2, (await PawlAsync("delete", "good-1", "--all")).Code);
        Assert.Equal("good-2\ngood-1\n", await NamesAsync("delete", "--prefix", "good-"));
        Assert.Equal("bad-1\n", await NamesAsync("list"));
        Assert.Equal("bad-1\n", await NamesAsync("delete", "--all"));
        Assert.Equal("", await NamesAsync("list"));
    }

    [Fact]
    public async Task Wait_returns_when_all_have_ended_and_tells_how()
    {
        var file = Write("w.yaml", Samples.Step($"while ! test -e {Folder}/go; do sleep 0.05; done; test -e {Folder}/good"));
        var name = (await PawlAsync("submit", file, "-o", "name")).Output.Trim();
        using var waiting = Start("wait", name);
        using var watching = Start("watch", name);
        await UntilAsync(watching, "Running");
        Assert.False(waiting.HasExited);
        Write("go", "");
        var waited = await EndAsync(waiting);
        Assert.Equal(1, waited.Code);
        Assert.StartsWith($"{name} Failed at 20", waited.Output, StringComparison.Ordinal);

        // Who only watches is no judge.
        var watched = await EndAsync(watching);
        Assert.Equal(0, watched.Code);
        Assert.Contains($"✖ {name} Failed", watched.Output, StringComparison.Ordinal);

        Write("good", "");
        Assert.Equal(0, (await PawlAsync("submit", file, "--wait")).Code);
        Assert.Equal(0, (await PawlAsync("wait", "nothing", "--ignore-not-found")).Code);
        Assert.Equal(1, (await PawlAsync("wait", "nothing")).Code);
    }

    [Fact]
    public async Task Whoever_waits_for_a_run_without_an_engine_is_told()
    {
        using (var run = Start("run", Write("w.yaml", Samples.Gate), "--name", "w"))
        {
            await UntilAsync(run, "waits at approve");
            Send(run, Kill);
            await run.WaitForExitAsync();
        }
        using var waiting = Start("wait", "w");
        Assert.Contains("no engine drives w; go on with it by: pawl resume w --detach", await waiting.StandardError.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Equal(0, (await PawlAsync("resume", "w", "--node-field-selector", "displayName=approve")).Code);
        Assert.Equal(0, (await EndAsync(waiting)).Code);
    }

    [Fact]
    public async Task A_gate_is_given_what_comes_after_it_needs()
    {
        var file = Write("w.yaml", """
            apiVersion: argoproj.io/v1alpha1
            kind: Workflow
            metadata: {name: w}
            spec:
              entrypoint: main
              templates:
                - name: main
                  steps:
                    - - {name: approve, template: approve}
                    - - name: say
                        template: say
                        arguments: {parameters: [{name: verdict, value: "{{steps.approve.outputs.parameters.verdict}}"}]}
                - name: approve
                  suspend: {}
                  outputs: {parameters: [{name: verdict, valueFrom: {supplied: {}}}]}
                - name: say
                  inputs: {parameters: [{name: verdict}]}
                  container: {image: busybox, command: [echo, "{{inputs.parameters.verdict}}"]}
            """);
        using var run = Start("run", file);
        await UntilAsync(run, "waits at approve");
        string[] gate = ["--node-field-selector", "displayName=approve"];
        Assert.Contains("has no output parameter 'other'", (await PawlAsync(["node", "set", "w", .. gate, "-p", "other=1"])).Error, StringComparison.Ordinal);
        Assert.Equal(1, (await PawlAsync("node", "set", "w", "--node-field-selector", "displayName=other")).Code);
        Assert.Equal(0, (await PawlAsync(["node", "set", "w", .. gate, "--output-parameter", "verdict=yes"])).Code);
        Assert.Contains("was set already", (await PawlAsync(["node", "set", "w", .. gate, "-p", "verdict=no"])).Error, StringComparison.Ordinal);
        Assert.Equal(0, (await PawlAsync("resume", "w")).Code);
        Assert.Equal(0, (await EndAsync(run)).Code);
        Assert.Equal("say: yes\n", (await PawlAsync("logs", "w")).Output);
    }

    [Fact]
    public async Task A_run_is_printed_as_YAML_that_says_the_same_as_its_JSON()
    {
        Assert.Equal(0, (await PawlAsync("run", Write("w.yaml", Samples.Step("echo 'one: two'\necho \"007\"\n")), "--name", "w")).Code);
        var json = (await PawlAsync("get", "w", "-o", "json")).Output;
        var yaml = (await PawlAsync("get", "w", "-o", "yaml")).Output;
        var read = new YamlStream();
        read.Load(new StringReader(yaml));
        Assert.Equal(Texts(JsonNode.Parse(json)), Texts(read.Documents[0].RootNode));
        Assert.Contains("finishedAt: \"20", yaml, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Texts(JsonNode? node) => node switch
    {
        JsonObject o => o.OrderBy(f => f.Key, StringComparer.Ordinal).SelectMany(f => Texts(f.Value).Select(t => $"{f.Key}.{t}")).ToList(),
        JsonArray a => a.SelectMany(Texts).ToList(),
        null => ["null"],
        _ => [node.GetValueKind() == JsonValueKind.String ? node.GetValue<string>() : node.ToJsonString()],
    };

    private static IEnumerable<string> Texts(YamlNode node) => node switch
    {
        YamlMappingNode m => m.OrderBy(f => ((YamlScalarNode)f.Key).Value, StringComparer.Ordinal).SelectMany(f => Texts(f.Value).Select(t => $"{((YamlScalarNode)f.Key).Value}.{t}")).ToList(),
        YamlSequenceNode a => a.SelectMany(Texts).ToList(),
        _ => [((YamlScalarNode)node).Value ?? "null"],
    };

    [Fact]
    public async Task Logs_are_cut_by_text_and_time()
    {
        Assert.Equal(0, (await PawlAsync("run", Write("w.yaml", Samples.Step("echo one; echo two")), "--name", "w")).Code);
        Assert.Equal("w: two\n", (await PawlAsync("logs", "w", "--grep", "two")).Output);
        Assert.Equal("", (await PawlAsync("logs", "w", "--since-time", "2999-01-01T00:00:00Z")).Output);
        Assert.Equal("w: one\nw: two\n", (await PawlAsync("logs", "w", "--since", "1d")).Output);
        Assert.Contains("is no time", (await PawlAsync("logs", "w", "--since-time", "tomorrow")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_shell_is_told_what_may_come_next()
    {
        Assert.Contains("complete ", (await PawlAsync("completion", "bash")).Output, StringComparison.Ordinal);
        Assert.Contains("resume", (await PawlAsync("[suggest:8]", "pawl res")).Output, StringComparison.Ordinal);
        Assert.Equal(2, (await PawlAsync("completion", "tcsh")).Code);
    }

    private async Task<string> NamesAsync(params string[] args)
    {
        var ended = await PawlAsync([.. args, "-o", "name"]);
        Assert.Equal((0, ""), (ended.Code, ended.Error));
        return ended.Output;
    }
}
