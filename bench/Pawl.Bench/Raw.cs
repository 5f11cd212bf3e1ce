using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pawl.Bench;

/// <summary>The machine without pawl: what the same bytes cost at least.</summary>
internal static partial class Raw
{
    private const int DontNeed = 4;

    /// <summary>Writes bytes to new files of one size, each flushed before the next is begun.</summary>
    internal static void Write(string folder, ReadOnlySpan<byte> bytes, int fileSize)
    {
        Directory.CreateDirectory(folder);
        for (var offset = 0; offset < bytes.Length; offset += fileSize)
        {
            using var file = File.OpenHandle($"{folder}/{offset}", FileMode.CreateNew, FileAccess.Write);
            RandomAccess.Write(file, bytes.Slice(offset, Math.Min(fileSize, bytes.Length - offset)), 0);
            Check(FSync(file), folder);
        }
    }

    internal static void Read(IEnumerable<string> paths, byte[] buffer)
    {
        foreach (var path in paths)
        {
            using var file = File.OpenHandle(path);
            var at = 0L;
            for (int read; (read = RandomAccess.Read(file, buffer, at)) > 0;) { at += read; }
        }
    }

    /// <summary>Drops what the page cache holds of durable files, so that they are read from the disk next.</summary>
    internal static void Forget(IEnumerable<string> paths)
    {
        foreach (var path in paths)
        {
            using var file = File.OpenHandle(path);
            Check(FSync(file), path);
            Check(Advise(file, 0, 0, DontNeed), path);
        }
    }

    private static void Check(int result, string path)
    {
        if (result != 0) { throw new IOException($"{path}: {Marshal.GetLastPInvokeErrorMessage()}"); }
    }

    [LibraryImport("libc.so.6", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc.so.6", EntryPoint = "posix_fadvise", SetLastError = true)]
    private static partial int Advise(SafeFileHandle file, long offset, long length, int advice);
}
