namespace Pawl.Storage.Files;

/// <summary>
/// The file calls that crash safety rests on, each checked: a call that returns has done what it says,
/// one that could not throws <see cref="IOException"/>.
/// </summary>
/// <remarks>
/// Two implementations: the machine's own (by P/Invoke, since the runtime swallows a failed fsync) and the simulated one, which forgets on a
/// power cut what was not flushed. Nothing is durable before <see cref="IDiskFile.FlushAsync"/> of the data and
/// <see cref="FlushFolderAsync"/> of the name. Paths are absolute.
/// </remarks>
public interface IDisk
{
    /// <summary>Creates a file that must not exist yet.</summary>
    /// <exception cref="IOException">It exists, or the disk refused.</exception>
    ValueTask<IDiskFile> CreateAsync(string path, int mode = 0b110_100_100);

    /// <summary>Opens for appending; creates the file when absent.</summary>
    ValueTask<IDiskFile> OpenAppendAsync(string path);

    /// <returns>Null where nothing is there. A symbolic link at the end of the path is refused.</returns>
    ValueTask<IDiskFile?> OpenReadAsync(string path);

    /// <summary>Opens a file below a folder that a stranger may have written to.</summary>
    /// <param name="relative">Must not leave <paramref name="root"/>, not even through a symbolic link.</param>
    /// <returns>Null where nothing is there.</returns>
    /// <exception cref="UnsafePathException">The path leaves the root, passes a link, or ends at something that is not a regular file.</exception>
    ValueTask<IDiskFile?> OpenReadBeneathAsync(string root, string relative);

    /// <summary>Gives <paramref name="existing"/> a second name, atomically.</summary>
    /// <returns>False where <paramref name="name"/> exists already; nothing changed then.</returns>
    ValueTask<bool> TryLinkAsync(string existing, string name);

    /// <summary>Renames, atomically replacing a file of that name.</summary>
    ValueTask RenameAsync(string from, string to);

    /// <summary>Renames a file or folder, atomically, unless <paramref name="to"/> exists.</summary>
    /// <returns>False where it exists; nothing changed then.</returns>
    ValueTask<bool> TryRenameNewAsync(string from, string to);

    /// <summary>Removes a file; absent is fine.</summary>
    ValueTask RemoveAsync(string path);

    /// <summary>Removes a folder and all below it without following links; absent is fine.</summary>
    ValueTask RemoveTreeAsync(string path);

    /// <summary>Makes a folder and the missing ones above it; flushes each parent it added a name to.</summary>
    ValueTask MakeFolderAsync(string path);

    /// <summary>Makes the names in a folder durable.</summary>
    ValueTask FlushFolderAsync(string path);

    /// <summary>What is in a folder, by ordinal name order; nothing where the folder is absent.</summary>
    ValueTask<IReadOnlyList<DiskEntry>> ListAsync(string folder);

    /// <returns>Null where nothing is there; a link is described itself, not what it points to.</returns>
    ValueTask<FileFacts?> StatAsync(string path);

    ValueTask SetModeAsync(string path, int mode);

    /// <summary>Sets a file's mtime.</summary>
    /// <param name="modified">Nanoseconds since the epoch.</param>
    ValueTask SetModifiedAsync(string path, long modified);

    /// <summary>Makes a symbolic link; the name must not exist yet.</summary>
    /// <param name="target">As it will stand in the link; nothing need be there.</param>
    ValueTask MakeLinkAsync(string target, string path);

    /// <returns>What stands in a symbolic link; null where there is none.</returns>
    ValueTask<string?> ReadLinkAsync(string path);

    /// <summary>Takes the exclusive lock of a file (made when absent) if nobody holds it. The kernel frees it when its holder dies.</summary>
    /// <returns>Null where somebody else holds it.</returns>
    ValueTask<IHeldLock?> TryLockAsync(string path);

    /// <summary>Waits until the exclusive lock of a file is free and takes it.</summary>
    ValueTask<IHeldLock> LockAsync(string path, CancellationToken stop);
}

/// <summary>An open file.</summary>
public interface IDiskFile : IAsyncDisposable
{
    string Path { get; }

    ValueTask<FileFacts> FactsAsync();

    /// <returns>Bytes read; 0 at the end.</returns>
    ValueTask<int> ReadAsync(Memory<byte> buffer, long offset);

    /// <summary>Writes all of it at the end of the file.</summary>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes);

    /// <summary>Makes the data durable. After an exception the file must not be trusted, flushing again proves nothing.</summary>
    ValueTask FlushAsync();

    /// <summary>Cuts the file to a length.</summary>
    ValueTask TruncateAsync(long length);
}

/// <summary>A lock held until disposed, or until this process dies.</summary>
public interface IHeldLock : IAsyncDisposable
{
    string Path { get; }
}

public enum FileKind
{
    File,
    Folder,
    Link,
    Other,
}

public sealed record DiskEntry(string Name, FileKind Kind);

/// <summary>What identifies a file's content without reading it.</summary>
/// <param name="Mode">Permission bits, set-id and sticky bits included; not the kind.</param>
/// <param name="Changed">ctime in nanoseconds since the epoch.</param>
/// <param name="Modified">mtime in nanoseconds since the epoch: when the content changed, or what somebody set.</param>
public sealed record FileFacts(FileKind Kind, long Size, int Mode, long Device, long Inode, long Changed, long Modified);

/// <summary>A path tried to leave the folder it belongs to.</summary>
public sealed class UnsafePathException(string message) : Exception(message);
