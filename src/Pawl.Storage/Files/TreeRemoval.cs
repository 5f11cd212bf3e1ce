using System.Runtime.InteropServices;
using System.Text;

namespace Pawl.Storage.Files;

/// <summary>Removes a folder whatever somebody put into it: links are not followed, depth costs neither stack nor descriptors.</summary>
/// <remarks>
/// Every folder below the second level is first moved up to the top, so that no path longer than two names is ever walked.
/// All calls are relative to an open folder, so that a folder swapped for a link under way leads nowhere.
/// </remarks>
internal sealed unsafe class TreeRemoval
{
    private const int OpenFolder = LibC.ReadOnly | LibC.DirectoryOnly | LibC.NoFollow | LibC.CloseOnExec;
    private const string Follows = "what is left of the tree stays";

    private readonly string _path;
    private readonly int _top;
    private int _moved;

    private TreeRemoval(string path, int top) => (_path, _top) = (path, top);

    internal static void Run(string path)
    {
        var top = Open(LibC.CurrentFolder, [.. Encoding.UTF8.GetBytes(path), 0]);
        if (top < 0)
        {
            var errno = Errno.Last;
            if (errno == Errno.NotFound) { return; }
            if (errno is not (Errno.NotFolder or Errno.TooManyLinks)) { throw Errno.Failed(errno, "opening the folder to remove", path, Follows); }
            if (LibC.Unlink(path) != 0 && Errno.Last != Errno.NotFound) { throw Errno.Failed(Errno.Last, "removing", path, Follows); }
            return;
        }
        try { new TreeRemoval(path, top).Empty(); }
        finally { _ = LibC.Close(top); }
        if (LibC.RemoveEmptyFolder(path) != 0 && Errno.Last != Errno.NotFound) { throw Errno.Failed(Errno.Last, "removing the folder", path, Follows); }
    }

    private void Empty()
    {
        for (var names = Names(_top); names.Count > 0; names = Names(_top))
        {
            foreach (var (name, _) in names)
            {
                if (RemoveLeaf(_top, name)) { continue; }
                var folder = Open(_top, name);
                if (folder < 0) { throw Failed("opening a folder in it"); }
                try { Flatten(folder); }
                finally { _ = LibC.Close(folder); }
                if (!RemoveLeaf(_top, name)) { throw Failed("removing a folder in it"); }
            }
        }
    }

    private void Flatten(int folder)
    {
        for (var names = Names(folder); names.Count > 0; names = Names(folder))
        {
            foreach (var (name, _) in names)
            {
                if (!RemoveLeaf(folder, name)) { MoveUp(folder, name); }
            }
        }
    }

    // A file, a link, or a folder that is empty.
    private bool RemoveLeaf(int folder, byte[] name)
    {
        fixed (byte* n = name)
        {
            if (LibC.UnlinkAt(folder, n, 0) == 0 || Errno.Last == Errno.NotFound) { return true; }
            // POSIX says EPERM for a folder, Linux EISDIR.
            if (Errno.Last is not (Errno.IsFolder or Errno.NotPermitted)) { throw Failed("removing a file in it"); }
            if (LibC.UnlinkAt(folder, n, LibC.RemoveFolder) == 0 || Errno.Last == Errno.NotFound) { return true; }
            return Errno.Last is Errno.NotEmpty or Errno.Exists ? false : throw Failed("removing an entry of it");
        }
    }

    private void MoveUp(int folder, byte[] name)
    {
        // Moving a folder changes its "..", so it must be writable.
        var opened = Open(folder, name);
        if (opened < 0) { throw Failed("opening a folder in it"); }
        _ = LibC.Close(opened);
        while (true)
        {
            byte[] fresh = [.. Encoding.ASCII.GetBytes($".removed-{_moved++}"), 0];
            fixed (byte* from = name, to = fresh)
            {
                if (LibC.RenameAt2(folder, from, _top, to, LibC.NoReplace) == 0) { return; }
            }
            if (Errno.Last != Errno.Exists) { throw Failed("moving a folder in it"); }
        }
    }

    // A folder without permissions cannot be opened by its owner either, unless that is root.
    private static int Open(int folder, byte[] name)
    {
        fixed (byte* n = name)
        {
            var fd = LibC.OpenAt(folder, n, OpenFolder, 0);
            if (fd >= 0 && (Disk.Facts(fd, "").Mode & 0b111_000_000) == 0b111_000_000) { return fd; }
            if (fd < 0 && Errno.Last != Errno.Access) { return fd; }
            if (fd >= 0) { _ = LibC.Close(fd); }
            var place = LibC.OpenAt(folder, n, LibC.PathOnly | LibC.DirectoryOnly | LibC.NoFollow | LibC.CloseOnExec, 0);
            if (place < 0) { return place; }
            fd = LibC.ChangeMode($"/proc/self/fd/{place}", 0b111_000_000) == 0 ? LibC.OpenAt(folder, n, OpenFolder, 0) : -1;
            var errno = Errno.Last;
            _ = LibC.Close(place);
            Marshal.SetLastPInvokeError(errno);
            return fd;
        }
    }

    private List<FoundName> Names(int folder) =>
        LibC.Seek(folder, 0, 0) < 0 ? throw Failed("rewinding a folder in it") : FolderReader.Next(folder, _path);

    private IOException Failed(string what) => Errno.Failed(Errno.Last, what, _path, Follows);
}
