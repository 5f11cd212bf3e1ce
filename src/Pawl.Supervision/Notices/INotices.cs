using System.Collections.Immutable;
using Pawl.Core.Preemption;

namespace Pawl.Supervision.Notices;

/// <summary>The preemption notices that are in force on this host.</summary>
public interface INotices
{
    /// <summary>By id. What was cancelled is not in it any more.</summary>
    ImmutableArray<Notice> Current { get; }

    /// <summary>Completes as soon as others are in force than those known.</summary>
    /// <returns>All that are in force now.</returns>
    ValueTask<ImmutableArray<Notice>> ChangedAsync(ImmutableArray<Notice> known, CancellationToken stop);
}

/// <summary>Notices in the memory of this process, from one or several sources.</summary>
public sealed class NoticeBoard : INotices
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, ImmutableArray<Notice>> _bySource = new(StringComparer.Ordinal);
    private TaskCompletionSource _changed = new();
    private ImmutableArray<Notice> _current = [];

    /// <summary>Nobody gives notice, and nobody ever will.</summary>
    public static INotices Silent { get; } = new NoticeBoard();

    public ImmutableArray<Notice> Current
    {
        get { lock (_gate) { return _current; } }
    }

    /// <summary>Replaces what one source said before; nothing lifts it. May be called on any thread.</summary>
    /// <param name="source">Whose they are: another source's stay as they are.</param>
    public void Put(string source, ImmutableArray<Notice> notices)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            _bySource[source] = notices;
            ImmutableArray<Notice> all = [.. _bySource.Values.SelectMany(n => n).OrderBy(n => n.Id, StringComparer.Ordinal)];
            if (all.SequenceEqual(_current)) { return; }
            (_current, changed, _changed) = (all, _changed, new TaskCompletionSource());
        }
        changed.SetResult();
    }

    public async ValueTask<ImmutableArray<Notice>> ChangedAsync(ImmutableArray<Notice> known, CancellationToken stop)
    {
        while (true)
        {
            Task changed;
            ImmutableArray<Notice> current;
            lock (_gate) { (changed, current) = (_changed.Task, _current); }
            if (!current.SequenceEqual(known)) { return current; }
            await changed.WaitAsync(stop);
        }
    }
}
