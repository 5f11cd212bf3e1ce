using System.Collections;
using System.Globalization;
using System.Runtime.InteropServices;
using Pawl.Core.Attempts;
using Pawl.Storage.Artifacts;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;
using Pawl.Supervision.Checkpoints;
using Pawl.Supervision.Machine;
using Pawl.Supervision.Notices;
using Pawl.Supervision.Processes;
using Pawl.Supervision.Reports;

namespace Pawl.Supervision;

/// <summary>The process <c>pawl supervise</c>: an attempt with the real disk, store, clock, signals and processes around it.</summary>
public static class SuperviseHost
{
    private const int Failed = 1;

    /// <param name="attemptFolder">With <c>spec.json</c> in it.</param>
    /// <param name="lockFd">The descriptor on which the attempt's lock was handed down; −1 to take the lock here.</param>
    /// <returns>0 done, 75 preempted, else the command's own code, or 1.</returns>
    public static async Task<int> RunAsync(string attemptFolder, string home, int lockFd)
    {
        try
        {
            var (folder, lockPath) = (Path.GetFullPath(attemptFolder), Path.Combine(Path.GetFullPath(attemptFolder), AttemptFiles.Lock));
            var disk = CrashingDisk.Around(new Disk(), "supervisor");
            await using var held = lockFd >= 0 ? HeldLock.Adopt(lockFd, lockPath) : await disk.TryLockAsync(lockPath);
            if (held is null)
            {
                Say(attemptFolder, "another supervisor runs this attempt; nothing was done");
                return Failed;
            }
            try
            {
                return await SuperviseAsync(disk, folder, Path.GetFullPath(home), isAlone: lockFd < 0);
            }
            catch (Exception e)
            {
                // Said before the lock is free: whoever takes it next finds no outcome and calls the attempt lost; here it is said why.
                Say(attemptFolder, $"the supervisor gives up without an outcome: {e}");
                return Failed;
            }
        }
        catch (Exception e)
        {
            Say(attemptFolder, $"the supervisor did not begin: {e}");
            return Failed;
        }
    }

    /// <param name="isAlone">No engine started it, as in a pod, where the cluster has shared the machine out.</param>
    private static async Task<int> SuperviseAsync(IDisk disk, string folder, string home, bool isAlone)
    {
        var boot = await Boot.IdAsync(disk);
        var containment = new Containment(wholeProcess: true);
        var host = Host(home, boot) with
        {
            Room = isAlone ? null : new MachineRoom(disk, containment, TimeProvider.System, () => Path.Combine(RuntimeFolder.Ensure(), "room"), MachineSize.Measure),
        };
        using var watch = new InotifyWatch();
        using var stops = new StopRequests(disk, watch, folder);
        using var terminate = StopOn(PosixSignal.SIGTERM, stops);
        using var interrupt = StopOn(PosixSignal.SIGINT, stops);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);

        await using var notices = NoticeWatch.Start(NoticeOptions.Of(host.Environment, []), disk, watch, TimeProvider.System, text => Say(folder, text));

        // Whoever ran the step before on this machine is dead, since the attempt's lock is held.
        var writer = AttemptFiles.Writer(folder);
        var root = Path.Combine(home, "store");
        await LocalStore.RemoveUnfinishedAsync(disk, root, writer);
        var store = new LocalStore(disk, root, () => $"{writer}{Guid.NewGuid():N}", boot);
        var artifacts = new ArtifactStore(store, disk, new DigestMemory(disk, Path.Combine(home, "cache", "verified")));
        var attempt = new Attempt(disk, store, artifacts, containment, stops, Trainers(notices), host, TimeProvider.System);

        var outcome = await attempt.RunAsync(folder);
        if (outcome is null)
        {
            Say(folder, "the step has another owner; no outcome was written");
            return Failed;
        }
        return outcome.Kind switch
        {
            OutcomeKind.Succeeded => 0,
            OutcomeKind.Preempted => Classify.TemporaryFailure,
            _ => outcome.ExitCode is { } code and not 0 ? code : Failed,
        };
    }

    private static PosixSignalRegistration StopOn(PosixSignal signal, StopRequests stops) =>
        PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            stops.Post(new StopRequest(StopKind.Terminate, StopReason.Preemption, $"the supervisor received {context.Signal}"));
        });

    private static TrainerPorts Trainers(INotices notices) =>
        new(new ReportSockets(), new CheckpointFolders(TimeProvider.System), notices, Task.Run, BackgroundPriority.Lower);

    private static SupervisorHost Host(string home, string boot)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            environment[(string)variable.Key] = (string?)variable.Value ?? "";
        }
        var sdk = Path.Combine(AppContext.BaseDirectory, "python");
        if (Directory.Exists(sdk)) { environment[SupervisorHost.PythonSdk] = sdk; }
        var locks = $"/tmp/pawl-locks-{Native.EffectiveUser()}";
        return new SupervisorHost(Environment.MachineName, home, locks, environment, () => Guid.NewGuid().ToString("N"), boot);
    }

    private static void Say(string folder, string text) =>
        Console.Error.WriteLine($"{TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture)} {folder}: {text}");
}
