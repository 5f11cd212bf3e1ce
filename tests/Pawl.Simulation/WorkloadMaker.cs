using System.Collections.Immutable;
using System.Globalization;
using Pawl.Core.Workflows;
using Pawl.Simulation.Processes;

namespace Pawl.Simulation;

/// <summary>Throws workflows: steps and dags of a few leaves, with loops, retries, artifacts, a gate, an exit handler.</summary>
/// <param name="trains">Most programs train.</param>
public sealed class WorkloadMaker(Dice dice, bool trains)
{
    private readonly SortedDictionary<string, Template> _templates = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, Script> _scripts = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (int Least, int Most)> _starts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _afterGate = new(StringComparer.Ordinal);
    private bool _hasGate;
    private int _leaves;

    public Workload Make(bool changesResults)
    {
        var body = MakeBody("main", Workload.RunName, dice.Between(1, 6), isTop: true, isCertain: true, afterGate: false, out var succeeds);
        _templates["main"] = new Template { Name = "main", Body = body };
        string? onExit = null;
        if (dice.OneIn(3))
        {
            onExit = NewLeaf([], afterGate: false, mayFail: false, out var starts);
            _starts[$"{Workload.RunName}.onExit"] = (starts.Count, starts.Count);
        }
        return new Workload
        {
            Workflow = new Workflow
            {
                Name = Workload.RunName,
                Entrypoint = "main",
                Templates = _templates.ToImmutableSortedDictionary(StringComparer.Ordinal),
                OnExit = onExit,
                Parallelism = dice.OneIn(3) ? dice.Between(1, 3) : null,
                Locks = _leaves % 5 == 2 ? [new LockRef.Mutex("run", false, null)] : [],
                GracePeriod = TimeSpan.FromSeconds(10),
            },
            Scripts = _scripts.ToImmutableSortedDictionary(StringComparer.Ordinal),
            AfterGate = [.. _afterGate],
            HasGate = _hasGate,
            ChangesResults = changesResults,
            Foretold = new Foretold(succeeds ? "Succeeded" : "Failed", _starts),
        };
    }

    private TemplateBody MakeBody(string name, string node, int calls, bool isTop, bool isCertain, bool afterGate, out bool succeeds) =>
        dice.OneIn(2)
            ? MakeSteps(name, node, calls, isTop, isCertain, afterGate, out succeeds)
            : MakeDag(name, node, calls, isTop, isCertain, afterGate, out succeeds);

    private TemplateBody.Steps MakeSteps(string name, string node, int calls, bool isTop, bool isCertain, bool afterGate, out bool succeeds)
    {
        var groups = ImmutableArray.CreateBuilder<ImmutableArray<Call>>();
        var producers = new List<Producer>();
        succeeds = true;
        for (var made = 0; made < calls;)
        {
            var group = ImmutableArray.CreateBuilder<Call>();
            var fresh = new List<Producer>();
            var runs = succeeds;
            if (isTop && !_hasGate && dice.OneIn(6))
            {
                groups.Add([Gate($"g{made}")]);
                afterGate = true;
                continue;
            }
            for (var width = dice.Between(1, 3); width > 0 && made < calls; width--, made++)
            {
                var call = MakeCall($"s{made}", $"{node}[{groups.Count}].s{made}", "steps", producers, isTop, runs, isCertain, afterGate, out var ok, out var gives);
                group.Add(call);
                if (gives) { fresh.Add(new Producer($"s{made}")); }
                succeeds &= ok || !runs;
            }
            producers.AddRange(fresh);
            groups.Add(group.ToImmutable());
        }
        return new TemplateBody.Steps(groups.ToImmutable());
    }

    private TemplateBody.Dag MakeDag(string name, string node, int calls, bool isTop, bool isCertain, bool afterGate, out bool succeeds)
    {
        var tasks = new List<(Call Call, bool Runs, bool Ok, bool AfterGate, bool Gives)>();
        string? gate = null;
        var isByDepends = _leaves % 2 == 0;
        if (isTop && !_hasGate && dice.OneIn(6))
        {
            tasks.Add((Gate("g"), true, true, false, false));
            gate = "g";
        }
        for (var i = 0; i < calls; i++)
        {
            var before = tasks.Where(_ => dice.OneIn(3)).ToList();
            if (tasks.Count > 0 && before.Count == 0 && dice.OneIn(2)) { before.Add(tasks[^1]); }
            var runs = before.All(t => t.Runs && t.Ok);
            var behind = afterGate || before.Any(t => t.AfterGate || t.Call.Name == gate);
            var producers = before.Where(t => t.Gives).Select(t => new Producer(t.Call.Name)).ToList();

            // A failed task keeps others from starting, and which ones is a matter of time: only tasks that ran before it are certain.
            var call = MakeCall($"t{i}", $"{node}.t{i}", "tasks", producers, isTop, runs, isCertain, behind, out var ok, out var gives);
            call = isByDepends && before.Count > 0
                ? call with { Depends = DependsExpr.Parse(string.Join(" && ", before.Select(t => t.Call.Name))) }
                : call with { Dependencies = [.. before.Select(t => t.Call.Name)] };
            tasks.Add((call, runs, ok, behind, gives));
        }
        succeeds = tasks.All(t => !t.Runs || t.Ok);
        if (!succeeds)
        {
            foreach (var step in _starts.Keys.Where(s => s.StartsWith($"{node}.t", StringComparison.Ordinal)).ToList()) { _starts[step] = (0, _starts[step].Most); }
        }
        return new TemplateBody.Dag([.. tasks.Select(t => t.Call)], Target: null, FailFast: true);
    }

    private Call Gate(string name)
    {
        _hasGate = true;
        _templates["gate"] = new Template { Name = "gate", Body = new TemplateBody.Suspend(Duration: null) };
        return new Call { Name = name, Template = "gate" };
    }

    private Call MakeCall(
        string name, string node, string scope, List<Producer> producers, bool mayNest, bool runs, bool isCertain, bool afterGate, out bool ok, out bool gives)
    {
        if (mayNest && dice.OneIn(6))
        {
            var nested = $"sub-{name}";
            gives = false;
            var body = MakeBody(nested, node, dice.Between(1, 2), isTop: false, isCertain, afterGate, out ok);
            if (!runs) { ForgetStarts(node); }
            _templates[nested] = new Template { Name = nested, Body = body };
            return new Call { Name = name, Template = nested };
        }
        var reads = producers.Where(_ => dice.OneIn(2)).ToList();
        var template = NewLeaf(reads, afterGate, mayFail: true, out var starts);
        ok = starts.Succeeds;
        var call = new Call
        {
            Name = name,
            Template = template,
            Arguments = new Arguments(
                [.. reads.Select(r => new Parameter($"p-{r.Call}") { Value = $"{{{{{scope}.{r.Call}.outputs.parameters.id}}}}" })],
                [.. reads.Select(r => new Artifact($"in-{r.Call}") { From = $"{{{{{scope}.{r.Call}.outputs.artifacts.data}}}}" })]),
        };
        gives = false;
        if (dice.OneIn(8))
        {
            ok = true;
            return call with { When = "no == yes" };
        }
        if (dice.OneIn(6))
        {
            var items = Enumerable.Range(0, dice.Between(2, 3)).Select(i => ((char)('a' + i)).ToString()).ToList();
            // No throw of its own, so that a seed stays the workload that it was.
            var way = _leaves % 3;
            if (way == 2) { items = [.. items.Select((_, i) => $"n{i}")]; }
            for (var i = 0; i < items.Count && runs; i++) { _starts[$"{node}({i}:{items[i]})"] = (starts.Count, starts.Count); }
            return call with
            {
                Loop = way switch
                {
                    0 => new Loop.Items([.. items.Select(Item.Plain)]),
                    1 => new Loop.Param($"[{string.Join(", ", items.Select(i => $"\"{i}\""))}]"),
                    _ => new Loop.Sequence(Start: null, End: null, items.Count.ToString(CultureInfo.InvariantCulture), "n%d"),
                },
            };
        }
        if (runs) { _starts[node] = (starts.Count, starts.Count); }
        gives = true;
        return call;
    }

    private void ForgetStarts(string node)
    {
        foreach (var step in _starts.Keys.Where(s => s.StartsWith(node, StringComparison.Ordinal)).ToList()) { _starts.Remove(step); }
    }

    private string NewLeaf(List<Producer> reads, bool afterGate, bool mayFail, out (int Count, bool Succeeds) starts)
    {
        var name = $"leaf{++_leaves}";
        if (afterGate) { _afterGate.Add(name); }
        var strategy = dice.OneIn(2) ? MakeRetries() : null;
        var training = dice.OneIn(trains ? 2 : 8) ? MakeTraining() : null;
        var exits = MakeExits(mayFail, training is { Reports: true, HangAfter: not null }, strategy);
        starts = Count(exits, strategy);
        _scripts[name] = new Script
        {
            Exits = exits,
            Takes = TimeSpan.FromSeconds(dice.Between(1, 60)),
            Inputs = [.. reads.Select(r => $"in/{r.Call}")],
            Outputs = [("data", "out/data")],
            OnStop = (OnStop)dice.Next(4),
            Training = training,
            LeavesChild = dice.OneIn(5),
        };
        _templates[name] = new Template
        {
            Name = name,
            RetryStrategy = strategy,
            Locks = LocksOf(_leaves),
            Annotations = training is null ? ImmutableSortedDictionary<string, string>.Empty : Annotations(training),
            Inputs = new Inputs(
                [.. reads.Select(r => new Parameter($"p-{r.Call}"))],
                [.. reads.Select(r => new Artifact($"in-{r.Call}") { Path = $"in/{r.Call}" })]),
            Outputs = new Outputs(
                [new Parameter("id") { ValueFrom = new ValueFrom { Path = "out/id" } }],
                [new Artifact("data") { Path = "out/data" }]),
            Body = new TemplateBody.Leaf(
                new Container
                {
                    Command = ["step", name],
                    Resources = new Resources(CpuOf(_leaves), null, null, null),
                    Args = [.. reads.Select(r => $"{{{{inputs.parameters.p-{r.Call}}}}}")],
                    PreStop = dice.OneIn(10) ? new ContainerAction.Exec(["save"]) : null,
                },
                Source: null),
        };
        return name;
    }

    // No throw of its own, so that a seed stays the workload that it was.
    private static ImmutableArray<LockRef> LocksOf(int leaf) => (leaf % 6) switch
    {
        2 or 4 => [new LockRef.Mutex("m", false, null)],
        5 => [new LockRef.Mutex("n", false, null), new LockRef.Mutex("m", false, null)],
        _ => [],
    };

    // Likewise: more than half of the machine, or half of it.
    private static long? CpuOf(int leaf) => (leaf % 7) switch
    {
        3 => 3000,
        1 or 4 => 2000,
        _ => null,
    };

    private RetryStrategy MakeRetries() => new()
    {
        RetryLimit = dice.Between(0, 3).ToString(CultureInfo.InvariantCulture),
        Policy = dice.Pick([RetryPolicy.Always, RetryPolicy.OnFailure, RetryPolicy.OnTransientError]),
        Backoff = dice.OneIn(3) ? null : new Backoff(
            dice.Between(1, 20).ToString(CultureInfo.InvariantCulture),
            dice.OneIn(2) ? dice.Between(1, 3).ToString(CultureInfo.InvariantCulture) : null,
            dice.OneIn(3) ? dice.Between(20, 40).ToString(CultureInfo.InvariantCulture) : null,
            MaxDuration: null),
    };

    private Training MakeTraining()
    {
        var every = dice.Between(1, 4);
        return new Training
        {
            Steps = every * dice.Between(2, 6) + dice.Next(2),
            StepTakes = TimeSpan.FromMilliseconds(dice.Pick([20, 500, 2000, 8000, 8000])),
            Every = every,
            Way = (WayOfSaving)dice.Next(3),
            Reports = dice.OneIn(2),
            Keeps = dice.Between(1, 2),
            HangAfter = dice.OneIn(2) ? TimeSpan.FromSeconds(90) : null,
        };
    }

    private ImmutableSortedDictionary<string, string> Annotations(Training training)
    {
        var all = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        all["pawl.dev/checkpoint-keep"] = dice.Between(1, 2).ToString(CultureInfo.InvariantCulture);
        if (dice.OneIn(2)) { all["pawl.dev/checkpoint-every"] = training.Every.ToString(CultureInfo.InvariantCulture); }
        if (dice.OneIn(3)) { all["pawl.dev/checkpoint-keep-every"] = dice.Between(2, 3).ToString(CultureInfo.InvariantCulture); }
        if (training.HangAfter is { } limit) { all["pawl.dev/hang-after"] = string.Create(CultureInfo.InvariantCulture, $"{limit.TotalSeconds}s"); }
        return all.ToImmutable();
    }

    private ImmutableArray<int> MakeExits(bool mayFail, bool canHang, RetryStrategy? strategy)
    {
        if (strategy is null) { return [mayFail && dice.OneIn(15) ? 1 : 0]; }
        var bad = strategy.Policy is RetryPolicy.OnTransientError && !dice.OneIn(4) ? 75 : canHang && dice.OneIn(2) ? Script.Hangs : dice.Between(1, 3);
        var failures = dice.Between(0, mayFail && dice.OneIn(5) ? 4 : Limit(strategy));
        if (!mayFail && bad != 75) { failures = strategy.Policy is RetryPolicy.OnTransientError ? 0 : failures; }
        return [.. Enumerable.Repeat(bad, failures), 0];
    }

    private static (int Count, bool Succeeds) Count(ImmutableArray<int> exits, RetryStrategy? strategy)
    {
        for (var retry = 0; ; retry++)
        {
            var exit = exits[Math.Min(retry, exits.Length - 1)];
            if (exit == 0) { return (retry + 1, true); }
            if (strategy is null || retry >= Limit(strategy) || (strategy.Policy is RetryPolicy.OnTransientError && exit != 75)) { return (retry + 1, false); }
        }
    }

    private static int Limit(RetryStrategy strategy) => int.Parse(strategy.RetryLimit!, CultureInfo.InvariantCulture);

    private readonly record struct Producer(string Call);
}
