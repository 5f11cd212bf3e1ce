namespace Pawl.Storage.Files;

/// <summary>Room that a file system has left.</summary>
public static class FreeSpace
{
    // struct statfs of x86-64, in words: f_type, f_bsize, f_blocks, f_bfree, f_bavail.
    private const int BlockSize = 1;
    private const int Available = 4;

    /// <returns>Bytes that who is not root may still write where this path is.</returns>
    /// <exception cref="IOException">The path does not exist, or its file system does not answer.</exception>
    public static unsafe long At(string path)
    {
        var facts = stackalloc long[32];
        return LibC.StatFileSystem(path, facts) == 0
            ? facts[Available] * facts[BlockSize]
            : throw Errno.Failed(Errno.Last, "statfs", path, "its free space is unknown");
    }
}
