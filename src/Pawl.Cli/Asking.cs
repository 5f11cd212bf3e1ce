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

    /// <returns>The run after it.</returns>
    /// <exception cref="VerbException">The owner did not answer in time; the request stays.</exception>
    public static async Task<RunState> AskAsync(Session session, RunFolder folder, Request request)
    {
        await session.Disk.MakeFolderAsync(folder.Inbox);
        using var inbox = session.Watch.Open(folder.Inbox);
        var name = await session.Runs.AskAsync(folder, request);
        using var late = new CancellationTokenSource(Patience, session.Clock);
        try
        {
            while (!await session.Runs.WasTakenAsync(folder, name)) { await inbox.ChangedAsync(late.Token); }
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
