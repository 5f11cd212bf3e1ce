using System.Collections.Immutable;
using Pawl.Core.Workflows;

namespace Pawl.Core.Scheduling;

/// <summary>Nodes that wait for room, by the template that would start.</summary>
/// <remarks>Room is a matter of the template, so a search asks once for each and not for every node.</remarks>
public readonly record struct Queues
{
    private readonly ImmutableSortedDictionary<string, ImmutableSortedSet<NodeId>>? _queues;

    private Queues(ImmutableSortedDictionary<string, ImmutableSortedSet<NodeId>> queues) => _queues = queues;

    /// <summary>None is empty.</summary>
    public ImmutableSortedDictionary<string, ImmutableSortedSet<NodeId>> ByTemplate =>
        _queues ?? ImmutableSortedDictionary.Create<string, ImmutableSortedSet<NodeId>>(StringComparer.Ordinal);

    public Queues Add(string template, NodeId id) =>
        new(ByTemplate.SetItem(template, ByTemplate.GetValueOrDefault(template, []).Add(id)));

    public Queues Remove(string template, NodeId id)
    {
        if (!ByTemplate.TryGetValue(template, out var queue)) { return this; }
        queue = queue.Remove(id);
        return new(queue.IsEmpty ? ByTemplate.Remove(template) : ByTemplate.SetItem(template, queue));
    }
}
