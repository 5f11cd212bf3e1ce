using Microsoft.Data.Sqlite;
using Pawl.Core.Scheduling;
using Pawl.Engine.Homes;
using Pawl.Engine.Journals;
using Xunit;

namespace Pawl.Tests.Engine.Homes;

public sealed class RunIndexTests : Scratch
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly RunStamp[] Two = [new("u1", "1:10"), new("u2", "1:20")];

    private readonly List<string> _folded = [];

    private string Db => At("pawl.db");

    [Fact]
    public async Task A_journal_is_folded_once_per_change()
    {
        var first = await Read(Two);
        Assert.Equal(["u1", "u2"], _folded);
        Assert.Equal([Row("u1"), Row("u2")], first);

        _folded.Clear();
        Assert.Equal(first, await Read(Two));
        Assert.Empty(_folded);

        await Read([Two[0], Two[1] with { Fingerprint = "1:21" }]);
        Assert.Equal(["u2"], _folded);
    }

    [Fact]
    public async Task A_run_without_a_row_is_left_out() => Assert.Empty(await new RunIndex(Db).ReadAsync(Two, _ => new((RunRow?)null)));

    [Theory]
    [InlineData("deleted")]
    [InlineData("empty")]
    [InlineData("garbage")]
    [InlineData("other tables")]
    [InlineData("torn")]
    public async Task A_lost_or_damaged_index_is_made_again(string harm)
    {
        await Read(Two);
        _folded.Clear();
        switch (harm)
        {
            case "deleted": File.Delete(Db); break;
            case "empty": await File.WriteAllBytesAsync(Db, []); break;
            case "garbage": await File.WriteAllTextAsync(Db, new string('g', 5000)); break;
            case "other tables": Sql("DROP TABLE runs; CREATE TABLE runs (x)"); break;
            case "torn": await File.WriteAllBytesAsync(Db, (await File.ReadAllBytesAsync(Db))[..5000]); break;
        }

        Assert.Equal([Row("u1"), Row("u2")], await Read(Two));
        _folded.Clear();
        Assert.Equal([Row("u1"), Row("u2")], await Read(Two));
        Assert.Empty(_folded);
    }

    [Theory]
    [InlineData("locked")]
    [InlineData("newer")]
    [InlineData("a folder")]
    public async Task An_index_that_cannot_be_used_is_done_without(string trouble)
    {
        using var other = new SqliteConnection($"Data Source={Db};Pooling=False");
        switch (trouble)
        {
            case "locked":
                await Read(Two);
                other.Open();
                Execute(other, "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
                break;
            case "newer": Sql("PRAGMA user_version = 99"); break;
            case "a folder": Directory.CreateDirectory(Db); break;
        }
        _folded.Clear();

        var index = new RunIndex(Db);
        Assert.Equal([Row("u1"), Row("u2")], await index.ReadAsync(Two, Fold));
        Assert.Equal(["u1", "u2"], _folded);
        Assert.Contains("is not used", index.Notice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_deleted_run_is_forgotten()
    {
        await Read(Two);
        var index = new RunIndex(Db);
        index.Remove("u1");
        Assert.Equal(["u2"], index.Lookup(Two).Keys);
    }

    [Fact]
    public async Task Every_appended_turn_changes_the_stamp_of_a_run()
    {
        var run = new Home(Folder).Run("u1");
        var stamps = new List<RunStamp> { await RunStamp.OfAsync(Disk, run) };
        await using var journal = await Journal.OpenAsync(Disk, run.Journal, segmentBytes: 300);
        for (var n = 0; n < 5; n++)
        {
            await journal.AppendAsync(["{}"u8.ToArray()]);
            stamps.Add(await RunStamp.OfAsync(Disk, run));
        }
        Assert.Equal(6, stamps.Distinct().Count());
    }

    private static RunRow Row(string uid) =>
        new(uid, $"name-{uid}", "w.yaml", Noon, Phase.Running, "Paused", uid == "u1" ? Noon.AddHours(1) : null, "it's \"so\"", "1/2");

    private ValueTask<RunRow?> Fold(string uid)
    {
        _folded.Add(uid);
        return new(Row(uid));
    }

    private async Task<IReadOnlyList<RunRow>> Read(RunStamp[] runs) => await new RunIndex(Db).ReadAsync(runs, Fold);

    private void Sql(string sql)
    {
        using var db = new SqliteConnection($"Data Source={Db};Pooling=False");
        db.Open();
        Execute(db, sql);
    }

    private static void Execute(SqliteConnection db, string sql)
    {
        using var command = db.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
