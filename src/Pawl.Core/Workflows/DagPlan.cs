using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Pawl.Core.Workflows;

/// <summary>The graph of one dag template: which tasks will be made, and who waits for whom.</summary>
public sealed class DagPlan
{
    // Plans for targets that tags gave: a template may be started many times with the same ones.
    private static readonly ConditionalWeakTable<TemplateBody.Dag, ConcurrentDictionary<string, DagPlan>> Others = new();

    private readonly Dictionary<string, Call> _tasks;
    private readonly Dictionary<string, (DependsExpr Depends, ImmutableArray<string> Before)> _waits = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _dependents = new(StringComparer.Ordinal);

    /// <param name="target">Names separated by spaces; null or empty is every task that nobody depends on.</param>
    public DagPlan(ImmutableArray<Call> tasks, string? target)
    {
        _tasks = tasks.ToDictionary(t => t.Name, StringComparer.Ordinal);
        foreach (var task in tasks)
        {
            var depends = task.Depends ?? DependsExpr.Every(task.Dependencies);
            _waits[task.Name] = (depends, depends.Tasks);
        }
        var depended = _waits.Values.SelectMany(w => w.Before).ToHashSet(StringComparer.Ordinal);
        Targets = string.IsNullOrWhiteSpace(target)
            ? [.. tasks.Select(t => t.Name).Where(n => !depended.Contains(n)).Order(StringComparer.Ordinal)]
            : [.. Split(target)];
        Tasks = Wanted(tasks);
        foreach (var task in Tasks)
        {
            foreach (var name in Before(task.Name))
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

    /// <param name="target">As resolved when the dag began; null is as written.</param>
    public static DagPlan Of(TemplateBody.Dag dag, string? target) =>
        target is null ? dag.Plan : Others.GetOrCreateValue(dag).GetOrAdd(target, static (t, d) => new DagPlan(d.Tasks, t), dag);

    /// <summary>A target that is no task of the dag; null where all are.</summary>
    public static string? Unknown(TemplateBody.Dag dag, string target) => Split(target).FirstOrDefault(name => !dag.Tasks.Any(t => t.Name == name));

    /// <summary>The tasks that must be through before a task is decided, each once.</summary>
    public ImmutableArray<string> Before(string task) => _waits[task].Before;

    /// <summary>What must be so of them for the task to start.</summary>
    public DependsExpr DependsOf(string task) => _waits[task].Depends;

    public IReadOnlyList<string> DependentsOf(string task) => _dependents.TryGetValue(task, out var list) ? list : [];

    private static IEnumerable<string> Split(string target) =>
        target.Split(' ', StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal);

    private ImmutableArray<Call> Wanted(ImmutableArray<Call> tasks)
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(Targets);
        while (open.TryPop(out var name))
        {
            if (!wanted.Add(name)) { continue; }
            foreach (var dependency in Before(name)) { open.Push(dependency); }
        }
        return [.. tasks.Where(t => wanted.Contains(t.Name))];
    }
}
