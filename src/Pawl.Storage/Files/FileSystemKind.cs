namespace Pawl.Storage.Files;

/// <summary>Whether a folder's file system keeps the promises that locks and flushes rest on.</summary>
public static class FileSystemKind
{
    // Numbers from linux/magic.h and statfs(2).
    private const long Nfs = 0x6969;

    /// <returns>Why a home must not be at this path, in a sentence; null where it may.</returns>
    public static string? Refusal(string path) => Magic(path) == Nfs
        ? $"{path}: is on NFS, where locks and atomic creates are not reliable; choose a home on a local disk with --home or PAWL_HOME"
        : null;

    /// <returns>What to be careful about, in a sentence; null where nothing is known against the place.</returns>
    public static string? Notice(string path) => Magic(path) switch
    {
        0x65735546 => Doubt(path, "a FUSE file system"),
        0x517B or 0xFF534D42 or 0xFE534D42 => Doubt(path, "SMB"),
        0x01021997 => Doubt(path, "9p"),
        0x00C36400 => Doubt(path, "CephFS"),
        0x5346414F => Doubt(path, "AFS"),
        0x01021994 => $"{path}: is in memory (tmpfs); nothing there outlives a reboot",
        _ => null,
    };

    /// <summary>Bytes that this user may still write there.</summary>
    /// <param name="path">Exists.</param>
    /// <exception cref="IOException">The kernel does not say.</exception>
    public static unsafe long Free(string path)
    {
        var facts = stackalloc long[32];
        if (LibC.StatFileSystem(path, facts) != 0) { throw Errno.Failed(Errno.Last, "statfs", path, "how much room is left is unknown"); }
        // struct statfs of x64: blocks available to others than root, and the size of one.
        return facts[4] * (facts[9] > 0 ? facts[9] : facts[1]);
    }

    private static string Doubt(string path, string kind) =>
        $"{path}: is on {kind}, which may not flush or lock as a local disk does; a power cut may lose runs";

    // The path itself need not exist yet; its file system is that of the nearest folder that does.
    private static unsafe long Magic(string path)
    {
        var facts = stackalloc long[32];
        for (var at = path; ; at = Path.GetDirectoryName(at)!)
        {
            if (LibC.StatFileSystem(at, facts) == 0) { return facts[0] & 0xFFFF_FFFF; }
            if (Errno.Last is Errno.NotFound or Errno.NotFolder && at != "/") { continue; }
            throw Errno.Failed(Errno.Last, "statfs", at, "its file system is unknown");
        }
    }
}
