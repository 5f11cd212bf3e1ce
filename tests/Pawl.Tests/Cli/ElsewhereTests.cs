using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Pawl.Tests.Cli;

/// <summary>What reaches out of a run: keys in the repository, addresses, metrics, and runs that repeat others, with the real program.</summary>
[SupportedOSPlatform("linux")]
public sealed class ElsewhereTests : PawlProgram
{
    private const string Keyed = """
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        metadata: {name: keyed}
        spec:
          entrypoint: main
          artifactGC: {strategy: OnWorkflowDeletion}
          templates:
            - name: main
              outputs:
                artifacts:
                  - {name: model, path: model, archive: {none: {}}, s3: {key: "models/{{workflow.name}}.txt"}}
                  - {name: brief, path: model, archive: {none: {}}, artifactGC: {strategy: OnWorkflowCompletion}, s3: {key: brief.txt}}
                  - {name: kept, path: model, archive: {none: {}}, artifactGC: {strategy: Never}, s3: {key: kept.txt}}
              container: {image: busybox, command: [sh, -c], args: ["echo weights > model"]}
        """;

    private const string Again = """
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        metadata: {generateName: again-}
        spec:
          entrypoint: main
          arguments: {parameters: [{name: ok, value: "no"}]}
          metrics:
            prometheus:
              - {name: runs, help: Runs, labels: [{key: status, value: "{{workflow.status}}"}], counter: {value: "1"}}
          templates:
            - name: main
              steps:
                - - {name: make, template: make}
                - - {name: use, template: use, arguments: {parameters: [{name: text, value: "{{steps.make.outputs.result}}"}]}}
            - name: make
              retryStrategy: {limit: "1"}
              container: {image: busybox, command: [sh, -c], args: ["date +%N"]}
            - name: use
              inputs: {parameters: [{name: text}]}
              container: {image: busybox, command: [sh, -c], args: ["echo {{inputs.parameters.text}}; test {{workflow.parameters.ok}} = yes"]}
        """;

    private const string Call = """
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        metadata: {name: call}
        spec:
          entrypoint: main
          arguments: {parameters: [{name: url}]}
          templates:
            - name: main
              steps:
                - - name: good
                    template: call
                    arguments: {parameters: [{name: condition, value: "response.statusCode == 201 && response.headers['X-Kind'][0] == 'a'"}]}
                - - name: bad
                    template: call
                    continueOn: {failed: true}
                    arguments: {parameters: [{name: condition, value: "response.body contains 'nothing'"}]}
            - name: call
              inputs: {parameters: [{name: condition}]}
              http:
                method: POST
                url: "{{workflow.parameters.url}}"
                headers: [{name: Content-Type, value: text/plain}]
                body: "from {{workflow.name}}"
                successCondition: "{{inputs.parameters.condition}}"
        """;

    [Fact]
    public async Task Outputs_with_keys_are_files_of_the_repository_until_their_time_has_come()
    {
        var run = await PawlAsync("run", Write("keyed.yaml", Keyed + "\n"));
        Assert.Equal((0, ""), (run.Code, run.Error));
        string At(string key) => Path.Join(Folder, "home", "repository", key);
        Assert.Equal("weights\n", File.ReadAllText(At("models/keyed.txt")));
        Assert.Equal("weights\n", File.ReadAllText(At("kept.txt")));
        Assert.False(File.Exists(At("brief.txt")));

        Assert.Equal(0, (await PawlAsync("delete", "keyed")).Code);
        Assert.False(File.Exists(At("models/keyed.txt")));
        Assert.True(File.Exists(At("kept.txt")));
    }

    [Fact]
    public async Task A_bucket_is_a_folder_of_the_home_or_refused()
    {
        var file = Write("keyed.yaml", Keyed.Replace("s3: {key: kept.txt}", "s3: {bucket: data, endpoint: s3.amazonaws.com, key: kept.txt}", StringComparison.Ordinal) + "\n");
        var refused = await PawlAsync("run", file);
        Assert.Equal(1, refused.Code);
        Assert.Contains("bucket 'data' is not supported: nothing on this machine stands for it", refused.Error, StringComparison.Ordinal);

        Directory.CreateDirectory(Path.Join(Folder, "elsewhere"));
        Directory.CreateDirectory(Path.Join(Folder, "home", "buckets"));
        Directory.CreateSymbolicLink(Path.Join(Folder, "home", "buckets", "data"), Path.Join(Folder, "elsewhere"));
        Assert.Equal(0, (await PawlAsync("run", file)).Code);
        Assert.Equal("weights\n", File.ReadAllText(Path.Join(Folder, "elsewhere", "kept.txt")));
    }

    [Fact]
    public async Task A_memoized_resubmission_runs_only_what_had_not_succeeded()
    {
        Assert.Equal(1, (await PawlAsync("run", Write("again.yaml", Again + "\n"), "--name", "first")).Code);
        var before = await NodesAsync("first");

        var again = await PawlAsync("resubmit", "first", "--memoized", "-p", "ok=yes", "--wait");
        Assert.Equal((0, ""), (again.Code, again.Error));

        var after = await NodesAsync("@latest");
        Assert.Equal(("Skipped", "Skipped"), (after["make(0)"].GetProperty("type").GetString(), after["make(0)"].GetProperty("phase").GetString()));
        Assert.Equal($"original pod: {before["make(0)"].GetProperty("id").GetString()}", after["make(0)"].GetProperty("message").GetString());
        Assert.Equal(ResultOf(before["make(0)"]), ResultOf(after["use"]));
        using var json = JsonDocument.Parse((await PawlAsync("get", "@latest", "-o", "json")).Output);
        Assert.Equal("first", json.RootElement.GetProperty("metadata").GetProperty("labels").GetProperty("workflows.argoproj.io/resubmitted-from-workflow").GetString());
        var metric = Assert.Single(json.RootElement.GetProperty("status").GetProperty("pawl").GetProperty("metrics").EnumerateArray());
        Assert.Equal((1, "Succeeded"), (metric.GetProperty("value").GetInt32(), metric.GetProperty("labels").GetProperty("status").GetString()));
    }

    [Fact]
    public async Task A_resubmission_runs_everything_anew_and_only_a_bad_run_can_be_memoized()
    {
        Assert.Equal(0, (await PawlAsync("run", Write("again.yaml", Again + "\n"), "--name", "first", "-p", "ok=yes")).Code);
        Assert.Contains("workflow must be Failed/Error to resubmit in memoized mode", (await PawlAsync("resubmit", "first", "--memoized")).Error, StringComparison.Ordinal);

        Assert.Equal(0, (await PawlAsync("resubmit", "first", "--wait")).Code);
        Assert.NotEqual(ResultOf((await NodesAsync("first"))["make(0)"]), ResultOf((await NodesAsync("@latest"))["make(0)"]));
    }

    [Fact]
    public async Task A_request_is_made_by_the_supervisor_and_judged_by_its_condition()
    {
        using var socket = new TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)socket.LocalEndpoint).Port}/";
        socket.Stop();
        using var server = new HttpListener();
        server.Prefixes.Add(url);
        server.Start();
        var serving = ServeAsync(server, 2);

        var run = await PawlAsync("run", Write("call.yaml", Call + "\n"), "-p", $"url={url}");
        await serving;

        Assert.Equal((0, ""), (run.Code, run.Error));
        var nodes = await NodesAsync("call");
        Assert.Equal(("HTTP", "Succeeded", "POST text/plain from call"), (nodes["good"].GetProperty("type").GetString(), nodes["good"].GetProperty("phase").GetString(), ResultOf(nodes["good"])));
        Assert.Equal(("Failed", "successCondition 'response.body contains 'nothing'' evaluated false"), (nodes["bad"].GetProperty("phase").GetString(), nodes["bad"].GetProperty("message").GetString()));
    }

    private static async Task ServeAsync(HttpListener server, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var context = await server.GetContextAsync();
            var body = await new StreamReader(context.Request.InputStream).ReadToEndAsync();
            context.Response.StatusCode = 201;
            context.Response.Headers["X-Kind"] = "a";
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes($"{context.Request.HttpMethod} {context.Request.ContentType} {body}"));
            context.Response.Close();
        }
    }

    private async Task<Dictionary<string, JsonElement>> NodesAsync(string run)
    {
        var json = JsonDocument.Parse((await PawlAsync("get", run, "-o", "json")).Output);
        return json.RootElement.GetProperty("status").GetProperty("nodes").EnumerateObject().ToDictionary(n => n.Value.GetProperty("displayName").GetString()!, n => n.Value);
    }

    private static string? ResultOf(JsonElement node) => node.GetProperty("outputs").GetProperty("result").GetString();
}
