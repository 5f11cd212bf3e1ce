using System.CommandLine;
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
        var runs = new Argument<string[]>("RUN") { Description = "@latest, a run's name, its uid, or the start of its uid", Arity = ArgumentArity.OneOrMore };
        var force = new Option<bool>("--force") { Description = "Also runs that have not ended: their steps are killed first" };
        var home = Common.Home();
        var output = Common.Output(OutputForm.Name, OutputForm.Json);
        var verb = new Verb("delete", "Remove runs with their logs and artifacts.", "pawl delete digits-x7k2q", "pawl delete @latest --force") { runs, force, home, output };
        verb.SetAction(async (parsed, _) =>
        {
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            // All names are looked up before the first run goes: @latest must not wander.
            var folders = new List<RunFolder>();
            foreach (var run in parsed.GetRequiredValue(runs)) { folders.Add(await session.FindAsync(run)); }
            foreach (var folder in folders.Distinct())
            {
                var name = await DeleteAsync(session, folder, parsed.GetValue(force));
                Screen.Out.WriteLine(parsed.GetValue(output) switch
                {
                    OutputForm.Name => name,
                    OutputForm.Json => RunJson.Text(w =>
                    {
                        w.WriteStartObject();
                        w.WriteString("deleted", name);
                        w.WriteString("uid", folder.Uid);
                        w.WriteEndObject();
                    }),
                    _ => $"{name} was deleted",
                });
            }
            return ExitCodes.Done;
        });
        return verb;
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
