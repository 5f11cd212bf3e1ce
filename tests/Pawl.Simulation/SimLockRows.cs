using System.Collections.Immutable;
using Pawl.Core.Locks;
using Pawl.Engine.Locks;

namespace Pawl.Simulation;

/// <summary>The rows as one process sees them: a change happens wholly at one moment, outlives a power cut, or never was.</summary>
public sealed class SimLockRows(SimProcess process) : ILockRows
{
    public async ValueTask<T> ChangeAsync<T>(Func<ImmutableArray<LockRow>, (ImmutableArray<LockRow> Rows, T Result)> change)
    {
        await process.World.Turn(process, "locks", "");
        (process.World.LockRows, var result) = change(process.World.LockRows);
        // Between the commit and the taker's next step he may die.
        await process.World.Turn(process, "locked", "");
        return result;
    }
}
