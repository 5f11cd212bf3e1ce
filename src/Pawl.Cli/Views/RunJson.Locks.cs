using System.Collections.Immutable;
using System.Text.Json;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;

namespace Pawl.Cli.Views;

public static partial class RunJson
{
    // Argo names one lock, the first that is not free; which that is stands in the message.
    private static void Waiting(Utf8JsonWriter w, ImmutableArray<LockKey> locks)
    {
        w.WriteStartObject("synchronizationStatus");
        w.WriteString("waiting", locks[0].Name);
        w.WriteEndObject();
    }

    private static void Memoization(Utf8JsonWriter w, MemoKey memo, bool hit)
    {
        w.WriteStartObject("memoizationStatus");
        w.WriteBoolean("hit", hit);
        w.WriteString("key", memo.Key);
        w.WriteString("cacheName", memo.Cache);
        w.WriteEndObject();
    }

    // Argo's status of the whole: who holds and who waits for what, of this run.
    private static void Synchronization(Utf8JsonWriter w, RunState run)
    {
        var holders = Holders(run).ToList();
        if (holders.Count == 0) { return; }
        w.WriteStartObject("synchronization");
        foreach (var (field, isMutex) in (ReadOnlySpan<(string, bool)>)[("mutex", true), ("semaphore", false)])
        {
            var own = holders.Where(h => h.Lock.IsMutex == isMutex).ToList();
            if (own.Count == 0) { continue; }
            w.WriteStartObject(field);
            foreach (var (list, isHeld) in (ReadOnlySpan<(string, bool)>)[("holding", true), ("waiting", false)])
            {
                var rows = own.Where(h => h.IsHeld == isHeld).ToList();
                if (rows.Count == 0) { continue; }
                w.WriteStartArray(list);
                foreach (var row in rows.GroupBy(h => h.Lock.Name, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)) { Lock(w, field, row.Key, [.. row.Select(h => h.Holder)], isHeld); }
                w.WriteEndArray();
            }
            w.WriteEndObject();
        }
        w.WriteEndObject();
    }

    private static void Lock(Utf8JsonWriter w, string field, string name, ImmutableArray<string> holders, bool isHeld)
    {
        w.WriteStartObject();
        w.WriteString(field, name);
        if (field == "semaphore" && isHeld)
        {
            w.WriteStartArray("holders");
            foreach (var holder in holders) { w.WriteStringValue(holder); }
            w.WriteEndArray();
        }
        else if (isHeld) { w.WriteString("holder", holders[0]); }
        w.WriteEndObject();
    }

    private static IEnumerable<(LockKey Lock, string Holder, bool IsHeld)> Holders(RunState run)
    {
        var own = run.IsDone ? [] : run.OwnLocks.Select(l => (l, $"default/{run.Name}", run.HasOwnLocks));
        var nodes = run.LockHolders.Concat(run.LockQueues.ByTemplate.Values.SelectMany(ids => ids)).Order().Select(id => run.Nodes[id]);
        return own.Concat(nodes.SelectMany(n => n.Locks.Select(l => (l, $"default/{run.Name}/{Names.ArgoId(run.Name, n.Id)}", n.HasLocks))));
    }
}
