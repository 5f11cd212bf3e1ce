using System.Collections.Immutable;
using Pawl.Core.Locks;
using Pawl.Engine.Locks;

namespace Pawl.Simulation.Bugs;

/// <summary>Rows of which nobody remembers who holds a lock.</summary>
public sealed class HoldersForgotten(ILockRows inner) : ILockRows
{
    public ValueTask<T> ChangeAsync<T>(Func<ImmutableArray<LockRow>, (ImmutableArray<LockRow> Rows, T Result)> change) =>
        inner.ChangeAsync(rows => change([.. rows.Where(r => !r.IsHeld)]));
}

/// <summary>Rows that nobody lets go of.</summary>
public sealed class NothingReleased(ILockRows inner) : ILockRows
{
    public ValueTask<T> ChangeAsync<T>(Func<ImmutableArray<LockRow>, (ImmutableArray<LockRow> Rows, T Result)> change) =>
        inner.ChangeAsync<T>(rows =>
        {
            var (after, result) = change(rows);
            return ([.. after, .. rows.Where(r => r.IsHeld && !after.Any(a => (a.Key, a.Run, a.Node) == (r.Key, r.Run, r.Node)))], result);
        });
}
