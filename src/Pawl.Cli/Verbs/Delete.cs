using System.CommandLine;
using System.Text.Json;
using Pawl.Cli.Views;
using Pawl.Core.Scheduling;
using Pawl.Engine;
using Pawl.Engine.Homes;

namespace Pawl.Cli.Verbs;

/// <summary><c>pawl delete RUN…</c>: removes runs with their logs and artifacts.</summary>
internal static class Delete
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static Verb Command()
    {
        var runs = new Argument<string[]>("RUN") { Description = "@latest, a run's name, its uid, or the start of its uid", Arity = ArgumentArity.ZeroOrMore };
        var force = new Option<bool>("--force") { Description = "Also runs that have not ended: their steps are killed first" };
        var all = new Option<bool>("--all") { Description = "All runs of the home that the other options take" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only name the runs that would be removed" };
        var filter = new RunFilter();
        var home = Common.Home();
        var output = Common.Output(OutputForm.Name, OutputForm.Json);
        var verb = new Verb("delete", "Remove runs with their logs and artifacts.", "pawl delete digits-x7k2q", "pawl delete @latest --force", "pawl delete --completed --older 7d")
        {
            runs, all, force, dryRun, home, output,
        };
        filter.AddTo(verb);
        verb.SetAction(async (parsed, _) =>
        {
            var named = parsed.GetValue(runs) ?? [];
            var isChosen = parsed.GetValue(all) || filter.IsGiven(parsed);
            if (named.Length > 0 == isChosen) { throw new VerbException("name the runs, or choose them by --all, --completed, --status, --older, --since or --prefix: one or the other", ExitCodes.Usage); }
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            // All names are looked up before the first run goes: @latest must not wander.
            var folders = new List<RunFolder>();
            foreach (var run in named) { folders.Add(await session.FindAsync(run)); }
            if (isChosen)
            {
                var now = session.Clock.GetUtcNow();
                folders.AddRange((await List.RowsAsync(session)).Where(r => filter.Takes(parsed, r.Row, now)).Select(r => session.Home.Run(r.Row.Uid)));
            }
            var form = parsed.GetValue(output);
            var deleted = new List<(string Name, string Uid)>();
            foreach (var folder in folders.Distinct())
            {
                var name = parsed.GetValue(dryRun) ? await NameAsync(session, folder) : await DeleteAsync(session, folder, parsed.GetValue(force));
                deleted.Add((name, folder.Uid));
                if (form != OutputForm.Json) { Screen.Out.WriteLine(form == OutputForm.Name ? name : parsed.GetValue(dryRun) ? $"{name} would be deleted" : $"{name} was deleted"); }
            }
            if (form == OutputForm.Json) { Screen.Out.WriteLine(RunJson.Text(w => Write(w, deleted))); }
            return ExitCodes.Done;
        });
        return verb;
    }

    private static void Write(Utf8JsonWriter w, IEnumerable<(string Name, string Uid)> deleted)
    {
        w.WriteStartArray();
        foreach (var (name, uid) in deleted)
        {
            w.WriteStartObject();
            w.WriteString("name", name);
            w.WriteString("uid", uid);
            w.WriteEndObject();
        }
        w.WriteEndArray();
    }

    private static async Task<string> NameAsync(Session session, RunFolder folder)
    {
        try { return (await session.Runs.ReadAsync(folder)).Name; }
        // What cannot be read can still be named, and be removed with --force.
        catch (IOException) { return folder.Uid; }
    }

    private static async Task<string> DeleteAsync(Session session, RunFolder folder, bool force)
    {
        RunState? state = null;
        try { state = await session.Runs.ReadAsync(folder); }
        catch (IOException) when (force) { }        // what cannot be read can still be removed
        var name = state?.Name ?? folder.Uid;
        var owner = await session.Runs.OwnerAsync(folder);
        if (!force && (owner is not null || state is { IsDone: false }))
        {
            var why = owner is null ? $"has not ended ({Look.Status(state!)})" : $"is driven by {owner}";
            throw new VerbException($"{name} {why}; end it with: {session.Command($"stop {name}")}, or kill and remove it with --force");
        }
        if (owner is not null) { await SendAwayAsync(session, folder, owner); }
        if (state is not null) { await EmptyAsync(session, folder, name); }
        await session.Runs.DeleteAsync(folder);
        new RunIndex(session.Home.Index).Remove(folder.Uid);
        return name;
    }

    private static async Task SendAwayAsync(Session session, RunFolder folder, string owner)
    {
        await session.Runs.AskAsync(folder, new Request.Pause(Kill: true));
        using var late = new CancellationTokenSource(Patience, session.Clock);
        try
        {
            await using var held = await session.Disk.LockAsync(folder.Lock, late.Token);
        }
        catch (OperationCanceledException)
        {
            throw new VerbException($"{owner} did not let go of the run within {Patience.TotalSeconds} s; nothing was deleted");
        }
    }

    // Steps outlive their engine, so those of a run without one must be looked for too.
    private static async Task EmptyAsync(Session session, RunFolder folder, string name)
    {
        if (await Run.TakeAsync(session, folder) is not TakeResult.Taken taken)
        {
            throw new VerbException($"somebody took {name} just now; nothing was deleted");
        }
        await using var owned = taken.Run;
        if (owned.State.IsDone) { return; }
        await owned.ApplyAsync(Session.Nonce(), new Request.Suspend(), session.Clock.GetUtcNow());
        var loop = owned.Loop(staysAtGates: false);
        loop.Ask(new Request.Pause(Kill: true));
        await loop.RunAsync(Environment.MachineName, CommandLine.Version);
    }
}
