using Pawl.Cli.Views;
using Pawl.Engine.Homes;
using Pawl.Manifests;
using Pawl.Manifests.Linking;

namespace Pawl.Cli.Verbs.Kept;

/// <summary><c>pawl cron list</c>: the CronWorkflows of the home, and when each would fire next.</summary>
internal static class CronList
{
    public static Verb Command()
    {
        var home = Common.Home();
        var output = Common.Output(OutputForm.Name, OutputForm.Json);
        var verb = new Verb("list", "List the CronWorkflows of the home.", "pawl cron list", "pawl cron list -o json") { home, output };
        verb.SetAction(async (parsed, _) =>
        {
            using var session = await Session.TryOpenAsync(parsed.GetValue(home));
            var rows = session is null ? [] : await RowsAsync(session);
            Print(rows, parsed.GetValue(output));
            return ExitCodes.Done;
        });
        return verb;
    }

    private static async Task<List<(string Name, Firing? Next)>> RowsAsync(Session session)
    {
        var kept = new Definitions(session.Disk, session.Home);
        var rows = new List<(string, Firing?)>();
        foreach (var name in await kept.NamesAsync(Kinds.CronWorkflow))
        {
            if (await kept.ReadAsync(Kinds.CronWorkflow, name) is not { } utf8) { continue; }
            rows.Add((name, CronFile.Next(name, utf8, session.Clock.GetUtcNow(), 1).Firings.FirstOrDefault()));
        }
        return rows;
    }

    private static void Print(List<(string Name, Firing? Next)> rows, OutputForm form)
    {
        switch (form)
        {
            case OutputForm.Name:
                KeptNames.Print([.. rows.Select(r => new DocumentName(Kinds.CronWorkflow, r.Name))], form, "");
                break;
            case OutputForm.Json:
                Screen.Out.WriteLine(RunJson.Text(w =>
                {
                    w.WriteStartArray();
                    foreach (var (name, next) in rows)
                    {
                        w.WriteStartObject();
                        w.WriteString("name", name);
                        w.WriteBoolean("suspended", next is { Suspended: true });
                        if (next is not null) { CronNext.Write(w, next); }
                        w.WriteEndObject();
                    }
                    w.WriteEndArray();
                }));
                break;
            default:
                List<IReadOnlyList<string>> cells = [["NAME", "NEXT RUN", "SCHEDULE", "TIMEZONE", "SUSPENDED"]];
                cells.AddRange(rows.Select(r => (string[])
                    [r.Name, r.Next is { Suspended: false } n ? CronNext.Time(n.At) : "-", r.Next?.Schedule ?? "-", r.Next?.Zone ?? "-", r.Next is { Suspended: true } ? "true" : "false"]));
                foreach (var line in Table.Lines(cells)) { Screen.Out.WriteLine(Text.Clean(line)); }
                break;
        }
    }
}
