using Pawl.Storage.Files;

namespace Pawl.Storage.Archives;

/// <summary>A file as the archive readers of the runtime want it. Its calls complete at once, as those of every disk do.</summary>
internal sealed class ReadingStream(IDiskFile file, long length) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => false;

    public override long Length => length;

    public override long Position { get; set; }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = file.ReadAsync(buffer.AsMemory(offset, count), Position).AsTask().GetAwaiter().GetResult();
        Position += read;
        return read;
    }

    public override long Seek(long offset, SeekOrigin origin) => Position = origin switch
    {
        SeekOrigin.Begin => offset,
        SeekOrigin.Current => Position + offset,
        _ => length + offset,
    };

    public override void Flush() { }

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>A file to which an archive is written, from its beginning to its end.</summary>
internal sealed class WritingStream(IDiskFile file) : Stream
{
    private long _written;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => _written;

    public override long Position { get => _written; set => throw new NotSupportedException(); }

    public override void Write(byte[] buffer, int offset, int count)
    {
        file.WriteAsync(buffer.AsMemory(offset, count)).AsTask().GetAwaiter().GetResult();
        _written += count;
    }

    public override void Flush() { }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
