using System.Text;
using Pawl.Core.Workflows;
using Pawl.Manifests;
using Xunit;

namespace Pawl.Tests.Manifests;

/// <summary>The hooks of workflows, steps and tasks as they are read and checked.</summary>
public sealed class Hooks
{
    [Fact]
    public void Of_a_step_know_their_own_step_and_stand_exit_first()
    {
        var read = Read(
            """{"after": {"template": "leaf", "expression": "steps.a.status == 'Succeeded'"}, "exit": {"template": "say", "arguments": {"parameters": [{"name": "text", "value": "{{steps.a.outputs.result}}"}]}}}""");
        Assert.Empty(read.Problems);
        var hooks = ((TemplateBody.Steps)read.Workflow!.Templates["main"].Body).Groups[0][0].Hooks;
        Assert.Equal([("exit", "say", null), ("after", "leaf", "steps.a.status == 'Succeeded'")], hooks.Select(h => (h.Name, h.Template, h.Expression)));
        Assert.Equal("{{steps.a.outputs.result}}", hooks[0].Arguments!.Parameters[0].Value);
        Assert.Null(hooks[1].Arguments);
    }

    [Fact]
    public void An_onExit_of_a_step_is_an_exit_hook_and_wins()
    {
        var read = Read("""{"exit": {"template": "say"}}""", ", onExit: leaf");
        Assert.Equal([("exit", "leaf")], ((TemplateBody.Steps)read.Workflow!.Templates["main"].Body).Groups[0][0].Hooks.Select(h => (h.Name, h.Template)));
        Assert.StartsWith("onExit on a step instead of on the workflow", Assert.Single(read.Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_workflow_are_read_with_their_arguments()
    {
        var read = Read("{}", spec: """hooks: {exit: {template: say, expression: "true", arguments: {parameters: [{name: text, value: "{{workflow.status}}"}]}}, bad: {template: leaf, expression: workflow.status == "Failed"}}""");
        Assert.Empty(read.Problems);
        Assert.Equal(["exit", "bad"], read.Workflow!.Hooks.Select(h => h.Name));
        Assert.Equal(("say", null), (read.Workflow.ExitHandler!.Template, read.Workflow.ExitHandler.Expression));
    }

    [Theory]
    [InlineData("""{"x": {"template": "leaf"}}""", "hooks.x Expression required")]
    [InlineData("""{"exit": {"template": "nobody"}}""", "template name 'nobody' undefined")]
    [InlineData("""{"exit": {"expression": "true"}}""", "hook 'exit' calls nothing")]
    [InlineData("""{"exit": null}""", "hook 'exit' calls nothing")]
    [InlineData("""[exit]""", "hooks is a list")]
    [InlineData("""{"exit": {"template": "leaf", "when": "1 == 1"}}""", "unknown field 'when' in hook")]
    [InlineData("""{"exit": {"template": "leaf", "expression": "1 =="}}""", "expression 1 ==")]
    [InlineData("""{"exit": {"template": "say", "arguments": {"parameters": [{"name": "text", "value": "{{steps.b.status}}"}]}}}""", "failed to resolve {{steps.b.status}}")]
    public void Mistakes_in_them_are_named(string hooks, string message) =>
        Assert.Contains(Read(hooks).Problems, p => p.Message.Contains(message, StringComparison.Ordinal) && p.Severity is Severity.Error);

    private static ManifestResult Read(string hooks, string more = "", string spec = "") => ManifestReader.Read("w.yaml", Encoding.UTF8.GetBytes($$$"""
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        metadata: {generateName: w-}
        spec:
          entrypoint: main
          {{{spec}}}
          templates:
          - name: main
            steps:
            - - {name: a, template: leaf, hooks: {{{hooks}}}{{{more}}}}
          - name: leaf
            container: {image: busybox, command: ["true"]}
          - name: say
            inputs: {parameters: [{name: text}]}
            container: {image: busybox, command: [echo, "{{inputs.parameters.text}}"]}
        """));
}
