using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Pawl.Core.Locks;
using Pawl.Engine.Homes;

namespace Pawl.Engine.Locks;

/// <summary>The rows in the home's <c>pawl.db</c>. One that is lost is filled again by the engines that live, each with what its own run holds.</summary>
/// <param name="path">The database; made where it is missing.</param>
public sealed class LockTable(string path) : ILockRows
{
    // A turn of another engine takes milliseconds, on a slow disk tenths of a second.
    private const int WaitSeconds = 30;

    public ValueTask<T> ChangeAsync<T>(Func<ImmutableArray<LockRow>, (ImmutableArray<LockRow> Rows, T Result)> change)
    {
        try
        {
            using var db = Open();
            using var turn = db.BeginTransaction(deferred: false);
            var before = Read(db);
            var (after, result) = change(before);
            foreach (var row in before.Except(after)) { Remove(db, row); }
            foreach (var row in after.Except(before)) { Write(db, row); }
            turn.Commit();
            return ValueTask.FromResult(result);
        }
        catch (Exception e) when (e is SqliteException or InvalidOperationException or InvalidCastException or FormatException)
        {
            throw new IOException($"the locks in {path} cannot be used: {e.Message}; if it is damaged, remove it: engines that live put their locks back", e);
        }
    }

    private SqliteConnection Open() => Database.Open(path, WaitSeconds, db =>
    {
        Execute(db, "PRAGMA journal_mode = WAL");
        Execute(db, "PRAGMA synchronous = FULL");
        Execute(db, """
            CREATE TABLE IF NOT EXISTS locks (
              key TEXT NOT NULL, run TEXT NOT NULL, node TEXT NOT NULL, priority INTEGER NOT NULL, created TEXT NOT NULL,
              held INTEGER NOT NULL, owner TEXT NOT NULL, PRIMARY KEY (key, run, node)) WITHOUT ROWID
            """);
    });

    private static ImmutableArray<LockRow> Read(SqliteConnection db)
    {
        var rows = ImmutableArray.CreateBuilder<LockRow>();
        using var command = db.CreateCommand();
        command.CommandText = "SELECT key, run, node, priority, created, held, owner FROM locks";
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            rows.Add(new LockRow(
                reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt32(3),
                DateTimeOffset.ParseExact(reader.GetString(4), "O", CultureInfo.InvariantCulture), reader.GetBoolean(5), reader.GetString(6)));
        }
        return rows.ToImmutable();
    }

    private static void Remove(SqliteConnection db, LockRow row) => Execute(db,
        "DELETE FROM locks WHERE key = $key AND run = $run AND node = $node", ("$key", row.Key), ("$run", row.Run), ("$node", row.Node));

    private static void Write(SqliteConnection db, LockRow row) => Execute(db,
        "INSERT OR REPLACE INTO locks VALUES ($key, $run, $node, $priority, $created, $held, $owner)",
        ("$key", row.Key), ("$run", row.Run), ("$node", row.Node), ("$priority", row.Priority),
        ("$created", row.CreatedAt.ToString("O", CultureInfo.InvariantCulture)), ("$held", row.IsHeld), ("$owner", row.Owner));

    private static void Execute(SqliteConnection db, string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        using var command = db.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values) { command.Parameters.AddWithValue(name, value); }
        command.ExecuteNonQuery();
    }
}
