using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Pawl.Storage.Files;

namespace Pawl.Engine.Journals;

/// <summary>Reads and checks all files of a journal, and tells a write that was cut short from damage.</summary>
/// <remarks>
/// A turn is one write, flushed before the next begins. So a power cut can harm the last turn only, in any part of it, since its pages may
/// reach the disk in any order. What does not fit is a torn write exactly if no good record of another turn stands after it.
/// </remarks>
internal sealed class JournalReading
{
    // A file is closed at 16 MiB and one turn may go beyond; more than this was never written.
    private const long MaxSegment = Journal.SegmentBytes + Journal.MaxTurn + 1024;

    private readonly ImmutableArray<JournalRecord>.Builder _records = ImmutableArray.CreateBuilder<JournalRecord>();
    private readonly string _folder;

    private JournalReading(string folder) => _folder = folder;

    /// <summary>Number of the last file; 0 where there is none.</summary>
    public int Segment { get; private set; }

    /// <summary>Bytes of the last file that count: up to the end of its last whole turn.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes of the last file beyond them.</summary>
    public long Torn { get; private set; }

    public long LastSequence { get; private set; }

    public string Previous { get; private set; } = JournalLine.NoPrevious;

    public static async ValueTask<JournalReading> ReadAsync(IDisk disk, string folder)
    {
        var reading = new JournalReading(folder);
        var last = await reading.CountAsync(disk);
        for (var segment = 1; segment <= last; segment++)
        {
            reading.Check(segment, await reading.LoadAsync(disk, segment), last);
        }
        return reading;
    }

    public JournalContent Content() => new(_records.ToImmutable(), Torn == 0 ? null :
        $"{Name(Segment)}: the last write was torn at byte {Length}; {Torn} bytes dropped, event {LastSequence} is the last.");

    public static string Path(string folder, int segment) => $"{folder}/{segment.ToString(CultureInfo.InvariantCulture)}.jsonl";

    private string Name(int segment) => Path(System.IO.Path.GetFileName(_folder), segment);

    private async ValueTask<int> CountAsync(IDisk disk)
    {
        var found = new SortedSet<int>();
        foreach (var entry in await disk.ListAsync(_folder))
        {
            if (!entry.Name.EndsWith(".jsonl", StringComparison.Ordinal)) { continue; }
            if (!int.TryParse(entry.Name.AsSpan()[..^6], NumberStyles.None, CultureInfo.InvariantCulture, out var segment)
                || segment < 1 || Path("", segment) != $"/{entry.Name}" || entry.Kind is not FileKind.File)
            {
                throw new JournalCorruptException($"{_folder}: {entry.Name} is not a file of a journal; nothing was changed.");
            }
            found.Add(segment);
        }
        var expected = 1;
        foreach (var segment in found)
        {
            if (segment != expected++)
            {
                throw new JournalCorruptException(
                    $"{Name(segment - 1)} is missing, and {Name(segment)} is there: the run cannot be trusted. ({_folder})");
            }
        }
        return found.Count;
    }

    private async ValueTask<byte[]> LoadAsync(IDisk disk, int segment)
    {
        var path = Path(_folder, segment);
        await using var file = await disk.OpenReadAsync(path) ?? throw new IOException($"{path} was removed while it was read.");
        var size = (await file.FactsAsync()).Size;
        if (size > MaxSegment)
        {
            throw new JournalCorruptException($"{path} has {size} bytes, more than a journal's file can have; nothing was changed.");
        }
        var bytes = new byte[size];
        var length = 0;
        while (length < bytes.Length && await file.ReadAsync(bytes.AsMemory(length), length) is > 0 and var read) { length += read; }
        return length == bytes.Length ? bytes : bytes[..length];
    }

    private void Check(int segment, byte[] bytes, int last)
    {
        Segment = segment;
        Length = 0;
        Torn = 0;
        var (fits, at) = (TakeHeader(bytes), 0);
        if (fits)
        {
            var header = bytes.AsSpan().IndexOf((byte)'\n');
            (fits, at) = TakeTurns(bytes, header + 1, JournalLine.Hash(bytes.AsSpan(0, header)));
        }
        // A file is made only after the one before it was flushed, so only the last one can be torn.
        Torn = bytes.Length - Length;
        if (segment < last ? Torn > 0 || bytes.Length == 0 : !fits && HasOtherTurn(bytes.AsSpan(at))) { throw Damaged(at); }
    }

    private bool TakeHeader(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)'\n');
        if (end < 0) { return false; }
        if (JournalLine.HeaderSchema(bytes[..end]) is { } schema and > JournalLine.CurrentSchema)
        {
            throw new JournalCorruptException(
                $"{Name(Segment)} has journal schema {schema}; this pawl reads up to {JournalLine.CurrentSchema}: use the one that wrote it. "
                + $"({_folder})");
        }
        return bytes[..end].SequenceEqual(JournalLine.Header(Segment, LastSequence + 1, Previous));
    }

    // Keeps whole turns only. Returns where the first line stands that does not fit.
    private (bool Fits, int At) TakeTurns(byte[] bytes, int at, string previous)
    {
        var (sequence, turn) = (LastSequence, 0L);
        var open = new List<JournalRecord>();
        while (at < bytes.Length)
        {
            var length = bytes.AsSpan(at).IndexOf((byte)'\n');
            if (length < 0) { return (false, at); }
            var line = bytes.AsSpan(at, length);
            if (open.Count == 0) { turn = sequence + 1; }
            if (!JournalLine.TryReadRecord(line, out var record) || record.Sequence != sequence + 1 || record.Turn != turn
                || !Ascii.Equals(record.Previous, previous))
            {
                return (false, at);
            }
            open.Add(new JournalRecord(record.Sequence, bytes.AsMemory(at + record.EventStart, record.EventLength)));
            previous = JournalLine.Hash(line);
            sequence++;
            at += length + 1;
            if (!record.End) { continue; }
            _records.AddRange(open);
            open.Clear();
            (LastSequence, Previous, Length) = (sequence, previous, at);
        }
        return (true, at);
    }

    // Looks at every place where a record may begin, since the damage may have taken a newline with it.
    private bool HasOtherTurn(ReadOnlySpan<byte> rest)
    {
        var torn = LastSequence + 1;
        while (rest.IndexOf(JournalLine.RecordStart) is >= 0 and var start)
        {
            rest = rest[start..];
            var end = rest.IndexOf((byte)'\n');
            if (JournalLine.TryReadRecord(end < 0 ? rest : rest[..end], out var record) && record.Turn != torn) { return true; }
            rest = rest[1..];
        }
        return false;
    }

    private JournalCorruptException Damaged(int at) => new(
        $"{Name(Segment)} is damaged at byte {at}, at or after event {LastSequence + 1}, and good events follow: this is no torn write. "
        + $"Nothing was changed and the run cannot go on from it. ({_folder})");
}
