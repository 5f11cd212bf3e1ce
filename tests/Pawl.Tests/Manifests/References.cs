using System.Text;
using Pawl.Core.Workflows;
using Pawl.Manifests;
using Pawl.Manifests.Linking;
using Xunit;

namespace Pawl.Tests.Manifests;

/// <summary>Templates of other documents: found, named, merged and checked.</summary>
public sealed class References
{
    private const string Main = """
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        metadata: {generateName: w-}
        spec:
          entrypoint: main
          templates:
          - name: main
            steps:
            - - {name: call, templateRef: {name: tools, template: greet}, arguments: {parameters: [{name: who, value: me}]}}
        """;

    private const string Tools = """
        apiVersion: argoproj.io/v1alpha1
        kind: WorkflowTemplate
        metadata: {name: tools}
        spec:
          templates:
          - name: greet
            inputs: {parameters: [{name: who}]}
            steps:
            - - {name: say, template: say, arguments: {parameters: [{name: text, value: "hello {{inputs.parameters.who}}"}]}}
          - name: say
            inputs: {parameters: [{name: text}]}
            container: {image: busybox, command: [echo, "{{inputs.parameters.text}}"]}
          - name: unused
            container: {image: busybox, command: [echo, "{{inputs.parameters.nowhere}}"]}
        """;

    [Fact]
    public void A_template_of_another_file_comes_with_all_that_it_calls_and_nothing_else()
    {
        var read = Read(Main, Tools);
        Assert.Empty(read.Problems);
        Assert.Equal(["main", "namespaced/tools/greet", "namespaced/tools/say"], read.Workflow!.Templates.Keys);
        Assert.Equal("greet", read.Workflow.Templates["namespaced/tools/greet"].Name);
        Assert.Equal("namespaced/tools/greet", Steps(read, "main")[0][0].Template);
        Assert.Equal("namespaced/tools/say", Steps(read, "namespaced/tools/greet")[0][0].Template);
        Assert.Equal(["lib0.yaml"], read.References.Select(r => r.File));
    }

    [Fact]
    public void A_document_of_the_same_file_is_found_first_and_needs_no_file_beside()
    {
        var read = Read($"{Main}\n---\n{Tools.Replace("{{inputs.parameters.nowhere}}", "x", StringComparison.Ordinal)}", Tools.Replace("busybox", "other", StringComparison.Ordinal));
        Assert.Empty(read.Problems);
        Assert.Equal("busybox", ((TemplateBody.Leaf)read.Workflow!.Templates["namespaced/tools/say"].Body).Container.Image);
        Assert.Empty(read.References);
    }

    [Fact]
    public void The_files_that_were_used_read_the_same_again()
    {
        var first = Read(Main, "kind: ConfigMap\nmetadata: {name: x}", Tools, Tools.Replace("busybox", "other", StringComparison.Ordinal));
        var again = ManifestReader.Read("w.yaml", Encoding.UTF8.GetBytes(Main), new ManifestOptions { Library = new Library(first.References) });
        Assert.Equal(["lib1.yaml"], first.References.Select(r => r.File));
        Assert.Equal("busybox", ((TemplateBody.Leaf)again.Workflow!.Templates["namespaced/tools/say"].Body).Container.Image);
    }

    [Fact]
    public void Cluster_scope_means_the_other_kind()
    {
        var main = Main.Replace("template: greet", "template: greet, clusterScope: true", StringComparison.Ordinal);
        Assert.Contains("ClusterWorkflowTemplate 'tools' not found", Assert.Single(Read(main, Tools).Messages(Severity.Error)), StringComparison.Ordinal);
        var read = Read(main, Tools.Replace("kind: WorkflowTemplate", "kind: ClusterWorkflowTemplate", StringComparison.Ordinal));
        Assert.Equal(["cluster/tools/greet", "cluster/tools/say", "main"], read.Workflow!.Templates.Keys);
    }

    [Fact]
    public void A_template_that_is_not_there_is_not_found()
    {
        var read = Read(Main.Replace("template: greet", "template: great", StringComparison.Ordinal), Tools);
        Assert.Equal(["template reference tools.great not found; did you mean 'greet'?"], read.Messages(Severity.Error));
    }

    [Fact]
    public void Where_nobody_was_asked_a_reference_is_not_supported_and_not_wrong()
    {
        var read = Checkout.Read(Main);
        Assert.False(read.HasErrors);
        Assert.False(read.CanRun);
        Assert.Contains("WorkflowTemplate 'tools' is not in this file", Assert.Single(read.Messages(Severity.Unsupported)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_mistake_elsewhere_is_told_at_its_own_place()
    {
        var read = Read(Main, Tools.Replace("hello {{inputs.parameters.who}}", "hello {{inputs.parameters.whom}}", StringComparison.Ordinal));
        var problem = Assert.Single(read.Problems);
        Assert.Equal(("lib0.yaml", 9), (problem.File, problem.Line));
    }

    [Fact]
    public void An_argument_that_is_missing_is_told_where_it_is_called()
    {
        var read = Read(Main.Replace("name: who,", "name: whom,", StringComparison.Ordinal), Tools);
        Assert.Contains("inputs.parameters.who was not supplied", Assert.Single(read.Messages(Severity.Error)), StringComparison.Ordinal);
    }

    [Fact]
    public void Objects_may_refer_to_each_other_in_a_circle()
    {
        const string a = "apiVersion: argoproj.io/v1alpha1\nkind: WorkflowTemplate\nmetadata: {name: tools}\nspec:\n  templates:\n"
            + "  - name: greet\n    inputs: {parameters: [{name: who}]}\n    steps: [[{name: x, templateRef: {name: b, template: back}}]]\n";
        const string b = "apiVersion: argoproj.io/v1alpha1\nkind: WorkflowTemplate\nmetadata: {name: b}\nspec:\n  templates:\n"
            + "  - name: back\n    steps: [[{name: x, when: 'false', templateRef: {name: tools, template: greet}, arguments: {parameters: [{name: who, value: x}]}}]]\n";
        Assert.Equal(["main", "namespaced/b/back", "namespaced/tools/greet"], Read(Main, a, b).Workflow!.Templates.Keys);
    }

    [Fact]
    public void Both_template_and_templateRef_are_too_many() => Assert.Contains(
        "step has both template and templateRef", Read(Main.Replace("{name: call,", "{name: call, template: main,", StringComparison.Ordinal), Tools).Messages(Severity.Error)[0], StringComparison.Ordinal);

    private const string Base = """
        apiVersion: argoproj.io/v1alpha1
        kind: WorkflowTemplate
        metadata: {name: base, labels: {own: "no"}}
        spec:
          entrypoint: main
          onExit: bye
          suspend: true
          parallelism: 3
          workflowMetadata: {labels: {team: ml}}
          arguments:
            parameters:
            - {name: a, value: base, description: from below, enum: [base, mine]}
            - {name: b, value: below}
          templates:
          - name: main
            inputs: {parameters: [{name: a}, {name: b}]}
            container: {image: busybox, command: [echo, "{{inputs.parameters.a}} {{workflow.parameters.c}}"]}
          - name: bye
            container: {image: busybox, command: [echo, bye]}
        """;

    private const string OfBase = """
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        metadata: {generateName: w-, labels: {mine: "yes"}}
        spec:
          workflowTemplateRef: {name: base}
          parallelism: 5
          arguments: {parameters: [{name: c, value: new}, {name: a, value: free}]}
        """;

    [Fact]
    public void A_workflow_of_a_template_wins_over_it_and_replaces_its_arguments_whole()
    {
        var read = Read(OfBase, Base);
        Assert.Empty(read.Problems);
        var workflow = read.Workflow!;
        Assert.Equal(("main", "bye", 5, false), (workflow.Entrypoint, workflow.OnExit, workflow.Parallelism!.Value, workflow.Suspend));
        Assert.Equal([("a", "free"), ("b", "below"), ("c", "new")], workflow.Arguments.Parameters.Select(p => (p.Name, p.Value)));
        Assert.Empty(workflow.Arguments.Parameters[0].Enum);
        Assert.Equal([("mine", "yes"), ("team", "ml")], workflow.Labels.Select(l => (l.Key, l.Value)));
        Assert.Equal(["bye", "main"], workflow.Templates.Keys);
    }

    [Fact]
    public void A_workflow_of_a_template_has_no_templates_of_its_own() => Assert.Contains(
        "templates is an invalid field in spec", Read(OfBase + "\n  templates: [{name: x, container: {image: i, command: [c]}}]", Base).Messages(Severity.Error)[0], StringComparison.Ordinal);

    [Fact]
    public void An_entrypoint_that_the_template_does_not_have_is_refused() => Assert.Contains(
        "entrypoint 'nowhere' is not a template", Assert.Single(Read(OfBase + "\n  entrypoint: nowhere", Base).Messages(Severity.Error)), StringComparison.Ordinal);

    [Fact]
    public void An_argument_that_only_the_template_lacks_is_asked_of_the_run()
    {
        var read = Read(OfBase, Base.Replace(", value: below", "", StringComparison.Ordinal));
        Assert.Empty(read.Problems);
        var missing = Assert.Single(ManifestReader.MissingArguments(read));
        Assert.Equal("lib0.yaml", missing.File);
    }

    [Fact]
    public void Defaults_lie_under_every_template_of_their_type()
    {
        var read = Checkout.Read(Checkout.WithTemplates("""
              - name: main
                steps: [[{name: a, template: a}, {name: b, template: b}]]
              - name: a
                container: {args: [x], env: [{name: B, value: own}]}
              - name: b
                retryStrategy: {limit: 5}
                script: {image: mine, command: [sh], source: pwd}
            """, "  templateDefaults:\n    retryStrategy: {limit: 2}\n    activeDeadlineSeconds: 30\n"
                + "    container: {image: busybox, command: [echo], env: [{name: A, value: below}, {name: B, value: below}]}\n"));
        Assert.Empty(read.Problems);
        var (a, b) = (read.Workflow!.Templates["a"], read.Workflow.Templates["b"]);
        var container = ((TemplateBody.Leaf)a.Body).Container;
        Assert.Equal(("busybox", "echo", "x", "2", "30"), (container.Image, container.Command[0], container.Args[0], a.RetryStrategy!.RetryLimit, a.ActiveDeadlineSeconds));
        Assert.Equal([("A", "below"), ("B", "own")], container.Env.Select(e => (e.Name, e.Value)));
        Assert.Equal(("mine", "5"), (((TemplateBody.Leaf)b.Body).Container.Image, b.RetryStrategy!.RetryLimit));
        Assert.Null(read.Workflow.Templates["main"].ActiveDeadlineSeconds);
    }

    [Fact]
    public void Defaults_of_the_caller_lie_under_referenced_templates_too()
    {
        var read = Read(Main.Replace("  entrypoint: main", "  entrypoint: main\n  templateDefaults: {retryStrategy: {limit: 3}}", StringComparison.Ordinal), Tools);
        Assert.Equal("3", read.Workflow!.Templates["namespaced/tools/say"].RetryStrategy!.RetryLimit);
    }

    private static System.Collections.Immutable.ImmutableArray<System.Collections.Immutable.ImmutableArray<Call>> Steps(ManifestResult read, string template) =>
        ((TemplateBody.Steps)read.Workflow!.Templates[template].Body).Groups;

    private static ManifestResult Read(string manifest, params string[] library) => ManifestReader.Read(
        "w.yaml",
        Encoding.UTF8.GetBytes(manifest),
        new ManifestOptions { Library = new Library(library.Select((text, i) => new ManifestText($"lib{i}.yaml", Encoding.UTF8.GetBytes(text)))) });
}
