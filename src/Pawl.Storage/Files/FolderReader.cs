using System.Runtime.InteropServices;
using System.Text;

namespace Pawl.Storage.Files;

/// <param name="Name">Ends with a NUL.</param>
/// <param name="Kind">Null where the file system does not say.</param>
internal sealed record FoundName(byte[] Name, FileKind? Kind);

/// <summary>Reads the names in an open folder, as bytes: a hostile name need not be UTF-8.</summary>
internal static unsafe class FolderReader
{
    // struct linux_dirent64: inode 8, offset 8, length of the record 2, type 1, name ended by NUL.
    private const int LengthAt = 16;
    private const int TypeAt = 18;
    private const int NameAt = 19;
    private const int BufferSize = 64 * 1024;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The next names, at most 64 KiB of them; empty at the end.</summary>
    internal static List<FoundName> Next(int fd, string path)
    {
        var found = new List<FoundName>();
        var buffer = (byte*)NativeMemory.Alloc(BufferSize);
        try
        {
            while (found.Count == 0)
            {
                var read = LibC.ReadFolder(fd, buffer, BufferSize);
                if (read < 0 && Errno.Last == Errno.Interrupted) { continue; }
                // A folder that was removed meanwhile holds nothing.
                if (read == 0 || (read < 0 && Errno.Last == Errno.NotFound)) { break; }
                if (read < 0) { throw Errno.Failed(Errno.Last, "reading the folder", path, "its content is unknown"); }
                for (var at = buffer; at < buffer + read; at += *(ushort*)(at + LengthAt))
                {
                    var name = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(at + NameAt);
                    if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8)) { found.Add(new([.. name, 0], Kind(at[TypeAt]))); }
                }
            }
        }
        finally { NativeMemory.Free(buffer); }
        return found;
    }

    /// <exception cref="IOException">The name is not UTF-8, so no path can name it.</exception>
    internal static string Text(byte[] name, string folder)
    {
        try { return Strict.GetString(name, 0, name.Length - 1); }
        catch (DecoderFallbackException)
        {
            throw new IOException($"{folder}: a name in it is not UTF-8 ({Encoding.Latin1.GetString(name, 0, name.Length - 1)}); rename it");
        }
    }

    // Some file systems answer DT_UNKNOWN (0): then the caller has to ask.
    private static FileKind? Kind(byte type) => type switch
    {
        0 => null,
        4 => FileKind.Folder,
        8 => FileKind.File,
        10 => FileKind.Link,
        _ => FileKind.Other,
    };
}
