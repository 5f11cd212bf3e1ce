using Pawl.Storage.Files;
using Pawl.Storage.Stores;
using Pawl.Supervision;

namespace Pawl.Simulation.Bugs;

/// <summary>A mistake planted between the code under trial and the world, to see that the simulation finds it.</summary>
/// <param name="name">As in <c>--bug NAME</c>.</param>
/// <param name="mistake">What is wrong, in words.</param>
public abstract class Bug(string name, string mistake)
{
    public string Name { get; } = name;

    public string Mistake { get; } = mistake;

    public virtual IDisk Disk(SimProcess process, IDisk disk) => disk;

    public virtual IObjectStore Store(SimProcess process, IObjectStore store) => store;

    public virtual IWatch Watch(SimProcess process, IWatch watch) => watch;

    public virtual TimeProvider Clock(SimProcess process, TimeProvider clock) => clock;

    public virtual IContainment Containment(SimProcess process, IContainment containment) => containment;

    public virtual ISupervisors Supervisors(SimProcess process, ISupervisors supervisors) => supervisors;
}
