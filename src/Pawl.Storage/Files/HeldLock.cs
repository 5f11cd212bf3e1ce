namespace Pawl.Storage.Files;

/// <summary>An exclusive <c>flock</c>, held as long as any process has a copy of its descriptor open.</summary>
public sealed class HeldLock : IHeldLock
{
    private const int SetDescriptorFlags = 2;
    private const int CloseOnExecFlag = 1;
    private const int WaiterStackBytes = 256 * 1024;

    private int _fd;

    private HeldLock(int fd, string path) => (_fd, Path) = (fd, path);

    public string Path { get; }

    /// <summary>To be duplicated into a child, which then holds the lock too.</summary>
    public int Descriptor => _fd >= 0 ? _fd : throw new ObjectDisposedException(Path);

    /// <summary>Takes over a lock whose descriptor this process inherited, and keeps it from its own children.</summary>
    /// <exception cref="IOException">The descriptor is not open, is another file than the path, or does not hold the lock.</exception>
    public static HeldLock Adopt(int fd, string path)
    {
        const string Follows = "the lock was not taken over";
        if (LibC.Control(fd, SetDescriptorFlags, CloseOnExecFlag) < 0) { throw Errno.Failed(Errno.Last, $"adopting descriptor {fd}", path, Follows); }
        var held = Disk.Facts(fd, path);
        var named = Disk.FactsOfLink(path);
        if (named is null || (named.Device, named.Inode) != (held.Device, held.Inode))
        {
            throw new IOException($"{path}: descriptor {fd} is another file; {Follows}");
        }
        // On the open file that holds the lock already this changes nothing.
        return Acquire(fd, LibC.LockNonBlocking) == 0 ? new(fd, path) : throw Errno.Failed(Errno.Last, "flock", path, Follows);
    }

    // Closing is enough, and unlocking would be wrong: it would take the lock from a child that inherited it.
    public ValueTask DisposeAsync()
    {
        var open = Interlocked.Exchange(ref _fd, -1);
        if (open >= 0) { _ = LibC.Close(open); }
        return default;
    }

    internal static HeldLock? Try(string path)
    {
        var fd = Open(path);
        if (Acquire(fd, LibC.LockNonBlocking) == 0) { return new(fd, path); }
        var errno = Errno.Last;
        _ = LibC.Close(fd);
        return errno == Errno.Again ? null : throw Errno.Failed(errno, "flock", path, "the lock was not taken");
    }

    internal static ValueTask<IHeldLock> WaitAsync(string path, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (Try(path) is { } free) { return new(free); }
        var fd = Open(path);
        var taken = new TaskCompletionSource<IHeldLock>(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = stop.Register(() => taken.TrySetCanceled(stop));
        // flock cannot be cancelled: a waiter given up stays in the kernel and frees the lock the moment it gets it.
        new Thread(() =>
        {
            var result = Acquire(fd, 0);
            var errno = result == 0 ? 0 : Errno.Last;
            cancelled.Dispose();
            if (result != 0)
            {
                _ = LibC.Close(fd);
                taken.TrySetException(Errno.Failed(errno, "flock", path, "the lock was not taken"));
            }
            else if (!taken.TrySetResult(new HeldLock(fd, path))) { _ = LibC.Close(fd); }
        }, WaiterStackBytes)
        { IsBackground = true, Name = "flock" }.Start();
        return new(taken.Task);
    }

    private static int Open(string path)
    {
        var fd = Disk.Open(path, LibC.ReadWrite | LibC.Create | LibC.NoFollow | LibC.CloseOnExec, 0b110_100_100);
        return fd >= 0 ? fd : throw Errno.Failed(Errno.Last, "opening the lock", path, "the lock was not taken");
    }

    private static int Acquire(int fd, int how)
    {
        int result;
        do { result = LibC.Lock(fd, LibC.LockExclusive | how); } while (result != 0 && Errno.Last == Errno.Interrupted);
        return result;
    }
}
