using Pawl.Core.Workflows;
using Pawl.Manifests;
using Xunit;

namespace Pawl.Tests.Manifests;

/// <summary>What of a manifest arrives in the model.</summary>
public sealed class ManifestModel
{
    private static readonly Lazy<Workflow> Sound = new(() => ManifestReader.Read("sound.yaml", File.ReadAllBytes(Path.Combine(Checkout.Golden, "sound.yaml"))).Workflow!);

    [Fact]
    public void A_sound_manifest_can_run_and_says_nothing()
    {
        var result = ManifestReader.Read("sound.yaml", File.ReadAllBytes(Path.Combine(Checkout.Golden, "sound.yaml")));
        Assert.Empty(result.Problems);
        Assert.True(result.CanRun);
    }

    [Fact]
    public void The_workflow_keeps_names_arguments_and_exit_handler()
    {
        Assert.Equal(("digits-", "digits", "report"), (Sound.Value.GenerateName, Sound.Value.Entrypoint, Sound.Value.OnExit));
        Assert.Equal([("rate", "0.1"), ("seed", null)], Sound.Value.Arguments.Parameters.Select(p => (p.Name, p.Value)));
        Assert.Equal(["digits", "report", "split", "train"], Sound.Value.Templates.Keys);
    }

    [Fact]
    public void Dag_tasks_keep_dependencies_conditions_and_arguments()
    {
        var dag = Assert.IsType<TemplateBody.Dag>(Sound.Value.Templates["digits"].Body);
        var train = dag.Tasks[1];
        Assert.True(dag.FailFast);
        Assert.Equal(("train", "train", "{{tasks.split.outputs.parameters.rows}} > 100"), (train.Name, train.Template, train.When));
        Assert.Equal(["split"], train.Dependencies);
        Assert.Equal("{{tasks.split.outputs.artifacts.rows}}", train.Arguments.Artifacts.Single().From);
    }

    [Fact]
    public void Leaves_keep_command_resources_retry_and_limits()
    {
        var train = Sound.Value.Templates["train"];
        var leaf = Assert.IsType<TemplateBody.Leaf>(train.Body);
        Assert.Null(leaf.Source);
        Assert.Equal(["python", "train.py"], leaf.Container.Command);
        Assert.Equal(new Resources(500, 1500, 256L << 20, 1L << 30), leaf.Container.Resources);
        Assert.Equal(("2", RetryPolicy.OnTransientError, new Backoff("5s", "2", null, "1m")), (train.RetryStrategy!.RetryLimit, train.RetryStrategy.Policy, train.RetryStrategy.Backoff));
        Assert.Equal(("600", TimeSpan.FromSeconds(20)), (train.ActiveDeadlineSeconds, train.GracePeriod));
        Assert.Equal(new ValueFrom { Path = "rows.txt", Default = "0" }, Sound.Value.Templates["split"].Outputs.Parameters.Single().ValueFrom);
    }

    [Fact]
    public void Volumes_keep_where_they_are_and_where_they_are_seen()
    {
        var result = Checkout.Read("""
            apiVersion: argoproj.io/v1alpha1
            kind: Workflow
            metadata: {generateName: volumes-}
            spec:
              entrypoint: main
              volumes:
              - name: plain
              - {name: host, hostPath: {path: /srv/data, type: Directory}}
              - {name: made, hostPath: {path: /srv/made}}
              - {name: claim, persistentVolumeClaim: {claimName: data, readOnly: true}}
              volumeClaimTemplates:
              - metadata: {name: work}
                spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
              templates:
              - name: main
                volumes: [{name: scratch, emptyDir: {}}]
                container:
                  image: busybox
                  command: [sh]
                  volumeMounts: [{name: scratch, mountPath: /s}, {name: work, mountPath: /w, subPath: a/b, readOnly: true}]
            """);
        Assert.True(result.CanRun);
        var main = result.Workflow!.Templates["main"];
        Assert.Equal(
            [
                new Volume("plain", new VolumeSource.EmptyDir()), new Volume("host", new VolumeSource.HostPath("/srv/data", true)),
                new Volume("made", new VolumeSource.HostPath("/srv/made", false)), new Volume("claim", new VolumeSource.Claim("data", true)),
                new Volume("work", new VolumeSource.RunClaim()),
            ],
            result.Workflow.Volumes);
        Assert.Equal([new Volume("scratch", new VolumeSource.EmptyDir())], main.Volumes);
        Assert.Equal(
            [new VolumeMount("scratch", "/s", null, false), new VolumeMount("work", "/w", "a/b", true)],
            Assert.IsType<TemplateBody.Leaf>(main.Body).Container.VolumeMounts);
    }

    [Fact]
    public void Steps_keep_groups_and_a_script_its_source()
    {
        var workflow = Checkout.Read(Checkout.WithTemplates("""
              - name: main
                steps:
                - - {name: a, template: hi}
                  - {name: b, template: hi, continueOn: {failed: true}}
                - - {name: c, template: wait}
              - name: hi
                script: {image: busybox, command: [sh], workingDir: /tmp, source: "echo hi", lifecycle: {preStop: {exec: {command: [sync]}}}}
              - name: wait
                suspend: {duration: "20"}
            """)).Workflow!;
        var steps = Assert.IsType<TemplateBody.Steps>(workflow.Templates["main"].Body);
        Assert.Equal([2, 1], steps.Groups.Select(g => g.Length));
        Assert.True(steps.Groups[0][1].ContinueOnFailed);
        var leaf = Assert.IsType<TemplateBody.Leaf>(workflow.Templates["hi"].Body);
        Assert.Equal(("echo hi", "/tmp"), (leaf.Source, leaf.Container.WorkingDir));
        Assert.Equal(["sync"], Assert.IsType<ContainerAction.Exec>(leaf.Container.PreStop).Command);
        Assert.Equal(new TemplateBody.Suspend("20"), workflow.Templates["wait"].Body);
    }

    [Theory]
    [InlineData("plain", "plain", "plain")]
    [InlineData("'two (2)'", "two (2)", "two 2")]
    [InlineData("3", "3", "3")]
    [InlineData("1.50", "1.5", "1.5")]
    [InlineData("true", "true", "true")]
    [InlineData("{os: debian, age: 9}", """{"age":9,"os":"debian"}""", "age:9,os:debian")]
    [InlineData("[1, \"(a)\"]", """[1,"(a)"]""", """[1,"a"]""")]
    public void Items_have_text_and_label(string yaml, string text, string label)
    {
        var result = Checkout.Read(Checkout.WithTemplates($"  - name: main\n    steps: [[{{name: s, template: leaf, withItems: [{yaml}]}}]]\n  - {{name: leaf, container: {{image: i, command: [c]}}}}\n"));
        var item = ((TemplateBody.Steps)result.Workflow!.Templates["main"].Body).Groups[0][0].Loop is Loop.Items items ? items.List.Single() : null!;
        Assert.Equal((text, label), (item.Text, item.Label));
    }

    [Fact]
    public void An_item_that_is_a_map_has_fields()
    {
        var result = Checkout.Read(Checkout.WithTemplates("  - name: main\n    steps: [[{name: s, template: leaf, withItems: [{a: 1, b: {c: [x]}}]}]]\n  - {name: leaf, container: {image: i, command: [c]}}\n"));
        var fields = ((TemplateBody.Steps)result.Workflow!.Templates["main"].Body).Groups[0][0].Loop is Loop.Items items ? items.List.Single().Fields : null!;
        Assert.Equal([("a", "1"), ("b", """{"c":["x"]}""")], fields.Select(f => (f.Key, f.Value)));
    }

    [Theory]
    [InlineData("0.1", "0.1")]
    [InlineData("1.0", "1")]
    [InlineData("010", "8")]
    [InlineData("0x1F", "31")]
    [InlineData("1_000", "1000")]
    [InlineData("1e3", "1000")]
    [InlineData("yes", "true")]
    [InlineData("'010'", "010")]
    [InlineData("{b: 1, a: [x]}", """{"a":["x"],"b":1}""")]
    [InlineData("2020-01-01", "2020-01-01")]
    [InlineData("12345678901234567890", "12345678901234567890")]
    public void Any_string_fields_are_read_as_argo_reads_them(string yaml, string value)
    {
        var result = Checkout.Read(Checkout.WithTemplates("  - {name: main, suspend: {}}\n", $"  arguments: {{parameters: [{{name: p, value: {yaml}}}]}}\n"));
        Assert.Equal(value, result.Workflow!.Arguments.Parameters.Single().Value);
    }

    [Fact]
    public void Json_is_yaml()
    {
        var result = Checkout.Read("""
            {
            	"apiVersion": "argoproj.io/v1alpha1", "kind": "Workflow", "metadata": {"name": "j"},
            	"spec": {"entrypoint": "main", "templates": [{"name": "main", "suspend": {}}]}
            }
            """);
        Assert.True(result.CanRun, string.Join('\n', result.Problems));
    }

    [Fact]
    public void Aliases_and_merge_keys_are_resolved()
    {
        var result = Checkout.Read(Checkout.WithTemplates("""
              - name: main
                steps: [[{name: s, template: other}]]
              - &one
                name: one
                container: &box {image: busybox, command: [echo, one]}
              - <<: *one
                name: other
                container:
                  <<: *box
                  command: [echo, two]
            """));
        var leaf = Assert.IsType<TemplateBody.Leaf>(result.Workflow!.Templates["other"].Body);
        Assert.Equal(("busybox", "two"), (leaf.Container.Image, leaf.Container.Command[1]));
    }

    [Fact]
    public void Quoted_lines_may_stand_far_left_as_argo_allows()
    {
        var result = Checkout.Read(Checkout.WithTemplates("  - name: main\n    container:\n      image: busybox\n      command: [sh, -c]\n      args: [\"\n  echo a &&\n        echo b\n      \"]\n"));
        Assert.Equal(" echo a && echo b ", ((TemplateBody.Leaf)result.Workflow!.Templates["main"].Body).Container.Args.Single());
    }

    [Fact]
    public void What_is_unsupported_is_left_out_and_cannot_run()
    {
        var result = Checkout.Read(Checkout.WithTemplates("  - {name: main, suspend: {}}\n  - {name: web, resource: {action: get}}\n"));
        Assert.False(result.HasErrors);
        Assert.False(result.CanRun);
        Assert.Equal(["main"], result.Workflow!.Templates.Keys);
    }

    [Fact]
    public void Templates_may_call_themselves()
    {
        var result = Checkout.Read(Checkout.WithTemplates("  - name: main\n    steps:\n    - - {name: again, template: main, when: \"false\"}\n"));
        Assert.True(result.CanRun, string.Join('\n', result.Problems));
    }

    [Theory]
    [InlineData("'{\"terminationGracePeriodSeconds\": 45}'", 45)]
    [InlineData("\"terminationGracePeriodSeconds: 45\"", 45)]
    [InlineData("\"{}\"", null)]
    public void The_grace_period_is_read_out_of_the_patch(string patch, int? seconds)
    {
        var result = Checkout.Read(Checkout.WithTemplates("  - {name: main, suspend: {}}\n", $"  podSpecPatch: {patch}\n"));
        Assert.Empty(result.Problems);
        Assert.Equal(seconds, (int?)result.Workflow!.GracePeriod?.TotalSeconds);
    }

    [Theory]
    [InlineData("'{'", Severity.Error)]
    [InlineData("'[]'", Severity.Error)]
    [InlineData("'terminationGracePeriodSeconds: soon'", Severity.Error)]
    [InlineData("'terminationGracePeriodSecond: 1'", Severity.Error)]
    [InlineData("'hostname: x'", Severity.Notice)]
    [InlineData("'volumes: []'", Severity.Unsupported)]
    public void Other_patches_are_refused_or_said_to_have_no_effect(string patch, Severity severity) =>
        Assert.Equal(severity, Assert.Single(Checkout.Read(Checkout.WithTemplates("  - {name: main, suspend: {}}\n", $"  podSpecPatch: {patch}\n")).Problems).Severity);

    [Theory]
    [InlineData("'terminationGracePeriodSeconds: {{workflow.parameters.g}}'", """{"terminationGracePeriodSeconds":"{{workflow.parameters.g}}"}""")]
    [InlineData("'{\"containers\":[{\"name\":\"main\",\"image\":\"{{workflow.name}}\"}]}'", """{"containers":[{"image":"{{workflow.name}}","name":"main"}]}""")]
    [InlineData("'{{workflow.parameters.patch}}'", "{{workflow.parameters.patch}}")]
    public void A_patch_keeps_its_tags(string patch, string text)
    {
        var result = Checkout.Read(Checkout.WithTemplates("  - {name: main, suspend: {}}\n", $"  podSpecPatch: {patch}\n  arguments: {{parameters: [{{name: g, value: '1'}}, {{name: patch, value: '1'}}]}}\n"));
        Assert.Empty(result.Problems);
        Assert.Equal(text, result.Workflow!.Patch?.Text);
    }
}
