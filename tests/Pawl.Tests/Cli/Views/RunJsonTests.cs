using System.Collections.Immutable;
using System.Text.Json;
using Pawl.Cli.Views;
using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Engine.Homes;
using Xunit;

namespace Pawl.Tests.Cli.Views;

public sealed class RunJsonTests
{
    [Fact]
    public void A_run_is_an_Argo_workflow()
    {
        var played = Played.From(Samples.Dag).After(2).Succeeds("w.a", new NodeOutputs
        {
            Result = "r",
            Parameters = ImmutableSortedDictionary<string, string>.Empty.Add("p", "v"),
            Artifacts = ImmutableSortedDictionary<string, ArtifactRef>.Empty.Add("m", new ArtifactRef("artifacts/k", "ab", 3, ArtifactKind.File, 420)),
        });
        using var json = Json(played.Run);
        var root = json.RootElement;
        Assert.Equal("Workflow", root.GetProperty("kind").GetString());
        Assert.Equal("w", root.GetProperty("metadata").GetProperty("name").GetString());
        Assert.Equal("0123abcd", root.GetProperty("metadata").GetProperty("uid").GetString());
        Assert.Equal("Running", root.GetProperty("metadata").GetProperty("labels").GetProperty("workflows.argoproj.io/phase").GetString());
        Assert.Equal("main", root.GetProperty("spec").GetProperty("entrypoint").GetString());
        var status = root.GetProperty("status");
        Assert.Equal("Running", status.GetProperty("phase").GetString());
        Assert.Equal("2026-01-02T12:00:00Z", status.GetProperty("startedAt").GetString());
        Assert.Equal(JsonValueKind.Null, status.GetProperty("finishedAt").ValueKind);
        Assert.Equal("1/3", status.GetProperty("progress").GetString());

        var a = status.GetProperty("nodes").GetProperty(Names.ArgoId("w", new NodeId("w.a")));
        Assert.Equal("a", a.GetProperty("displayName").GetString());
        Assert.Equal("Pod", a.GetProperty("type").GetString());
        Assert.Equal("w", a.GetProperty("boundaryID").GetString());
        Assert.Equal("Succeeded", a.GetProperty("phase").GetString());
        Assert.Equal("2026-01-02T12:00:02Z", a.GetProperty("finishedAt").GetString());
        var outputs = a.GetProperty("outputs");
        Assert.Equal("v", outputs.GetProperty("parameters")[0].GetProperty("value").GetString());
        Assert.Equal("m", outputs.GetProperty("artifacts")[0].GetProperty("name").GetString());
        Assert.Equal("r", outputs.GetProperty("result").GetString());
        Assert.Equal("0", outputs.GetProperty("exitCode").GetString());
        Assert.Equal(2, a.GetProperty("children").GetArrayLength());

        var pawl = status.GetProperty("pawl");
        Assert.Equal("Running", pawl.GetProperty("state").GetString());
        Assert.Equal("/h/store/artifacts/k", pawl.GetProperty("artifacts")[0].GetProperty("file").GetString());
        Assert.Equal(1, pawl.GetProperty("nodes").GetProperty(Names.ArgoId("w", new NodeId("w.b(0)"))).GetProperty("attempt").GetInt32());
    }

    [Fact]
    public void A_paused_run_is_Running_to_Argo_and_Paused_to_pawl()
    {
        using var json = Json(Played.From(Samples.Steps).Asks(new Request.Pause(false)).Run);
        var status = json.RootElement.GetProperty("status");
        Assert.Equal("Running", status.GetProperty("phase").GetString());
        Assert.Equal("Paused", status.GetProperty("pawl").GetProperty("state").GetString());
    }

    [Fact]
    public void Each_retry_is_a_node_that_says_so()
    {
        using var json = Json(Played.From(Samples.Dag).Succeeds("w.a").Fails("w.b(0)").Run);
        var nodes = json.RootElement.GetProperty("status").GetProperty("nodes");
        var first = nodes.GetProperty(Names.ArgoId("w", new NodeId("w.b(0)")));
        Assert.Equal("Failed", first.GetProperty("phase").GetString());
        Assert.Equal("main: Error (exit code 7)", first.GetProperty("message").GetString());
        Assert.True(first.GetProperty("nodeFlag").GetProperty("retried").GetBoolean());
        Assert.Equal("Retry", nodes.GetProperty(Names.ArgoId("w", new NodeId("w.b"))).GetProperty("type").GetString());
    }

    [Fact]
    public void A_row_of_a_list_is_the_same_object_without_nodes()
    {
        var run = Played.From(Samples.Steps).Run;
        using var json = JsonDocument.Parse(RunJson.Text(w => RunJson.Write(w, RunViews.Row(run), new Home("/h"), "somebody")));
        Assert.Equal("w", json.RootElement.GetProperty("metadata").GetProperty("name").GetString());
        Assert.Equal("somebody", json.RootElement.GetProperty("status").GetProperty("pawl").GetProperty("owner").GetString());
        Assert.False(json.RootElement.GetProperty("status").TryGetProperty("nodes", out _));
    }

    private static JsonDocument Json(RunState run) =>
        JsonDocument.Parse(RunJson.Text(w => RunJson.Write(w, run, new RunFacts(new Home("/h"), """{"entrypoint":"main"}""", null, []))));
}
