using System.Runtime.InteropServices;

namespace Pawl.Training;

/// <summary>Memory outside the heap that a state is copied into: kept from one checkpoint to the next, so that a copy touches no new page.</summary>
internal sealed unsafe class StateBuffer : IDisposable
{
    private const long Smallest = 64 * 1024;

    private byte* _start;
    private long _capacity;

    /// <summary>Bytes in use.</summary>
    public long Length { get; private set; }

    public byte* Start => _start;

    public void Clear() => Length = 0;

    /// <returns>The first of the new bytes, which hold anything; valid until the next call.</returns>
    public byte* Append(long bytes)
    {
        var needed = checked(Length + bytes);
        if (needed > _capacity)
        {
            // A big block moves by page tables, not by copying (mremap), so growing is cheap.
            var capacity = Math.Max(Math.Max(Smallest, needed), _capacity * 2);
            _start = (byte*)NativeMemory.Realloc(_start, checked((nuint)capacity));
            _capacity = capacity;
        }
        var at = _start + Length;
        Length = needed;
        return at;
    }

    public void Dispose()
    {
        NativeMemory.Free(_start);
        _start = null;
        (_capacity, Length) = (0, 0);
    }
}
