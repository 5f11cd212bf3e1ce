namespace Pawl.Supervision;

/// <summary>An end of time that can be brought forward and never put off.</summary>
internal sealed class Cutoff(TimeProvider clock) : IDisposable
{
    private readonly TaskCompletionSource _never = new();
    private CancellationTokenSource _waiting = new();
    private Task? _come;
    private DateTimeOffset? _at;

    /// <summary>Completes when it has come; another one after each time it is brought forward.</summary>
    public Task Come => _come ?? _never.Task;

    /// <summary>What is left until then, never less than nothing; null where it never comes.</summary>
    public TimeSpan? Left => _at is not { } at ? null : at - clock.GetUtcNow() is { } left && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <returns>True where it comes sooner than before.</returns>
    public bool NoLaterThan(DateTimeOffset? at)
    {
        if (at is null || at >= _at) { return false; }
        Stop();
        (_at, _waiting) = (at, new CancellationTokenSource());
        _come = AfterAsync(Left!.Value, clock, _waiting.Token);
        return true;
    }

    /// <summary>Some time from now.</summary>
    public bool NoLaterThan(TimeSpan time) => NoLaterThan(time < DateTimeOffset.MaxValue - clock.GetUtcNow() ? clock.GetUtcNow() + time : DateTimeOffset.MaxValue);

    public void Dispose() => Stop();

    // A timer takes at most some 49 days.
    internal static async Task AfterAsync(TimeSpan time, TimeProvider clock, CancellationToken stop)
    {
        for (var most = TimeSpan.FromDays(40); time > most; time -= most) { await Task.Delay(most, clock, stop); }
        await Task.Delay(time, clock, stop);
    }

    private void Stop()
    {
        _waiting.Cancel();
        _waiting.Dispose();
    }
}
