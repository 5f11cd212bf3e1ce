using System.Collections.Immutable;
using Pawl.Core.Attempts;
using Pawl.Core.Errors;
using Pawl.Core.Locks;
using Pawl.Core.Metrics;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;

namespace Pawl.Tests.Core.Scheduling;

/// <summary>A made-up workflow and a made-up world that drives it, both from one seed.</summary>
/// <param name="isChecked">Whether the laws are asked after every turn.</param>
internal sealed class RandomRun(int seed, bool isChecked = true)
{
    private readonly Random _dice = new(seed);
    private readonly bool _hooks = seed % 4 == 1;
    private readonly bool _daemons = seed % 5 == 2;
    private readonly bool _caches = seed % 7 == 3;
    private readonly Random _ofCaches = new(seed);
    private string[] _hookable = [];
    private readonly int _quiet = seed % 3 == 0 ? 4 : 15;

    // As the engine would keep it, for this one run.
    private ImmutableArray<LockRow> _locks = [];

    public Story Story { get; private set; } = null!;

    /// <summary>Told of every observation, with the run before it.</summary>
    public Action<RunState, Observation>? Seen { get; set; }

    /// <summary>Drives the run until it ends.</summary>
    public Story Play()
    {
        var workflow = Workflow();
        Story = Story.Submitted(workflow, Flow.Limits(_dice.Next(1, 6), _dice.Next(1, 4) * 1000), ("p", "1"));
        Story.Seen = Seen;
        Story.IsChecked = isChecked;
        Story.Opened();
        for (var step = 0; !Story.Run.IsDone; step++)
        {
            if (step > 5_000) { throw new InvalidOperationException($"seed {seed}: not done after {step} observations"); }
            Step(calm: step > 150);
            if (Story.Run.IsDone && Story.Run.Phase.IsBad() && step < 100 && _dice.Next(2) == 0) { Story.Ask(new Request.Retry()); Story.Opened(); }
        }
        return Story;
    }

    // Calm: nothing but progress, so that every run ends.
    private void Step(bool calm)
    {
        var run = Story.Run;
        if (Lock(calm) || Memo(calm)) { return; }
        if (!calm && _dice.Next(_quiet) == 0) { Story.Ask(RandomRequest()); return; }
        if (!calm && _dice.Next(_quiet) == 0) { Notice(); return; }
        if (run.Leaving is not null && (calm || run.Paused is not null)) { Story.Noticed(); return; }
        if (run.Paused is not null && run.Running.IsEmpty) { Story.Opened(); return; }
        if (run.Suspended && (calm || _dice.Next(4) == 0)) { Story.Ask(new Request.Resume(null)); return; }
        if (!run.Running.IsEmpty && (calm || _dice.Next(10) < 8))
        {
            var node = run.Nodes[run.Running.ElementAt(_dice.Next(run.Running.Count))];
            if (_daemons && !node.Daemoned && run.Workflow.Templates[node.Template].IsDaemon && _dice.Next(4) > 0) { Story.IsReady(node.Id.Value, $"127.0.0.{_dice.Next(2)}"); }
            else { End(node.Id.Value, calm); }
            return;
        }
        if (!calm && _dice.Next(12) == 0) { Story.Opened(); return; }
        if (!run.Gates.IsEmpty && run.Running.IsEmpty && _dice.Next(2) == 0) { Story.Ask(new Request.Resume(null)); return; }
        var wake = Scheduler.NextWake(run, Story.Now);
        Story.After(wake is { } at && _dice.Next(3) > 0 ? (at - Story.Now).TotalSeconds : _dice.Next(0, 3));
    }

    // What a database would do; what somebody else holds there for a while is a matter of the dice.
    private bool Lock(bool calm)
    {
        var wants = Scheduler.Wanted(Story.Run, Story.Now).OfType<Want.Lock>().ToList();
        var claims = wants.Select(w => new LockClaim(w.Node?.Value ?? "", w.Keys, w.IsHeld)).ToImmutableArray();
        var (rows, answers) = LockRules.Update(_locks, new LockAsker("uid", 0, Story.Noon, "me"), claims, k => k.Name.EndsWith("none", StringComparison.Ordinal) ? null : 2);
        if (!calm && _dice.Next(3) == 0) { return false; }
        _locks = rows;
        foreach (var group in rows.Where(r => r.IsHeld).GroupBy(r => r.Key))
        {
            var most = group.Key.Contains("Mutex", StringComparison.Ordinal) ? 1 : 2;
            if (group.Count() > most) { throw new InvalidOperationException($"seed {seed}: {group.Key} is held {group.Count()} times"); }
        }
        var told = answers.Where(a => calm || _dice.Next(4) > 0).ToList();
        if (told.Count == 0) { return false; }
        var answer = told[_dice.Next(told.Count)];
        if (answer is LockAnswer.Busy && told.Find(a => a is not LockAnswer.Busy) is { } better) { answer = better; }
        var node = answer.Node.Length == 0 ? (NodeId?)null : new NodeId(answer.Node);
        switch (answer)
        {
            case LockAnswer.Taken: Story.When(new Observation.LocksTaken(Story.Now, node)); return true;
            case LockAnswer.Failed f: Story.When(new Observation.LocksFailed(Story.Now, node, f.Message)); return true;
            case LockAnswer.Busy b: Story.When(new Observation.LocksBusy(Story.Now, node, b.Message)); return false;
            default: throw new InvalidOperationException($"{answer}");
        }
    }

    private bool Memo(bool calm)
    {
        if (Story.Run.Memos.IsEmpty || (!calm && _dice.Next(3) == 0)) { return false; }
        var id = Story.Run.Memos[_dice.Next(Story.Run.Memos.Count)];
        if (Story.Run.Nodes[id].IsRemembering) { Story.Remembers(id.Value, _dice.Next(6) == 0 ? "the cache is full" : null); }
        else
        {
            var found = _dice.Next(3) == 0 ? NodeOutputs.None with { Result = "kept", Parameters = NodeOutputs.None.Parameters.Add("o", "1") } : null;
            if (Story.Run.Nodes[id].Memo!.ByContent != true) { Story.Recalls(id.Value, found); }
            else if (_ofCaches.Next(5) == 0) { Story.Recalls(id.Value); }
            else { Story.Recalls(id.Value, found, "ab", found is null && _ofCaches.Next(2) == 0 ? "an artifact is gone" : null); }
        }
        return true;
    }

    private void Notice()
    {
        switch (_dice.Next(6))
        {
            case 0: Story.Noticed(); break;
            case 1: Story.Noticed(30, 120); break;
            case 2: Story.Noticed(null, 30); break;
            case 3: Story.Noticed(60); break;
            default: Story.Noticed([null]); break;
        }
    }

    private void End(string node, bool calm)
    {
        switch (calm ? 0 : _dice.Next(10))
        {
            case < 5:
                Story.Succeeds(node, _dice.Next(2) == 0 ? "{\"a\":1}" : "text", ("o", $"{_dice.Next(3)}"));
                break;
            case 5:
                Story.Fails(node, _dice.Next(3) == 0 ? 75 : 1);
                break;
            case 6:
                Story.Errs(node);
                break;
            case 7:
                Story.IsPreempted(node);
                break;
            case 8:
                Story.IsLost(node);
                break;
            default:
                Story.Asleep(_dice.Next(0, 30)).Ends(node, new Outcome { Kind = OutcomeKind.Failed, Class = ErrorClass.Timeout, Message = "i/o timeout" });
                break;
        }
    }

    private Request RandomRequest() => _dice.Next(19) switch
    {
        0 => new Request.Stop(_dice.Next(2) == 0 ? null : "enough"),
        1 => new Request.Terminate(),
        2 or 3 => new Request.Suspend(),
        4 => new Request.Resume("displayName=gate"),
        5 or 6 => new Request.Resume(null),
        7 => new Request.Retry(),
        16 => new Request.Retry(RestartSuccessful: true, $"templateName=l{_dice.Next(4)}"),
        17 => new Request.Stop("no", "phase=Running"),
        18 => new Request.Set("phase=Running", _dice.Next(3) switch { 0 => Phase.Succeeded, 1 => Phase.Skipped, _ => null }, _dice.Next(2) == 0 ? "seen" : null,
            ImmutableSortedDictionary<string, string>.Empty.Add("o", "1")),
        8 => new Request.Pause(true),
        9 or 10 => new Request.Preempt([.. Story.Run.Running.Where(_ => _dice.Next(2) == 0)], TimeSpan.FromSeconds(_dice.Next(3) * 30)),
        _ => new Request.Pause(false),
    };

    private Workflow Workflow()
    {
        var leaves = Enumerable.Range(0, 4).Select(i => Dressed((i == 3 ? Flow.Gate($"l{i}", _dice.Next(2) == 0 ? null : "5") : Measured(Flow.Leaf($"l{i}").Gives("o"))))).ToList();
        var all = new List<Template>(leaves);
        _hookable = [.. all.Select(t => t.Name)];
        foreach (var level in Enumerable.Range(0, _dice.Next(1, 4)))
        {
            var names = all.Select(t => t.Name).ToArray();
            _hookable = names;
            foreach (var i in Enumerable.Range(0, 2)) { all.Add(Dressed(_dice.Next(2) == 0 ? Steps($"s{level}{i}", names) : Dag($"d{level}{i}", names))); }
        }
        return Flow.Of(all[^1], [.. all.SkipLast(1)]) with
        {
            OnExit = _dice.Next(3) == 0 ? all[_dice.Next(all.Count)].Name : null,
            Parallelism = _dice.Next(4) == 0 ? _dice.Next(1, 4) : null,
            RetryStrategy = _dice.Next(8) == 0 ? Retry() : null,
            ActiveDeadlineSeconds = _dice.Next(8) == 0 ? _dice.Next(1, 100) : null,
            Suspend = _dice.Next(10) == 0,
            Hooks = _dice.Next(6) == 0 ? Hooks([$"workflow.status == \"{(Phase)_dice.Next(1, 5)}\"", "workflow.name"]) : [],
            Locks = _dice.Next(12) == 0 ? Flow.Leaf().Locked(_dice.Next(6) == 0 ? "2:none" : "2:all").Locks : [],
        };
    }

    private static Template Measured(Template template) => template with
    {
        Metrics = [new Metric("ended", "Ends by phase", MetricKind.Counter, "1") { Labels = [new MetricLabel("phase", "{{status}}")] }],
    };

    private Template Dressed(Template template)
    {
        template = template.Needs("p", "d");
        if (_daemons && template.IsLeaf && _dice.Next(2) == 0) { template = template with { IsDaemon = true }; }
        if (template.IsLeaf && _dice.Next(3) == 0) { template = template.Asks(cpu: _dice.Next(500, 5_000)); }
        if (!template.IsLeaf && template.Body is not TemplateBody.Suspend && _dice.Next(4) == 0) { template = template with { Parallelism = _dice.Next(1, 3) }; }
        if (!template.IsLeaf && template.Body is not TemplateBody.Suspend && _dice.Next(8) == 0) { template = template.FailsFast(); }
        // Only leaves: a lock inside another node's lock can wait for ever, as in Argo. Two in either order cannot.
        if ((template.IsLeaf || template.Body is TemplateBody.Suspend) && _dice.Next(5) == 0)
        {
            template = template.Locked(_dice.Next(12) switch { 0 => ["2:none"], < 4 => ["2:s"], < 7 => ["m"], < 9 => ["m", "n"], < 11 => ["n", "2:s", "m"], _ => ["x-{{inputs.parameters.p}}"] });
        }
        if (template.IsLeaf && _dice.Next(8) == 0) { template = template with { Timeout = $"{_dice.Next(3, 60)}s", PendingTimeout = _dice.Next(2) == 0 ? $"{_dice.Next(1, 9)}s" : null }; }
        if (_dice.Next(8) == 0) { template = template.Memoized(_dice.Next(5) == 0 ? "no_key" : "key-{{inputs.parameters.p}}", _dice.Next(3) == 0 ? "10s" : null); }
        if (_caches && template.Memoize is null && _ofCaches.Next(2) == 0) { template = template.Cached(); }
        return _dice.Next(3) == 0 ? template.Retried(Retry()) : template;
    }

    private RetryStrategy Retry() => Flow.Retry($"{_dice.Next(0, 3)}", (RetryPolicy)_dice.Next(4),
        _dice.Next(2) == 0 ? $"{_dice.Next(1, 10)}" : null, _dice.Next(2) == 0 ? "2" : null, _dice.Next(5) == 0 ? "30" : null);

    private Template Steps(string name, string[] templates)
    {
        var groups = new List<Call[]>();
        var earlier = new List<string>();
        foreach (var g in Enumerable.Range(0, _dice.Next(1, 4)))
        {
            Call[] group = [.. Enumerable.Range(0, _dice.Next(1, 4)).Select(i => Decorated(Flow.Call($"c{g}{i}", Pick(templates)), "steps", earlier))];
            groups.Add(group);
            earlier.AddRange(group.Select(c => c.Name));
        }
        return Flow.Steps(name, [.. groups]);
    }

    private Template Dag(string name, string[] templates)
    {
        var tasks = new List<Call>();
        foreach (var i in Enumerable.Range(0, _dice.Next(1, 7)))
        {
            string[] after = [.. tasks.Where(_ => _dice.Next(3) == 0).Select(t => t.Name)];
            var task = Decorated(Flow.Call($"t{i}", Pick(templates), after), "tasks", after);
            tasks.Add(after.Length > 0 && _dice.Next(3) == 0 ? task.Depends(Depends(after, 3)) : task);
        }
        var dag = Flow.Dag(name, [.. tasks.OrderBy(_ => _dice.Next())]);
        if (_dice.Next(4) == 0) { dag = dag with { Body = (TemplateBody.Dag)dag.Body with { FailFast = false } }; }
        return _dice.Next(4) == 0 ? dag.Target(Pick([.. tasks.Select(t => t.Name)])) : dag;
    }

    private string Depends(string[] tasks, int depth) => _dice.Next(depth == 0 ? 2 : 6) switch
    {
        0 => Pick(tasks),
        1 => $"{Pick(tasks)}.{(TaskResult)_dice.Next(8)}",
        2 => $"!({Depends(tasks, depth - 1)})",
        3 => $"({Depends(tasks, depth - 1)}) and {Depends(tasks, depth - 1)}",
        _ => $"({Depends(tasks, depth - 1)} || {Depends(tasks, depth - 1)})",
    };

    private Call Looped(Call call, string word, IReadOnlyList<string> earlier) => _dice.Next(7) switch
    {
        0 => call.Counts($"{_dice.Next(3)}"),
        1 => call.Counts(start: $"{_dice.Next(5)}", end: "{{workflow.parameters.p}}", format: "n%02X"),
        2 => call.Each("""["a", {"k": 1}, 3.0, [true]]"""),
        3 => call.Each(_dice.Next(2) == 0 ? "[]" : "no list"),
        4 when earlier.Count > 0 => call.Each($"{{{{{word}.{Pick(earlier)}.outputs.result}}}}"),
        _ => call.Items([.. Enumerable.Range(0, _dice.Next(0, 4)).Select(i => $"i{i}")]),
    };

    private Call Decorated(Call call, string word, IReadOnlyList<string> earlier)
    {
        if (_dice.Next(3) == 0) { call = call.Continues(_dice.Next(2) == 0, _dice.Next(2) == 0); }
        if (_dice.Next(4) == 0) { call = Looped(call, word, earlier); }
        if (earlier.Count > 0 && _dice.Next(3) == 0)
        {
            call = call.Given("p", _dice.Next(2) == 0 ? $"{{{{{word}.{Pick(earlier)}.outputs.parameters.o}}}}" : $"x-{{{{{word}.{Pick(earlier)}.status}}}}");
        }
        if (_hooks && _dice.Next(4) == 0)
        {
            call = call with
            {
                Hooks = Hooks(
                [
                    $"{word}.{call.Name}.status == \"{(Phase)_dice.Next(1, 5)}\"", "workflow.status == 'Running'", $"{word}['{(earlier.Count > 0 ? Pick(earlier) : "c01")}'].status == 'Succeeded'",
                    "nobody.knows", "1 +",
                ]),
            };
        }
        return _dice.Next(8) switch
        {
            0 => call.When("1 == 2"),
            1 => call.When("{{workflow.parameters.p}} == 1"),
            2 when earlier.Count > 0 => call.When($"{{{{{word}.{Pick(earlier)}.status}}}} == Succeeded"),
            3 when _dice.Next(3) == 0 => call.When("1 =="),
            _ => call,
        };
    }

    private ImmutableArray<Hook> Hooks(string[] expressions) => Hook.Ordered(new[]
    {
        _dice.Next(2) == 0 ? Flow.Hook(Hook.Exit, _dice.Next(3) == 0 ? Pick(expressions) : null, $"l{_dice.Next(4)}") : null,
        _dice.Next(2) == 0 ? Flow.Hook("seen", Pick(expressions), $"l{_dice.Next(4)}") : null,
        _dice.Next(4) == 0 ? Flow.Hook("other", Pick(expressions), Pick(_hookable), [("p", _dice.Next(3) == 0 ? "{{steps.nobody.status}}" : "{{workflow.name}}")]) : null,
    }.OfType<Hook>());

    private string Pick(IReadOnlyList<string> from) => from[_dice.Next(from.Count)];
}
