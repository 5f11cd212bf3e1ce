namespace Pawl.Storage.Files;

/// <summary>The machine's own disk, by system calls whose every result is checked.</summary>
/// <remarks>Calls are synchronous and their tasks complete; only a wait for a lock is on a thread of its own.</remarks>
public sealed class Disk : IDisk
{
    private const int FolderMode = 0b111_101_101;

    public ValueTask<IDiskFile> CreateAsync(string path, int mode = 0b110_100_100)
    {
        var flags = LibC.ReadWrite | LibC.Append | LibC.Create | LibC.Exclusive | LibC.NoFollow | LibC.CloseOnExec;
        var fd = Open(path, flags, mode);
        return fd >= 0 ? new(new DiskFile(fd, path)) : throw Errno.Failed(Errno.Last, "creating", path, "nothing was written");
    }

    public ValueTask<IDiskFile> OpenAppendAsync(string path)
    {
        var flags = LibC.ReadWrite | LibC.Append | LibC.Create | LibC.NoFollow | LibC.CloseOnExec;
        var fd = Open(path, flags, 0b110_100_100);
        return fd >= 0 ? new(new DiskFile(fd, path)) : throw Errno.Failed(Errno.Last, "opening for append", path, "nothing was written");
    }

    public ValueTask<IDiskFile?> OpenReadAsync(string path)
    {
        // Without O_NONBLOCK a pipe in the place of the file would hang this process.
        var fd = Open(path, LibC.ReadOnly | LibC.NonBlock | LibC.NoFollow | LibC.CloseOnExec, 0);
        if (fd < 0)
        {
            return Errno.Last switch
            {
                Errno.NotFound or Errno.NotFolder => default,
                Errno.TooManyLinks => throw new IOException($"{path}: is a symbolic link; links are not followed here, nothing was read"),
                var errno => throw Errno.Failed(errno, "opening", path, "nothing was read"),
            };
        }
        var facts = FactsOrClose(fd, path);
        if (facts.Kind == FileKind.File) { return new(new DiskFile(fd, path)); }
        _ = LibC.Close(fd);
        throw new IOException($"{path}: is not a regular file but {Word(facts.Kind)}; nothing was read");
    }

    public ValueTask<IDiskFile?> OpenReadBeneathAsync(string root, string relative)
    {
        var path = Checked($"{root}/{relative}");
        if (relative.Split('/').Contains("..")) { throw new UnsafePathException($"{relative}: leaves {root}; refused"); }
        var folder = Open(root, LibC.PathOnly | LibC.DirectoryOnly | LibC.CloseOnExec, 0);
        if (folder < 0) { return Errno.Last == Errno.NotFound ? default : throw Errno.Failed(Errno.Last, "opening", root, "nothing was read"); }
        int place;
        int errno;
        do
        {
            place = LibC.OpenBeneath(folder, relative, LibC.PathOnly | LibC.NoFollow | LibC.CloseOnExec);
            errno = place < 0 ? Errno.Last : 0;
        }
        while (errno is Errno.Interrupted or Errno.Again);
        _ = LibC.Close(folder);
        if (place < 0)
        {
            return errno switch
            {
                Errno.NotFound or Errno.NotFolder => default,
                Errno.TooManyLinks => throw new UnsafePathException($"{relative}: passes a symbolic link below {root}; refused"),
                Errno.CrossDevice => throw new UnsafePathException($"{relative}: leaves {root}; refused"),
                _ => throw Errno.Failed(errno, "opening (openat2, Linux 5.6 or newer)", path, "nothing was read"),
            };
        }
        try
        {
            // The place is looked at before it is opened: opening a pipe or a device would already do something.
            var facts = Facts(place, path);
            if (facts.Kind != FileKind.File)
            {
                throw new UnsafePathException($"{relative}: is not a regular file but {Word(facts.Kind)} below {root}; refused");
            }
            var fd = Open($"/proc/self/fd/{place}", LibC.ReadOnly | LibC.CloseOnExec, 0);
            return fd >= 0 ? new(new DiskFile(fd, path)) : throw Errno.Failed(Errno.Last, "opening", path, "nothing was read");
        }
        finally { _ = LibC.Close(place); }
    }

    public ValueTask<bool> TryLinkAsync(string existing, string name)
    {
        if (LibC.Link(Checked(existing), Checked(name)) == 0) { return new(true); }
        return Errno.Last == Errno.Exists ? new(false) : throw Errno.Failed(Errno.Last, $"linking {existing}", name, "the name was not made");
    }

    public ValueTask RenameAsync(string from, string to) =>
        LibC.Rename(Checked(from), Checked(to)) == 0 ? default
            : throw Errno.Failed(Errno.Last, $"renaming {from}", to, "the old content stays");

    public ValueTask<bool> TryRenameNewAsync(string from, string to)
    {
        if (LibC.RenameAt2(LibC.CurrentFolder, Checked(from), LibC.CurrentFolder, Checked(to), LibC.NoReplace) == 0) { return new(true); }
        return Errno.Last == Errno.Exists ? new(false) : throw Errno.Failed(Errno.Last, $"renaming {from}", to, "the name was not made");
    }

    public ValueTask RemoveAsync(string path) =>
        LibC.Unlink(Checked(path)) == 0 || Errno.Last is Errno.NotFound or Errno.NotFolder ? default
            : throw Errno.Failed(Errno.Last, "removing", path, "it stays");

    public ValueTask RemoveTreeAsync(string path)
    {
        TreeRemoval.Run(Checked(path));
        return default;
    }

    public ValueTask MakeFolderAsync(string path)
    {
        if (Checked(path).Split('/').Contains("..")) { throw new UnsafePathException($"{path}: a folder to make must not contain \"..\"; refused"); }
        MakeFolder(path.TrimEnd('/') is { Length: > 0 } trimmed ? trimmed : "/");
        return default;
    }

    public ValueTask FlushFolderAsync(string path)
    {
        FlushFolder(path);
        return default;
    }

    public ValueTask<IReadOnlyList<DiskEntry>> ListAsync(string folder)
    {
        var fd = Open(folder, LibC.ReadOnly | LibC.DirectoryOnly | LibC.NoFollow | LibC.CloseOnExec, 0);
        if (fd < 0)
        {
            return Errno.Last == Errno.NotFound ? new([]) : throw Errno.Failed(Errno.Last, "opening the folder", folder, "its content is unknown");
        }
        var found = new List<DiskEntry>();
        try
        {
            for (var names = FolderReader.Next(fd, folder); names.Count > 0; names = FolderReader.Next(fd, folder))
            {
                foreach (var (bytes, known) in names)
                {
                    var name = FolderReader.Text(bytes, folder);
                    if ((known ?? FactsOfLink($"{folder}/{name}")?.Kind) is { } kind) { found.Add(new(name, kind)); }
                }
            }
        }
        finally { _ = LibC.Close(fd); }
        found.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
        return new(found);
    }

    public ValueTask<FileFacts?> StatAsync(string path) => new(FactsOfLink(Checked(path)));

    public ValueTask SetModeAsync(string path, int mode)
    {
        // chmod(2) follows links; through a handle of the place it cannot.
        var place = Open(path, LibC.PathOnly | LibC.NoFollow | LibC.CloseOnExec, 0);
        if (place < 0) { throw Errno.Failed(Errno.Last, "opening to change the mode", path, "the mode stays"); }
        try
        {
            if (Facts(place, path).Kind == FileKind.Link) { throw new IOException($"{path}: is a symbolic link; its mode cannot be set"); }
            return LibC.ChangeMode($"/proc/self/fd/{place}", mode) == 0 ? default
                : throw Errno.Failed(Errno.Last, "changing the mode", path, "the mode stays");
        }
        finally { _ = LibC.Close(place); }
    }

    public unsafe ValueTask SetModifiedAsync(string path, long modified)
    {
        var seconds = Math.DivRem(modified, 1_000_000_000, out var nanoseconds);
        if (nanoseconds < 0) { (seconds, nanoseconds) = (seconds - 1, nanoseconds + 1_000_000_000); }
        var times = stackalloc long[] { 0, LibC.TimeStays, seconds, nanoseconds };
        return LibC.SetTimes(LibC.CurrentFolder, Checked(path), times, LibC.NoFollowAt) == 0 ? default
            : throw Errno.Failed(Errno.Last, "setting the mtime", path, "it stays");
    }

    public ValueTask MakeLinkAsync(string target, string path) =>
        LibC.SymbolicLink(target.Contains('\0') || target.Length == 0 ? throw new UnsafePathException($"{path}: a link's target must have a name and no NUL; refused") : target, Checked(path)) == 0
            ? default
            : throw Errno.Failed(Errno.Last, "making the symbolic link", path, "it was not made");

    public unsafe ValueTask<string?> ReadLinkAsync(string path)
    {
        const int LongestPath = 4096;
        var bytes = stackalloc byte[LongestPath];
        var length = LibC.ReadLink(Checked(path), bytes, LongestPath);
        if (length >= 0) { return new(FolderReader.Text([.. new ReadOnlySpan<byte>(bytes, (int)length), 0], path)); }
        return Errno.Last is Errno.NotFound or Errno.NotFolder or Errno.Invalid ? default
            : throw Errno.Failed(Errno.Last, "reading the symbolic link", path, "what it points to is unknown");
    }

    public ValueTask<IHeldLock?> TryLockAsync(string path) => new(HeldLock.Try(Checked(path)));

    public ValueTask<IHeldLock> LockAsync(string path, CancellationToken stop) => HeldLock.WaitAsync(Checked(path), stop);

    internal static FileFacts Facts(int fd, string path) =>
        Facts(fd, "", LibC.EmptyPath) ?? throw new IOException($"{path}: its facts cannot be read from an open handle");

    internal static int Open(string path, int flags, int mode)
    {
        int fd;
        do { fd = LibC.Open(Checked(path), flags, mode); } while (fd < 0 && Errno.Last == Errno.Interrupted);
        return fd;
    }

    private static unsafe FileFacts? Facts(int folder, string path, int flags)
    {
        LibC.StatX x;
        if (LibC.Stat(folder, path, flags, LibC.StatX.BasicStats, &x) != 0)
        {
            return Errno.Last is Errno.NotFound or Errno.NotFolder ? null : throw Errno.Failed(Errno.Last, "statx", path, "what it is stays unknown");
        }
        var kind = (x.Mode & 0xF000) switch { 0x8000 => FileKind.File, 0x4000 => FileKind.Folder, 0xA000 => FileKind.Link, _ => FileKind.Other };
        var device = ((long)x.DeviceMajor << 32) | x.DeviceMinor;
        return new(kind, (long)x.Size, x.Mode & 0xFFF, device, (long)x.Inode, Nanoseconds(x.ChangedSeconds, x.ChangedNanoseconds),
            Nanoseconds(x.ModifiedSeconds, x.ModifiedNanoseconds));
    }

    private static long Nanoseconds(long seconds, uint nanoseconds) => seconds * 1_000_000_000 + nanoseconds;

    internal static FileFacts? FactsOfLink(string path) => Facts(LibC.CurrentFolder, path, LibC.NoFollowAt);

    private static FileFacts FactsOrClose(int fd, string path)
    {
        try { return Facts(fd, path); }
        catch
        {
            _ = LibC.Close(fd);
            throw;
        }
    }

    private static void FlushFolder(string path)
    {
        const string Follows = "the names in it must be taken as lost";
        var fd = Open(path, LibC.ReadOnly | LibC.DirectoryOnly | LibC.CloseOnExec, 0);
        if (fd < 0) { throw Errno.Failed(Errno.Last, "opening the folder to flush", path, Follows); }
        int errno;
        do { errno = LibC.Flush(fd) == 0 ? 0 : Errno.Last; } while (errno == Errno.Interrupted);
        _ = LibC.Close(fd);
        if (errno != 0) { throw Errno.Failed(errno, "flushing the folder", path, Follows); }
    }

    // From the deepest that exists downwards; depth is bounded by the length of a path (4 KiB).
    private static void MakeFolder(string path)
    {
        var missing = new Stack<string>();
        string? there = null;
        for (var at = path; ;)
        {
            if (LibC.MakeFolder(at, FolderMode) == 0)
            {
                there = at;
                FlushFolder(Path.GetDirectoryName(at)!);
                if (!missing.TryPop(out at!)) { return; }
                continue;
            }
            switch (Errno.Last)
            {
                // Below /proc a folder is not found although the one above it is there.
                case Errno.NotFound when Path.GetDirectoryName(at) is { } parent && parent != there:
                    missing.Push(at);
                    at = parent;
                    break;
                case Errno.Exists when IsFolder(at):
                    there = at;
                    if (!missing.TryPop(out at!)) { return; }
                    break;
                default:
                    throw Errno.Failed(Errno.Last, "making the folder", at, "it is not there");
            }
        }
    }

    // The last component may be a link to a folder: a home may be reached through one.
    private static bool IsFolder(string path)
    {
        if (Facts(LibC.CurrentFolder, path, 0)?.Kind == FileKind.Folder) { return true; }
        throw new IOException($"{path}: is there but is not a folder; nothing can be made in it");
    }

    // The kernel would silently end a path at a NUL, and resolve a relative one against a folder that changes.
    private static string Checked(string path) =>
        path.StartsWith('/') && !path.Contains('\0') ? path
            : throw new UnsafePathException($"{path.Replace("\0", "\\0", StringComparison.Ordinal)}: a path must be absolute and free of NUL; refused");

    private static string Word(FileKind kind) => kind switch
    {
        FileKind.File => "a file",
        FileKind.Folder => "a folder",
        FileKind.Link => "a symbolic link",
        _ => "a pipe, socket or device",
    };
}
