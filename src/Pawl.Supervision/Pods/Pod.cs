using System.Collections.Immutable;
using Pawl.Core.Attempts;
using Pawl.Storage.Files;

namespace Pawl.Supervision.Pods;

/// <summary>
/// A step with several containers, or one that is more than started and waited for, as if it were one process: those before the command
/// one after another, then the command or the members of a set with sidecars beside it, and at last the end of the sidecars.
/// </summary>
internal sealed class Pod : IStepProcess
{
    // EX_USAGE: what Argo's launcher ends with where it cannot run a member.
    private const int NotRun = 64;

    // Of a sidecar that was stopped, or says so.
    private static readonly int[] Stopped = [137, 143];

    private readonly PodPlan _plan;
    private readonly IContainment _containment;
    private readonly IDisk _disk;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _killing = new();
    private readonly ImmutableArray<PodContainer> _init;
    private readonly ImmutableArray<PodContainer> _main;
    private readonly ImmutableArray<PodContainer> _sidecars;
    private Task<ProcessEnd>? _ended;

    private Pod(PodPlan plan, IContainment containment, IDisk disk, TimeProvider clock)
    {
        (_plan, _containment, _disk, _clock) = (plan, containment, disk, clock);
        (_init, _main, _sidecars) = (All(plan.Init), All(plan.Main), All(plan.Sidecars));
    }

    public int Pid => Spokesman.Process?.Pid ?? 0;

    public string Containment => Spokesman.Containment;

    public Task<ProcessEnd> Ended => _ended!;

    public ImmutableArray<ContainerEnd> Containers =>
        [.. _init.Concat(_plan.IsSet ? _main : []).Concat(_sidecars).Select(c => EndOf(c, isMember: _main.Contains(c)))];

    // The container whose output is the step's: a set need not have one.
    private PodContainer Spokesman => _main.FirstOrDefault(c => c.Name == AttemptSpec.Main) ?? _main[0];

    /// <summary>Begins; whatever goes wrong is told by its end.</summary>
    public static Pod Start(PodPlan plan, IContainment containment, IDisk disk, TimeProvider clock)
    {
        var pod = new Pod(plan, containment, disk, clock);
        pod._ended = pod.RunAsync();
        return pod;
    }

    /// <summary>Completes when every container is ready; cancelled where that will not be.</summary>
    public Task ReadyAsync() => Task.WhenAll(_main.Concat(_sidecars).Select(c => c.ReadyAsync()));

    public void Note(string text) => Spokesman.Process?.Note(text);

    public ValueTask TerminateAsync()
    {
        _stopping.Cancel();
        foreach (var container in All()) { _ = container.StopAsync(); }
        return ValueTask.CompletedTask;
    }

    public async ValueTask<int> RunBesideAsync(ImmutableArray<string> command, CancellationToken stop) =>
        Spokesman.Process is { } process ? await process.RunBesideAsync(command, stop) : 0;

    public async ValueTask<StepOutput> CloseAsync()
    {
        _stopping.Cancel();
        _killing.Cancel();
        await Task.WhenAll(All().Select(c => c.CloseAsync()));
        await Ended;

        // What was started in the meantime is closed by now; its log speaks for a step that failed elsewhere.
        var bad = All().FirstOrDefault(c => IsBad(c) && c.Output is not null) ?? Spokesman;
        var dropped = All().Sum(c => c.Output?.DroppedLines ?? 0);
        var result = Spokesman.Name == AttemptSpec.Main ? Spokesman.Output?.Result : null;
        return new StepOutput(result ?? "", bad.Output?.LogTail ?? "", dropped);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _stopping.Dispose();
        _killing.Dispose();
    }

    private IEnumerable<PodContainer> All() => _init.Concat(_main).Concat(_sidecars);

    private ImmutableArray<PodContainer> All(ImmutableArray<PlannedContainer> plans) =>
        [.. plans.Select(p => new PodContainer(p, _containment, _disk, _clock, _stopping.Token, _killing.Token))];

    private async Task<ProcessEnd> RunAsync()
    {
        foreach (var init in _init)
        {
            await init.RunAsync();
            if (init.End!.ExitCode == 0 && !_stopping.IsCancellationRequested) { continue; }
            return EndWith(init, Verdict.Errored(init.Verdict!.Message, init.End.ExitCode));
        }
        var beside = _sidecars.Select(s => s.RunAsync()).ToArray();
        await RunMainAsync();
        await EndSidecarsAsync(beside);
        return Decided();
    }

    private async Task RunMainAsync()
    {
        var running = new Dictionary<string, Task>(StringComparer.Ordinal);
        var waiting = _main.Zip(_plan.Main).ToList();

        // In an order in which nobody waits for one who is not there yet; the manifest was checked for rings.
        while (waiting.FindIndex(w => w.Second.Dependencies.All(running.ContainsKey)) is >= 0 and var next)
        {
            var (container, plan) = waiting[next];
            waiting.RemoveAt(next);
            running[container.Name] = RunMemberAsync(container, [.. plan.Dependencies.Select(d => running[d])], plan.Dependencies);
        }
        await Task.WhenAll(running.Values);
    }

    private async Task RunMemberAsync(PodContainer member, Task[] before, ImmutableArray<string> dependencies)
    {
        await Task.WhenAll(before);

        // As Argo's launcher does: it ends with the code of the one it waited for.
        var bad = _main.FirstOrDefault(m => dependencies.Contains(m.Name) && m.End!.ExitCode != 0);
        if (bad is not null) { member.Skip(bad.End!.ExitCode); }
        else { await member.RunAsync(_plan.Runs?.Most ?? 1, _plan.Runs?.Wait ?? TimeSpan.Zero); }
    }

    private async Task EndSidecarsAsync(Task[] beside)
    {
        if (beside.Length == 0) { return; }
        var all = Task.WhenAll(beside);
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_killing.Token);
        _stopping.Cancel();
        var grace = Task.Delay(_plan.GracePeriod, _clock, over.Token);
        foreach (var sidecar in _sidecars) { _ = sidecar.StopAsync(); }
        await Task.WhenAny(all, grace);
        over.Cancel();
        foreach (var sidecar in _sidecars) { await sidecar.CloseAsync(); }
        await all;
    }

    private ProcessEnd Decided()
    {
        foreach (var member in _main)
        {
            // Of those that never ran for want of another the other is the cause.
            if (IsBad(member) && member.Verdict!.Message.Length > 0) { return EndWith(member, OfMember(member)); }
        }
        if (_main.FirstOrDefault(IsBad) is { } stopped) { return EndWith(stopped, stopped.Verdict!); }
        return _sidecars.FirstOrDefault(IsBad) is { } bad
            ? EndWith(bad, bad.Verdict!)
            : Spokesman.End! with { Judged = new Verdict(OutcomeKind.Succeeded, null, 0, "") };
    }

    private Verdict OfMember(PodContainer member) => _plan.IsSet && member.Verdict is { Kind: OutcomeKind.Failed, ExitCode: NotRun }
        ? member.Verdict with { Kind = OutcomeKind.Errored }
        : member.Verdict!;

    private bool IsBad(PodContainer container) =>
        container.End is { ExitCode: not 0 } end && !(_sidecars.Contains(container) && Stopped.Contains(end.ExitCode));

    private static ProcessEnd EndWith(PodContainer container, Verdict verdict) => container.End! with { Judged = verdict };

    private ContainerEnd EndOf(PodContainer container, bool isMember)
    {
        if (container.End is not { } end) { return new ContainerEnd(container.Name, OutcomeKind.Lost, null, ""); }
        return IsBad(container)
            ? new ContainerEnd(container.Name, (isMember ? OfMember(container) : container.Verdict!).Kind, end.ExitCode, container.Verdict!.Message)
            : new ContainerEnd(container.Name, OutcomeKind.Succeeded, end.ExitCode, "");
    }
}
