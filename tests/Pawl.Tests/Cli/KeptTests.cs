using System.Runtime.Versioning;
using System.Text.Json;
using Xunit;

namespace Pawl.Tests.Cli;

/// <summary>Templates, cron workflows and config maps beside a manifest, with the real program.</summary>
[SupportedOSPlatform("linux")]
public sealed class KeptTests : PawlProgram
{
    private const string Template = """
        apiVersion: argoproj.io/v1alpha1
        kind: WorkflowTemplate
        metadata: {name: greet}
        spec:
          entrypoint: main
          arguments: {parameters: [{name: who, value: nobody}]}
          templates:
            - name: main
              inputs: {parameters: [{name: who}]}
              steps: [[{name: say, template: say, arguments: {parameters: [{name: text, value: "hello {{inputs.parameters.who}}"}]}}]]
            - name: say
              inputs: {parameters: [{name: text}]}
              container: {image: busybox, command: [echo, "{{inputs.parameters.text}}"]}
        """;

    private const string Caller = """
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        metadata: {name: caller}
        spec:
          entrypoint: main
          templates:
            - name: main
              steps:
                - - {name: wait, template: wait}
                - - {name: a, templateRef: {name: greet, template: main}, arguments: {parameters: [{name: who, value: you}]}}
            - name: wait
              suspend: {}
        """;

    private const string Nightly = """
        apiVersion: argoproj.io/v1alpha1
        kind: CronWorkflow
        metadata: {name: nightly}
        spec:
          schedules: ["0 2 * * *"]
          timezone: Europe/Berlin
          workflowSpec: {workflowTemplateRef: {name: greet}}
        """;

    [Fact]
    public async Task A_template_is_kept_listed_printed_run_and_deleted()
    {
        var file = Write("t.yaml", Template + "\n");
        Assert.Equal(new Ended(0, "workflowtemplate/greet was created\n", ""), await PawlAsync("template", "create", file));
        Assert.Contains("is there already and stays as it is", (await PawlAsync("template", "create", file)).Error, StringComparison.Ordinal);
        Assert.Equal(0, (await PawlAsync("template", "create", file, "--replace")).Code);
        Assert.Equal("workflowtemplate/greet\n", (await PawlAsync("template", "list")).Output);
        Assert.Equal(Template + "\n", (await PawlAsync("template", "get", "greet")).Output);
        using (var json = JsonDocument.Parse((await PawlAsync("template", "get", "greet", "-o", "json")).Output))
        {
            Assert.Equal("main", json.RootElement.GetProperty("spec").GetProperty("entrypoint").GetString());
        }

        var run = await PawlAsync("run", "--from", "workflowtemplate/greet", "-p", "who=you", "--name", "hi");
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal("say: hello you\n", (await PawlAsync("logs", "hi", "say")).Output);

        Assert.Equal(new Ended(0, "workflowtemplate/greet was deleted\n", ""), await PawlAsync("template", "delete", "greet"));
        Assert.Equal(1, (await PawlAsync("template", "delete", "greet")).Code);
        Assert.Equal(0, (await PawlAsync("get", "hi")).Code);
        Assert.Contains("WorkflowTemplate 'greet' not found", (await PawlAsync("run", "--from", "wftmpl/greet")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_run_keeps_the_template_that_it_was_submitted_with()
    {
        var file = Write("t.yaml", Template);
        await PawlAsync("template", "create", file);
        using (var run = Start("run", Write("w.yaml", Caller)))
        {
            await UntilAsync(run, "waits at wait");
            Send(run, Kill);
            await run.WaitForExitAsync();
        }
        Write("t.yaml", Template.Replace("hello {{", "goodbye {{", StringComparison.Ordinal));
        await PawlAsync("template", "create", file, "--replace");

        Assert.Equal(0, (await PawlAsync("resume", "caller", "--node-field-selector", "displayName=wait")).Code);
        Assert.Equal("say: hello you\n", (await PawlAsync("logs", "caller", "say")).Output);
        using var json = JsonDocument.Parse((await PawlAsync("get", "caller", "-o", "json")).Output);
        var nodes = json.RootElement.GetProperty("status").GetProperty("nodes").EnumerateObject().Select(n => n.Value).ToList();
        var called = nodes.Single(n => n.GetProperty("displayName").GetString() == "a");
        Assert.Equal(("greet", "main", "local/caller"), (
            called.GetProperty("templateRef").GetProperty("name").GetString(), called.GetProperty("templateRef").GetProperty("template").GetString(), called.GetProperty("templateScope").GetString()));
        var inner = nodes.Single(n => n.GetProperty("displayName").GetString() == "say");
        Assert.Equal(("say", "namespaced/greet"), (inner.GetProperty("templateName").GetString(), inner.GetProperty("templateScope").GetString()));
    }

    [Fact]
    public async Task A_run_whose_references_were_altered_is_not_read()
    {
        await PawlAsync("template", "create", Write("t.yaml", Template));
        await PawlAsync("run", "--from", "workflowtemplate/greet", "--name", "hi");
        var references = Directory.GetFiles(Path.Join(Folder, "home", "runs"), "references.json", SearchOption.AllDirectories).Single();
        File.AppendAllText(references, " ");
        Assert.Contains("is not what was submitted: its digest differs from the journal's", (await PawlAsync("get", "hi")).Error, StringComparison.Ordinal);
        File.Delete(references);
        Assert.Contains("references.json is missing", (await PawlAsync("get", "hi")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Templates_may_lie_in_a_folder_that_is_named()
    {
        Directory.CreateDirectory(Path.Join(Folder, "lib", "deep"));
        Write("lib/deep/t.yaml", Template);
        var manifest = Write("w.yaml", Caller.Replace("- - {name: wait, template: wait}", "", StringComparison.Ordinal));
        Assert.Equal(0, (await PawlAsync("run", manifest, "--templates", "lib")).Code);
        Assert.Contains("WorkflowTemplate 'greet' not found", (await PawlAsync("lint", manifest)).Output, StringComparison.Ordinal);
        Assert.Equal(new Ended(0, "✔ no linting errors found!\n", ""), await PawlAsync("lint", manifest, "lib"));
    }

    [Fact]
    public async Task A_file_with_several_workflows_starts_a_run_of_each()
    {
        var file = Write("two.yaml", $"{Samples.Steps.Replace("generateName: w-", "name: one", StringComparison.Ordinal)}\n---\n{Samples.Steps.Replace("generateName: w-", "name: two", StringComparison.Ordinal)}\n");
        Assert.Equal(0, (await PawlAsync("run", file)).Code);
        Assert.Equal("two\none\n", (await PawlAsync("list", "-o", "name")).Output);
        Assert.Contains("\"entrypoint\":\"main\"", (await PawlAsync("get", "two", "-o", "json")).Output, StringComparison.Ordinal);
        Assert.Equal(2, (await PawlAsync("run", file, "--name", "x")).Code);
    }

    [Fact]
    public async Task A_file_without_a_workflow_says_how_to_keep_what_it_has()
    {
        var ended = await PawlAsync("run", Write("t.yaml", Template));
        Assert.Equal(1, ended.Code);
        Assert.Contains("has no Workflow, only WorkflowTemplate greet; keep it with: pawl template create", ended.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await PawlAsync("run")).Code);
        Assert.Equal(2, (await PawlAsync("run", "x.yaml", "--from", "wftmpl/x")).Code);
        Assert.Equal(2, (await PawlAsync("run", "--from", "deployment/x")).Code);
    }

    [Fact]
    public async Task A_cron_workflow_says_when_it_fires_and_is_run_out_of_turn()
    {
        var file = Write("c.yaml", Nightly);
        var next = await PawlAsync("cron", "next", file, "-n", "2", "--after", "2026-03-28T00:00:00Z");
        Assert.Equal(
            new Ended(0, "NEXT RUN                    TIMEZONE        SCHEDULE    NAME\n2026-03-28T02:00:00+01:00   Europe/Berlin   0 2 * * *   nightly\n2026-03-30T02:00:00+02:00   Europe/Berlin   0 2 * * *   nightly\n", ""), next);
        using (var json = JsonDocument.Parse((await PawlAsync("cron", "next", file, "-n", "1", "--after", "2026-03-28T00:00:00Z", "-o", "json")).Output))
        {
            Assert.Equal("2026-03-28T02:00:00+01:00", json.RootElement[0].GetProperty("at").GetString());
        }
        Assert.Equal(1, (await PawlAsync("cron", "next", Write("w.yaml", Samples.Steps))).Code);

        Assert.Equal("cronworkflow/nightly was created\n", (await PawlAsync("cron", "create", file)).Output);
        await PawlAsync("template", "create", Write("t.yaml", Template));
        Assert.Equal(0, (await PawlAsync("run", "--from", "cronwf/nightly", "--name", "now")).Code);
        Assert.Equal("say: hello nobody\n", (await PawlAsync("logs", "now", "say")).Output);

        Assert.Equal("cronworkflow/nightly is suspended\n", (await PawlAsync("cron", "suspend", "nightly")).Output);
        Assert.Contains("nightly   -          0 2 * * *   Europe/Berlin   true", (await PawlAsync("cron", "list")).Output, StringComparison.Ordinal);
        Assert.Contains("nightly is suspended", (await PawlAsync("cron", "next", "nightly")).Error, StringComparison.Ordinal);
        Assert.Equal("cronworkflow/nightly is resumed\n", (await PawlAsync("cron", "resume", "nightly")).Output);
        Assert.Equal("cronworkflow/nightly was deleted\n", (await PawlAsync("cron", "delete", "nightly")).Output);
    }

    [Fact]
    public async Task A_config_map_is_as_it_was_at_submission()
    {
        var manifest = Write("w.yaml", """
            apiVersion: argoproj.io/v1alpha1
            kind: Workflow
            metadata: {name: w}
            spec:
              entrypoint: main
              arguments: {parameters: [{name: a, valueFrom: {configMapKeyRef: {name: cm, key: a}}}]}
              templates:
                - name: main
                  steps: [[{name: wait, template: wait}], [{name: say, template: say}]]
                - {name: wait, suspend: {}}
                - name: say
                  inputs: {parameters: [{name: b, valueFrom: {configMapKeyRef: {name: cm, key: b}}}]}
                  container: {image: busybox, command: [echo, "{{workflow.parameters.a}} {{inputs.parameters.b}}"]}
            """);
        Assert.Contains("ConfigMap 'cm' does not exist", (await PawlAsync("run", manifest)).Error, StringComparison.Ordinal);
        Directory.CreateDirectory(Path.Join(Folder, "cm"));
        Write("cm/a", "1");
        Write("cm/b", "2");
        using (var run = Start("run", manifest, "--configmap", "cm=cm"))
        {
            await UntilAsync(run, "waits at wait");
            Send(run, Kill);
            await run.WaitForExitAsync();
        }
        Write("cm/b", "3");
        Assert.Equal(0, (await PawlAsync("resume", "w", "--node-field-selector", "displayName=wait")).Code);
        Assert.Equal("say: 1 2\n", (await PawlAsync("logs", "w", "say")).Output);
    }

    [Fact]
    public async Task A_key_that_is_missing_when_a_step_asks_for_it_is_an_error_of_the_step()
    {
        Directory.CreateDirectory(Path.Join(Folder, "home", "configmaps"));
        Write("home/configmaps/cm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\ndata: {a: x}\n");
        var ended = await PawlAsync("run", Write("w.yaml", Samples.Step("echo {{inputs.parameters.m}}",
            "inputs: {parameters: [{name: m, valueFrom: {configMapKeyRef: {name: cm, key: b}}}]}")), "--name", "w");
        Assert.Equal(1, ended.Code);
        Assert.Contains("unable to retrieve inputs.parameters.m from ConfigMap: ConfigMap 'cm' does not have the key 'b'", (await PawlAsync("get", "w", "-o", "json")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_environment_comes_from_config_maps_and_secrets_and_no_secret_stands_in_the_record()
    {
        var manifest = Write("w.yaml", """
            apiVersion: argoproj.io/v1alpha1
            kind: Workflow
            metadata: {name: w}
            spec:
              entrypoint: main
              templates:
                - name: main
                  container:
                    image: busybox
                    command: [sh, -c, 'echo "$ONE $P_a $P_b $NONE. $PASSWORD" | tr a-z A-Z; test "$S_user" = me']
                    envFrom:
                      - {prefix: P_, configMapRef: {name: cm}}
                      - {prefix: S_, secretRef: {name: login}}
                      - {configMapRef: {name: nowhere, optional: true}}
                    env:
                      - {name: ONE, valueFrom: {configMapKeyRef: {name: cm, key: a}}}
                      - {name: NONE, valueFrom: {configMapKeyRef: {name: cm, key: zzz, optional: true}}}
                      - {name: PASSWORD, valueFrom: {secretKeyRef: {name: login, key: password}}}
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: {name: cm}
            data: {a: first, b: second}
            """);
        var refused = await PawlAsync("run", manifest);
        Assert.Equal(1, refused.Code);
        Assert.Contains("secret 'login' is not there", (await PawlAsync("get", "w", "-o", "json")).Output, StringComparison.Ordinal);

        Write("secret.yaml", "apiVersion: v1\nkind: Secret\nmetadata: {name: login}\nstringData: {user: me}\ndata: {password: aHVzaGh1c2g=}\n");
        Assert.Equal(0, (await PawlAsync("run", manifest, "--secret", "secret.yaml", "--name", "good")).Code);
        Assert.Equal("good: FIRST FIRST SECOND . HUSHHUSH\n", (await PawlAsync("logs", "good", "good")).Output);
        var holders = Directory.GetFiles(Path.Join(Folder, "home"), "*", SearchOption.AllDirectories)
            .Where(f => File.ReadAllText(f).Contains("hushhush", StringComparison.Ordinal)).ToArray();
        Assert.Equal("password", Path.GetFileName(Assert.Single(holders)));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(holders[0]));

        Directory.CreateDirectory(Path.Join(Folder, "home", "secrets", "login"));
        Write("home/secrets/login/user", "me");
        Write("home/secrets/login/password", "kept");
        Assert.Equal(0, (await PawlAsync("run", manifest, "--name", "kept")).Code);
        Assert.Equal("kept: FIRST FIRST SECOND . KEPT\n", (await PawlAsync("logs", "kept", "kept")).Output);
    }
}
