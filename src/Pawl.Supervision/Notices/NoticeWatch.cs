using System.Collections.Immutable;
using Pawl.Core.Preemption;
using Pawl.Storage.Files;

namespace Pawl.Supervision.Notices;

/// <summary>Hears every notice that this process can hear: a file, a time known beforehand, and those of the machine's provider.</summary>
public sealed class NoticeWatch : INotices, IAsyncDisposable
{
    private readonly NoticeBoard _board = new();
    private readonly CancellationTokenSource _end = new();
    private readonly List<Task> _sources = [];
    private readonly List<Task> _looks = [];

    private NoticeWatch() { }

    public ImmutableArray<Notice> Current => _board.Current;

    /// <summary>Begins to listen. Where there is nothing to listen to, nothing is started.</summary>
    /// <param name="say">Told what goes wrong, once for each kind of trouble; called on any thread.</param>
    public static NoticeWatch Start(NoticeOptions options, IDisk disk, IWatch watch, TimeProvider clock, Action<string> say)
    {
        var heard = new NoticeWatch();
        if (options.File is { } file)
        {
            var source = new FileNotice(file, disk, watch, clock, say);
            heard.Begin(looked => source.ListenAsync(heard._board, looked, heard._end.Token));
        }
        if (options.MachineEndsAt is { } time)
        {
            heard.Begin(looked => ForeseenEnd.ListenAsync(time, clock, heard._board, looked, heard._end.Token));
        }
        if (options.Provider is { } provider)
        {
            var source = new MachineNotices(provider, options.MetadataUrl, options.Folder, disk, watch, clock, say);
            heard.Begin(looked => source.ListenAsync(heard._board, looked, heard._end.Token));
        }
        return heard;
    }

    public ValueTask<ImmutableArray<Notice>> ChangedAsync(ImmutableArray<Notice> known, CancellationToken stop) => _board.ChangedAsync(known, stop);

    /// <summary>Returns when every source has been looked at once, or after this long.</summary>
    public async Task LookedAsync(TimeSpan atMost, TimeProvider clock)
    {
        using var enough = new CancellationTokenSource();
        await Task.WhenAny(Task.WhenAll(_looks), Task.Delay(atMost, clock, enough.Token));
        await enough.CancelAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_sources);
        _end.Dispose();
    }

    private void Begin(Func<Action, Task> listen)
    {
        var looked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _looks.Add(looked.Task);
        _sources.Add(Task.Run(async () =>
        {
            try { await listen(() => looked.TrySetResult()); }
            catch (OperationCanceledException) when (_end.IsCancellationRequested) { return; }
        }));
    }
}
