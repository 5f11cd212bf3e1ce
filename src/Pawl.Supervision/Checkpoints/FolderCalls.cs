using System.Runtime.InteropServices;

namespace Pawl.Supervision.Checkpoints;

/// <summary>The system calls by which a folder is watched and a file's writers are found (x86-64 Linux, glibc).</summary>
internal static unsafe partial class FolderCalls
{
    private const string Library = "libc.so.6";

    internal const int SetLease = 1024;
    internal const int ReadLease = 0;
    internal const int NoLease = 2;

    private const int CurrentFolder = -100;
    private const uint BasicStats = 0x7ff;
    private const int SigIo = 29;
    private const nint Ignore = 1;

    /// <summary>The holder of a lease is told of a writer by SIGIO, which ends a process that does not care for it.</summary>
    internal static void IgnoreLeaseBreaks() => _ = Handle(SigIo, Ignore);

    /// <summary>What a path leads to, through links; null where that cannot be seen.</summary>
    internal static Identity? Identify(string path)
    {
        StatX x;
        return Stat(CurrentFolder, path, 0, BasicStats, &x) == 0 ? new(((ulong)x.DeviceMajor << 32) | x.DeviceMinor, x.Inode, x.Owner) : null;
    }

    [LibraryImport(Library, EntryPoint = "inotify_init1", SetLastError = true)]
    internal static partial int InotifyInit(int flags);

    [LibraryImport(Library, EntryPoint = "inotify_add_watch", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int InotifyAdd(int fd, string path, uint mask);

    [LibraryImport(Library, EntryPoint = "pread", SetLastError = true)]
    internal static partial nint ReadAt(int fd, byte* bytes, nint count, long offset);

    [LibraryImport(Library, EntryPoint = "signal", SetLastError = true)]
    private static partial nint Handle(int signal, nint handler);

    [LibraryImport(Library, EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(int folder, string path, int flags, uint mask, StatX* facts);

    internal readonly record struct Identity(ulong Device, ulong Inode, uint Owner);

    /// <summary>The kernel's <c>struct statx</c>, 256 bytes, the fields that are read here.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatX
    {
        [FieldOffset(20)] public uint Owner;
        [FieldOffset(32)] public ulong Inode;
        [FieldOffset(136)] public uint DeviceMajor;
        [FieldOffset(140)] public uint DeviceMinor;
    }
}
