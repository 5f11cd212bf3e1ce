using System.Text;
using Pawl.Core.Workflows;
using Pawl.Manifests;
using Xunit;

namespace Pawl.Tests.Manifests;

/// <summary>What <c>--strict=false</c> takes, which is refused without it.</summary>
public sealed class NotStrict
{
    private const string Careless = """
        metadata: {generateName: t-, label: {a: b}, labels: {n: 5}}
        spec:
          entrypoint: other
          entrypoint: main
          templates:
          - name: main
            resources: {}
            outputs: {parameters: [{name: num, valueFrom: {Path: n.txt}}]}
            container: {image: busybox, Command: [sleep], args: [1.5, true, 010]}
        """;

    [Fact]
    public void Passes_over_unknown_fields_equal_keys_and_the_case_of_a_name_and_reads_scalars_as_text()
    {
        var read = ManifestReader.Read("test.yaml", Encoding.UTF8.GetBytes(Careless), new ManifestOptions { Strict = false });
        Assert.True(read.CanRun, string.Join('\n', read.Problems));
        Assert.All(read.Problems, p => Assert.Equal(Severity.Notice, p.Severity));
        var workflow = read.Workflow!;
        Assert.Equal("main", workflow.Entrypoint);
        Assert.Equal("5", workflow.Labels["n"]);
        var main = workflow.Templates["main"];
        Assert.Equal("n.txt", main.Outputs.Parameters[0].ValueFrom!.Path);
        var container = ((TemplateBody.Leaf)main.Body).Container;
        Assert.Equal(["sleep"], container.Command);
        Assert.Equal(["1.5", "true", "8"], container.Args);
    }

    [Fact]
    public void Is_asked_for_and_not_the_rule()
    {
        var messages = ManifestReader.Read("test.yaml", Encoding.UTF8.GetBytes("apiVersion: argoproj.io/v1alpha1\nkind: Workflow\n" + Careless)).Messages(Severity.Error);
        foreach (var part in (string[])["'label'", "n is a number", "'entrypoint' stands here again", "'resources'", "'Path'", "'Command'"])
        {
            Assert.Contains(messages, m => m.Contains(part, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Still_refuses_what_argo_refuses()
    {
        var read = ManifestReader.Read("test.yaml", "metadata: {generateName: t-}\nspec: {entrypoint: main, templates: []}"u8, new ManifestOptions { Strict = false });
        Assert.True(read.HasErrors);
    }
}
