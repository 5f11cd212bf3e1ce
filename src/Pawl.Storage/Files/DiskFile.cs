namespace Pawl.Storage.Files;

/// <summary>An open file of the real disk.</summary>
internal sealed unsafe class DiskFile(int fd, string path) : IDiskFile
{
    // A bigger write gives nothing; a smaller one can be stopped between blocks by a signal.
    private const int Block = 256 * 1024;

    private int _fd = fd;
    private bool _broken;

    public string Path => path;

    public ValueTask<FileFacts> FactsAsync() => new(Disk.Facts(Open, path));

    public ValueTask<int> ReadAsync(Memory<byte> buffer, long offset)
    {
        using var pinned = buffer.Pin();
        while (true)
        {
            var read = LibC.ReadAt(Open, (byte*)pinned.Pointer, buffer.Length, offset);
            if (read >= 0) { return new((int)read); }
            if (Errno.Last != Errno.Interrupted) { throw Errno.Failed(Errno.Last, $"reading at {offset}", path, "its content is unknown"); }
        }
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes)
    {
        RefuseBroken();
        using var pinned = bytes.Pin();
        for (var done = 0; done < bytes.Length;)
        {
            var wrote = LibC.Write(Open, (byte*)pinned.Pointer + done, Math.Min(Block, bytes.Length - done));
            if (wrote > 0) { done += (int)wrote; }
            else if (wrote == 0 || Errno.Last != Errno.Interrupted)
            {
                var errno = Errno.Last;
                _broken = true;
                throw Errno.Failed(errno, $"writing ({done} of {bytes.Length} bytes were)", path, "what it ends with counts for nothing");
            }
        }
        return default;
    }

    public ValueTask FlushAsync()
    {
        RefuseBroken();
        while (LibC.FlushContent(Open) != 0)
        {
            if (Errno.Last == Errno.Interrupted) { continue; }
            var errno = Errno.Last;
            // The kernel may have marked the lost pages clean: it tells a failure once, and the next flush would say yes.
            _broken = true;
            throw Errno.Failed(errno, "flushing", path, "what was written must be taken as lost");
        }
        return default;
    }

    public ValueTask TruncateAsync(long length)
    {
        RefuseBroken();
        while (LibC.Truncate(Open, length) != 0)
        {
            if (Errno.Last != Errno.Interrupted) { throw Errno.Failed(Errno.Last, $"cutting to {length} bytes", path, "its length stays"); }
        }
        return default;
    }

    // close(2) reports what a local file system already told at the flush, and must not be repeated.
    public ValueTask DisposeAsync()
    {
        var open = Interlocked.Exchange(ref _fd, -1);
        if (open >= 0) { _ = LibC.Close(open); }
        return default;
    }

    private int Open => _fd >= 0 ? _fd : throw new ObjectDisposedException(path);

    private void RefuseBroken()
    {
        if (_broken) { throw new IOException($"{path}: an earlier write or flush failed; the file must be written anew"); }
    }
}
