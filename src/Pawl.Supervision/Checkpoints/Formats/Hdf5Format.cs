using System.Buffers.Binary;

namespace Pawl.Supervision.Checkpoints.Formats;

/// <summary>HDF5 (<c>.h5</c>): the superblock names the address where the file ends.</summary>
/// <remarks>
/// HDF5 File Format Specification 3.0, §II.A. The library writes the superblock at creation too, so the right length proves no end.
/// </remarks>
internal static class Hdf5Format
{
    private const int MostSuperblock = 12 + 4 * 8;

    public static ReadOnlySpan<byte> Signature => [0x89, (byte)'H', (byte)'D', (byte)'F', (byte)'\r', (byte)'\n', 0x1a, (byte)'\n'];

    public static Ending End(FileBytes file)
    {
        Span<byte> block = stackalloc byte[MostSuperblock + 12];
        block = block[..(int)Math.Min(block.Length, file.Size)];
        if (block.Length <= 24 || !file.TryRead(0, block)) { return Ending.Missing; }

        // Before the addresses of base, free space (or extension) and end of file stand the sizes; version 1 has four bytes more than 0.
        var version = block[8];
        var (widthAt, addresses) = version switch { 0 => (13, 24), 1 => (13, 28), 2 or 3 => (9, 12), _ => (0, 0) };
        if (addresses == 0) { return Ending.Unknown; }
        var width = block[widthAt];
        var at = addresses + 2 * width;
        if (width is not (4 or 8) || at + width > block.Length) { return Ending.Missing; }
        var end = width == 8 ? BinaryPrimitives.ReadUInt64LittleEndian(block[at..]) : BinaryPrimitives.ReadUInt32LittleEndian(block[at..]);
        var isOpenForWriting = version == 3 && (block[11] & 1) != 0;
        return end == (ulong)file.Size && !isOpenForWriting ? Ending.Long : Ending.Missing;
    }
}
