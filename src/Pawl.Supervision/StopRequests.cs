using Pawl.Storage.Files;

namespace Pawl.Supervision;

/// <summary>Requests to stop an attempt: the file <c>stop.json</c> in its folder, and those posted inside this process, such as signals.</summary>
public sealed class StopRequests : IStopRequests, IDisposable
{
    private readonly IDisk _disk;
    private readonly string _folder;
    private readonly IFolderWatch _watch;
    private readonly Lock _gate = new();
    private TaskCompletionSource _arrived = new();
    private StopRequest? _posted;
    private StopKind? _asked;
    private DateTimeOffset? _by;
    private Task? _changed;

    public StopRequests(IDisk disk, IWatch watch, string attemptFolder)
    {
        (_disk, _folder) = (disk, attemptFolder);
        _watch = watch.Open(attemptFolder);
    }

    /// <summary>Asks from inside this process; may be called on any thread.</summary>
    public void Post(StopRequest request)
    {
        TaskCompletionSource arrived;
        lock (_gate)
        {
            if (_posted is { Kind: StopKind.Kill }) { return; }
            (_posted, arrived, _arrived) = (request, _arrived, new TaskCompletionSource());
        }
        arrived.SetResult();
    }

    public async ValueTask<StopRequest> NextAsync(CancellationToken stop)
    {
        while (true)
        {
            // Both waits begin before the look, so that nothing falls between.
            Task arrived;
            StopRequest? posted;
            lock (_gate) { (arrived, posted) = (_arrived.Task, _posted); }
            _changed = _changed is null or { IsCompleted: true } ? _watch.ChangedAsync(stop).AsTask() : _changed;

            StopRequest?[] requests = [await AttemptFiles.ReadStopAsync(_disk, _folder), posted];
            if (requests.FirstOrDefault(r => r is not null && IsNews(r)) is { } next)
            {
                (_asked, _by) = (next.Kind, next.Deadline < _by || _by is null ? next.Deadline : _by);
                return next;
            }
            await Task.WhenAny(arrived, _changed);
            if (_changed.IsCompleted) { await _changed; }
            stop.ThrowIfCancellationRequested();
        }
    }

    private bool IsNews(StopRequest request) =>
        _asked is null || request.Kind > _asked || (_asked is not StopKind.Kill && request.Deadline is { } by && !(by >= _by));

    public void Dispose() => _watch.Dispose();
}
