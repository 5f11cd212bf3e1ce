using Microsoft.Data.Sqlite;

namespace Pawl.Engine.Homes;

/// <summary>Opens the home's <c>pawl.db</c> for those who keep tables in it.</summary>
internal static class Database
{
    /// <param name="waitSeconds">For somebody else's transaction.</param>
    /// <param name="prepare">Makes what tables are missing.</param>
    /// <exception cref="SqliteException">It cannot be opened, or is no database.</exception>
    public static SqliteConnection Open(string path, int waitSeconds, Action<SqliteConnection> prepare)
    {
        var db = new SqliteConnection(new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Pooling = false,        // a deleted database must not live on in a pool
            DefaultTimeout = waitSeconds,
        }.ToString());
        try
        {
            db.Open();
            prepare(db);
            return db;
        }
        catch
        {
            db.Dispose();
            throw;
        }
    }
}
