using System.Buffers.Binary;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;

namespace Pawl.Training.Checkpoints;

/// <summary>
/// One checkpoint as a file: magic (8 bytes), version (4), length of the header (4), header in JSON, the state's parts, SHA-256 of all before.
/// Numbers are little-endian.
/// </summary>
internal static unsafe class CheckpointFile
{
    private const int Version = 1;
    private const int Fixed = 16;

    // Hashed while it is still in the cache from being written, or written while it is from being hashed.
    private const int Slice = 1024 * 1024;

    private static ReadOnlySpan<byte> Magic => "PAWL\r\n\x1a\n"u8;

    /// <summary>Writes a file that nobody looks at yet.</summary>
    /// <exception cref="IOException">The disk refused; what is there counts for nothing.</exception>
    public static long Write(string path, CheckpointHeader header, StateBuffer payload, bool flush)
    {
        var json = header.ToJson();
        var head = new byte[Fixed + json.Length];
        Magic.CopyTo(head);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(12), json.Length);
        json.CopyTo(head, Fixed);

        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.Read);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        RandomAccess.Write(file, head, 0);
        for (var at = 0L; at < payload.Length; at += Slice)
        {
            var slice = new ReadOnlySpan<byte>(payload.Start + at, (int)Math.Min(Slice, payload.Length - at));
            RandomAccess.Write(file, slice, head.Length + at);
            hash.AppendData(slice);
        }
        var end = head.Length + payload.Length;
        RandomAccess.Write(file, hash.GetHashAndReset(), end);
        if (flush) { LibC.Flush(file, path); }
        return end + SHA256.HashSizeInBytes;
    }

    /// <summary>Reads a whole file, and believes none of it before its digest fits.</summary>
    /// <param name="into">Holds the file afterwards; the reader looks into it.</param>
    /// <exception cref="InvalidDataException">Torn, altered, or not a checkpoint: the message says what, without the path.</exception>
    public static (CheckpointHeader Header, StateReader Parts) Read(string path, StateBuffer into)
    {
        into.Clear();
        using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        {
            Fill(file, into.Append(RandomAccess.GetLength(file)), into.Length);
        }

        var content = into.Length - SHA256.HashSizeInBytes;
        if (content < Fixed) { throw new InvalidDataException($"it is {into.Length} bytes, shorter than any checkpoint"); }
        var head = new ReadOnlySpan<byte>(into.Start, Fixed);
        if (!head[..8].SequenceEqual(Magic)) { throw new InvalidDataException("it does not begin as a checkpoint does"); }
        if (!Digest(into.Start, content).AsSpan().SequenceEqual(new ReadOnlySpan<byte>(into.Start + content, SHA256.HashSizeInBytes)))
        {
            throw new InvalidDataException("its content does not fit its SHA-256");
        }
        var version = BinaryPrimitives.ReadInt32LittleEndian(head[8..]);
        if (version != Version) { throw new InvalidDataException($"it is of version {version}, and this program reads version {Version}"); }

        var headerBytes = BinaryPrimitives.ReadInt32LittleEndian(head[12..]);
        if (headerBytes < 0 || headerBytes > content - Fixed) { throw new InvalidDataException("its header is longer than the file"); }
        var header = CheckpointHeader.Parse(new ReadOnlySpan<byte>(into.Start + Fixed, headerBytes).ToArray());
        var payload = content - Fixed - headerBytes;
        if (header.PayloadBytes != payload) { throw new InvalidDataException($"its state is {payload} bytes, and its header says {header.PayloadBytes}"); }
        return (header, new StateReader(into.Start + Fixed + headerBytes, payload, path));
    }

    private static void Fill(SafeFileHandle file, byte* into, long length)
    {
        for (var at = 0L; at < length;)
        {
            var read = RandomAccess.Read(file, new Span<byte>(into + at, (int)Math.Min(64 * Slice, length - at)), at);
            if (read == 0) { throw new InvalidDataException($"it ended at byte {at} of {length} while it was read"); }
            at += read;
        }
    }

    private static byte[] Digest(byte* start, long length)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var at = 0L; at < length; at += Slice) { hash.AppendData(new ReadOnlySpan<byte>(start + at, (int)Math.Min(Slice, length - at))); }
        return hash.GetHashAndReset();
    }
}
