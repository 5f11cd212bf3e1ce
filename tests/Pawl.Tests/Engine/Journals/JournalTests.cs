using System.Globalization;
using System.Text;
using Pawl.Engine.Journals;
using Xunit;

namespace Pawl.Tests.Engine.Journals;

public sealed class JournalTests : Scratch
{
    // Four turns of one, three, one and two events; the last event number of each.
    private static readonly string[][] Turns =
        [["""{"a":1}"""], ["""{"b":"x"}""", """{"c":[1,2]}""", """{"d":null}"""], ["""{"e":"{\"seq\":"}"""], ["""{"f":6}""", """{"g":7}"""]];

    private string Journals => At("journal");

    [Fact]
    public async Task What_was_appended_is_read_again_in_order()
    {
        await WriteTurns();

        Assert.Equal(Turns.SelectMany(t => t), await Events());
        await using var journal = await Journal.OpenAsync(Disk, Journals);
        Assert.Equal(7, journal.LastSequence);
        Assert.Equal([1, 2, 3, 4, 5, 6, 7], journal.Records.Select(r => r.Sequence));
        Assert.Null(journal.TornTail);
    }

    [Fact]
    public async Task A_missing_journal_is_an_empty_one()
    {
        var content = await Journal.ReadAsync(Disk, Journals);
        Assert.Empty(content.Records);
        Assert.Null(content.TornTail);
        Assert.False(Directory.Exists(Journals));

        await using var journal = await Journal.OpenAsync(Disk, Journals);
        Assert.Equal(0, journal.LastSequence);
        Assert.Equal(0, await journal.AppendAsync([]));
        Assert.Empty(Directory.GetFiles(Journals));
    }

    [Fact]
    public async Task Its_bytes_stay_as_they_were_released()
    {
        await Append(["""{"type":"Submitted"}"""], ["""{"a":1}""", """{"b":"é"}"""]);

        Assert.Equal(
            """
            {"journal":1,"segment":1,"first":1,"prev":"00000000000000000000000000000000","crc":"9eb991a2"}
            {"seq":1,"turn":1,"prev":"ce87566bd49759f4e8c9cf7b8bc5cd8d","end":true,"crc":"077edf8d","event":{"type":"Submitted"}}
            {"seq":2,"turn":2,"prev":"5cf9279e5c5bfb00fd72165e46989341","crc":"d5905de3","event":{"a":1}}
            {"seq":3,"turn":2,"prev":"4365016fdbbdd13fe918b214c28abedd","end":true,"crc":"6c2219c5","event":{"b":"é"}}

            """,
            await File.ReadAllTextAsync(Segment(1)));
    }

    [Fact]
    public async Task Files_are_begun_anew_and_chained()
    {
        for (var n = 1; n <= 40; n++) { await Append(segmentBytes: 1000, [$$"""{"n":{{n}}}""", """{"x":"second of the turn"}"""]); }

        Assert.InRange(Directory.GetFiles(Journals).Length, 5, 40);
        Assert.Equal(80, (await Events()).Count);
    }

    [Fact]
    public async Task A_journal_cut_at_any_byte_opens_at_the_end_of_a_turn()
    {
        var (whole, ends) = await WriteTurns();
        for (var length = 0; length < whole.Length; length++)
        {
            await File.WriteAllBytesAsync(Segment(1), whole[..length]);
            var turns = ends.Count(e => e <= length);
            var clean = length == 0 || ends.Contains(length);
            await OpensAfter(turns, clean, $"cut at byte {length}");
        }
    }

    [Fact]
    public async Task A_second_file_cut_at_any_byte_opens_at_the_end_of_a_turn()
    {
        await Append(segmentBytes: 1, Turns[0]);
        await Append(segmentBytes: 1, Turns[1]);
        var whole = await File.ReadAllBytesAsync(Segment(2));
        for (var length = 0; length < whole.Length; length++)
        {
            await File.WriteAllBytesAsync(Segment(2), whole[..length]);
            await OpensAfter(turns: 1, clean: length == 0, $"cut at byte {length}");
        }
    }

    [Fact]
    public async Task A_file_before_the_last_cut_anywhere_is_corruption()
    {
        await Append(segmentBytes: 1, Turns[0]);
        await Append(segmentBytes: 1, Turns[1]);
        var whole = await File.ReadAllBytesAsync(Segment(1));
        for (var length = 0; length < whole.Length; length++)
        {
            await File.WriteAllBytesAsync(Segment(1), whole[..length]);
            var e = await Assert.ThrowsAsync<JournalCorruptException>(() => Journal.OpenAsync(Disk, Journals).AsTask());
            Assert.Contains("journal/1.jsonl", e.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(0x01)]
    [InlineData(0x20)]
    [InlineData(0xFF)]
    public async Task A_changed_byte_is_corruption_before_the_last_turn_and_a_torn_write_in_it(int bits)
    {
        var (whole, ends) = await WriteTurns();
        for (var at = 0; at < whole.Length; at++)
        {
            var changed = (byte[])whole.Clone();
            changed[at] ^= (byte)bits;
            await File.WriteAllBytesAsync(Segment(1), changed);
            if (at >= ends[^2])
            {
                await OpensAfter(turns: 3, clean: false, $"byte {at} changed");
                continue;
            }
            var e = await Assert.ThrowsAsync<JournalCorruptException>(() => Journal.OpenAsync(Disk, Journals).AsTask());
            Assert.Contains("journal/1.jsonl is damaged at byte", e.Message, StringComparison.Ordinal);
            await Assert.ThrowsAsync<JournalCorruptException>(() => Journal.ReadAsync(Disk, Journals).AsTask());
            Assert.Equal(changed, await File.ReadAllBytesAsync(Segment(1)));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(100_000)]
    public async Task Zeros_and_garbage_at_the_end_are_a_torn_write(int length)
    {
        var (whole, _) = await WriteTurns();
        var garbage = new byte[length];
        await File.WriteAllBytesAsync(Segment(1), [.. whole, .. garbage]);
        await OpensAfter(turns: 4, clean: false, "zeros");

        new Random(length).NextBytes(garbage);
        await File.WriteAllBytesAsync(Segment(1), [.. whole, .. garbage]);
        await OpensAfter(turns: 4, clean: false, "garbage");
    }

    [Fact]
    public async Task A_hole_in_the_last_turn_is_a_torn_write_since_its_pages_reach_the_disk_in_any_order()
    {
        await Append(Turns[0], Turns[1]);
        var whole = await File.ReadAllBytesAsync(Segment(1));
        var second = Encoding.UTF8.GetString(whole).IndexOf("{\"b\":", StringComparison.Ordinal);
        whole.AsSpan(second, 9).Clear();
        await File.WriteAllBytesAsync(Segment(1), whole);

        await OpensAfter(turns: 1, clean: false, "hole");
    }

    [Fact]
    public async Task A_record_taken_out_or_repeated_is_corruption()
    {
        var lines = Encoding.UTF8.GetString((await WriteTurns()).Whole).Split('\n')[..^1];
        for (var line = 1; line < lines.Length - 2; line++)
        {
            await Refused([.. lines[..line], .. lines[(line + 1)..]]);
            await Refused([.. lines[..line], lines[line], .. lines[line..]]);
        }

        async Task Refused(string[] changed)
        {
            await File.WriteAllTextAsync(Segment(1), string.Join('\n', changed) + "\n");
            await Assert.ThrowsAsync<JournalCorruptException>(() => Journal.OpenAsync(Disk, Journals).AsTask());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_missing_file_is_corruption(int missing)
    {
        foreach (var turn in Turns) { await Append(segmentBytes: 1, turn); }
        File.Delete(Segment(missing));

        var e = await Assert.ThrowsAsync<JournalCorruptException>(() => Journal.OpenAsync(Disk, Journals).AsTask());
        Assert.Contains($"journal/{missing}.jsonl is missing", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_newer_schema_is_refused_by_name()
    {
        await Append(Turns[0]);
        var start = """{"journal":2,"compressed":true""";
        await File.WriteAllTextAsync(Segment(1), $"{start},\"crc\":\"{SlowCrc(start):x8}\"}}\n...");

        var e = await Assert.ThrowsAsync<JournalCorruptException>(() => Journal.OpenAsync(Disk, Journals).AsTask());
        Assert.Contains("journal/1.jsonl has journal schema 2; this pawl reads up to 1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reader_beside_the_writer_changes_nothing()
    {
        var (whole, _) = await WriteTurns();
        byte[] torn = [.. whole, .. "{\"seq\":8,\"tu"u8];
        await File.WriteAllBytesAsync(Segment(1), torn);

        var content = await Journal.ReadAsync(Disk, Journals);

        Assert.Equal(7, content.Records.Length);
        Assert.Contains("12 bytes dropped", content.TornTail, StringComparison.Ordinal);
        Assert.Equal(torn, await File.ReadAllBytesAsync(Segment(1)));
    }

    [Fact]
    public async Task An_event_with_a_newline_is_refused_and_harms_nothing()
    {
        await using var journal = await Journal.OpenAsync(Disk, Journals);
        await Assert.ThrowsAsync<ArgumentException>(() => journal.AppendAsync([Bytes("{\n}")]).AsTask());
        Assert.Equal(1, await journal.AppendAsync([Bytes("{}")]));
    }

    [Fact]
    public async Task A_large_turn_is_read_again()
    {
        var large = $"{{\"text\":\"{new string('x', 5 << 20)}\"}}";
        await Append([large, large, "{}"], ["{}"]);
        Assert.Equal([large, large, "{}", "{}"], await Events());
    }

    private static ReadOnlyMemory<byte> Bytes(string json) => Encoding.UTF8.GetBytes(json);

    private string Segment(int n) => At(string.Create(CultureInfo.InvariantCulture, $"journal/{n}.jsonl"));

    private Task Append(params string[][] turns) => Append(Journal.SegmentBytes, turns);

    private async Task Append(int segmentBytes, params string[][] turns)
    {
        await using var journal = await Journal.OpenAsync(Disk, Journals, segmentBytes);
        foreach (var turn in turns) { await journal.AppendAsync([.. turn.Select(Bytes)]); }
    }

    private async Task<(byte[] Whole, List<int> Ends)> WriteTurns()
    {
        var ends = new List<int>();
        foreach (var turn in Turns)
        {
            await Append(turn);
            ends.Add((int)new FileInfo(Segment(1)).Length);
        }
        return (await File.ReadAllBytesAsync(Segment(1)), ends);
    }

    private async Task<List<string>> Events() =>
        [.. (await Journal.ReadAsync(Disk, Journals)).Records.Select(r => Encoding.UTF8.GetString(r.Event.Span))];

    // Opens, says what was torn, and goes on where the last whole turn ended.
    private async Task OpensAfter(int turns, bool clean, string what)
    {
        List<string> left = [.. Turns.Take(turns).SelectMany(t => t)];
        Assert.Equal(left, await Events());
        await using (var journal = await Journal.OpenAsync(Disk, Journals))
        {
            Assert.True(clean == (journal.TornTail is null), $"{what}: {journal.TornTail}");
            Assert.Equal(left.Count, journal.LastSequence);
            Assert.Equal(left.Count + 2, await journal.AppendAsync([Bytes("""{"next":1}"""), Bytes("""{"next":2}""")]));
        }
        Assert.Equal([.. left, """{"next":1}""", """{"next":2}"""], await Events());
    }

    // By the polynomial, bit by bit, as RFC 3720 defines it.
    private static uint SlowCrc(string text)
    {
        var crc = uint.MaxValue;
        foreach (var b in Encoding.UTF8.GetBytes(text))
        {
            crc ^= b;
            for (var bit = 0; bit < 8; bit++) { crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1; }
        }
        return ~crc;
    }
}
