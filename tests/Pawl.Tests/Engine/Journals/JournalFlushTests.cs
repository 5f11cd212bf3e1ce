using Pawl.Engine.Journals;
using Pawl.Storage.Files;
using Pawl.Tests.Storage;
using Xunit;

namespace Pawl.Tests.Engine.Journals;

/// <summary>A turn whose flush failed is no turn that anybody may act on; each flush is broken for real.</summary>
public sealed class JournalFlushTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public JournalFlushTests() => Probe.SkipWithoutStrace();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("fdatasync", 1, 0)]     // the data of the first turn
    [InlineData("fsync", 2, 0)]         // the name of the first file; flush 1 is that of the journal's folder
    [InlineData("fdatasync", 2, 1)]     // the data of the second turn
    public async Task A_failed_flush_fails_the_turn_and_the_journal_appends_nothing_more(string call, int number, int durable)
    {
        var output = await RunAsync("-e", $"trace={call}", "-e", $"inject={call}:error=EIO:when={number}");
        Assert.Equal($"{durable} durable; then refused: EIO, dead", output);

        await using var journal = await Journal.OpenAsync(new Disk(), _folder["journal"]);
        Assert.InRange(journal.LastSequence, durable, durable + 1);     // nothing after the failed turn
    }

    [Fact]
    public async Task A_write_cut_short_by_a_full_disk_fails_the_turn_and_is_cut_off_at_the_next_opening()
    {
        // The probe's own output is written too, but only at its end.
        Assert.Equal("1 durable; then refused: ENOSPC, dead", await RunAsync("-P", _folder["journal/1.jsonl"], "-e", "inject=write,pwrite64:error=ENOSPC:when=2"));

        await using var journal = await Journal.OpenAsync(new Disk(), _folder["journal"]);
        Assert.Equal(1, journal.LastSequence);
    }

    [Fact]
    public async Task What_a_dead_writer_left_unflushed_is_flushed_before_it_is_acted_on()
    {
        Assert.Equal("3 durable", await RunAsync("-e", "trace=fsync"));
        using var probe = Probe.Start(_folder, ["-e", "trace=fdatasync,fsync"], "turns", _folder["store"], _folder["journal"]);
        await probe.ResultAsync();

        // File and folder at opening, then one flush a turn.
        Assert.Equal(["fdatasync", "fsync", "fdatasync", "fdatasync", "fdatasync"], probe.Calls().Select(c => c.Name));
    }

    private async Task<string> RunAsync(params string[] strace)
    {
        using var probe = Probe.Start(_folder, strace, "turns", _folder["store"], _folder["journal"]);
        return await probe.ResultAsync();
    }
}
