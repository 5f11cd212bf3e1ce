using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Pawl.Training;

/// <summary>Flushing that tells of a failure: <c>FileStream.Flush(true)</c> of .NET 10 swallows a failed fsync, and knows no folders.</summary>
internal static partial class LibC
{
    private const int DirectoryOnly = 0x10000;
    private const int CloseOnExec = 0x80000;
    private const int Interrupted = 4;

    public static void Flush(SafeFileHandle file, string path)
    {
        while (FSync(file) != 0) { RefuseUnlessInterrupted("flushing", path); }
    }

    /// <summary>Makes the names in a folder durable.</summary>
    public static void FlushFolder(string path)
    {
        SafeFileHandle folder;
        while ((folder = Open(path, DirectoryOnly | CloseOnExec)).IsInvalid)
        {
            folder.Dispose();
            RefuseUnlessInterrupted("opening", path);
        }
        using (folder) { Flush(folder, path); }
    }

    private static void RefuseUnlessInterrupted(string doing, string path)
    {
        var errno = Marshal.GetLastPInvokeError();
        if (errno != Interrupted) { throw new IOException($"{path}: {doing} failed: {Marshal.GetPInvokeErrorMessage(errno)}"); }
    }

    [LibraryImport("libc.so.6", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(SafeFileHandle file);

    [LibraryImport("libc.so.6", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial SafeFileHandle Open(string path, int flags);
}
