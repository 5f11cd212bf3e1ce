using Pawl.Manifests.Argo;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Checks;

/// <summary>The tasks of one dag by name, and which must end before which.</summary>
internal sealed class DagGraph
{
    private readonly CallSource[] _tasks;
    private readonly Dictionary<string, int> _byName = new(StringComparer.Ordinal);
    private readonly List<int>[] _before;
    private readonly bool[] _isBefore;
    private int _askedFor = -1;

    public DagGraph(TemplateSource dag)
    {
        _tasks = [.. dag.Calls.SelectMany(g => g)];
        _before = new List<int>[_tasks.Length];
        _isBefore = new bool[_tasks.Length];
        for (var i = 0; i < _tasks.Length; i++)
        {
            _before[i] = [];
            if (_tasks[i].Name.Length > 0) { _byName.TryAdd(_tasks[i].Name, i); }
        }
        for (var i = 0; i < _tasks.Length; i++)
        {
            foreach (var (name, _) in Named(_tasks[i]))
            {
                if (_byName.TryGetValue(name, out var before)) { _before[i].Add(before); }
            }
        }
    }

    public IEnumerable<string> Names => _byName.Keys;

    public bool Has(string name) => _byName.ContainsKey(name);

    public CallSource? Task(string name) => _byName.TryGetValue(name, out var task) ? _tasks[task] : null;

    /// <summary>The names that a task waits for, with where they are written.</summary>
    public static IEnumerable<(string Name, YamlNode At)> Named(CallSource task) =>
        task.Dependencies.Select(d => (d.Text, d)).Concat(task.DependsOn is { } depends ? depends.Tasks.Select(n => (n, task.Depends!)) : []);

    /// <summary>What a task may say of another one: only those that end before it starts are known to it.</summary>
    public Visible SeenFrom(CallSource task, string name)
    {
        if (!_byName.TryGetValue(name, out var asked)) { return new(null, $"; the dag has no task {name.Quoted()}{Wording.DidYouMean(name, Names)}"); }
        if (_byName.TryGetValue(task.Name, out var from) && !AncestorsOf(from)[asked])
        {
            return new(null, $": missing dependency {name.Quoted()}; write it in the dependencies of task {task.Name.Quoted()}", IsTooEarly: true);
        }
        return new(_tasks[asked], null);
    }

    public Visible SeenFromOutside(string name) => _byName.TryGetValue(name, out var asked)
        ? new(_tasks[asked], null)
        : new(null, $"; the dag has no task {name.Quoted()}{Wording.DidYouMean(name, Names)}");

    /// <summary>A cycle as its tasks in the order in which each waits for the next, the first again at the end; or null.</summary>
    public List<CallSource>? Cycle()
    {
        var state = new byte[_tasks.Length];
        for (var start = 0; start < _tasks.Length; start++)
        {
            // A path kept by hand: a chain may be longer than the call stack.
            var path = new List<(int Task, int Next)> { (start, 0) };
            if (state[start] != 0) { continue; }
            state[start] = 1;
            while (path.Count > 0)
            {
                var (task, next) = path[^1];
                if (next == _before[task].Count)
                {
                    state[task] = 2;
                    path.RemoveAt(path.Count - 1);
                    continue;
                }
                path[^1] = (task, next + 1);
                var before = _before[task][next];
                if (state[before] == 1) { return [.. path.SkipWhile(p => p.Task != before).Select(p => _tasks[p.Task]), _tasks[before]]; }
                if (state[before] == 0)
                {
                    state[before] = 1;
                    path.Add((before, 0));
                }
            }
        }
        return null;
    }

    // Kept for the task asked for last: references come task by task.
    private bool[] AncestorsOf(int task)
    {
        if (_askedFor == task) { return _isBefore; }
        _askedFor = task;
        Array.Clear(_isBefore);
        var open = new Stack<int>(_before[task]);
        while (open.TryPop(out var before))
        {
            if (_isBefore[before]) { continue; }
            _isBefore[before] = true;
            foreach (var next in _before[before]) { open.Push(next); }
        }
        return _isBefore;
    }
}
