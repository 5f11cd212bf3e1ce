using System.Runtime.InteropServices;
using Pawl.Supervision.Processes;

namespace Pawl.Supervision.Checkpoints.Formats;

/// <summary>An open file that may change or shrink while it is read: a read that does not get all it asks for is an answer.</summary>
/// <param name="name">Without its folder.</param>
/// <param name="size">Bytes, when it was opened.</param>
internal readonly unsafe struct FileBytes(int fd, string name, long size)
{
    public string Name => name;

    public int Descriptor => fd;

    public long Size => size;

    /// <returns>False where the file does not have all these bytes, or cannot be read.</returns>
    public bool TryRead(long offset, Span<byte> into)
    {
        if (offset < 0 || offset > size || into.Length > size - offset) { return false; }
        while (into.Length > 0)
        {
            nint read;
            fixed (byte* bytes = into) { read = FolderCalls.ReadAt(fd, bytes, into.Length, offset); }
            if (read < 0 && Marshal.GetLastPInvokeError() == Native.Interrupted) { continue; }
            if (read <= 0) { return false; }
            into = into[(int)read..];
            offset += read;
        }
        return true;
    }
}
