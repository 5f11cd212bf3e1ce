using System.Globalization;
using System.Text.Json;
using Pawl.Core.Preemption;
using Pawl.Storage.Files;

namespace Pawl.Supervision.Notices;

/// <summary>A file whose presence is a notice, and whose removal cancels it.</summary>
/// <remarks>
/// Empty, it gives <see cref="Usual"/> from when it was made; else <c>{"deadline": "2026-01-31T18:00:00Z"}</c> or <c>{"seconds": 120}</c>.
/// Everybody who reads the file comes to the same deadline, since it is counted from the file's own time.
/// </remarks>
internal sealed class FileNotice(string path, IDisk disk, IWatch watch, TimeProvider clock, Action<string> say)
{
    /// <summary>What most providers give at least.</summary>
    public static TimeSpan Usual { get; } = TimeSpan.FromSeconds(30);

    private const int MostBytes = 64 << 10;

    // Where the folder cannot be watched.
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    // Between a shell that makes the file and the echo that fills it.
    private static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(100);

    private string _said = "";

    public async Task ListenAsync(NoticeBoard board, Action looked, CancellationToken stop)
    {
        IFolderWatch? folder = null;
        try
        {
            while (true)
            {
                folder ??= TryWatch();
                var due = await LookAsync(board, stop);
                looked();
                using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
                var wait = folder is null ? LookAgain : due;
                var changed = folder?.ChangedAsync(over.Token).AsTask() ?? Task.Delay(Timeout.InfiniteTimeSpan, over.Token);
                await Task.WhenAny(changed, wait is { } time ? Task.Delay(time, clock, over.Token) : Task.Delay(Timeout.InfiniteTimeSpan, over.Token));
                var ended = folder is not null && changed is { IsFaulted: true };
                await over.CancelAsync();
                stop.ThrowIfCancellationRequested();
                if (ended)
                {
                    folder!.Dispose();
                    folder = null;
                }
            }
        }
        finally { folder?.Dispose(); }
    }

    private IFolderWatch? TryWatch()
    {
        try { return watch.Open(Path.GetDirectoryName(path)!); }
        catch (IOException) { return null; }        // it may come yet; until then it is looked for
    }

    /// <returns>When to look again though nothing changes; null where only a change matters.</returns>
    private async Task<TimeSpan?> LookAsync(NoticeBoard board, CancellationToken stop)
    {
        try
        {
            if (await ReadAsync() is not { } read)
            {
                board.Put(NoticeSource.File, []);
                return null;
            }
            var since = clock.GetUtcNow() - read.At;
            if (read.Text.Length == 0 && since >= TimeSpan.Zero && since < Settling)
            {
                await Task.Delay(Settling, clock, stop);
                if (await ReadAsync() is { } again) { read = again; }
            }
            var (deadline, problem) = Deadline(read);
            if (problem is not null) { Say($"{path}: {problem}; it counts as a notice of {Usual.TotalSeconds} s"); }
            var left = deadline + ForeseenEnd.Overdue - clock.GetUtcNow();
            if (left <= TimeSpan.Zero)
            {
                Say($"{path} is a notice whose deadline passed at {deadline:O}, and the machine is still there; it is left alone");
                board.Put(NoticeSource.File, []);
                return null;
            }
            board.Put(NoticeSource.File, [new Notice(
                $"{NoticeSource.File}:{read.At.UtcTicks.ToString(CultureInfo.InvariantCulture)}", NoticeSource.File, NoticeKind.Leaving, deadline, $"{path} is there")]);
            return left < TimeSpan.FromDays(1) ? left : TimeSpan.FromDays(1);
        }
        catch (IOException e)
        {
            // What stands stays: a file that cannot be read is not one that was removed.
            Say($"{e.Message}; the notice file is looked at again");
            return LookAgain;
        }
    }

    private async Task<(DateTimeOffset At, byte[] Text)?> ReadAsync()
    {
        if (await disk.OpenReadAsync(path) is not { } file) { return null; }
        await using (file)
        {
            var facts = await file.FactsAsync();
            var bytes = new byte[Math.Min(facts.Size, MostBytes)];
            var length = 0;
            while (length < bytes.Length && await file.ReadAsync(bytes.AsMemory(length), length) is > 0 and var read) { length += read; }
            return (DateTimeOffset.UnixEpoch.AddTicks(facts.Changed / TimeSpan.NanosecondsPerTick), bytes[..length]);
        }
    }

    private static (DateTimeOffset Deadline, string? Problem) Deadline((DateTimeOffset At, byte[] Text) read)
    {
        var usual = read.At + Usual;
        if (read.Text.AsSpan().Trim(" \t\r\n"u8).IsEmpty) { return (usual, null); }
        try
        {
            using var document = JsonDocument.Parse(read.Text);
            var json = document.RootElement;
            if (json.ValueKind is not JsonValueKind.Object) { return (usual, "its content is no JSON object"); }
            if (json.TryGetProperty("deadline", out var deadline))
            {
                return deadline.ValueKind is JsonValueKind.String && NoticeOptions.TryTime(deadline.GetString()!, out var time)
                    ? (time, null)
                    : (usual, $"its deadline is no time with a zone, such as {NoticeOptions.TimeExample}");
            }
            if (json.TryGetProperty("seconds", out var seconds))
            {
                return seconds.ValueKind is JsonValueKind.Number && seconds.TryGetDouble(out var s) && s is >= 0 and <= 1e7
                    ? (read.At + TimeSpan.FromSeconds(s), null)
                    : (usual, "its seconds are no number from 0 to 10000000");
            }
            return (usual, null);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) { return (usual, $"its content is no JSON: {e.Message}"); }
    }

    private void Say(string problem)
    {
        if (problem == _said) { return; }
        _said = problem;
        say(problem);
    }
}
