using System.Collections;
using System.Collections.Immutable;

namespace Pawl.Core.Scheduling;

/// <summary>What a group or dag may start as soon as there is room, in order.</summary>
/// <remarks>
/// A dag's tasks come one by one, when the last that they waited for is through. A group's are all ready when it begins: a place in
/// its fan-outs is enough, however many there are.
/// </remarks>
public readonly struct ReadyStarts : IEnumerable<Start>
{
    private readonly ImmutableQueue<Start>? _first;
    private readonly ImmutableArray<Fanout> _rest;
    private readonly int _fanout;
    private readonly int _index;

    private ReadyStarts(ImmutableQueue<Start> first, ImmutableArray<Fanout> rest, int fanout, int index) =>
        (_first, _rest, _fanout, _index) = (first, rest, fanout, index);

    /// <summary>Starts one by one.</summary>
    public static ReadyStarts Of(IEnumerable<Start> starts) => new([.. starts], [], 0, 0);

    /// <summary>Whole fan-outs one after another.</summary>
    public static ReadyStarts Of(ImmutableArray<Fanout> fanouts) => new([], fanouts, 0, 0);

    public bool IsEmpty => First.IsEmpty && (_rest.IsDefault || _fanout == _rest.Length);

    private ImmutableQueue<Start> First => _first ?? [];

    /// <summary>The call of the first start, which is not made for it.</summary>
    public string NextCall => First.IsEmpty ? _rest[_fanout].Call : First.Peek().Call;

    public Start Peek() => First.IsEmpty ? _rest[_fanout].StartAt(_index) : First.Peek();

    public ReadyStarts Enqueue(Start start) => new(First.Enqueue(start), _rest.IsDefault ? [] : _rest, _fanout, _index);

    public ReadyStarts Dequeue()
    {
        if (!First.IsEmpty) { return new(First.Dequeue(), _rest, _fanout, _index); }
        return _index + 1 < _rest[_fanout].Count ? new([], _rest, _fanout, _index + 1) : new([], _rest, _fanout + 1, 0);
    }

    public IEnumerator<Start> GetEnumerator()
    {
        for (var left = this; !left.IsEmpty; left = left.Dequeue()) { yield return left.Peek(); }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
