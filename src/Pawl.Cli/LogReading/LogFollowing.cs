using System.Runtime.CompilerServices;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Engine.Homes;
using Pawl.Storage.Files;

namespace Pawl.Cli.LogReading;

/// <summary>Follows the logs of a run until it ends, woken by the kernel when its journal or a log grows.</summary>
public sealed class LogFollowing(Session session, RunFolder folder, LogSelection selection) : IAsyncDisposable
{
    // Lines come in bursts, and a long journal is not folded again for each of its events.
    private static readonly TimeSpan Burst = TimeSpan.FromMilliseconds(50);
    private const int FoldShare = 10;

    private readonly InotifyWatch _watch = new(hearsWrites: true);
    private readonly Dictionary<(AttemptId, string), Followed> _followed = [];

    /// <summary>The run as of the last look.</summary>
    public RunState? State { get; private set; }

    public async IAsyncEnumerable<ShownLine> ReadAsync([EnumeratorCancellation] CancellationToken stop)
    {
        using var journal = _watch.Open(folder.Journal);
        var journalChanged = journal.ChangedAsync(stop).AsTask();
        var pause = TimeSpan.Zero;
        while (true)
        {
            var began = session.Clock.GetTimestamp();
            State = await session.Runs.ReadAsync(folder);
            pause = session.Clock.GetElapsedTime(began) * FoldShare;
            Add(State);
            while (true)
            {
                foreach (var followed in _followed.Values.Where(f => !f.HasEnded).ToList())
                {
                    // What had ended before this reading has nothing more to say after it.
                    var ended = State.Find(followed.Attempt.Node) is not { AttemptRuns: true } n || n.Attempt != followed.Attempt.Number;
                    followed.Listen(_watch, stop);
                    await foreach (var line in followed.Log.ReadAsync()) { yield return line; }
                    if (ended) { await followed.EndAsync(); }
                }
                if (State.IsDone) { yield break; }
                await Task.WhenAny([journalChanged, .. _followed.Values.Select(f => f.Changed).OfType<Task>()]);
                stop.ThrowIfCancellationRequested();
                if (journalChanged.IsCompleted) { break; }
                await Task.Delay(Burst, session.Clock, stop);
            }
            await Task.Delay(pause > Burst ? pause : Burst, session.Clock, stop);
            journalChanged = journal.ChangedAsync(stop).AsTask();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var followed in _followed.Values) { await followed.EndAsync(); }
        _watch.Dispose();
    }

    private void Add(RunState run)
    {
        foreach (var (node, number, container) in selection.Of(run))
        {
            var attempt = new AttemptId(node.Id, number);
            if (_followed.ContainsKey((attempt, container))) { continue; }
            var path = folder.AttemptFolder(run.StepOf(node).Value, attempt);
            _followed[(attempt, container)] = new Followed(attempt, new AttemptLog(session.Disk, path, node.DisplayName, node.Id.Value, number, container));
        }
    }

    /// <summary>One attempt's log, and the watch on its folder or, until that exists, on the nearest one above.</summary>
    private sealed class Followed(AttemptId attempt, AttemptLog log)
    {
        private IFolderWatch? _watch;
        private string? _watched;

        public AttemptId Attempt { get; } = attempt;

        public AttemptLog Log { get; } = log;

        public bool HasEnded { get; private set; }

        /// <summary>Completes at the next change; null once ended.</summary>
        public Task? Changed { get; private set; }

        /// <summary>Before a reading, so that nothing falls between.</summary>
        public void Listen(InotifyWatch watch, CancellationToken stop)
        {
            var nearest = Log.Folder;
            while (!Directory.Exists(nearest)) { nearest = Path.GetDirectoryName(nearest)!; }
            if (nearest != _watched)
            {
                _watch?.Dispose();
                (_watch, _watched, Changed) = (watch.Open(nearest), nearest, null);
            }
            if (Changed is null or { IsCompleted: true }) { Changed = _watch!.ChangedAsync(stop).AsTask(); }
        }

        public async ValueTask EndAsync()
        {
            if (HasEnded) { return; }
            HasEnded = true;
            Changed = null;
            _watch?.Dispose();
            await Log.DisposeAsync();
        }
    }
}
