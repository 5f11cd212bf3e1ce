using System.Collections.Immutable;
using System.Text.Json;
using Pawl.Core.Preemption;
using Pawl.Storage.Files;

namespace Pawl.Supervision.Notices;

/// <summary>What the provider of this machine says. One process of the user asks; all others read what it heard.</summary>
/// <remarks>
/// Whoever holds the lock of the runtime folder asks. The kernel frees it when its holder dies, and hands it to one of those who wait.
/// A change in the folder is a hint; the file is the fact.
/// </remarks>
internal sealed class MachineNotices(
    NoticeProvider provider, string url, string folder, IDisk disk, IWatch watch, TimeProvider clock, Action<string> say)
{
    public const string Lock = "notices.lock";
    public const string File = "notice.json";

    // Of one board, apart from the files and times of the command line.
    private const string Machine = "machine";

    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(5);

    private string _said = "";

    public async Task ListenAsync(NoticeBoard board, Action looked, CancellationToken stop)
    {
        while (true)
        {
            try
            {
                await ElectAsync(board, looked, stop);
            }
            catch (Exception e) when (e is IOException or JsonException)
            {
                Say($"notices of this machine are not heard for now: {e.Message}");
                looked();
                await Task.Delay(LookAgain, clock, stop);
            }
        }
    }

    private async Task ElectAsync(NoticeBoard board, Action looked, CancellationToken stop)
    {
        RuntimeFolder.Ensure(folder);
        var boot = await Boot.IdAsync(disk);
        var held = await disk.TryLockAsync(Path.Combine(folder, Lock)) ?? await FollowAsync(board, boot, looked, stop);
        await using (held)
        {
            await AskAsync(board, boot, looked, stop);
        }
    }

    /// <summary>Reads what the one who asks has heard, until it is gone.</summary>
    private async Task<IHeldLock> FollowAsync(NoticeBoard board, string boot, Action looked, CancellationToken stop)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var changes = watch.Open(folder);
        var mine = disk.LockAsync(Path.Combine(folder, Lock), over.Token).AsTask();
        try
        {
            while (!mine.IsCompleted)
            {
                if (await ReadAsync(boot) is { IsDefault: false } notices) { board.Put(Machine, notices); }
                looked();
                await Task.WhenAny(mine, changes.ChangedAsync(over.Token).AsTask());
                stop.ThrowIfCancellationRequested();
            }
            return await mine;
        }
        catch
        {
            await over.CancelAsync();
            // It may have come at the same moment: then it is not kept.
            await mine.ContinueWith(async m => { if (m.IsCompletedSuccessfully) { await m.Result.DisposeAsync(); } }, CancellationToken.None,
                TaskContinuationOptions.None, TaskScheduler.Default).Unwrap();
            throw;
        }
    }

    /// <returns>Default where nothing was published.</returns>
    private async Task<ImmutableArray<Notice>> ReadAsync(string boot)
    {
        var path = Path.Combine(folder, File);
        if (await AttemptFiles.ReadAsync(disk, path) is not { } bytes) { return default; }
        try { return NoticeJson.Read(bytes, boot); }
        catch (JsonException e)
        {
            Say($"{path} cannot be read: {e.Message}; it is left alone");
            return default;
        }
    }

    private async Task AskAsync(NoticeBoard board, string boot, Action looked, CancellationToken stop)
    {
        using var asked = Providers.Of(provider, url, clock);
        var backoff = TimeSpan.Zero;
        ImmutableArray<Notice> published = default;
        while (true)
        {
            string? problem;
            try
            {
                var answer = await asked.AskAsync(stop);
                if (published.IsDefault || !answer.Notices.SequenceEqual(published))
                {
                    await AttemptFiles.WriteAsync(disk, folder, File, NoticeJson.Write(boot, answer.Notices), durable: false);
                    published = answer.Notices;
                    board.Put(Machine, published);
                }
                problem = answer.Problem;
                if (problem is null) { _said = ""; }
                backoff = TimeSpan.Zero;
            }
            catch (MetadataException e)
            {
                // What was heard last stands: silence lifts no notice.
                problem = e.Message;
                backoff = backoff == TimeSpan.Zero ? asked.Pause : backoff * 2;
                if (backoff > Providers.LongestBackoff) { backoff = Providers.LongestBackoff; }
            }
            if (problem is not null) { Say($"{problem}; asked again"); }
            looked();
            await Task.Delay(backoff > asked.Pause ? backoff : asked.Pause, clock, stop);
        }
    }

    private void Say(string problem)
    {
        if (problem == _said) { return; }
        _said = problem;
        say(problem);
    }
}
