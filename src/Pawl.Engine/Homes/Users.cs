using System.Runtime.InteropServices;

namespace Pawl.Engine.Homes;

/// <summary>Whose process this is, and whose a file is.</summary>
public static partial class Users
{
    private const int CurrentFolder = -100;     // AT_FDCWD
    private const int NoFollow = 0x100;         // AT_SYMLINK_NOFOLLOW
    private const uint WantOwner = 0x8;         // STATX_UID

    /// <summary>Effective user id of this process.</summary>
    public static uint Own { get; } = GetEffective();

    /// <exception cref="IOException">The path cannot be asked about.</exception>
    public static uint OwnerOf(string path, bool followLink)
    {
        Span<uint> facts = stackalloc uint[64];     // struct statx is 256 bytes; stx_uid is at byte 20
        if (StatX(CurrentFolder, path, followLink ? 0 : NoFollow, WantOwner, ref MemoryMarshal.GetReference(facts)) != 0)
        {
            var why = Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError());
            throw new IOException($"{path}: statx failed: {why}; its owner is unknown");
        }
        return facts[5];
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffective();

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, ref uint facts);
}
