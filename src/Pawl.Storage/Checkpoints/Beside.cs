using Pawl.Core.Checkpoints;

namespace Pawl.Storage.Checkpoints;

/// <summary>Runs work beside its caller: on a thread of its own, or, where there is only one, in line.</summary>
public delegate Task Aside(Func<Task> work);

/// <summary>Buffers that are used again, since a fresh one of this size costs the kernel a page fault for every 4 KiB of it.</summary>
internal sealed class Buffers
{
    private readonly Stack<byte[]> _free = [];

    internal byte[] Rent(int size)
    {
        while (_free.TryPop(out var buffer))
        {
            if (buffer.Length >= size) { return buffer; }
        }
        return GC.AllocateUninitializedArray<byte>(size);
    }

    internal void Return(byte[] buffer) => _free.Push(buffer);
}

/// <summary>Uploads under way beside the reader: a fixed number of buffers, the oldest upload waited for first.</summary>
/// <param name="landed">Called for each chunk that is durable, on the caller's side.</param>
internal sealed class Uploads(ChunkStore chunks, Aside aside, Buffers buffers, int size, Action<Chunk> landed) : IAsyncDisposable
{
    // So that the disk has something to write while others wait for a flush; a journal takes the flushes of all of them at once.
    private const int Width = 4;

    private readonly Queue<(Task Task, Chunk Chunk, byte[] Buffer)> _flying = new();

    /// <summary>A free buffer; waits for an upload where too many are under way.</summary>
    /// <exception cref="IOException">An upload failed.</exception>
    internal async ValueTask<byte[]> RentAsync()
    {
        if (_flying.Count == Width) { await LandAsync(); }
        return buffers.Rent(size);
    }

    internal void Start(Chunk chunk, byte[] buffer) =>
        _flying.Enqueue((aside(() => chunks.WriteAsync(chunk, buffer.AsMemory(0, chunk.Size))), chunk, buffer));

    internal bool IsFlying(string sha256) => _flying.Any(f => f.Chunk.Sha256 == sha256);

    internal async ValueTask LandAllAsync()
    {
        while (_flying.Count > 0) { await LandAsync(); }
    }

    // After an error the others still use their buffers, and what they made durable counts; the first error is already on its way.
    public async ValueTask DisposeAsync()
    {
        while (_flying.Count > 0)
        {
            try { await LandAsync(); }
            catch (IOException) { }
        }
    }

    private async ValueTask LandAsync()
    {
        var (task, chunk, buffer) = _flying.Dequeue();
        try { await task; }
        finally { buffers.Return(buffer); }
        landed(chunk);
    }
}

/// <summary>Reads and verifies chunks in order, a few ahead of who uses them.</summary>
internal sealed class ReadAhead : IAsyncDisposable
{
    private const int Width = 2;

    private readonly ChunkStore _chunks;
    private readonly Aside _aside;
    private readonly Buffers _buffers;
    private readonly int _size;
    private readonly IEnumerator<Chunk> _next;
    private readonly Queue<Read> _flying = new();
    private byte[]? _used;

    internal ReadAhead(ChunkStore chunks, Aside aside, Buffers buffers, IReadOnlyCollection<Chunk> wanted)
    {
        (_chunks, _aside, _buffers) = (chunks, aside, buffers);
        _size = wanted.Count == 0 ? 0 : wanted.Max(c => c.Size);
        _next = wanted.GetEnumerator();
    }

    /// <returns>The bytes, good until the next call, and what was found where they are not the chunk's.</returns>
    internal async ValueTask<(Memory<byte> Bytes, string? Wrong)> NextAsync()
    {
        if (_used is not null)
        {
            _buffers.Return(_used);
            _used = null;
        }
        while (_flying.Count <= Width && _next.MoveNext()) { _flying.Enqueue(Start(_next.Current)); }
        var read = _flying.Dequeue();
        _used = read.Buffer;
        await read.Task;
        return (read.Buffer.AsMemory(0, read.Chunk.Size), read.Wrong);
    }

    public async ValueTask DisposeAsync()
    {
        _next.Dispose();
        if (_used is not null) { _buffers.Return(_used); }
        while (_flying.TryDequeue(out var read))
        {
            // Nobody waits for its answer any more.
            try { await read.Task; }
            catch (IOException) { }
            _buffers.Return(read.Buffer);
        }
    }

    private Read Start(Chunk chunk)
    {
        var read = new Read(chunk, _buffers.Rent(_size));
        read.Task = _aside(async () => read.Wrong = await _chunks.ReadAsync(chunk, read.Buffer));
        return read;
    }

    private sealed class Read(Chunk chunk, byte[] buffer)
    {
        internal Chunk Chunk { get; } = chunk;

        internal byte[] Buffer { get; } = buffer;

        internal Task Task { get; set; } = Task.CompletedTask;

        internal string? Wrong { get; set; }
    }
}
