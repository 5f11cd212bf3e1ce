using System.Diagnostics;
using Pawl.Core.Expressions;

namespace Pawl.Core.Workflows;

/// <summary>A lock of Argo's <c>synchronization</c> as written; all its texts may hold tags.</summary>
public abstract record LockRef(string? Namespace)
{
    /// <param name="IsInDatabase">Argo keeps it in a database; here that is only another name.</param>
    public sealed record Mutex(string Name, bool IsInDatabase, string? Namespace) : LockRef(Namespace);

    /// <summary>A semaphore whose limit is a value of a config map.</summary>
    public sealed record MapSemaphore(string Map, string Key, string? Namespace) : LockRef(Namespace);

    /// <summary>A semaphore whose limit Argo keeps in a database, and pawl in the home's <c>limits.yaml</c>.</summary>
    public sealed record DatabaseSemaphore(string Key, string? Namespace) : LockRef(Namespace);

    /// <summary>By what it is known to all runs.</summary>
    /// <exception cref="ExpressionException">A tag cannot be resolved.</exception>
    public LockKey Resolve(Scope scope)
    {
        string Text(string text) => Substitution.Apply(text, scope);
        var place = Namespace is { Length: > 0 } written ? Text(written) : "default";
        return this switch
        {
            Mutex m => new($"{place}/{(m.IsInDatabase ? "Database" : "Mutex")}/{Text(m.Name)}", IsMutex: true),
            MapSemaphore s => new($"{place}/ConfigMap/{Text(s.Map)}/{Text(s.Key)}", IsMutex: false),
            DatabaseSemaphore d => new($"{place}/Database/{Text(d.Key)}", IsMutex: false),
            _ => throw new UnreachableException($"{GetType().Name} is not handled"),
        };
    }
}

/// <summary>A lock by Argo's name for it, which is the same to all runs of a home: <c>default/Mutex/NAME</c>.</summary>
/// <param name="IsMutex">One holder; else as many as a limit says that is read when it is asked for.</param>
public readonly record struct LockKey(string Name, bool IsMutex);
