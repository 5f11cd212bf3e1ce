using System.Buffers.Binary;
using System.Text;

namespace Pawl.Training;

/// <summary>Takes a copy of a state, part by part, each under a name of its own. What it was given may change as soon as a call returns.</summary>
public sealed unsafe class StateWriter
{
    // Per part: length of the name (2), type (1), element size (4), elements (8); the name in UTF-8; the elements as they lie in memory.
    internal const int PartHeader = 15;

    private readonly StateBuffer _buffer;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private string _prefix = "";

    internal StateWriter(StateBuffer buffer) => _buffer = buffer;

    /// <param name="values">Numbers or structures without references; an array is taken as it is.</param>
    public void Write<T>(string name, ReadOnlySpan<T> values) where T : unmanaged
    {
        fixed (T* from = values) { Append(name, TypeOf<T>(), sizeof(T), values.Length, from); }
    }

    public void Write(string name, long value) => Write(name, new ReadOnlySpan<long>(in value));

    public void Write(string name, double value) => Write(name, new ReadOnlySpan<double>(in value));

    public void Write(string name, bool value) => Write(name, new ReadOnlySpan<bool>(in value));

    public void Write(string name, string value)
    {
        var bytes = Encoding.UTF8.GetBytes(value);
        fixed (byte* from = bytes) { Append(name, TypeCode.String, 1, bytes.Length, from); }
    }

    /// <summary>A part with parts of its own, such as an optimizer; its names are apart from all others.</summary>
    public void Write(string name, ITrainingState part)
    {
        var outer = _prefix;
        _prefix = $"{outer}{name}/";
        part.Write(this);
        _prefix = outer;
    }

    /// <summary>The numbers of the basic types are those of <see cref="TypeCode"/>, which never change; a structure is an object.</summary>
    internal static TypeCode TypeOf<T>() => Type.GetTypeCode(typeof(T));

    internal void Begin()
    {
        _buffer.Clear();
        _names.Clear();
        _prefix = "";
    }

    private void Append(string name, TypeCode type, int size, long count, void* from)
    {
        var full = _prefix.Length == 0 ? name : _prefix + name;
        if (!_names.Add(full)) { throw new ArgumentException($"'{full}' was written already; a part needs a name of its own", nameof(name)); }
        var nameBytes = Encoding.UTF8.GetByteCount(full);
        var head = new Span<byte>(_buffer.Append(PartHeader + nameBytes), PartHeader + nameBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(head, checked((ushort)nameBytes));
        head[2] = (byte)type;
        BinaryPrimitives.WriteInt32LittleEndian(head[3..], size);
        BinaryPrimitives.WriteInt64LittleEndian(head[7..], count);
        Encoding.UTF8.GetBytes(full, head[PartHeader..]);
        var bytes = checked(size * count);
        Buffer.MemoryCopy(from, _buffer.Append(bytes), bytes, bytes);
    }
}
