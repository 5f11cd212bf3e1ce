using System.Buffers.Binary;
using System.Text;

namespace Pawl.Training;

/// <summary>Gives a state back, part by part by name, from a checkpoint that was verified whole.</summary>
/// <remarks>Every refusal is an <see cref="InvalidDataException"/>: the file is sound, so it is the program that asks for something else than it saved.</remarks>
public sealed unsafe class StateReader
{
    private readonly Dictionary<string, Part> _parts = new(StringComparer.Ordinal);
    private readonly string _path;
    private string _prefix = "";

    /// <param name="path">For messages.</param>
    internal StateReader(byte* start, long length, string path)
    {
        _path = path;
        for (var at = 0L; at < length;)
        {
            if (length - at < StateWriter.PartHeader) { throw Torn(at); }
            var head = new ReadOnlySpan<byte>(start + at, StateWriter.PartHeader);
            var nameBytes = BinaryPrimitives.ReadUInt16LittleEndian(head);
            var size = BinaryPrimitives.ReadInt32LittleEndian(head[3..]);
            var count = BinaryPrimitives.ReadInt64LittleEndian(head[7..]);
            at += StateWriter.PartHeader;
            if (size <= 0 || count < 0 || nameBytes > length - at || count > (length - at - nameBytes) / size) { throw Torn(at); }
            var name = Encoding.UTF8.GetString(start + at, nameBytes);
            at += nameBytes;
            _parts[name] = new Part((TypeCode)head[2], size, count, (nint)(start + at));
            at += size * count;
        }
    }

    public bool Has(string name) => _parts.ContainsKey(_prefix + name);

    /// <summary>Fills the whole of <paramref name="into"/>, which must be as long as what was written.</summary>
    public void Read<T>(string name, Span<T> into) where T : unmanaged
    {
        var part = Find<T>(name);
        if (part.Count != into.Length) { throw Wrong(name, $"holds {part.Count} elements, and {into.Length} were asked for"); }
        new ReadOnlySpan<T>((void*)part.At, into.Length).CopyTo(into);
    }

    /// <summary>The elements in an array of their number.</summary>
    public T[] ReadArray<T>(string name) where T : unmanaged
    {
        var part = Find<T>(name);
        return new ReadOnlySpan<T>((void*)part.At, checked((int)part.Count)).ToArray();
    }

    public long ReadInt64(string name) => One<long>(name);

    public double ReadDouble(string name) => One<double>(name);

    public bool ReadBoolean(string name) => One<bool>(name);

    public string ReadString(string name)
    {
        var part = Find(name, TypeCode.String, 1);
        return Encoding.UTF8.GetString((byte*)part.At, checked((int)part.Count));
    }

    /// <summary>A part with parts of its own, as <see cref="StateWriter.Write(string, ITrainingState)"/> wrote it.</summary>
    public void Read(string name, ITrainingState part)
    {
        var outer = _prefix;
        _prefix = $"{outer}{name}/";
        part.Read(this);
        _prefix = outer;
    }

    private T One<T>(string name) where T : unmanaged
    {
        Span<T> one = stackalloc T[1];
        Read(name, one);
        return one[0];
    }

    private Part Find<T>(string name) where T : unmanaged => Find(name, StateWriter.TypeOf<T>(), sizeof(T));

    private Part Find(string name, TypeCode type, int size)
    {
        if (!_parts.TryGetValue(_prefix + name, out var part)) { throw Wrong(name, "is not in it"); }
        return part.Type == type && part.Size == size
            ? part
            : throw Wrong(name, $"is {part.Type} of {part.Size} bytes, and {type} of {size} was asked for");
    }

    private InvalidDataException Wrong(string name, string what) => new($"{_path}: '{_prefix}{name}' {what}; the program changed since it was saved");

    private InvalidDataException Torn(long at) => new($"{_path}: its parts do not add up at byte {at}");

    private readonly record struct Part(TypeCode Type, int Size, long Count, nint At);
}
