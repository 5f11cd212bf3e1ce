using System.Text;
using Pawl.Core.Workflows;
using Pawl.Manifests;
using Pawl.Manifests.Linking;
using Xunit;

namespace Pawl.Tests.Manifests;

/// <summary>Values that come from config maps, as far as a manifest decides them.</summary>
public sealed class ConfigMapValues
{
    private const string Map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\ndata: {msg: hello, other: there}\n";

    private const string Templates = "  - name: main\n    inputs: {parameters: [{name: m, valueFrom: {configMapKeyRef: {name: cm, key: msg}}}]}\n    container: {image: i, command: [c, \"{{inputs.parameters.m}}\"]}\n";

    private static readonly ConfigMaps Given = ConfigMapFile.Read("cm.yaml", Encoding.UTF8.GetBytes(Map)).Maps;

    [Fact]
    public void Are_carried_by_a_workflow_that_looks_into_one()
    {
        var read = Read(Checkout.WithTemplates(Templates));
        Assert.Empty(read.Problems);
        Assert.Equal("hello", read.Workflow!.ConfigMaps.Find(new KeyRef("cm", "msg")));
        Assert.True(Read(Checkout.WithTemplates("  - name: main\n    container: {image: i, command: [c]}\n")).Workflow!.ConfigMaps.IsEmpty);
    }

    [Fact]
    public void Of_the_command_line_win_over_the_file_and_those_over_the_home()
    {
        var manifest = $"{Checkout.WithTemplates(Templates)}---\n{Map.Replace("hello", "file", StringComparison.Ordinal)}";
        Assert.Equal("hello", Found(manifest, new Library([]) { ConfigMaps = Given }));
        Assert.Equal("file", Found(manifest, new Library([]) { OtherConfigMaps = Given }));
        static string? Found(string yaml, Library library) =>
            ManifestReader.Read("w.yaml", Encoding.UTF8.GetBytes(yaml), new ManifestOptions { Library = library }).Workflow!.ConfigMaps.Find(new KeyRef("cm", "msg"));
    }

    [Theory]
    [InlineData("{configMapKeyRef: {name: cm, key: msg}}", "hello")]
    [InlineData("{configMapKeyRef: {name: 'c{{workflow.parameters.rest}}', key: msg}}", "hello")]
    [InlineData("{configMapKeyRef: {name: nowhere, key: msg}, default: instead}", "instead")]
    [InlineData("{configMapKeyRef: {name: cm, key: nowhere}, default: instead}", "instead")]
    public void Fill_arguments_of_the_workflow(string valueFrom, string expected)
    {
        var read = Read(Argument(valueFrom));
        Assert.Empty(read.Problems.Concat(ManifestReader.MissingArguments(read)));
        Assert.Equal(expected, WorkflowParameters.Of(read.Workflow!)["a"]);
    }

    [Theory]
    [InlineData("nowhere", "msg", "failed to set global parameter a: ConfigMap 'nowhere' does not exist; give it with --configmap FILE, or keep it in the home's configmaps folder")]
    [InlineData("cm", "nowhere", "failed to set global parameter a: ConfigMap 'cm' does not have the key 'nowhere'")]
    public void That_are_missing_are_an_error_to_a_run_and_not_to_lint(string name, string key, string said)
    {
        var read = Read(Argument($"{{configMapKeyRef: {{name: {name}, key: {key}}}}}"));
        Assert.Empty(read.Problems);
        Assert.Equal(said, Assert.Single(ManifestReader.MissingArguments(read)).Message);
    }

    [Fact]
    public void Give_way_to_a_value_of_the_command_line()
    {
        var read = ManifestReader.WithParameters(Read(Argument("{configMapKeyRef: {name: nowhere, key: msg}}")), new Dictionary<string, string> { ["a"] = "mine" });
        Assert.Empty(ManifestReader.MissingArguments(read));
        Assert.Equal("mine", WorkflowParameters.Of(read.Workflow!)["a"]);
    }

    [Theory]
    [InlineData("metadata: {name: cm}", "metadata: {}", "a ConfigMap without a name")]
    [InlineData("msg: hello", "msg: 3", "data.msg of a ConfigMap is a number")]
    public void In_a_document_that_is_wrong_are_refused(string good, string bad, string said)
    {
        var (maps, problems) = ConfigMapFile.Read("cm.yaml", Encoding.UTF8.GetBytes(Map.Replace(good, bad, StringComparison.Ordinal)));
        Assert.True(maps.IsEmpty);
        Assert.Contains(said, Assert.Single(problems).Message, StringComparison.Ordinal);
    }

    private static string Argument(string valueFrom) => Checkout.WithTemplates(
        "  - name: main\n    container: {image: i, command: [c, \"{{workflow.parameters.a}}\"]}\n",
        $"  arguments:\n    parameters:\n    - {{name: rest, value: m}}\n    - name: a\n      valueFrom: {valueFrom}\n");

    private static ManifestResult Read(string yaml) =>
        ManifestReader.Read("w.yaml", Encoding.UTF8.GetBytes(yaml), new ManifestOptions { Library = new Library([]) { ConfigMaps = Given } });
}
