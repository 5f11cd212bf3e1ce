using System.Text.Json;
using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;

namespace Pawl.Simulation;

/// <summary>
/// Watches a world for broken promises. It believes the ledger and the disk, and shares no code with what it judges.
/// </summary>
/// <remarks>
/// The invariants: <c>once</c>, a completed step never runs again; <c>whole</c>, nothing is visible before it is whole; <c>ends</c>, every
/// run ends or waits for something nameable; <c>policy</c>, budgets and backoff are as the policy says; <c>fence</c>, a claim that was
/// overtaken changes nothing; <c>alone</c>, one program of a step at a time; <c>inside</c>, one holder of a mutex at a time;
/// <c>room</c>, no machine is promised twice; <c>ledger</c>,
/// the journal's time goes on, and every moment is accounted for once; <c>result</c>, the run ends as its programs did. Those about
/// checkpoints are with <see cref="CheckpointJudge"/>.
/// </remarks>
public sealed class Judge(World world, Workload workload)
{
    // What slow calls may add between a request to stop and its last effect.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(25);

    private readonly Dictionary<string, Start> _claims = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ulong> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _promised = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (DateTimeOffset At, bool Kill)> _stops = new(StringComparer.Ordinal);
    private readonly List<(string File, string Inbox)> _asked = [];
    private readonly HashSet<string> _carriedOut = new(StringComparer.Ordinal);
    private readonly PreemptionJudge _preemption = new(world, workload);
    private readonly HashSet<string> _lost = new(StringComparer.Ordinal);
    private readonly HashSet<string> _givenUp = new(StringComparer.Ordinal);
    private SimProcess? _owner;
    private DateTimeOffset _journaledAt;

    public CheckpointJudge Checkpoints { get; } = new(world, workload);

    /// <summary>Set when the user lets the run pass its gate.</summary>
    public bool GateOpened { get; set; }

    /// <summary>A process owns the run from now on.</summary>
    public void Took(SimProcess engine)
    {
        if (_owner is { } other && other != engine) { world.Break("alone", $"{engine} took the run while {other} had it"); }
        _owner = engine;
    }

    public void LetGo(SimProcess engine) => _owner = _owner == engine ? null : _owner;

    /// <summary>A request is durable: it must be carried out, refused, or still lie there in the end.</summary>
    public void Asked(string file, string inbox) => _asked.Add((file, inbox));

    /// <summary>A program is about to get the stop signal.</summary>
    public void Stopping(Start start) => _preemption.Stopping(start);

    /// <summary>Events are durable: what they say was done is a promise.</summary>
    public void Journaled(IReadOnlyList<RunEvent> events)
    {
        foreach (var e in events)
        {
            if (e.At < _journaledAt) { world.Break("ledger", $"{e.GetType().Name} is journaled as of {e.At:T}, after what was as of {_journaledAt:T}; here is one clock only"); }
            _journaledAt = e.At;
            _preemption.Journaled(e);
        }
        foreach (var e in events.OfType<RunEvent.AttemptEnded>()) { Checkpoints.Ended(e); }
        foreach (var e in events)
        {
            switch (e)
            {
                case RunEvent.AttemptEnded { Outcome.Kind: OutcomeKind.Lost } a: _lost.Add(a.Node.Value); break;
                case RunEvent.AttemptEnded a: _lost.Remove(a.Node.Value); break;
                case RunEvent.NodeEnded n when _lost.Contains(n.Id.Value): _givenUp.Add(n.Id.Value); break;
            }
        }
        _carriedOut.UnionWith(events.OfType<RunEvent.Requested>().Select(r => r.Name));
        foreach (var e in events.OfType<RunEvent.AttemptStarted>().Where(e => world.Notices.LeavingSince + Slack < e.At))
        {
            world.Break("policy", $"{e.Node}#{e.Number} was started at {e.At:T}; the machine was to go since {world.Notices.LeavingSince:T}");
        }
        foreach (var e in events.OfType<RunEvent.AttemptEnded>().Where(e => e.Outcome.Kind is OutcomeKind.Succeeded))
        {
            var step = Nodes.StepOf(e.Node.Value);
            if (Chain(step).Completed is { } done) { _promised.TryAdd(step, done.Number); }
            else { world.Break("result", $"the journal says that {e.Node} succeeded; its chain does not"); }
        }
    }

    /// <summary>A program is about to start.</summary>
    public void Started(Start start)
    {
        var chain = Chain(start.Step);
        var own = chain.ClaimOf(start.Node, start.Attempt);
        if (own is null)
        {
            world.Break("fence", $"{start} runs without a claim");
            return;
        }
        CheckClaimedOnce(start, own);
        CheckNotDone(start, chain, own);
        if (start.Host.Length == 0)
        {
            CheckPolicy(start);
            CheckAlone(start);
            CheckInside(start);
            CheckRoom(start);
        }
        if (workload.AfterGate.Contains(start.Template) && !GateOpened) { world.Break("ends", $"{start} passed a gate that nobody opened"); }
    }

    /// <summary>A name came to be.</summary>
    public void Appeared(string path)
    {
        if (path.StartsWith(Places.Chains, StringComparison.Ordinal) && path.EndsWith(".json", StringComparison.Ordinal)) { EntryAppeared(path); }
        else if (path.EndsWith("/outcome.json", StringComparison.Ordinal)) { OutcomeAppeared(path); }
        else if (path.EndsWith("/stop.json", StringComparison.Ordinal)) { StopAppeared(path); }
    }

    /// <summary>The power is back: what was promised must still be there.</summary>
    public void PowerCut()
    {
        _entries.Clear();
        foreach (var (step, number) in _promised)
        {
            if (!Chain(step).Entries.Any(e => e.Type == "Completed" && e.Number == number))
            {
                world.Break("once", $"{step} was completed by entry {number}, and after a power cut it is not");
            }
        }
        CheckCompleted();
        Checkpoints.CheckAll();
    }

    /// <summary>Everything that was completed is there, whole, and from a program that succeeded.</summary>
    public void CheckCompleted()
    {
        foreach (var step in world.Ledger.Starts.Select(s => s.Step).Distinct())
        {
            foreach (var entry in Chain(step).Entries.Where(e => e.Type == "Completed")) { CheckCompleted(step, entry); }
        }
    }

    /// <summary>The run is over.</summary>
    /// <param name="phase">In Argo's words.</param>
    public void Ended(string phase)
    {
        CheckCompleted();
        CheckReads();
        CheckRequests();
        Checkpoints.CheckAll();
        Checkpoints.CheckBudget();
        if (workload.ChangesResults && world.Faults!.Total + world.Faults.DiskErrors > 0) { return; }
        var foretold = workload.Foretold;
        if (phase != foretold.Phase) { world.Break("result", $"the run is {phase}; its programs make it {foretold.Phase}"); }

        CheckStops();

        // A rival is a start of its own, and makes the one it overtakes begin again. An engine that dies or sleeps costs nothing.
        var disturbed = world.Faults!.Losses + world.Faults.Struck.GetValueOrDefault(Fault.Rival) + world.Faults.Struck.GetValueOrDefault(Fault.OtherRival)
            + world.Faults.Struck.GetValueOrDefault(Fault.Overtake)
            + world.Faults.Struck.GetValueOrDefault(Fault.Notice) + world.Faults.Struck.GetValueOrDefault(Fault.Notices)
            + world.Faults.Struck.GetValueOrDefault(Fault.Preempt) + world.Faults.DiskErrors + workload.Pauses + _preemption.Pauses;
        foreach (var (step, (least, most)) in foretold.Starts)
        {
            var were = world.Ledger.Starts.Count(s => s.Step == step);
            if (were < least || were > most + disturbed)
            {
                world.Break("policy", $"{step} was started {were} times; at least {least} and at most {most} + {disturbed} were due");
            }
        }
        foreach (var other in world.Ledger.Starts.Where(s => !foretold.Starts.ContainsKey(s.Step))) { world.Break("policy", $"{other} was not due at all"); }
    }

    /// <summary>Every moment of a node that ran is in its ledger.</summary>
    public void CheckSpent(RunState run)
    {
        foreach (var node in run.Nodes.Values.Where(n => n.Spent != Pawl.Core.Goodput.Ledger.None).OrderBy(n => n.Id))
        {
            if (node.Spent.Total != node.SpentUntil - node.StartedAt || node.SpentUntil != node.FinishedAt)
            {
                world.Break("ledger", $"{node.Id} lived from {node.StartedAt:T} to {node.FinishedAt:T}; its ledger adds up to {node.Spent.Total} until {node.SpentUntil:T}");
            }
        }
    }

    private void CheckClaimedOnce(Start start, EntryView own)
    {
        var claim = $"{start.Step}|{own.Number}";
        if (_claims.TryGetValue(claim, out var other)) { world.Break("fence", $"{start} and {other} both ran under claim {own.Number}"); }
        _claims[claim] = start;
    }

    private void CheckNotDone(Start start, ChainView chain, EntryView own)
    {
        if (_promised.TryGetValue(start.Step, out var number) && number < own.Number && chain.Entries.Any(e => e.Number == number && e.Fingerprint == own.Fingerprint))
        {
            world.Break("once", $"{start}: the step was completed by entry {number}");
        }
        if (chain.Entries.LastOrDefault(e => e.Type is "Completed" or "Superseded" && e.Number < own.Number) is { Type: "Completed" } done
            && done.Fingerprint == own.Fingerprint)
        {
            world.Break("once", $"{start}: the chain says it was completed by entry {done.Number}");
        }
    }

    private void CheckPolicy(Start start)
    {
        var retry = Nodes.RetryOf(start.Node);
        var before = world.Ledger.Starts.LastOrDefault(s => s.Step == start.Step && s.Host.Length == 0 && Nodes.RetryOf(s.Node) == retry - 1);
        if (retry > workload.RetryLimitOf(start.Template)) { world.Break("policy", $"{start} is retry {retry}; the limit is {workload.RetryLimitOf(start.Template)}"); }

        // Where the disk refused, or a try was lost too often, it may have failed before its program began, or after it had succeeded.
        if (retry == 0 || world.Faults!.DiskErrors > 0 || world.Faults.Losses > Faults.MostLosses) { return; }
        if (before is null) { world.Break("policy", $"{start} retries what never ran"); }
        else if (before.ExitCode == 0 && !before.WasAsked) { world.Break("policy", $"{start} retries {before}, which succeeded"); }
        else if (before.EndedAt + workload.BackoffBefore(start.Template, retry) > start.At)
        {
            world.Break("policy", $"{start} began {(start.At - before.EndedAt)!.Value.TotalSeconds} s after {before}; its backoff is {workload.BackoffBefore(start.Template, retry).TotalSeconds} s");
        }
    }

    private void CheckAlone(Start start)
    {
        foreach (var other in world.Ledger.Starts)
        {
            if (other.Step != start.Step || other == start || other.Host.Length > 0) { continue; }
            if (world.Containers.Of(other.Folder) is [var alive, ..]) { world.Break("alone", $"{start} began while {alive} of {other} lived"); }
        }
    }

    private void CheckInside(Start start)
    {
        var own = workload.LocksOf(start.Template);
        foreach (var other in world.Ledger.Starts)
        {
            // What was given up lives on out of reach; the next start of its step would end it.
            if (other.Step == start.Step || other.Host.Length > 0 || _givenUp.Contains(other.Node) || !workload.LocksOf(other.Template).Overlaps(own)) { continue; }
            if (world.Containers.Of(other.Folder) is [var alive, ..]) { world.Break("inside", $"{start} began while {alive} of {other} lived, which holds the same lock"); }
        }
    }

    private void CheckRoom(Start start)
    {
        if (workload.CpuOf(start.Template) == 0) { return; }
        var living = world.Ledger.Starts.Where(s => s.Host.Length == 0 && (s == start || world.Containers.Of(s.Folder).Count > 0)).ToList();
        if (living.Sum(s => workload.CpuOf(s.Template)) is var sum && sum > Places.Machine.CpuMillis)
        {
            world.Break("room", $"{start} began on a machine of {Places.Machine.CpuMillis}m; {sum}m are asked for by {string.Join(", ", living.Where(s => workload.CpuOf(s.Template) > 0))}");
        }
    }

    private void EntryAppeared(string path)
    {
        var content = world.Disk.Find(path)!.Content;
        if (EntryView.Parse(content) is not { } entry)
        {
            world.Break("whole", $"{path} appeared before it was whole");
            return;
        }
        var hash = Hash(content);
        if (_entries.TryGetValue(path, out var before) && before != hash) { world.Break("fence", $"{path} was written over"); }
        _entries[path] = hash;
        var folder = path[..path.LastIndexOf('/')];
        var chain = ChainView.Of(world, folder);
        if (entry.Type is "Ended" or "Completed" or "Checkpointed" or "Pruned" && chain.Entries.LastOrDefault(e => e.Type == "Claimed" && e.Number < entry.Number)?.Number != entry.Claim)
        {
            world.Break("fence", $"{path}: claim {entry.Claim} was overtaken and wrote {entry.Type} all the same");
        }
        Checkpoints.EntryAppeared(folder, chain, entry);
        if (entry.Type == "Completed") { CheckCompleted(folder[(folder.LastIndexOf('/') + 1)..], entry); }
    }

    private void CheckCompleted(string step, EntryView entry)
    {
        if (entry.StartId is not { } id || id > world.Ledger.Starts.Count)
        {
            world.Break("result", $"{step} was completed by entry {entry.Number}, which names no start");
            return;
        }
        var start = world.Ledger.Starts[id - 1];
        if (start.ExitCode != 0 || start.WasAsked) { world.Break("result", $"{step} was completed by {start}, which did not succeed"); }
        if (start.Host.Length == 0 && world.Containers.Of(start.Folder) is [var alive, ..]) { world.Break("alone", $"{step} was completed while {alive} of {start} lived"); }
        foreach (var (name, key) in entry.Artifacts)
        {
            var bytes = world.Disk.Find($"{Places.Store}/{key}") is { } file ? file.Content : [];
            if (Ledger.WrittenBy(bytes) != (id, name) && !world.Disk.HasRotted) { world.Break("whole", $"{step} is completed, but {key} is not what {start} wrote"); }
        }
    }

    private void OutcomeAppeared(string path)
    {
        var folder = path[..path.LastIndexOf('/')];
        using var outcome = Json.Parse(world.Disk.Find(path)!.Content);
        using var spec = Json.Parse(world.Disk.Find($"{folder}/spec.json")!.Content);
        if (outcome is null || spec is null)
        {
            world.Break("whole", $"{path} appeared before it, or its spec, was whole");
            return;
        }
        var kind = Json.Text(outcome.RootElement, "kind");
        var reused = outcome.RootElement.TryGetProperty("reused", out var r) && r.ValueKind is JsonValueKind.True;
        var node = Json.Text(spec.RootElement, "node")!;
        var chain = Chain(Nodes.StepOf(node));
        var own = chain.ClaimOf(node, Json.Number(spec.RootElement, "attempt"));
        var said = chain.Entries.FirstOrDefault(e => e.Claim == own?.Number && e.Type is "Ended" or "Completed");
        if (reused ? chain.Completed is null : (said?.Type, kind) is not (("Completed", "Succeeded") or ("Ended", not "Succeeded")))
        {
            world.Break("fence", $"{path} says {kind}; the chain says {said?.Type ?? "nothing"} of it");
        }
        if (kind == "Succeeded" && chain.Completed is { } done) { _promised.TryAdd(Nodes.StepOf(node), done.Number); }
    }

    // The turn of an engine that died may have become durable without anybody hearing of it.
    private void CheckRequests()
    {
        foreach (var (file, inbox) in _asked.Where(a => !_carriedOut.Contains(a.File)))
        {
            if (world.Disk.Find($"{inbox}/{file}") is null && world.Disk.Find($"{inbox}/rejected/{file}") is null && !IsJournaled(inbox, file))
            {
                world.Break("ends", $"the request {file} is gone and nothing was done about it");
            }
        }
    }

    private bool IsJournaled(string inbox, string request)
    {
        var journal = $"{inbox[..inbox.LastIndexOf('/')]}/journal";
        var name = System.Text.Encoding.UTF8.GetBytes(request);
        return world.Disk.List(journal).Any(f => world.Disk.Find($"{journal}/{f.Name}")!.Content.IndexOf(name) >= 0);
    }

    private void StopAppeared(string path)
    {
        using var request = Json.Parse(world.Disk.Find(path)!.Content);
        if (request is null || Json.Text(request.RootElement, "kind") is not { } kind)
        {
            world.Break("whole", $"{path} appeared before it was whole");
            return;
        }
        var folder = path[..path.LastIndexOf('/')];
        var asked = _stops.GetValueOrDefault(folder, (At: world.Timeline.Now, Kill: false));
        _stops[folder] = (asked.At, asked.Kill || kind == "Kill");
    }

    // Where nothing was killed or stopped, a program is asked before it is killed, and is gone soon after its grace period.
    private void CheckStops()
    {
        if (world.Faults!.Total > 0) { return; }
        foreach (var start in world.Ledger.Starts.Where(s => _stops.ContainsKey(s.Folder)))
        {
            var (at, kill) = _stops[start.Folder];
            if (start.EndedAt > at + workload.Workflow.GracePeriod + Slack) { world.Break("policy", $"{start} was to stop at {at:T} and went on until {start.EndedAt:T}"); }
            if (start is { WasKilled: true, WasAsked: false } && !kill && !workload.HasPreStop(start.Template))
            {
                world.Break("policy", $"{start} was killed at {start.EndedAt:T} without the stop signal that it was due at {at:T}");
            }
        }
    }

    private void CheckReads()
    {
        foreach (var step in world.Ledger.Reads.GroupBy(r => world.Ledger.Starts[r.Producer - 1].Step))
        {
            var done = Chain(step.Key).Entries.Where(e => e.Type == "Completed").Select(e => e.StartId).ToHashSet();
            foreach (var read in step)
            {
                if (!done.Contains(read.Producer)) { world.Break("once", $"{read.By} read {read.Output} of {world.Ledger.Starts[read.Producer - 1]}, which did not complete {step.Key}"); }
            }
        }
    }

    private ChainView Chain(string step) => ChainView.Of(world, workload.ChainFolder(step));

    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        var hash = 14695981039346656037UL;
        foreach (var b in bytes) { hash = (hash ^ b) * 1099511628211UL; }
        return hash;
    }
}

/// <summary>Where things are on the simulated disk.</summary>
public static class Places
{
    public const string Home = "/home/.pawl";
    public const string Store = Home + "/store";
    public const string Chains = Store + "/steps/";
    public const string Artifacts = Store + "/artifacts";
    public const string Chunks = Store + "/chunks/";
    public const string Room = "/run/room";

    public static readonly Needs Machine = new(CpuMillis: 4000, MemoryBytes: 1L << 32, Gpus: 0);
}
