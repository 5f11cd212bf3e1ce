namespace Pawl.Supervision;

/// <summary>The requests to stop an attempt that have come so far, and the next one.</summary>
internal sealed class Stopping(IStopRequests requests) : IDisposable
{
    private readonly CancellationTokenSource _end = new();
    private Task<StopRequest>? _next;
    private StopRequest? _seen;

    /// <summary>Completes when <see cref="TakeAsync"/> has news.</summary>
    public Task Next => _next ??= requests.NextAsync(_end.Token).AsTask();

    /// <summary>All requests that have arrived as one; null where none did.</summary>
    public async ValueTask<StopRequest?> TakeAsync()
    {
        while (Next.IsCompleted)
        {
            var request = await _next!;
            _next = null;

            // A deadline that was given holds. Once the run is being shut down a later Ctrl-C only makes it faster.
            var by = request.Deadline ?? _seen?.Deadline;
            _seen = _seen is { Reason: StopReason.Shutdown } ? _seen with { Kind = request.Kind, Deadline = by } : request with { Deadline = by };
        }
        return _seen;
    }

    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
    }
}
