using System.Collections.Immutable;

namespace Pawl.Core.Workflows;

/// <summary>The graph of one dag template: which tasks will be made, and who waits for whom.</summary>
public sealed class DagPlan
{
    private readonly Dictionary<string, Call> _tasks;
    private readonly Dictionary<string, List<string>> _dependents = new(StringComparer.Ordinal);

    /// <param name="target">Names separated by spaces; null or empty is every task that nobody depends on.</param>
    public DagPlan(ImmutableArray<Call> tasks, string? target)
    {
        _tasks = tasks.ToDictionary(t => t.Name, StringComparer.Ordinal);
        var depended = tasks.SelectMany(t => t.Dependencies).ToHashSet(StringComparer.Ordinal);
        Targets = string.IsNullOrWhiteSpace(target)
            ? [.. tasks.Select(t => t.Name).Where(n => !depended.Contains(n)).Order(StringComparer.Ordinal)]
            : [.. target.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)];
        Tasks = Wanted(tasks);
        foreach (var task in Tasks)
        {
            foreach (var name in task.Dependencies.Distinct(StringComparer.Ordinal))
            {
                if (!_dependents.TryGetValue(name, out var list)) { _dependents[name] = list = []; }
                list.Add(task.Name);
            }
        }
    }

    /// <summary>The tasks that decide the dag's phase.</summary>
    public ImmutableArray<string> Targets { get; }

    /// <summary>Targets and their ancestors, in the order they were written; no other task is ever made.</summary>
    public ImmutableArray<Call> Tasks { get; }

    public Call this[string name] => _tasks[name];

    public IReadOnlyList<string> DependentsOf(string task) => _dependents.TryGetValue(task, out var list) ? list : [];

    private ImmutableArray<Call> Wanted(ImmutableArray<Call> tasks)
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(Targets);
        while (open.TryPop(out var name))
        {
            if (!wanted.Add(name)) { continue; }
            foreach (var dependency in _tasks[name].Dependencies) { open.Push(dependency); }
        }
        return [.. tasks.Where(t => wanted.Contains(t.Name))];
    }
}
