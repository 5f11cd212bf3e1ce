using System.Globalization;
using Pawl.Engine.Locks;
using Pawl.Simulation.Bugs;
using Pawl.Simulation.Disk;
using Pawl.Simulation.Processes;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;
using Pawl.Supervision;
using Pawl.Supervision.Notices;
using Pawl.Supervision.Reports;

namespace Pawl.Simulation;

/// <summary>What the code under trial gets to see of the world, one set a process; a planted bug sits between the two.</summary>
public sealed class Ports(Bug? bug)
{
    /// <summary>Starts of the machine so far.</summary>
    public int Boots { get; set; } = 1;

    public IDisk Disk(SimProcess process) => With<IDisk>(new SimDisk(process), (b, disk) => b.Disk(process, disk));

    public IWatch Watch(SimProcess process) => With<IWatch>(new SimWatch(process), (b, watch) => b.Watch(process, watch));

    public TimeProvider Clock(SimProcess process) => With<TimeProvider>(new SimClock(process), (b, clock) => b.Clock(process, clock));

    public IObjectStore Store(SimProcess process, IDisk disk) => With<IObjectStore>(
        new LocalStore(disk, Places.Store, () => process.World.Dice.Next().ToString("x16", CultureInfo.InvariantCulture), $"boot-{Boots}"),
        (b, store) => b.Store(process, store));

    public IContainment Containment(SimProcess process, string host) =>
        With<IContainment>(new SimContainment(process, host), (b, containment) => b.Containment(process, containment));

    public ISupervisors Supervisors(SimProcess process) =>
        With<ISupervisors>(new SimSupervisors(process), (b, supervisors) => b.Supervisors(process, supervisors));

    public ILockRows Locks(SimProcess process) => With<ILockRows>(new SimLockRows(process), (b, locks) => b.Locks(process, locks));

    public INotices Notices(SimProcess process) => With<INotices>(new SimNotices(process), (b, notices) => b.Notices(process, notices));

    public ITrainerLines Lines(SimProcess process) => With<ITrainerLines>(new SimLines(process), (b, lines) => b.Lines(process, lines));

    public ICheckpointFolders Folders(SimProcess process) =>
        With<ICheckpointFolders>(new SimCheckpointFolders(process), (b, folders) => b.Folders(process, folders));

    public IStopRequests Stops(SimProcess process, IDisk disk, string folder) =>
        With<IStopRequests>(new StopRequests(disk, Watch(process), folder), (b, stops) => b.Stops(process, stops));

    private T With<T>(T port, Func<Bug, T, T> plant) => bug is null ? port : plant(bug, port);
}
