using Pawl.Cli.Views;
using Pawl.Core.Scheduling;
using Pawl.Engine.Homes;

namespace Pawl.Cli.Verbs;

/// <summary><c>pawl watch RUN</c>: shows a run that another engine drives, until it has ended.</summary>
internal static class Watch
{
    public static Verb Command()
    {
        var run = Common.Run();
        var home = Common.Home();
        var verb = new Verb("watch", "Show a run as it goes on, until it has ended. Ctrl-C leaves it alone.", "pawl watch @latest") { run, home };
        verb.SetAction(async (parsed, _) =>
        {
            using var session = await Session.OpenAsync(parsed.GetValue(home));
            await ShowAsync(session, await session.FindAsync(parsed.GetRequiredValue(run)));
            return ExitCodes.Done;
        });
        return verb;
    }

    /// <summary>Shows a run until it has ended, or its user no longer wants to see it.</summary>
    public static async Task ShowAsync(Session session, RunFolder folder)
    {
        using var interrupts = new Interrupts();
        IProgressView view = Screen.Out.IsLive
            ? new LiveView(Screen.Out, session.Disk, session.Home, session.Clock)
            : new PlainView(Screen.Out, session.Disk, session.Home, session.Clock);
        RunState? last = null;
        try
        {
            await foreach (var (run, events) in Following.ReadAsync(session, folder, interrupts.Token))
            {
                last = run;
                view.Turned(run, events);
            }
        }
        catch (OperationCanceledException) when (interrupts.Token.IsCancellationRequested) { }      // the run goes on unseen
        finally { await view.EndAsync(); }
        if (last is { IsDone: true })
        {
            foreach (var line in Ending.Lines(last, session.Home, session.Command)) { Screen.Out.WriteLine(line); }
        }
    }
}
