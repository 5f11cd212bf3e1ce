using System.Collections.Immutable;
using System.Globalization;
using Pawl.Core.Workflows;
using Pawl.Storage.Artifacts;
using Pawl.Storage.Files;
using Pawl.Supervision;
using Pawl.Supervision.Machine;

namespace Pawl.Simulation.Processes;

/// <summary>The real supervisor in a simulated process.</summary>
public static class SupervisorProgram
{
    /// <summary>What the fingerprint of other parameters ends with.</summary>
    public const string OtherFingerprint = "-other";

    // Bytes: so small that every checkpoint has several parts.
    private const int ChunkSize = 64;

    /// <summary>Runs the attempt in a folder of this machine.</summary>
    public static async Task RunAsync(SimProcess me, string attemptFolder) => await AttemptOf(me, attemptFolder, host: "").RunAsync(attemptFolder);

    /// <summary>Another machine on the same store runs a later attempt of the same node; it has a folder of its own.</summary>
    /// <param name="differs">Its parameters are others: what it makes is not what the run wants.</param>
    public static async Task RunAsRivalAsync(SimProcess me, string attemptFolder, string host, bool differs)
    {
        var disk = new Disk.SimDisk(me);
        var folder = $"/{host}/runs/run/step/attempt";
        await disk.MakeFolderAsync(folder);
        if (await disk.OpenReadAsync($"{attemptFolder}/{AttemptFiles.Spec}") is null) { return; }
        var spec = await AttemptFiles.ReadSpecAsync(disk, attemptFolder);
        spec = spec with { Attempt = spec.Attempt + (1000 * me.Id) };
        await AttemptFiles.WriteSpecAsync(disk, folder, !differs ? spec : spec with
        {
            Fingerprint = spec.Fingerprint + OtherFingerprint,
            Env = [new EnvVar(StepProgram.Recipe, "other")],
        });
        await AttemptOf(me, folder, host).RunAsync(folder);
    }

    private static Attempt AttemptOf(SimProcess me, string folder, string host)
    {
        var ports = me.World.Ports;
        var disk = ports.Disk(me);
        var store = ports.Store(me, disk);
        var containment = ports.Containment(me, host);
        return new Attempt(
            disk, store, new ArtifactStore(store, disk, new DigestMemory(disk, $"{Places.Home}/cache/verified")),
            containment, ports.Stops(me, disk, folder),
            new TrainerPorts(ports.Lines(me), ports.Folders(me), ports.Notices(me), work => work(), () => { }) { ChunkSize = ChunkSize },
            new SupervisorHost(
                host.Length == 0 ? "here" : host, Places.Home, "/run/pawl", ImmutableSortedDictionary<string, string>.Empty,
                () => me.World.Dice.Next().ToString("x16", CultureInfo.InvariantCulture), $"boot-{ports.Boots}")
            {
                Room = new MachineRoom(disk, containment, ports.Clock(me), () => host.Length == 0 ? Places.Room : $"/{host}/room", () => Places.Machine),
            },
            ports.Clock(me));
    }
}

/// <summary>Starts supervisors as processes of the world, each with the lock of its attempt from its first moment on.</summary>
public sealed class SimSupervisors(SimProcess starter) : ISupervisors
{
    public async ValueTask StartAsync(string attemptFolder, IHeldLock held)
    {
        await starter.World.Turn(starter, "supervise", attemptFolder);
        var supervisor = starter.World.Start(Role.Supervisor, Name(attemptFolder), me => SupervisorProgram.RunAsync(me, attemptFolder), attemptFolder);
        supervisor.FailsOnlyWithDisk();
        ((Disk.SimHeldLock)held).Lock.HandTo(supervisor);
    }

    private static string Name(string attemptFolder) => $"supervisor {string.Join('/', attemptFolder.Split('/')[^2..])}";
}
