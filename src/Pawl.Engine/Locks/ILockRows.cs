using System.Collections.Immutable;
using Pawl.Core.Locks;

namespace Pawl.Engine.Locks;

/// <summary>The locks of all runs of a home, and who waits for them. Changed by one engine at a time, wholly or not at all.</summary>
public interface ILockRows
{
    /// <summary>Reads all rows and puts others in their place, before anybody else may look; durable when this returns.</summary>
    /// <param name="change">Called once; must not wait.</param>
    /// <exception cref="IOException">They cannot be read or written; nothing was changed.</exception>
    ValueTask<T> ChangeAsync<T>(Func<ImmutableArray<LockRow>, (ImmutableArray<LockRow> Rows, T Result)> change);
}
