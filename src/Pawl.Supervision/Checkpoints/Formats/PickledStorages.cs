using System.Buffers.Binary;

namespace Pawl.Supervision.Checkpoints.Formats;

/// <summary>Walks over the <c>data.pkl</c> of a torch archive, building nothing of it, for the storages that it names.</summary>
/// <remarks>
/// A storage is a persistent id: <c>('storage', class, key, location, numel)</c>, made of a mark, five leaves, and a tuple (torch/serialization.py,
/// persistent_id). The opcodes are those of protocols 0 to 5 (Lib/pickletools.py).
/// </remarks>
internal sealed class PickledStorages(FileBytes file, long from, long size)
{
    private const int MostRemembered = 1 << 20;
    private const int MostDigits = 18;

    // What a leaf says: a key is 0 or more.
    private const long Other = -1;
    private const long Word = -2;

    private readonly byte[] _buffer = new byte[(int)Math.Min(size, 1 << 16)];
    private readonly Dictionary<uint, long> _memo = [];
    private readonly long _end = from + size;
    private long _left = size;
    private int _at;
    private int _filled;

    private uint _memos;
    private long _last = Other;

    /// <summary>Leaves since the last mark; negative where there is anything else.</summary>
    private int _leaves = -1;
    private bool _isStorage;
    private long _key = Other;

    /// <summary>Key of the tuple just made.</summary>
    private long _named = Other;

    /// <returns>Null where the pickle is not understood.</returns>
    public bool? AreIn(HashSet<long> keys)
    {
        while (TryTake(out var code))
        {
            switch (code)
            {
                case (byte)'.':
                    return true;
                case (byte)'Q':
                    if (_named < 0) { return null; }
                    if (!keys.Contains(_named)) { return false; }
                    Anything();
                    break;
                default:
                    if (!Step(code)) { return null; }
                    break;
            }
        }
        return null;
    }

    private bool Step(byte code)
    {
        switch (code)
        {
            case 0x80: return Skip(1);                                                                     // PROTO
            case 0x95: return Skip(8);                                                                     // FRAME
            case (byte)'(':
                (_leaves, _isStorage, _key, _named, _last) = (0, false, Other, Other, Other);
                return true;
            case (byte)'t':
                var named = _leaves == 5 && _isStorage ? _key : Other;
                Anything();
                _named = named;
                return true;

            // Leaves.
            case (byte)'N' or 0x88 or 0x89 or (byte)')' or (byte)']' or (byte)'}' or 0x8f: return Leaf();
            case (byte)'K': return Skip(1) && Leaf();
            case (byte)'M': return Skip(2) && Leaf();
            case (byte)'J': return Skip(4) && Leaf();
            case (byte)'G': return Skip(8) && Leaf();
            case (byte)'F' or (byte)'I' or (byte)'L' or (byte)'S' or (byte)'V': return Line() && Leaf();
            case 0x8a or (byte)'U' or (byte)'C': return Length(1, out var small) && Skip(small) && Leaf();  // LONG1, SHORT_BINSTRING, SHORT_BINBYTES
            case 0x8b or (byte)'T' or (byte)'B': return Length(4, out var middle) && Skip(middle) && Leaf();
            case 0x8e or 0x96: return Length(8, out var big) && Skip(big) && Leaf();                       // BINBYTES8, BYTEARRAY8
            case (byte)'c': return Line() && Line() && Leaf();                                             // GLOBAL
            case 0x8c: return Length(1, out var brief) && Text(brief);
            case (byte)'X': return Length(4, out var text) && Text(text);
            case 0x8d: return Length(8, out var wide) && Text(wide);
            case 0x93:                                                                                     // STACK_GLOBAL: two leaves become one
                (_leaves, _last, _named) = (_leaves >= 2 ? _leaves - 1 : -1, Other, Other);
                return true;

            // The memo.
            case (byte)'q': return Length(1, out var put) && Remember((uint)put);
            case (byte)'r': return Length(4, out var longPut) && Remember((uint)longPut);
            case 0x94: return Remember(_memos);
            case (byte)'h': return Length(1, out var get) && Leaf(_memo.GetValueOrDefault((uint)get, Other));
            case (byte)'j': return Length(4, out var longGet) && Leaf(_memo.GetValueOrDefault((uint)longGet, Other));

            // What makes one thing of others, or gives it something.
            case (byte)'R' or (byte)'b' or (byte)'a' or (byte)'e' or (byte)'s' or (byte)'u' or (byte)'d' or (byte)'l' or (byte)'o' or (byte)'0' or (byte)'1' or (byte)'2'
                or 0x81 or 0x85 or 0x86 or 0x87 or 0x90 or 0x91 or 0x92 or 0x97 or 0x98:
                return Anything();
            case (byte)'i': return Line() && Line() && Anything();
            case 0x82: return Skip(1) && Anything();
            case 0x83: return Skip(2) && Anything();
            case 0x84: return Skip(4) && Anything();
            default: return false;                                                                         // PERSID, PUT, GET of protocol 0 too
        }
    }

    private bool Anything()
    {
        (_leaves, _last, _named) = (-1, Other, Other);
        return true;
    }

    private bool Leaf(long said = Other)
    {
        (_last, _named) = (said, Other);
        if (_leaves < 0) { return true; }
        _leaves++;
        if (_leaves == 1) { _isStorage = said == Word; }
        else if (_leaves == 3) { _key = said; }
        return true;
    }

    private bool Remember(uint at)
    {
        _memos++;
        if (_last == Other) { _memo.Remove(at); }
        else { _memo[at] = _last; }
        return _memo.Count <= MostRemembered;
    }

    private bool Text(long length)
    {
        Span<byte> text = stackalloc byte[MostDigits];
        if (length is 0 or > MostDigits) { return Skip(length) && Leaf(); }
        text = text[..(int)length];
        foreach (ref var next in text)
        {
            if (!TryTake(out next)) { return false; }
        }
        return Leaf(text.SequenceEqual("storage"u8) ? Word : Key(text));
    }

    /// <returns>Negative where it is none.</returns>
    public static long Key(ReadOnlySpan<byte> text)
    {
        if (text.Length is 0 or > MostDigits || (text[0] == (byte)'0' && text.Length > 1)) { return Other; }
        var key = 0L;
        foreach (var digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9') { return Other; }
            key = key * 10 + digit - '0';
        }
        return key;
    }

    private bool Length(int bytes, out long length)
    {
        Span<byte> number = stackalloc byte[8];
        number.Clear();
        length = 0;
        for (var at = 0; at < bytes; at++)
        {
            if (!TryTake(out number[at])) { return false; }
        }
        length = BinaryPrimitives.ReadInt64LittleEndian(number);
        return length >= 0;
    }

    private bool Line()
    {
        while (TryTake(out var next))
        {
            if (next == (byte)'\n') { return true; }
        }
        return false;
    }

    private bool Skip(long bytes)
    {
        if (bytes > _filled - _at + _left) { return false; }
        var here = (int)Math.Min(bytes, _filled - _at);
        _at += here;
        _left -= bytes - here;
        return true;
    }

    private bool TryTake(out byte next)
    {
        next = 0;
        if (_at == _filled)
        {
            var count = (int)Math.Min(_buffer.Length, _left);
            if (count == 0 || !file.TryRead(_end - _left, _buffer.AsSpan(0, count))) { return false; }
            (_at, _filled, _left) = (0, count, _left - count);
        }
        next = _buffer[_at++];
        return true;
    }
}
