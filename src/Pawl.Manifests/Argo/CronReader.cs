using Pawl.Core.Cron;
using Pawl.Core.Expressions;
using Pawl.Manifests.Checks;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>Reads what a CronWorkflow says of itself; the workflow in it is read as any other.</summary>
internal sealed class CronReader(Problems problems)
{
    private const int LongestName = 52;

    private static readonly string[] Policies = ["Allow", "Forbid", "Replace"];

    /// <returns>Null where there is no schedule that can be used; why not is reported.</returns>
    public CronPlan? Read(YamlNode document)
    {
        if (document.Field("metadata")?.Field("name") is { Text.Length: > LongestName } name)
        {
            problems.Error(name, $"the name of a CronWorkflow has {name.Text.Length} characters; write at most {LongestName}, because its runs add a time to it");
        }
        if (Fields.Of(document.Field("spec"), KindTables.Cron, problems) is not { } spec) { return null; }
        var zone = Zone(spec.Value("timezone"), spec.Text("timezone"));
        var schedules = Schedules(spec, zone);
        if (spec.Text("concurrencyPolicy") is { Length: > 0 } policy && !Policies.Contains(policy))
        {
            problems.Error(spec.Value("concurrencyPolicy")!, $"{policy.Quoted()} is not a valid concurrencyPolicy{Wording.DidYouMean(policy, Policies)}; write one of {string.Join(", ", Policies)}");
        }
        foreach (var field in (string[])["startingDeadlineSeconds", "successfulJobsHistoryLimit", "failedJobsHistoryLimit"])
        {
            if (spec.Whole(field) is < 0) { problems.Error(spec.Value(field)!, $"{field} must not be negative; write a whole number from 0"); }
        }
        spec.Text("when");
        spec.Map("stopStrategy", KindTables.StopStrategy)?.Text("expression");
        var metadata = spec.Map("workflowMetadata", KindTables.WorkflowMetadata);
        metadata?.TextMap("labels");
        metadata?.TextMap("annotations");
        if (!spec.Has("workflowSpec")) { problems.Error(spec.Node, "a CronWorkflow without workflowSpec; write `workflowSpec:` with entrypoint and templates, or with a workflowTemplateRef"); }
        return schedules.Count == 0 ? null : new CronPlan(document.Field("metadata")?.Field("name")?.Text ?? "", [.. schedules], spec.Flag("suspend") ?? false);
    }

    private List<ZonedSchedule> Schedules(Fields spec, TimeZoneInfo? zone)
    {
        // One schedule is how older versions of Argo have it.
        var written = spec.List("schedules").Concat(spec.Value("schedule") is { } legacy ? [legacy] : []).ToArray();
        if (written.Length == 0) { problems.Error(spec.Node, "cron workflow must have at least one schedule; write `schedules: [\"0 2 * * *\"]`"); }
        var schedules = new List<ZonedSchedule>();
        foreach (var at in written)
        {
            if (at.Kind is not YamlKind.Scalar || Scalars.TypeOf(at) is not ScalarType.Text)
            {
                problems.Error(at, $"a schedule is {at.Name}; write a text such as \"0 2 * * *\"");
                continue;
            }
            try
            {
                var schedule = CronSchedule.Parse(at.Text);
                var own = schedule.Zone is { } named ? Zone(at, named) : zone;
                schedules.Add(new ZonedSchedule(schedule, own ?? TimeZoneInfo.Utc));
            }
            catch (ExpressionException e) { problems.Error(at, e.Message); }
        }
        return schedules;
    }

    private TimeZoneInfo? Zone(YamlNode? at, string? name)
    {
        if (string.IsNullOrEmpty(name)) { return null; }
        // Argo's word for the zone of the machine it runs on.
        if (name == "Local") { return TimeZoneInfo.Local; }
        if (TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone) && !Tags.AnyIn(name)) { return zone; }
        problems.Error(at!, $"invalid timezone {name.Quoted()}; write an IANA name such as Europe/Berlin");
        return null;
    }
}

/// <summary>When a CronWorkflow fires.</summary>
internal sealed record CronPlan(string Name, IReadOnlyList<ZonedSchedule> Schedules, bool Suspended);

internal sealed record ZonedSchedule(CronSchedule Schedule, TimeZoneInfo Zone);
