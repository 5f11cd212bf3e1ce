using System.Runtime.InteropServices;

namespace Pawl.Engine.Homes;

public enum FileSystemKind
{
    Local,

    /// <summary>Refused: locks and atomic creation differ by server and version.</summary>
    Nfs,

    /// <summary>FUSE, SMB or 9p: somebody else's program decides what a flush or a lock is worth.</summary>
    Weak,
}

/// <summary>Facts about files that .NET does not tell.</summary>
public static partial class FileSystem
{
    private const int CurrentFolder = -100;     // AT_FDCWD
    private const int NoFollow = 0x100;         // AT_SYMLINK_NOFOLLOW
    private const uint WantOwner = 0x8;         // STATX_UID

    /// <summary>Effective user id of this process.</summary>
    public static uint User { get; } = GetUser();

    /// <exception cref="IOException">The path cannot be asked about.</exception>
    public static FileSystemKind KindOf(string path)
    {
        Span<long> facts = stackalloc long[32];     // struct statfs is 120 bytes; f_type is the first word
        if (StatFs(path, ref MemoryMarshal.GetReference(facts)) != 0) { throw Failed("statfs", path); }
        return (uint)facts[0] switch
        {
            0x6969 => FileSystemKind.Nfs,
            0x65735546 or 0xFF534D42 or 0xFE534D42 or 0x517B or 0x01021997 => FileSystemKind.Weak,     // FUSE, CIFS, SMB2, SMB, 9p
            _ => FileSystemKind.Local,
        };
    }

    /// <exception cref="IOException">The path cannot be asked about.</exception>
    public static uint OwnerOf(string path, bool followLink)
    {
        Span<uint> facts = stackalloc uint[64];     // struct statx is 256 bytes; stx_uid is at byte 20
        if (StatX(CurrentFolder, path, followLink ? 0 : NoFollow, WantOwner, ref MemoryMarshal.GetReference(facts)) != 0)
        {
            throw Failed("statx", path);
        }
        return facts[5];
    }

    private static IOException Failed(string call, string path) =>
        new($"{path}: {call} failed: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetUser();

    [LibraryImport("libc", EntryPoint = "statfs", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatFs(string path, ref long facts);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, ref uint facts);
}
