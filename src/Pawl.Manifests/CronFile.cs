using System.Collections.Immutable;
using System.Text;
using Pawl.Manifests.Argo;
using Pawl.Manifests.Linking;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests;

/// <summary>When something fires.</summary>
/// <param name="Schedule">As written.</param>
/// <param name="At">In the offset of the schedule's time zone at that time.</param>
/// <param name="Zone">IANA name.</param>
/// <param name="Suspended">The CronWorkflow is, so it would fire then but does not.</param>
public sealed record Firing(string CronWorkflow, string Schedule, DateTimeOffset At, string Zone, bool Suspended);

/// <summary>The CronWorkflows of a file.</summary>
public static class CronFile
{
    /// <summary>Their next firings, soonest first.</summary>
    /// <param name="count">Of each CronWorkflow.</param>
    /// <returns>None where no CronWorkflow is in the file, or where there are errors. A suspended one is told with a notice.</returns>
    public static (ImmutableArray<Firing> Firings, ImmutableArray<Problem> Problems) Next(string fileName, ReadOnlySpan<byte> utf8, DateTimeOffset after, int count)
    {
        var problems = new Problems(fileName);
        var firings = new List<Firing>();
        var documents = YamlTree.Read(utf8, problems).Where(d => d.Field("kind")?.Text == Kinds.CronWorkflow).ToArray();
        if (documents.Length == 0 && !problems.HasErrors) { problems.Error(1, 1, "no CronWorkflow found; write a document with `kind: CronWorkflow`"); }
        foreach (var document in documents)
        {
            if (new CronReader(problems).Read(document) is not { } plan) { continue; }
            if (plan.Suspended) { problems.Notice(document.Field("spec")!.Field("suspend")!, $"{plan.Name} is suspended; it fires at none of these times until `suspend: false`"); }
            firings.AddRange(plan.Schedules.SelectMany(s => Firings(plan, s, after, count)).OrderBy(f => f.At).Take(count));
        }
        return (problems.HasErrors ? [] : [.. firings.OrderBy(f => f.At)], problems.InFileOrder());
    }

    /// <summary>A CronWorkflow with its <c>spec.suspend</c> set, as JSON.</summary>
    /// <returns>Null where there is none of that name in the file.</returns>
    public static ReadOnlyMemory<byte>? Suspended(ReadOnlySpan<byte> utf8, string name, bool suspend)
    {
        if (Library.In(YamlTree.Read(utf8, new Problems("")), Kinds.CronWorkflow, name) is not { } document || document.Field("spec") is not { } spec) { return null; }
        var flag = new YamlNode { Kind = YamlKind.Scalar, Line = spec.Line, Column = spec.Column, Text = suspend ? "true" : "false", IsPlain = true };
        return Encoding.UTF8.GetBytes(Scalars.Json(document.With("spec", spec.With("suspend", flag))));
    }

    private static IEnumerable<Firing> Firings(CronPlan plan, ZonedSchedule schedule, DateTimeOffset after, int count)
    {
        for (var i = 0; i < count && schedule.Schedule.Next(after, schedule.Zone) is { } next; i++)
        {
            yield return new Firing(plan.Name, schedule.Schedule.Text, next, schedule.Zone.Id, plan.Suspended);
            after = next;
        }
    }
}
