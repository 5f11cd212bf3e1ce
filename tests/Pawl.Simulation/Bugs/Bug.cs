using Pawl.Engine.Locks;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;
using Pawl.Supervision;
using Pawl.Supervision.Notices;
using Pawl.Supervision.Reports;

namespace Pawl.Simulation.Bugs;

/// <summary>A mistake planted between the code under trial and the world, to see that the simulation finds it.</summary>
/// <param name="name">As in <c>--bug NAME</c>.</param>
/// <param name="mistake">What is wrong, in words.</param>
public sealed class Bug(string name, string mistake)
{
    public string Name { get; } = name;

    public string Mistake { get; } = mistake;

    /// <summary>Where to begin to look for it: a world in which it can do harm may be rare.</summary>
    public ulong From { get; init; } = 1;

    public Func<SimProcess, IDisk, IDisk> Disk { get; init; } = (_, port) => port;

    public Func<SimProcess, IObjectStore, IObjectStore> Store { get; init; } = (_, port) => port;

    public Func<SimProcess, IWatch, IWatch> Watch { get; init; } = (_, port) => port;

    public Func<SimProcess, TimeProvider, TimeProvider> Clock { get; init; } = (_, port) => port;

    public Func<SimProcess, IContainment, IContainment> Containment { get; init; } = (_, port) => port;

    public Func<SimProcess, ILockRows, ILockRows> Locks { get; init; } = (_, port) => port;

    public Func<SimProcess, INotices, INotices> Notices { get; init; } = (_, port) => port;

    public Func<SimProcess, ISupervisors, ISupervisors> Supervisors { get; init; } = (_, port) => port;

    public Func<SimProcess, ITrainerLines, ITrainerLines> Lines { get; init; } = (_, port) => port;

    public Func<SimProcess, ICheckpointFolders, ICheckpointFolders> Folders { get; init; } = (_, port) => port;

    public Func<SimProcess, IStopRequests, IStopRequests> Stops { get; init; } = (_, port) => port;
}
