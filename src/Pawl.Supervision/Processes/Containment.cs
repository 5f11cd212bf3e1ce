namespace Pawl.Supervision.Processes;

/// <summary>Real processes, held together by the best this machine has: cgroup v2, cgroup v1, else a subreaper; in all cases also a scan of environments.</summary>
public sealed class Containment : IContainment
{
    private readonly Cgroups _groups;
    private readonly bool _wholeProcess;

    /// <param name="wholeProcess">
    /// This process runs nothing but one attempt, so that orphans may be handed to it and every child it has belongs to the attempt.
    /// </param>
    public Containment(bool wholeProcess) : this(wholeProcess, Cgroups.Find())
    {
    }

    internal Containment(bool wholeProcess, Cgroups groups)
    {
        (_wholeProcess, _groups) = (wholeProcess, groups);
        if (wholeProcess && groups is { Unified: null, Memory: null })
        {
            _ = Native.ProcessControl(Native.BecomeSubreaper, 1, 0, 0, 0);
        }
    }

    public async ValueTask EmptyAsync(string attemptFolder) =>
        await Task.Factory.StartNew(
            () => Container.Empty(attemptFolder), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public ValueTask<IStepProcess> StartAsync(StepStart start) => new(StepProcess.Start(start, _groups, _wholeProcess));
}
