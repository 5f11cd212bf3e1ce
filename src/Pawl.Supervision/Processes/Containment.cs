using Pawl.Core.Workflows;
using Pawl.Supervision.Engines;
using Pawl.Supervision.Mounts;

namespace Pawl.Supervision.Processes;

/// <summary>Real processes, held together by the best this machine has: cgroup v2, cgroup v1, else a subreaper; in all cases also a scan of environments.</summary>
public sealed class Containment : IContainment
{
    private readonly Cgroups _groups;
    private readonly bool _wholeProcess;
    private readonly bool _offersViews;

    /// <param name="wholeProcess">
    /// This process runs nothing but one attempt, so that orphans may be handed to it and every child it has belongs to the attempt.
    /// </param>
    public Containment(bool wholeProcess) : this(wholeProcess, Cgroups.Find())
    {
    }

    /// <param name="offersViews">False behaves as a machine without bubblewrap does.</param>
    internal Containment(bool wholeProcess, Cgroups groups, bool offersViews = true)
    {
        (_wholeProcess, _groups, _offersViews) = (wholeProcess, groups, offersViews);
        if (wholeProcess && groups is { Unified: null, Memory: null })
        {
            _ = Native.ProcessControl(Native.BecomeSubreaper, 1, 0, 0, 0);
        }
    }

    public async ValueTask EmptyAsync(string attemptFolder) =>
        await Task.Factory.StartNew(
            () => Empty(attemptFolder), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public ValueTask<string?> WhyNoViewAsync(MountView view) => new(_offersViews ? Bubblewrap.WhyNot(view) : "mount views are switched off");

    public ValueTask<IStepProcess> StartAsync(StepStart start) => start.Image is { } image
        ? new(Task.Factory.StartNew<IStepProcess>(() => EngineProcess.Start(Found(), start, image), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))
        : new(StepProcess.Start(start, _groups, _wholeProcess));

    public ValueTask<string?> CallAsync(ContainerAction action, CancellationToken stop) => NetworkCall.MakeAsync(action, "127.0.0.1", stop);

    private static ContainerEngine Found() => ContainerEngine.Find() ?? throw new IOException("no container engine is here: neither podman nor docker is in PATH");

    private static void Empty(string attemptFolder)
    {
        Container.Empty(attemptFolder);
        EngineRecord.Empty(attemptFolder);
        var others = Path.Combine(attemptFolder, AttemptFiles.Containers);
        if (!Directory.Exists(others)) { return; }
        foreach (var other in Directory.GetDirectories(others)) 
        {
            Container.Empty(other);
            EngineRecord.Empty(other);
        }
    }
}
