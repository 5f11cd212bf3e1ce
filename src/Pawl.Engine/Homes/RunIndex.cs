using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Pawl.Core.Scheduling;
using Pawl.Storage.Files;

namespace Pawl.Engine.Homes;

/// <summary>What a list of runs shows of one.</summary>
/// <param name="State">Beyond Argo's phase, such as <c>Paused</c>; empty is none.</param>
/// <param name="Progress">Nodes done of nodes known, <c>3/5</c>.</param>
public sealed record RunRow(
    string Uid,
    string Name,
    string Workflow,
    DateTimeOffset CreatedAt,
    Phase Phase,
    string State,
    DateTimeOffset? FinishedAt,
    string Message,
    string Progress);

/// <summary>A run, and what changes whenever its journal does.</summary>
public sealed record RunStamp(string Uid, string Fingerprint)
{
    /// <summary>By the last file of the journal: its number, size, inode and time of change.</summary>
    public static async ValueTask<RunStamp> OfAsync(IDisk disk, RunFolder run)
    {
        var last = (await disk.ListAsync(run.Journal)).Count(e => e.Name.EndsWith(".jsonl", StringComparison.Ordinal));
        var facts = last == 0 ? null : await disk.StatAsync($"{run.Journal}/{last.ToString(CultureInfo.InvariantCulture)}.jsonl");
        return new RunStamp(run.Uid, string.Create(CultureInfo.InvariantCulture, $"{last}:{facts?.Size}:{facts?.Inode}:{facts?.Changed}"));
    }
}

/// <summary>
/// Rows for lists of runs, kept in SQLite so that a journal is folded once per change. Never the truth: missing, damaged or locked, it is
/// made again or done without, at the cost of time.
/// </summary>
public sealed class RunIndex(string path)
{
    private const int Schema = 1;
    private const int WaitSeconds = 1;

    /// <summary>Why the index was made again or done without; null where all was well.</summary>
    public string? Notice { get; private set; }

    /// <summary>A row for each run, in the order asked, from the index where the run's journal did not change since.</summary>
    /// <param name="fold">Makes a run's row from its journal; null leaves the run out.</param>
    public async ValueTask<ImmutableArray<RunRow>> ReadAsync(IReadOnlyList<RunStamp> runs, Func<string, ValueTask<RunRow?>> fold)
    {
        var known = Lookup(runs);
        var rows = ImmutableArray.CreateBuilder<RunRow>(runs.Count);
        var fresh = new List<(RunStamp, RunRow)>();
        foreach (var run in runs)
        {
            if (known.TryGetValue(run.Uid, out var row)) { rows.Add(row); }
            else if (await fold(run.Uid) is { } made)
            {
                rows.Add(made);
                fresh.Add((run, made));
            }
        }
        if (fresh.Count > 0) { Store(fresh); }
        return rows.ToImmutable();
    }

    /// <returns>The rows that are still true, by uid.</returns>
    public IReadOnlyDictionary<string, RunRow> Lookup(IEnumerable<RunStamp> runs)
    {
        var stored = Try(ReadRows) ?? [];
        return runs.Where(r => stored.TryGetValue(r.Uid, out var row) && row.Fingerprint == r.Fingerprint)
            .ToDictionary(r => r.Uid, r => stored[r.Uid].Row, StringComparer.Ordinal);
    }

    public void Store(IEnumerable<(RunStamp Run, RunRow Row)> rows) => Try(db => WriteRows(db, rows));

    /// <summary>Forgets a run that was deleted.</summary>
    public void Remove(string uid) => Try(db => Execute(db, "DELETE FROM runs WHERE uid = $uid", ("$uid", uid)));

    private T? Try<T>(Func<SqliteConnection, T> use)
    {
        for (var again = false; ; again = true)
        {
            try
            {
                using var db = Open();
                return use(db);
            }
            catch (Exception e) when (!again && IsDamage(e))
            {
                Notice = $"{path} was damaged and is made again: {e.Message}";
                foreach (var file in (string[])[path, $"{path}-wal", $"{path}-shm"]) { TryDelete(file); }
            }
            catch (Exception e) when (e is SqliteException || IsDamage(e))
            {
                Notice = $"{path} is not used: {e.Message}";
                return default;
            }
        }
    }

    // 1: not the tables expected; 11: SQLITE_CORRUPT; 26: SQLITE_NOTADB; the others: values that were never stored.
    private static bool IsDamage(Exception e) => e is SqliteException { SqliteErrorCode: 1 or 11 or 26 }
        or InvalidOperationException or InvalidCastException or FormatException or ArgumentException;

    private void TryDelete(string file)
    {
        try { File.Delete(file); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Notice = $"{file} is damaged and cannot be removed: {e.Message}";
        }
    }

    private SqliteConnection Open() => Database.Open(path, WaitSeconds, db =>
    {
        var version = Convert.ToInt32(Scalar(db, "PRAGMA user_version"), CultureInfo.InvariantCulture);
        if (version > Schema) { throw new SqliteException($"a newer pawl made it (layout {version})", 0); }
        if (version < Schema) { Create(db); }
    });

    private static void Create(SqliteConnection db)
    {
        Execute(db, "PRAGMA journal_mode = WAL");
        Execute(db, """
            CREATE TABLE IF NOT EXISTS runs (
              uid TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, name TEXT NOT NULL, workflow TEXT NOT NULL, created TEXT NOT NULL,
              phase TEXT NOT NULL, state TEXT NOT NULL, finished TEXT, message TEXT NOT NULL, progress TEXT NOT NULL) WITHOUT ROWID
            """);
        Execute(db, string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version = {Schema}"));
    }

    private static Dictionary<string, (string Fingerprint, RunRow Row)> ReadRows(SqliteConnection db)
    {
        var rows = new Dictionary<string, (string, RunRow)>(StringComparer.Ordinal);
        using var command = db.CreateCommand();
        command.CommandText = "SELECT uid, fingerprint, name, workflow, created, phase, state, finished, message, progress FROM runs";
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            var row = new RunRow(
                reader.GetString(0), reader.GetString(2), reader.GetString(3), Time(reader.GetString(4)),
                Enum.Parse<Phase>(reader.GetString(5)), reader.GetString(6), reader.IsDBNull(7) ? null : Time(reader.GetString(7)),
                reader.GetString(8), reader.GetString(9));
            rows[row.Uid] = (reader.GetString(1), row);
        }
        return rows;
    }

    private static int WriteRows(SqliteConnection db, IEnumerable<(RunStamp Run, RunRow Row)> rows)
    {
        using var turn = db.BeginTransaction();
        var count = 0;
        foreach (var (run, row) in rows)
        {
            count += Execute(
                db, """
                INSERT OR REPLACE INTO runs
                VALUES ($uid, $print, $name, $workflow, $created, $phase, $state, $finished, $message, $progress)
                """,
                ("$uid", row.Uid), ("$print", run.Fingerprint), ("$name", row.Name), ("$workflow", row.Workflow),
                ("$created", Text(row.CreatedAt)), ("$phase", row.Phase.ToString()), ("$state", row.State),
                ("$finished", row.FinishedAt is { } at ? Text(at) : DBNull.Value), ("$message", row.Message), ("$progress", row.Progress));
        }
        turn.Commit();
        return count;
    }

    private static string Text(DateTimeOffset time) => time.ToString("O", CultureInfo.InvariantCulture);

    private static DateTimeOffset Time(string text) => DateTimeOffset.ParseExact(text, "O", CultureInfo.InvariantCulture);

    private static int Execute(SqliteConnection db, string sql, params ReadOnlySpan<(string Name, object Value)> values)
    {
        using var command = db.CreateCommand();
        command.CommandText = sql;
        foreach (var (name, value) in values) { command.Parameters.AddWithValue(name, value); }
        return command.ExecuteNonQuery();
    }

    private static object? Scalar(SqliteConnection db, string sql)
    {
        using var command = db.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
