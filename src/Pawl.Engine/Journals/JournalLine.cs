using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Unicode;
using Pawl.Storage.Files;

namespace Pawl.Engine.Journals;

/// <summary>The two kinds of line in a journal's file, byte by byte.</summary>
/// <remarks>
/// First the header, <c>{"journal":1,"segment":2,"first":41,"prev":"…","crc":"…"}</c>, then records:
/// <c>{"seq":41,"turn":40,"prev":"…","end":true,"crc":"…","event":{…}}</c>.
/// <c>prev</c> is the start of the SHA-256 of the line before, across files; <c>turn</c> the sequence of the first record of the same write,
/// <c>end</c> stands in its last; <c>crc</c> is over all before <c>,"crc"</c> and the bytes of the event.
/// A header of any later schema begins and ends like this one, so that it can be told from damage.
/// </remarks>
internal static class JournalLine
{
    /// <summary>The newest layout this program writes; a reader refuses a higher one.</summary>
    public const int CurrentSchema = 1;

    /// <summary>What comes before the first line of all.</summary>
    public const string NoPrevious = "00000000000000000000000000000000";

    /// <summary>Bytes of a line, without its newline.</summary>
    public const int MaxLength = 64 << 20;

    // Above the longest start of a line: fixed text, two 64-bit numbers, one hash, one checksum.
    private const int MaxEnvelope = 192;
    private const int HashLength = 32;
    private const int CrcLength = 8;

    public static ReadOnlySpan<byte> RecordStart => "{\"seq\":"u8;

    /// <summary>What the next line must name as <c>prev</c>.</summary>
    /// <param name="line">Without its newline.</param>
    public static string Hash(ReadOnlySpan<byte> line)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(line, hash);
        return Convert.ToHexStringLower(hash[..(HashLength / 2)]);
    }

    /// <returns>The header without its newline.</returns>
    public static byte[] Header(int segment, long first, string previous)
    {
        var text = $"{{\"journal\":{CurrentSchema},\"segment\":{segment},\"first\":{first},\"prev\":\"{previous}\"";
        return Encoding.ASCII.GetBytes($"{text},\"crc\":\"{Crc32C.Of(Encoding.ASCII.GetBytes(text)):x8}\"}}");
    }

    /// <returns>The schema that an undamaged header names; null where the line is not one.</returns>
    public static int? HeaderSchema(ReadOnlySpan<byte> line)
    {
        const int tail = 7 + 1 + CrcLength + 2;     // ,"crc": " … "}
        if (!line.StartsWith("{\"journal\":"u8) || line.Length < 11 + tail) { return null; }
        if (!Utf8Parser.TryParse(line[11..], out int schema, out _)) { return null; }
        var crc = line[^tail..];
        return crc.StartsWith(",\"crc\":\""u8) && crc.EndsWith("\"}"u8) && IsCrc(crc.Slice(8, CrcLength), line[..^tail], []) ? schema : null;
    }

    /// <summary>Writes a record without its newline.</summary>
    /// <returns>Bytes written.</returns>
    public static int WriteRecord(IBufferWriter<byte> to, long sequence, long turn, string previous, bool end, ReadOnlySpan<byte> e)
    {
        var span = to.GetSpan(MaxEnvelope + e.Length + 1);
        var mark = end ? ",\"end\":true" : "";
        Utf8.TryWrite(
            span, CultureInfo.InvariantCulture,
            $"{{\"seq\":{sequence},\"turn\":{turn},\"prev\":\"{previous}\"{mark}", out var length);
        Utf8.TryWrite(
            span[length..], CultureInfo.InvariantCulture,
            $",\"crc\":\"{Crc32C.Of(span[..length], e):x8}\",\"event\":", out var more);
        length += more;
        e.CopyTo(span[length..]);
        length += e.Length;
        span[length++] = (byte)'}';
        to.Advance(length);
        return length;
    }

    /// <summary>Reads a record that has the checksum it names; whether it belongs where it stands is the caller's question.</summary>
    /// <param name="line">Without its newline.</param>
    public static bool TryReadRecord(ReadOnlySpan<byte> line, out Record record)
    {
        record = default;
        var rest = line;
        if (line.Length > MaxLength
            || !Take(ref rest, RecordStart) || !TakeNumber(ref rest, out var sequence)
            || !Take(ref rest, ",\"turn\":"u8) || !TakeNumber(ref rest, out var turn)
            || !Take(ref rest, ",\"prev\":\""u8) || rest.Length < HashLength)
        {
            return false;
        }
        var previous = rest[..HashLength];
        rest = rest[HashLength..];
        if (!Take(ref rest, "\""u8)) { return false; }
        var end = Take(ref rest, ",\"end\":true"u8);
        var checkedStart = line[..^rest.Length];
        if (!Take(ref rest, ",\"crc\":\""u8) || rest.Length < CrcLength) { return false; }
        var crc = rest[..CrcLength];
        rest = rest[CrcLength..];
        if (!Take(ref rest, "\",\"event\":"u8) || rest is not [.., (byte)'}'] || !IsCrc(crc, checkedStart, rest[..^1])) { return false; }
        record = new Record(sequence, turn, previous, end, line.Length - rest.Length, rest.Length - 1);
        return true;
    }

    private static bool IsCrc(ReadOnlySpan<byte> text, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        Span<byte> expected = stackalloc byte[CrcLength];
        Utf8.TryWrite(expected, CultureInfo.InvariantCulture, $"{Crc32C.Of(first, second):x8}", out _);
        return text.SequenceEqual(expected);
    }

    private static bool Take(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> text)
    {
        if (!rest.StartsWith(text)) { return false; }
        rest = rest[text.Length..];
        return true;
    }

    private static bool TakeNumber(ref ReadOnlySpan<byte> rest, out long number)
    {
        if (!Utf8Parser.TryParse(rest, out number, out var length) || number < 1) { return false; }
        rest = rest[length..];
        return true;
    }

    /// <param name="eventStart">Offset in the line.</param>
    public readonly ref struct Record(long sequence, long turn, ReadOnlySpan<byte> previous, bool end, int eventStart, int eventLength)
    {
        public long Sequence { get; } = sequence;

        public long Turn { get; } = turn;

        public ReadOnlySpan<byte> Previous { get; } = previous;

        public bool End { get; } = end;

        public int EventStart { get; } = eventStart;

        public int EventLength { get; } = eventLength;
    }
}
