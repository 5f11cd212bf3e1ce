using System.CommandLine;
using Pawl.Cli.Views;
using Pawl.Core.Scheduling;
using Pawl.Engine.Homes;

namespace Pawl.Cli.Verbs;

/// <summary><c>pawl list</c>: the runs of the home, newest first.</summary>
internal static class List
{
    private const string NoEngine = "no engine";

    public static Verb Command()
    {
        var home = Common.Home();
        var output = Common.Output(OutputForm.Wide, OutputForm.Name, OutputForm.Json);
        var filter = new RunFilter();
        var noHeaders = new Option<bool>("--no-headers") { Description = "Leave out the line above the columns" };
        var verb = new Verb("list", "List the runs of the home, newest first.", "pawl list", "pawl list --status Failed,Error --since 24h -o name") { home, noHeaders, output };
        filter.AddTo(verb);
        verb.SetAction(async (parsed, _) =>
        {
            using var session = await Session.TryOpenAsync(parsed.GetValue(home));
            var rows = session is null ? [] : await RowsAsync(session);
            var now = TimeProvider.System.GetUtcNow();
            rows.RemoveAll(r => !filter.Takes(parsed, r.Row, now));
            Print(rows, session, parsed.GetValue(output), parsed.GetValue(noHeaders));
            return ExitCodes.Done;
        });
        return verb;
    }

    /// <summary>All runs, newest first, each with who drives it.</summary>
    public static async Task<List<(RunRow Row, string? Owner)>> RowsAsync(Session session)
    {
        var index = new RunIndex(session.Home.Index);
        var stamps = new List<RunStamp>();
        foreach (var label in await session.Runs.Names.AllAsync()) { stamps.Add(await RunStamp.OfAsync(session.Disk, session.Home.Run(label.Uid))); }
        var rows = await index.ReadAsync(stamps, async uid =>
        {
            try { return RunViews.Row(await session.Runs.ReadAsync(session.Home.Run(uid))); }
            catch (IOException e)
            {
                // One broken run must not hide the others.
                Screen.Error.WriteLine($"pawl: run {uid} is left out: {Text.Clean(e.Message)}");
                return null;
            }
        });
        if (index.Notice is { } notice) { Screen.Error.WriteLine($"pawl: {Text.Clean(notice)}"); }
        var owned = new List<(RunRow, string?)>(rows.Length);
        foreach (var row in rows)
        {
            owned.Add((row, row.Phase.IsFulfilled() ? null : await session.Runs.OwnerAsync(session.Home.Run(row.Uid))));
        }
        return owned;
    }

    private static void Print(List<(RunRow Row, string? Owner)> rows, Session? session, OutputForm form, bool noHeaders)
    {
        switch (form)
        {
            case OutputForm.Name:
                foreach (var (row, _) in rows) { Screen.Out.WriteLine(row.Name); }
                break;
            case OutputForm.Json:
                Screen.Out.WriteLine(RunJson.Text(w =>
                {
                    w.WriteStartArray();
                    foreach (var (row, owner) in rows) { RunJson.Write(w, row, session!.Home, owner); }
                    w.WriteEndArray();
                }));
                break;
            default:
                var now = TimeProvider.System.GetUtcNow();
                foreach (var line in Table.Lines(Cells(rows, form == OutputForm.Wide, now)).Skip(noHeaders ? 1 : 0)) { Screen.Out.WriteLine(line); }
                foreach (var (row, owner) in rows.Where(r => State(r.Row, r.Owner) == NoEngine).Take(1))
                {
                    Screen.Error.WriteLine($"pawl: no engine drives {row.Name}; go on with it by: {session!.Command($"resume {row.Name}")}");
                }
                break;
        }
    }

    private static List<IReadOnlyList<string>> Cells(List<(RunRow Row, string? Owner)> rows, bool wide, DateTimeOffset now)
    {
        List<IReadOnlyList<string>> cells = [wide
            ? ["NAME", "STATUS", "AGE", "DURATION", "PROGRESS", "MESSAGE", "UID", "FILE"]
            : ["NAME", "STATUS", "AGE", "DURATION", "PROGRESS", "MESSAGE"]];
        foreach (var (row, owner) in rows)
        {
            string[] usual =
            [
                Text.Clean(row.Name), Look.Status(row.Phase, State(row, owner)), Text.Age(now - row.CreatedAt),
                Text.Duration((row.FinishedAt ?? now) - row.CreatedAt), row.Progress, Text.Clean(row.Message),
            ];
            cells.Add(wide ? [.. usual, row.Uid, Text.Clean(row.Workflow)] : usual);
        }
        return cells;
    }

    // A run at a gate is as good with an engine as without: it waits for a person.
    private static string State(RunRow row, string? owner) =>
        !row.Phase.IsFulfilled() && row.State.Length == 0 && owner is null ? NoEngine : row.State;
}
