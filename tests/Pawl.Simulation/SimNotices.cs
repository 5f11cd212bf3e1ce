using System.Collections.Immutable;
using Pawl.Core.Preemption;
using Pawl.Supervision.Notices;

namespace Pawl.Simulation;

/// <summary>What the provider of the made-up machine says.</summary>
public sealed class MachineNotices(World world)
{
    private readonly List<Action> _listeners = [];
    private int _given;

    public ImmutableArray<Notice> Current { get; private set; } = [];

    /// <summary>Since when the machine has been about to go; null while it stays.</summary>
    public DateTimeOffset? LeavingSince { get; private set; }

    /// <summary>When the last notice was lifted that was in force; null where none ever was.</summary>
    public DateTimeOffset? LiftedAt { get; private set; }

    public void Give(TimeSpan deadline, TimeSpan liftedAfter)
    {
        var number = ++_given;
        var at = world.Timeline.Now + deadline;
        Put([.. Current, new Notice($"notice-{number}", NoticeSource.File, NoticeKind.Leaving, at, "the made-up machine is taken back")]);
        world.Timeline.In(liftedAfter, () => Put(Current.RemoveAll(n => n.Id == $"notice-{number}")));
    }

    /// <summary>The machine is another one after a power cut.</summary>
    public void Forget() => Put([]);

    /// <summary>Called at every change, in the world's time.</summary>
    public void Listen(Action listener) => _listeners.Add(listener);

    private void Put(ImmutableArray<Notice> notices)
    {
        if (notices.SequenceEqual(Current)) { return; }
        Current = notices;
        if (notices.IsEmpty) { LiftedAt = world.Timeline.Now; }
        LeavingSince = notices.IsEmpty ? null : LeavingSince ?? world.Timeline.Now;
        world.Note(null, "notices", string.Join(", ", notices.Select(n => n.Id)));
        foreach (var listener in _listeners) { listener(); }
    }
}

/// <summary>One process's ear for them. News comes when the dice let it.</summary>
public sealed class SimNotices : INotices
{
    private readonly SimProcess _process;
    private readonly NoticeBoard _board = new();

    public SimNotices(SimProcess process)
    {
        _process = process;
        Hear();
        process.World.Notices.Listen(() => process.World.Ready(new Parked(process, Hear)));
    }

    public ImmutableArray<Notice> Current => _board.Current;

    public ValueTask<ImmutableArray<Notice>> ChangedAsync(ImmutableArray<Notice> known, CancellationToken stop) => _board.ChangedAsync(known, stop);

    // What is in force when it is heard: what came and went meanwhile was never heard.
    private void Hear() => _board.Put(NoticeSource.File, _process.World.Notices.Current);
}
