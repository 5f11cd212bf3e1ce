using Pawl.Core.Attempts;
using Pawl.Core.Workflows;
using Pawl.Storage.Files;

namespace Pawl.Supervision.Pods;

/// <summary>One container of a step, from its start to its end, as often as it is run.</summary>
/// <param name="stopping">Nothing is started any more.</param>
/// <param name="killing">Nothing is waited for any more.</param>
internal sealed class PodContainer(
    PlannedContainer plan, IContainment containment, IDisk disk, TimeProvider clock, CancellationToken stopping, CancellationToken killing)
{
    // SIGTERM, as a shell tells it.
    private const int Terminated = 143;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _running = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IStepProcess? _process;
    private Task? _stop;
    private bool _told;
    private string? _hookFailed;

    public string Name => plan.Name;

    /// <summary>Of its last run; null where it never ran to an end.</summary>
    public StepOutput? Output { get; private set; }

    /// <summary>Null before its end.</summary>
    public ProcessEnd? End { get; private set; }

    /// <summary>What its end means by itself.</summary>
    public Verdict? Verdict { get; private set; }

    public string Containment { get; private set; } = "";

    /// <summary>It runs, or ran.</summary>
    public IStepProcess? Process
    {
        get { lock (_gate) { return _process; } }
    }

    /// <param name="most">Runs, until one ends with 0.</param>
    public async Task RunAsync(int most = 1, TimeSpan wait = default)
    {
        for (var run = 1; ; run++)
        {
            await RunOnceAsync();
            if (End!.ExitCode == 0 || run >= most || stopping.IsCancellationRequested || !await WaitAsync(wait)) { return; }
        }
    }

    /// <summary>It ends without having run.</summary>
    public void Skip(int exitCode)
    {
        _running.TrySetCanceled(CancellationToken.None);
        Finish(new ProcessEnd(exitCode, null, OutOfMemory: false), new Verdict(OutcomeKind.Failed, Core.Errors.ErrorClass.Permanent, exitCode, ""));
    }

    /// <summary>Completes when it is ready for those who wait for it; cancelled where it never will be.</summary>
    public async Task ReadyAsync()
    {
        await _running.Task;
        if (plan.Ready is not { } probe) { return; }
        await Task.Delay(TimeSpan.FromSeconds(probe.InitialDelay), clock, stopping);
        for (var passed = 0; ;)
        {
            passed = await PassesAsync(probe) ? passed + 1 : 0;
            if (passed >= probe.Successes) { return; }
            await Task.Delay(TimeSpan.FromSeconds(probe.Period), clock, stopping);
        }
    }

    /// <summary>Its hook and then the stop signal; killing is for those who wait too long.</summary>
    public async Task StopAsync()
    {
        Task stop;
        lock (_gate) { stop = _stop ??= StopOnceAsync(); }
        await stop;
    }

    public async Task CloseAsync()
    {
        if (Process is { } process) { await process.CloseAsync(); }
    }

    private async Task StopOnceAsync()
    {
        lock (_gate) { _told = true; }
        if (Process is not { } process || process.Ended.IsCompleted) { return; }
        try
        {
            // As in Kubernetes a failing hook does not keep the signal back.
            if (plan.PreStop is { } hook) { await Actions.DoAsync(hook, process, containment, clock, killing); }
        }
        catch (OperationCanceledException)
        {
            return;
        }
        await process.TerminateAsync();
    }

    private async Task RunOnceAsync()
    {
        if (plan.PausesBefore) { await PauseAsync("before"); }
        if (stopping.IsCancellationRequested)
        {
            Skip(Terminated);
            return;
        }
        IStepProcess process;
        try
        {
            if (plan.Name != AttemptSpec.Main) { await disk.MakeFolderAsync(plan.Start.Folder); }
            process = await containment.StartAsync(plan.Start);
        }
        catch (StepStartException e)
        {
            Finish(new ProcessEnd(e.ExitCode, null, OutOfMemory: false), Classify.NotStarted(e, plan.Name));
            return;
        }
        catch (IOException e)
        {
            Finish(new ProcessEnd(1, null, OutOfMemory: false), Supervision.Verdict.Errored($"{plan.Name}: could not be started: {e.Message}"));
            return;
        }
        await using (process)
        {
            bool told;
            lock (_gate)
            {
                (_process, told) = (process, _told);
                Containment = process.Containment;
            }
            if (killing.IsCancellationRequested) { await process.CloseAsync(); }
            else if (told || stopping.IsCancellationRequested) { await process.TerminateAsync(); }
            _running.TrySetResult();
            var hook = plan.PostStart is { } action ? PostStartAsync(action, process) : Task.CompletedTask;
            await process.Ended;
            await hook;
            if (plan.PausesAfter) { await PauseAsync("after", process); }
            Output = await process.CloseAsync();
            var end = await process.Ended;
            var verdict = Classify.Ended(end, null, plan.Name);
            Finish(end, _hookFailed is { } why && end.ExitCode != 0 ? verdict with { Message = $"{verdict.Message}: postStart failed: {why}" } : verdict);
        }
    }

    private void Finish(ProcessEnd end, Verdict verdict) => (End, Verdict) = (end, verdict);

    // As in Kubernetes: a container whose hook failed is killed.
    private async Task PostStartAsync(ContainerAction action, IStepProcess process)
    {
        try
        {
            if (await Actions.DoAsync(action, process, containment, clock, killing) is not { } why || process.Ended.IsCompleted) { return; }
            _hookFailed = why;
            process.Note($"postStart failed, so the container is killed: {why}");
        }
        catch (OperationCanceledException)
        {
            return;
        }
        await process.CloseAsync();
    }

    private async Task<bool> PassesAsync(Probe probe)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        using var over = new CancellationTokenSource();
        var asking = Actions.DoAsync(probe.Action, Process!, containment, clock, late.Token);
        var limit = Task.Delay(TimeSpan.FromSeconds(probe.Timeout), clock, over.Token);
        if (await Task.WhenAny(asking, limit) == limit) { late.Cancel(); }
        over.Cancel();
        try
        {
            return await asking is null;
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<bool> WaitAsync(TimeSpan wait)
    {
        try
        {
            await Task.Delay(wait, clock, stopping);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // Somebody wants to look at it, and says when it goes on.
    private async Task PauseAsync(string when, IStepProcess? process = null)
    {
        var folder = Path.Combine(plan.Start.AttemptFolder, AttemptFiles.Containers, plan.Name);
        var marker = Path.Combine(folder, when);
        await disk.MakeFolderAsync(folder);
        process?.Note($"paused {when} its end; it goes on when there is a file {marker}");
        var over = when == "before" ? stopping : killing;
        try
        {
            while (await disk.StatAsync(marker) is null && !stopping.IsCancellationRequested) { await Task.Delay(Look, clock, over); }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }
}
