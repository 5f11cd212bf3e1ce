using System.Globalization;
using System.Text;
using Pawl.Manifests;
using Pawl.Manifests.Linking;
using Xunit;

namespace Pawl.Tests.Manifests;

/// <summary>Documents that are no Workflow, and files with several.</summary>
public sealed class OtherKinds
{
    private const string Head = "apiVersion: argoproj.io/v1alpha1\n";

    private const string Templates = "  entrypoint: main\n  templates: [{name: main, container: {image: busybox, command: [echo, hi]}}]\n";

    private const string Cron = Head + "kind: CronWorkflow\nmetadata: {name: nightly}\nspec:\n  schedules: ['0 2 * * *', '30 14 * * SAT']\n  timezone: Europe/Berlin\n  workflowSpec:\n"
        + "    entrypoint: main\n    templates: [{name: main, container: {image: busybox, command: [echo, hi]}}]\n";

    [Theory]
    [InlineData("WorkflowTemplate")]
    [InlineData("ClusterWorkflowTemplate")]
    public void A_template_is_checked_as_a_workflow_that_need_not_be_complete(string kind)
    {
        Assert.Empty(Read($"{Head}kind: {kind}\nmetadata: {{name: t}}\nspec:\n  arguments: {{parameters: [{{name: a}}]}}\n"
            + "  templates: [{name: x, container: {image: busybox, command: [echo, '{{workflow.parameters.of-the-workflow}}']}}]\n").Problems);
        Assert.Equal(["template name 'nowhere' undefined; add a template of that name, or call one that exists"], Read(
            $"{Head}kind: {kind}\nmetadata: {{name: t}}\nspec:\n  templates: [{{name: x, steps: [[{{name: a, template: nowhere}}]]}}]\n").Messages(Severity.Error));
    }

    [Fact]
    public void A_sound_cron_workflow_says_nothing_and_is_not_run()
    {
        var read = Read(Cron);
        Assert.Empty(read.Problems);
        Assert.Null(read.Workflow);
        Assert.False(read.CanRun);
        Assert.Equal([new DocumentName("CronWorkflow", "nightly")], read.Documents);
    }

    [Theory]
    [InlineData("['0 2 * * *', '30 14 * * SAT']", "[]", "cron workflow must have at least one schedule")]
    [InlineData("'0 2 * * *'", "'0 25 * * *'", "'25' in hour is outside of 0-23")]
    [InlineData("Europe/Berlin", "Europe/Berlim", "invalid timezone 'Europe/Berlim'")]
    [InlineData("timezone: Europe/Berlin", "concurrencyPolicy: Never", "'Never' is not a valid concurrencyPolicy")]
    [InlineData("timezone: Europe/Berlin", "startingDeadlineSeconds: -1", "startingDeadlineSeconds must not be negative")]
    [InlineData("name: nightly", "name: a-name-that-is-rather-too-long-to-have-a-time-put-behind-it", "write at most 52")]
    [InlineData("entrypoint: main", "entrypoint: nowhere", "entrypoint 'nowhere' is not a template")]
    public void A_mistake_in_a_cron_workflow_is_told(string good, string bad, string said) =>
        Assert.Contains(Read(Cron.Replace(good, bad, StringComparison.Ordinal)).Messages(Severity.Error), m => m.Contains(said, StringComparison.Ordinal));

    [Fact]
    public void A_cron_workflow_says_when_it_fires_next()
    {
        var (firings, problems) = CronFile.Next("c.yaml", Encoding.UTF8.GetBytes(Cron), DateTimeOffset.Parse("2026-03-27T12:00:00Z", CultureInfo.InvariantCulture), 4);
        Assert.Empty(problems);
        // The night of the 29th has no two o'clock.
        Assert.Equal(["2026-03-28T01:00:00Z", "2026-03-28T13:30:00Z", "2026-03-30T00:00:00Z", "2026-03-31T00:00:00Z"],
            firings.Select(f => f.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)));
        Assert.All(firings, f => Assert.Equal(("nightly", "Europe/Berlin", false), (f.CronWorkflow, f.Zone, f.Suspended)));
    }

    [Fact]
    public void The_older_single_schedule_is_read_too() =>
        Assert.Empty(Read(Cron.Replace("schedules: ['0 2 * * *', '30 14 * * SAT']", "schedule: '0 2 * * *'", StringComparison.Ordinal)).Problems);

    [Fact]
    public void An_event_binding_is_checked()
    {
        const string binding = Head + "kind: WorkflowEventBinding\nmetadata: {name: b}\nspec:\n  event: {selector: payload.message != ''}\n  submit:\n"
            + "    workflowTemplateRef: {name: t}\n    arguments: {parameters: [{name: m, valueFrom: {event: payload.message}}]}\n";
        Assert.Empty(Read(binding).Problems);
        Assert.Contains("needs valueFrom.event", Assert.Single(Read(binding.Replace("event: payload.message}", "path: x}", StringComparison.Ordinal)).Messages(Severity.Error)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kind: ConfigMap\nmetadata: {name: c}\ndata: {a: x}")]
    [InlineData("kind: Secret\nmetadata: {name: s}")]
    [InlineData("kind: PersistentVolumeClaim\nmetadata: {name: p}")]
    [InlineData("kind: ResourceQuota\nmetadata: {name: q}")]
    public void What_a_cluster_needs_besides_is_accepted(string document) => Assert.Empty(Read($"apiVersion: v1\n{document}\n").Problems);

    [Fact]
    public void Each_workflow_of_a_file_can_be_asked_for()
    {
        var manifest = $"{Head}kind: Workflow\nmetadata: {{name: one}}\nspec:\n{Templates}---\n{Cron}---\n{Head}kind: Workflow\nmetadata: {{name: two}}\nspec:\n{Templates}";
        Assert.Equal("one", Read(manifest).Workflow!.Name);
        var second = ManifestReader.Read("m.yaml", Encoding.UTF8.GetBytes(manifest), new ManifestOptions { Number = 1 });
        Assert.Equal(("two", true, 1), (second.Workflow!.Name, second.CanRun, second.Number));
        Assert.Equal(["Workflow", "CronWorkflow", "Workflow"], second.Documents.Select(d => d.Kind));
        Assert.Contains("\"main\"", ManifestJson.Field(Encoding.UTF8.GetBytes(manifest), "spec", 1), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_not_supported_in_one_document_does_not_keep_another_from_running()
    {
        var manifest = $"{Head}kind: Workflow\nmetadata: {{name: one}}\nspec:\n{Templates}---\n{Head}kind: WorkflowTemplate\nmetadata: {{name: t}}\nspec:\n  executorPlugins: []\n{Templates}";
        var read = Read(manifest);
        Assert.NotEmpty(read.Messages(Severity.Unsupported));
        Assert.True(read.CanRun);
    }

    [Fact]
    public void A_file_is_taken_apart_as_it_is_written()
    {
        var parts = ManifestDocuments.Split(Encoding.UTF8.GetBytes("# first\nkind: A\nmetadata: {name: a}\n---\n# second\n\nkind: B\n--- {kind: C}\n"));
        Assert.Equal(
            [("A", "a", "# first\nkind: A\nmetadata: {name: a}\n"), ("B", "", "# second\n\nkind: B\n"), ("C", "", "--- {kind: C}\n")],
            parts.Select(p => (p.Name.Kind, p.Name.Name, Encoding.UTF8.GetString(p.Utf8.Span))));
    }

    [Fact]
    public void A_run_of_a_template_is_a_workflow_that_refers_to_it()
    {
        var manifest = RunOf.Template(Kinds.ClusterWorkflowTemplate, "base");
        var kept = new ManifestText("kept.yaml", Encoding.UTF8.GetBytes($"{Head}kind: ClusterWorkflowTemplate\nmetadata: {{name: base}}\nspec:\n{Templates}"));
        var read = ManifestReader.Read("from", manifest.Span, new ManifestOptions { Library = new Library([kept]) });
        Assert.True(read.CanRun);
        Assert.Equal(("base-", "base"), (read.Workflow!.GenerateName, read.Workflow.Labels["workflows.argoproj.io/cluster-workflow-template"]));
    }

    [Fact]
    public void A_run_of_a_cron_workflow_has_its_spec_and_its_time()
    {
        var at = DateTimeOffset.Parse("2026-03-27T12:00:00Z", CultureInfo.InvariantCulture);
        var cron = Cron.Replace("  timezone", "  workflowMetadata: {labels: {team: ml}}\n  timezone", StringComparison.Ordinal);
        var read = ManifestReader.Read("from", RunOf.Cron(Encoding.UTF8.GetBytes(cron), "nightly", at)!.Value.Span);
        Assert.True(read.CanRun);
        Assert.Equal(("nightly", "ml"), (read.Workflow!.Labels["workflows.argoproj.io/cron-workflow"], read.Workflow.Labels["team"]));
        Assert.Equal("2026-03-27T12:00:00Z", read.Workflow.Annotations["workflows.argoproj.io/scheduled-time"]);
    }

    [Fact]
    public void A_cron_workflow_is_suspended_in_its_own_document()
    {
        var suspended = CronFile.Suspended(Encoding.UTF8.GetBytes(Cron), "nightly", suspend: true)!.Value;
        var (firings, problems) = CronFile.Next("c.yaml", suspended.Span, DateTimeOffset.Parse("2026-03-27T12:00:00Z", CultureInfo.InvariantCulture), 1);
        Assert.True(Assert.Single(firings).Suspended);
        Assert.Contains("nightly is suspended", Assert.Single(problems).Message, StringComparison.Ordinal);
    }

    private static ManifestResult Read(string yaml) => Checkout.Read(yaml);
}
