using System.Collections.Immutable;
using Pawl.Core.Workflows;
using Pawl.Manifests.Yaml;

namespace Pawl.Manifests.Argo;

/// <summary>Reads <c>synchronization</c>, in a spec or a template.</summary>
internal sealed class LockReader(Problems problems)
{
    /// <summary>Mutexes first, each list in its order; those of before Argo 4, one of each, are read too.</summary>
    public ImmutableArray<LockRef> Locks(Fields fields)
    {
        if (fields.Map("synchronization", Tables.Synchronization) is not { } locks) { return []; }
        return
        [
            .. All(locks, "mutex", "mutexes").Select(Mutex).OfType<LockRef>(),
            .. All(locks, "semaphore", "semaphores").Select(Semaphore).OfType<LockRef>(),
        ];
    }

    private static IEnumerable<YamlNode> All(Fields locks, string one, string many) =>
        locks.Value(one) is { } single ? locks.List(many).Prepend(single) : locks.List(many);

    private LockRef.Mutex? Mutex(YamlNode node)
    {
        if (Fields.Of(node, Tables.Mutex, problems) is not { } mutex) { return null; }
        return Required(mutex, "name", "mutex") is { } name
            ? new LockRef.Mutex(name, mutex.Flag("database") ?? false, mutex.Text("namespace"))
            : null;
    }

    private LockRef? Semaphore(YamlNode node)
    {
        if (Fields.Of(node, Tables.Semaphore, problems) is not { } semaphore) { return null; }
        var place = semaphore.Text("namespace");
        var (map, database) = (semaphore.Map("configMapKeyRef", Tables.LimitInMap), semaphore.Map("database", Tables.LimitInDatabase));
        if ((map is null) == (database is null))
        {
            problems.Error(node, "a semaphore needs one place where its limit is; write `configMapKeyRef: {name: MAP, key: KEY}` or `database: {key: KEY}`");
            return null;
        }
        if (database is not null) { return Required(database, "key", "database") is { } only ? new LockRef.DatabaseSemaphore(only, place) : null; }
        return Required(map!, "name", "configMapKeyRef") is { } name && Required(map!, "key", "configMapKeyRef") is { } key
            ? new LockRef.MapSemaphore(name, key, place)
            : null;
    }

    private string? Required(Fields fields, string field, string what)
    {
        if (fields.Text(field) is { Length: > 0 } text) { return text; }
        if (!fields.Has(field) || fields.Value(field) is { Kind: YamlKind.Scalar, Text: "" })
        {
            problems.Error(fields.Node, $"a {what} without {field}; write `{field}: TEXT`");
        }
        return null;
    }
}
