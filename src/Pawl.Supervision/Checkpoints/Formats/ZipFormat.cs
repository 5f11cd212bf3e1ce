using System.Buffers.Binary;
using System.IO.Compression;
using Microsoft.Win32.SafeHandles;

namespace Pawl.Supervision.Checkpoints.Formats;

/// <summary>
/// A zip archive: <c>torch.save</c>, <c>numpy.savez</c>, <c>.keras</c>. Its directory is written last, and after it a record of where it is.
/// </summary>
/// <remarks>PKWARE, APPNOTE.TXT 6.3.10, §4.3.</remarks>
internal static class ZipFormat
{
    private const uint FileHeader = 0x02014b50;
    private const uint End32 = 0x06054b50;
    private const uint End64 = 0x06064b50;
    private const uint Locator = 0x07064b50;
    private const int End32Size = 22;
    private const int End64Size = 56;
    private const int LocatorSize = 20;
    private const int FileHeaderSize = 46;
    private const int MostComment = ushort.MaxValue;

    // Some million entries; a checkpoint has one for each tensor.
    private const int MostDirectory = 64 << 20;

    private static readonly uint[][] Crcs = CrcTables();

    public static ReadOnlySpan<byte> Entry => "PK\x3\x4"u8;

    public static ReadOnlySpan<byte> Empty => "PK\x5\x6"u8;

    public static Ending End(FileBytes file) => Directory(file) is { } directory && Walks(file, directory) ? Ending.Whole : Ending.Missing;

    /// <summary>Whether every entry has the CRC-32 that the directory gives. Reads it all.</summary>
    public static bool IsSound(FileBytes file)
    {
        try
        {
            using var content = new FileStream(new SafeFileHandle(file.Descriptor, ownsHandle: false), FileAccess.Read, bufferSize: 0);
            content.Position = 0;
            using var archive = new ZipArchive(content, ZipArchiveMode.Read);
            var buffer = new byte[1 << 20];
            foreach (var entry in archive.Entries)
            {
                using var bytes = entry.Open();
                var crc = uint.MaxValue;
                for (int read; (read = bytes.Read(buffer)) > 0;) { crc = Crc32(crc, buffer.AsSpan(0, read)); }
                if (~crc != entry.Crc32) { return false; }
            }
            return true;
        }
        catch (Exception e) when (e is InvalidDataException or IOException) { return false; }
    }

    // Of zip: reflected 0x04c11db7, four bytes at a time.
    private static uint Crc32(uint crc, ReadOnlySpan<byte> bytes)
    {
        var (t0, t1, t2, t3) = (Crcs[0], Crcs[1], Crcs[2], Crcs[3]);
        for (; bytes.Length >= 4; bytes = bytes[4..])
        {
            crc ^= BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            crc = t3[(byte)crc] ^ t2[(byte)(crc >> 8)] ^ t1[(byte)(crc >> 16)] ^ t0[crc >> 24];
        }
        foreach (var next in bytes) { crc = t0[(byte)(crc ^ next)] ^ (crc >> 8); }
        return crc;
    }

    private static uint[][] CrcTables()
    {
        var tables = new uint[4][];
        for (var t = 0; t < 4; t++)
        {
            tables[t] = new uint[256];
            for (var i = 0u; i < 256; i++)
            {
                var crc = t == 0 ? i : tables[t - 1][i];
                for (var bit = 0; bit < 8; bit++) { crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xedb88320 : crc >> 1; }
                tables[t][i] = crc;
            }
        }
        return tables;
    }

    private static Place? Directory(FileBytes file)
    {
        var tail = new byte[(int)Math.Min(file.Size, End32Size + MostComment)];
        if (tail.Length < End32Size || !file.TryRead(file.Size - tail.Length, tail)) { return null; }
        for (var at = tail.Length - End32Size; at >= 0; at--)
        {
            var end = tail.AsSpan(at);
            if (Word(end) != End32 || Half(end[20..]) != end.Length - End32Size) { continue; }
            var endAt = file.Size - tail.Length + at;
            Span<byte> locator = stackalloc byte[LocatorSize];
            return file.TryRead(endAt - LocatorSize, locator) && Word(locator) == Locator
                ? Directory64(file, endAt - LocatorSize, locator)
                : Half(end[4..]) == 0 && Half(end[6..]) == 0 && Half(end[8..]) == Half(end[10..])
                    ? new Place(Word(end[16..]), Word(end[12..]), Half(end[10..]), endAt)
                    : null;
        }
        return null;
    }

    // Torch writes the long form always, beside a short one that is filled in too.
    private static Place? Directory64(FileBytes file, long locatorAt, ReadOnlySpan<byte> locator)
    {
        var at = Long(locator[8..]);
        Span<byte> end = stackalloc byte[End64Size];
        return at >= 0 && at < locatorAt && file.TryRead(at, end) && Word(end) == End64 && Long(end[4..]) == locatorAt - at - 12
               && Long(end[24..]) == Long(end[32..])
            ? new Place(Long(end[48..]), Long(end[40..]), Long(end[32..]), at)
            : null;
    }

    private static bool Walks(FileBytes file, Place directory)
    {
        if (directory.At < 0 || directory.Size is < 0 or > MostDirectory || directory.At != directory.EndAt - directory.Size) { return false; }
        var bytes = new byte[directory.Size];
        if (!file.TryRead(directory.At, bytes)) { return false; }
        var left = bytes.AsSpan();
        var torch = new TorchArchive();
        for (var entry = 0L; entry < directory.Entries; entry++)
        {
            if (left.Length < FileHeaderSize || Word(left) != FileHeader) { return false; }
            var size = FileHeaderSize + Half(left[28..]) + Half(left[30..]) + Half(left[32..]);
            // 0xffffffff stands for a number elsewhere in the entry.
            if (size > left.Length || Word(left[42..]) is var start && start != uint.MaxValue && start >= directory.At) { return false; }
            torch.Add(left[..FileHeaderSize], left.Slice(FileHeaderSize, Half(left[28..])));
            left = left[size..];
        }
        return left.Length == 0 && !torch.LacksSomething(file);
    }

    private static int Half(ReadOnlySpan<byte> at) => BinaryPrimitives.ReadUInt16LittleEndian(at);

    private static uint Word(ReadOnlySpan<byte> at) => BinaryPrimitives.ReadUInt32LittleEndian(at);

    private static long Long(ReadOnlySpan<byte> at) => BinaryPrimitives.ReadInt64LittleEndian(at);

    /// <param name="EndAt">Where the record begins that names the directory.</param>
    private sealed record Place(long At, long Size, long Entries, long EndAt);
}
