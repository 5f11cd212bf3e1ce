using Pawl.Core.Workflows;
using Pawl.Manifests;
using Xunit;

namespace Pawl.Tests.Manifests;

/// <summary>Loops, <c>depends</c>, templates inside calls, and what is wrong with them.</summary>
public sealed class Loops
{
    private const string Leaf = "  - {name: leaf, inputs: {parameters: [{name: p, default: x}]}, container: {image: i, command: [c]}}\n";

    private static ManifestResult Step(string step) => Checkout.Read(Checkout.WithTemplates($"  - name: main\n    steps: [[{{name: s, {step}}}]]\n{Leaf}"));

    private static ManifestResult Dag(params string[] tasks) =>
        Checkout.Read(Checkout.WithTemplates($"  - name: main\n    dag:\n      tasks:\n{string.Concat(tasks.Select(t => $"      - {{{t}}}\n"))}{Leaf}"));

    private static Call First(ManifestResult read)
    {
        Assert.True(read.CanRun, string.Join('\n', read.Problems));
        return ((TemplateBody.Steps)read.Workflow!.Templates["main"].Body).Groups[0][0];
    }

    [Fact]
    public void WithParam_is_kept_as_text() =>
        Assert.Equal(new Loop.Param("{{workflow.parameters.x}}"), First(Checkout.Read(Checkout.WithTemplates(
            $"  - name: main\n    steps: [[{{name: s, template: leaf, withParam: \"{{{{workflow.parameters.x}}}}\"}}]]\n{Leaf}", "  arguments: {parameters: [{name: x, value: '[]'}]}\n"))).Loop);

    [Theory]
    [InlineData("count: 5", null, null, "5", null)]
    [InlineData("count: \"5\", start: 2, format: \"%02d\"", "2", null, "5", "%02d")]
    [InlineData("end: \"{{workflow.uid}}\"", null, "{{workflow.uid}}", null, null)]
    public void WithSequence_takes_numbers_and_tags(string fields, string? start, string? end, string? count, string? format) =>
        Assert.Equal(new Loop.Sequence(start, end, count, format), First(Step($"template: leaf, withSequence: {{{fields}}}")).Loop);

    [Fact]
    public void No_items_are_no_loop() => Assert.Null(First(Step("template: leaf, withItems: []")).Loop);

    [Theory]
    [InlineData("template: leaf, withSequence: {count: 1, end: 2}", "only one of count or end can be defined in withSequence; remove one of them")]
    [InlineData("template: leaf, withSequence: {start: 1}", "must have end or count in withSequence; write `count: \"5\"`")]
    [InlineData("template: leaf, withSequence: {count: five}", "count is 'five'; write a whole number or a tag such as \"{{inputs.parameters.n}}\"")]
    [InlineData("template: leaf, withParam: [1]", "withParam is a list; write a text")]
    [InlineData("template: leaf, withParam: x, withItems: [1]", "only one of withItems, withParam, withSequence can be specified; remove the others")]
    [InlineData("template: leaf, inline: {suspend: {}}", "step has both template and inline; write one of them")]
    [InlineData("inline: {}", "template 'main/s/inline' does nothing (template type unspecified); write one of container, script, steps, dag, suspend in it")]
    public void Mistakes_in_calls_are_errors(string step, string message) => Assert.Contains(message, Step(step).Messages(Severity.Error));

    [Theory]
    [InlineData("a || z", "dependency 'z' not defined; write the name of a task of this dag")]
    [InlineData("a.Done", "depends 'a.Done', column 3: task result 'Done' for task 'a' is invalid; write one of Succeeded, Failed, Errored, Skipped, Omitted, Daemoned, AnySucceeded, AllFailed")]
    [InlineData("a &&", "depends 'a &&', column 5: unexpected end; write the name of a task")]
    [InlineData("a.AllFailed", "dependency 'a' uses an items-based condition such as .AnySucceeded or .AllFailed but does not contain any items; write a.Succeeded or a.Failed")]
    [InlineData("a || b", "dependency cycle detected: b -> b; remove one of these dependencies")]
    public void Mistakes_in_depends_are_errors(string depends, string message) =>
        Assert.Equal([message], Dag("name: a, template: leaf", $"name: b, template: leaf, depends: \"{depends}\"").Messages(Severity.Error));

    [Fact]
    public void Depends_reaches_the_model()
    {
        var read = Dag("name: a, template: leaf, withItems: [1]", "name: b, template: leaf, depends: \"a.AnySucceeded && !a.AllFailed\"");
        Assert.True(read.CanRun, string.Join('\n', read.Problems));
        var dag = (TemplateBody.Dag)read.Workflow!.Templates["main"].Body;
        Assert.Equal(["a"], dag.Plan.Before("b"));
        Assert.Equal(["b"], dag.Plan.Targets);
    }

    [Fact]
    public void What_depends_mentions_may_be_referred_to() =>
        Assert.Empty(Dag("name: a, template: leaf", "name: b, template: leaf, depends: a.Failed, arguments: {parameters: [{name: p, value: \"{{tasks.a.outputs.result}}\"}]}").Problems);

    [Fact]
    public void FailFast_of_a_template_is_read() =>
        Assert.True(Checkout.Read(Checkout.WithTemplates($"  - {{name: main, failFast: true, steps: [[{{name: s, template: leaf}}]]}}\n{Leaf}")).Workflow!.Templates["main"].FailFast);

    [Fact]
    public void A_template_inside_a_call_has_a_name_of_its_place_and_knows_the_callers_tags()
    {
        var read = Checkout.Read(Checkout.WithTemplates("""
              - name: main
                inputs: {parameters: [{name: x, value: "1"}]}
                steps:
                - - name: s
                    withItems: [a, b]
                    arguments: {parameters: [{name: own, value: "{{item}}"}]}
                    inline:
                      inputs: {parameters: [{name: own}]}
                      outputs: {parameters: [{name: o, valueFrom: {path: /o}}]}
                      container: {image: i, command: [c, "{{item}}", "{{inputs.parameters.own}}", "{{inputs.parameters.x}}", "{{pod.name}}", "{{= item }}"]}
                - - name: t
                    inline:
                      dag:
                        tasks:
                        - {name: u, inline: {container: {image: i, command: [c, "{{steps.s.outputs.parameters.o}}"]}}}
            """));
        Assert.DoesNotContain(read.Problems, p => p.Severity is Severity.Error);
        Assert.Equal(["main", "main/s/inline", "main/t/inline", "main/t/inline/u/inline"], read.Workflow!.Templates.Keys);
        Assert.Equal(("", 3), (read.Workflow.Templates["main/s/inline"].Name, read.Workflow.Templates["main/s/inline"].CallerTags.Length));
        Assert.Equal(["steps.s.outputs.parameters.o"], read.Workflow.Templates["main/t/inline"].CallerTags);
    }

    [Theory]
    [InlineData("{{inputs.parameters.none}}", "failed to resolve {{inputs.parameters.none}}; template 'main/s/inline' has no such input: declare it under inputs")]
    [InlineData("{{steps.none.status}}", "failed to resolve {{steps.none.status}}; steps can be referred to only inside their own steps template: hand the value over as an argument")]
    public void Tags_that_nobody_knows_are_errors_there_too(string tag, string message) =>
        Assert.Equal([message], Step($"inline: {{container: {{image: i, command: [\"{tag}\"]}}}}").Messages(Severity.Error));

    [Fact]
    public void An_argument_that_a_template_inside_the_call_needs_must_be_given() =>
        Assert.StartsWith("inputs.parameters.q was not supplied: 's' calls 'main/s/inline' without it",
            Assert.Single(Step("inline: {inputs: {parameters: [{name: q}]}, container: {image: i, command: [c]}}").Messages(Severity.Error)), StringComparison.Ordinal);
}
