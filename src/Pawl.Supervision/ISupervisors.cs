using Pawl.Storage.Files;

namespace Pawl.Supervision;

/// <summary>Starts supervisors; each outlives whoever started it.</summary>
public interface ISupervisors
{
    /// <summary>Starts a supervisor for the attempt in a folder and hands it the attempt's lock, without a moment in which nobody holds it.</summary>
    /// <param name="held">The lock of the attempt. After this call it is the supervisor's: freed when that process ends, however it ends.</param>
    /// <exception cref="IOException">No process could be started; the lock is free again.</exception>
    ValueTask StartAsync(string attemptFolder, IHeldLock held);
}
