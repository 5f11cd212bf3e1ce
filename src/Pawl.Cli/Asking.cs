using System.Globalization;
using Pawl.Cli.Verbs;
using Pawl.Cli.Views;
using Pawl.Core.Scheduling;
using Pawl.Engine.Homes;

namespace Pawl.Cli;

/// <summary>Asks the owner of a run for something and waits until it is journaled.</summary>
internal static class Asking
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    // An owner that ends tells nobody.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    /// <returns>The run after it.</returns>
    /// <exception cref="VerbException">The owner did not answer in time; the request stays.</exception>
    /// <exception cref="OwnerGoneException">The owner ended meanwhile; the request is withdrawn.</exception>
    public static async Task<RunState> AskAsync(Session session, RunFolder folder, Request request)
    {
        await session.Disk.MakeFolderAsync(folder.Inbox);
        using var inbox = session.Watch.Open(folder.Inbox);
        var name = await session.Runs.AskAsync(folder, request);
        using var late = new CancellationTokenSource(Patience, session.Clock);
        try
        {
            var changed = inbox.ChangedAsync(late.Token).AsTask();
            while (!await session.Runs.WasTakenAsync(folder, name))
            {
                if (await session.Runs.OwnerAsync(folder) is null && !await session.Runs.WasTakenAsync(folder, name))
                {
                    await session.Disk.RemoveAsync(Path.Combine(folder.Inbox, name));
                    throw new OwnerGoneException();
                }
                await Task.WhenAny(changed, Task.Delay(Look, session.Clock, late.Token));
                late.Token.ThrowIfCancellationRequested();
                if (changed.IsCompleted) { changed = inbox.ChangedAsync(late.Token).AsTask(); }
            }
        }
        catch (OperationCanceledException)
        {
            if (await session.Runs.WasTakenAsync(folder, name)) { return await session.Runs.ReadAsync(folder); }
            var owner = await session.Runs.OwnerAsync(folder) ?? "its owner, which is gone,";
            throw new VerbException(string.Create(CultureInfo.InvariantCulture,
                $"{owner} did not answer within {Patience.TotalSeconds} s. The request stays in {folder.Inbox}/{name} and is carried out when the run's owner reads it; remove the file to take it back"));
        }
        return await session.Runs.ReadAsync(folder);
    }

    /// <summary>Prints how the run stands after a request: the sentence, or the run in the form that was asked for.</summary>
    public static async Task ReportAsync(Session session, RunState run, OutputForm form, string sentence) => Screen.Out.WriteLine(form switch
    {
        OutputForm.Name => run.Name,
        OutputForm.Json => await RunJson.TextAsync(session, run),
        _ => sentence,
    });
}

/// <summary>Nobody owns the run any more: what was asked of its owner was not done.</summary>
internal sealed class OwnerGoneException() : VerbException("the run's owner ended at that moment, and nothing was done; ask again");
