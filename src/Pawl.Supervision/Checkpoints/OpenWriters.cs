using System.Runtime.InteropServices;
using System.Text;
using Pawl.Supervision.Processes;

namespace Pawl.Supervision.Checkpoints;

internal enum Writing
{
    No,
    Yes,

    /// <summary>Nobody could be asked.</summary>
    Unknown,
}

/// <summary>Finds out whether somebody has a file open for writing.</summary>
/// <remarks>
/// The kernel grants a read lease only where nobody has (fcntl(2), F_SETLEASE), to the file's owner and on file systems that have leases.
/// Elsewhere the open files of all processes that may be seen are looked through.
/// </remarks>
/// <param name="noLeases">Why leases are not to be used; null where they are.</param>
internal sealed unsafe class OpenWriters(string? noLeases = null)
{
    private const int WriteModes = 3;
    private static readonly Lock Once = new();
    private static bool s_ignoresBreaks;

    // Made once for each look, and only where a lease was not to be had.
    private HashSet<FolderCalls.Identity>? _written;
    private HashSet<uint> _unseen = [];

    /// <summary>Why leases are not used, for people; null while they are.</summary>
    public string? Weakness { get; private set; } = noLeases;

    /// <summary>What was found of the processes is old now.</summary>
    public void Forget() => _written = null;

    /// <param name="fd">Open for reading only.</param>
    public Writing Ask(int fd, string path)
    {
        if (Weakness is null)
        {
            IgnoreBreaks();
            if (Native.Control(fd, FolderCalls.SetLease, FolderCalls.ReadLease) == 0)
            {
                // At once: a writer that comes now waits for it.
                _ = Native.Control(fd, FolderCalls.SetLease, FolderCalls.NoLease);
                return Writing.No;
            }
            var errno = Marshal.GetLastPInvokeError();
            if (errno is Native.Again or Native.Interrupted) { return Writing.Yes; }
            Weakness = $"{path}: no lease ({Marshal.GetPInvokeErrorMessage(errno)}); whether files are still open for writing is read from "
                + "/proc, and where that says nothing they count once they have not changed for a while";
        }
        return Seen($"/proc/self/fd/{fd}");
    }

    private Writing Seen(string path)
    {
        if (FolderCalls.Identify(path) is not { } file) { return Writing.Unknown; }
        _written ??= Look();
        return _written.Contains(file) ? Writing.Yes : _unseen.Contains(file.Owner) ? Writing.Unknown : Writing.No;
    }

    private HashSet<FolderCalls.Identity> Look()
    {
        _unseen = [];
        var written = new HashSet<FolderCalls.Identity>();
        foreach (var process in ProcessTable.All())
        {
            if (process.IsDead || process.Pid == Environment.ProcessId) { continue; }
            try
            {
                foreach (var open in Directory.EnumerateFiles($"/proc/{process.Pid}/fd"))
                {
                    if (IsForWriting(process.Pid, open) && FolderCalls.Identify(open) is { } file) { written.Add(file); }
                }
            }
            catch (UnauthorizedAccessException)
            {
                // One of another user may write to that user's files.
                if (FolderCalls.Identify($"/proc/{process.Pid}") is { } hidden) { _unseen.Add(hidden.Owner); }
            }
            catch (IOException)
            {
                // It ended meanwhile, and its files are closed.
            }
        }
        return written;
    }

    // "flags:	0100001", octal: the lowest two bits are the access mode.
    private static bool IsForWriting(int pid, string open)
    {
        if (KernelFile.TryRead($"/proc/{pid}/fdinfo/{open[(open.LastIndexOf('/') + 1)..]}") is not { } bytes) { return false; }
        foreach (var line in Encoding.ASCII.GetString(bytes).Split('\n'))
        {
            if (line.StartsWith("flags:", StringComparison.Ordinal)) { return (line[^1] - '0' & WriteModes) is 1 or 2; }
        }
        return false;
    }

    private static void IgnoreBreaks()
    {
        lock (Once)
        {
            if (s_ignoresBreaks) { return; }
            FolderCalls.IgnoreLeaseBreaks();
            s_ignoresBreaks = true;
        }
    }
}
