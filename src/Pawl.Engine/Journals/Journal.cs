using System.Buffers;
using System.Collections.Immutable;
using Pawl.Storage.Files;

namespace Pawl.Engine.Journals;

/// <param name="Sequence">From 1, without a gap.</param>
/// <param name="Event">JSON, as it was appended.</param>
public sealed record JournalRecord(long Sequence, ReadOnlyMemory<byte> Event);

/// <summary>What a reader beside the writer sees: whole turns only.</summary>
/// <param name="TornTail">What stands beyond the last whole turn; beside a live writer that is a turn being written.</param>
public sealed record JournalContent(ImmutableArray<JournalRecord> Records, string? TornTail);

/// <summary>The truth about what is wanted in a run: its events in order, appended turn by turn by one writer.</summary>
/// <remarks>
/// A turn is all or nothing: after a crash, opening cuts what is left of an unfinished one, so the events that are replayed always end where
/// a turn ended. A turn that was not reported durable may still be found whole; nothing was done on its behalf then, and it counts.
/// </remarks>
public sealed class Journal : IAsyncDisposable
{
    /// <summary>Small enough to be read whole, large enough that most runs have one file.</summary>
    public const int SegmentBytes = 16 << 20;

    /// <summary>Bytes of one turn.</summary>
    internal const int MaxTurn = 256 << 20;

    private const int MaxEvent = JournalLine.MaxLength - 1024;

    // A buffer that grew beyond this for one turn is not kept.
    private const int KeptBuffer = 1 << 20;

    private readonly IDisk _disk;
    private readonly string _folder;
    private readonly int _segmentBytes;
    private ArrayBufferWriter<byte> _buffer = new(4096);
    private IDiskFile? _file;
    private int _segment;
    private long _length;
    private string _previous;
    private bool _dead;
    private bool _closed;

    private Journal(IDisk disk, string folder, int segmentBytes, JournalReading reading, JournalContent content)
    {
        (_disk, _folder, _segmentBytes) = (disk, folder, segmentBytes);
        (_segment, _length, _previous) = (reading.Segment, reading.Length, reading.Previous);
        (LastSequence, Records, TornTail) = (reading.LastSequence, content.Records, content.TornTail);
    }

    /// <summary>As read at opening, until <see cref="DropRecords"/>.</summary>
    public ImmutableArray<JournalRecord> Records { get; private set; }

    /// <summary>A sentence for the user where a torn last write was cut at opening, else null.</summary>
    public string? TornTail { get; }

    /// <summary>0 in an empty journal.</summary>
    public long LastSequence { get; private set; }

    /// <summary>Opens the journal for its one writer, who holds the run's lock; checks every record and cuts a torn tail.</summary>
    /// <param name="segmentBytes">Bytes from which on a new file is begun; may differ from one opening to the next.</param>
    /// <exception cref="JournalCorruptException">The journal cannot be trusted; nothing was changed.</exception>
    public static async ValueTask<Journal> OpenAsync(IDisk disk, string folder, int segmentBytes = SegmentBytes)
    {
        await disk.MakeFolderAsync(folder);
        var reading = await JournalReading.ReadAsync(disk, folder);
        var journal = new Journal(disk, folder, segmentBytes, reading, reading.Content());
        if (reading.Segment > 0) { await journal.SettleAsync(reading.Torn > 0); }
        return journal;
    }

    /// <summary>Reads beside a live writer, or without one; changes nothing.</summary>
    /// <exception cref="JournalCorruptException">The journal cannot be trusted.</exception>
    public static async ValueTask<JournalContent> ReadAsync(IDisk disk, string folder) =>
        (await JournalReading.ReadAsync(disk, folder)).Content();

    /// <summary>Appends the events of one turn with one write and one flush; they are durable when this returns.</summary>
    /// <param name="events">JSON without a newline, at most 64 MiB each and 256 MiB together; none is no turn.</param>
    /// <returns>The sequence of the last event.</returns>
    /// <exception cref="IOException">
    /// The disk refused, now or before: whether the turn was written is unknown, and this object appends nothing more.
    /// </exception>
    public async ValueTask<long> AppendAsync(IReadOnlyList<ReadOnlyMemory<byte>> events)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        if (_dead)
        {
            throw new IOException(
                $"{_folder}: an earlier write failed, so nothing more is appended; opening the run again tells what it left.");
        }
        if (events.Count == 0) { return LastSequence; }
        foreach (var e in events) { Require(e.Span); }
        // Dead until everything below has succeeded.
        _dead = true;
        var isNew = _segment == 0 || _length >= _segmentBytes;
        if (isNew) { await BeginSegmentAsync(); }
        var last = Compose(events);
        try
        {
            await _file!.WriteAsync(_buffer.WrittenMemory);
            await _file.FlushAsync();
            if (isNew) { await _disk.FlushFolderAsync(_folder); }
        }
        catch (IOException)
        {
            await CutUnflushedAsync();
            throw;
        }
        _length += _buffer.WrittenCount;
        LastSequence += events.Count;
        _previous = last;
        if (_buffer.Capacity > KeptBuffer) { _buffer = new(4096); }
        _dead = false;
        return LastSequence;
    }

    /// <summary>Lets the memory of <see cref="Records"/> go once they are folded.</summary>
    public void DropRecords() => Records = [];

    public async ValueTask DisposeAsync()
    {
        if (_closed) { return; }
        _closed = true;
        if (_file is { } file) { await file.DisposeAsync(); }
    }

    // After a failed flush the turn can be read back and may never reach the disk, whatever a later flush says: nobody is to find it.
    private async ValueTask CutUnflushedAsync()
    {
        try { await _file!.TruncateAsync(_length); }
        catch (IOException) { return; }     // the failure that is being reported says more
    }

    // What is read from the page cache may never have been flushed by the writer that died; it is acted on only once it is durable.
    private async ValueTask SettleAsync(bool torn)
    {
        _file = await _disk.OpenAppendAsync(JournalReading.Path(_folder, _segment));
        if (torn) { await _file.TruncateAsync(_length); }
        await _file.FlushAsync();
        await _disk.FlushFolderAsync(_folder);
    }

    private async ValueTask BeginSegmentAsync()
    {
        if (_file is { } full) { await full.DisposeAsync(); }
        _file = await _disk.CreateAsync(JournalReading.Path(_folder, _segment + 1));
        _segment++;
        _length = 0;
    }

    private string Compose(IReadOnlyList<ReadOnlyMemory<byte>> events)
    {
        var previous = _previous;
        _buffer.ResetWrittenCount();
        if (_length == 0)
        {
            var header = JournalLine.Header(_segment, LastSequence + 1, previous);
            _buffer.Write(header);
            _buffer.Write("\n"u8);
            previous = JournalLine.Hash(header);
        }
        for (var i = 0; i < events.Count; i++)
        {
            var length = JournalLine.WriteRecord(
                _buffer, LastSequence + 1 + i, LastSequence + 1, previous, i == events.Count - 1, events[i].Span);
            previous = JournalLine.Hash(_buffer.WrittenSpan[^length..]);
            _buffer.Write("\n"u8);
        }
        if (_buffer.WrittenCount > MaxTurn)
        {
            throw new IOException($"{_folder}: a turn of {_buffer.WrittenCount} bytes is more than a journal takes ({MaxTurn}).");
        }
        return previous;
    }

    private static void Require(ReadOnlySpan<byte> e)
    {
        if (e.Length > MaxEvent) { throw new IOException($"An event of {e.Length} bytes is more than a journal takes ({MaxEvent})."); }
        if (e.IsEmpty || e.Contains((byte)'\n')) { throw new ArgumentException("An event is JSON on one line.", nameof(e)); }
    }
}

/// <summary>A journal cannot be trusted: a record is damaged or missing and good ones follow, or a newer pawl wrote it.</summary>
public sealed class JournalCorruptException(string message) : IOException(message);
