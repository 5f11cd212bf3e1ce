using Pawl.Storage.Files;

namespace Pawl.Simulation.Disk;

/// <summary>A file, folder or link of the simulated disk: what is in it now, and what of that a power cut leaves.</summary>
public sealed class Inode(long number, FileKind kind, int mode)
{
    private byte[] _bytes = [];
    private byte[]? _cutFrom;

    // After a failed flush: these bytes never reach the disk, whatever a later flush says, unless they are written again.
    private (int From, int To) _lost;

    public long Number { get; } = number;

    public FileKind Kind { get; } = kind;

    public int Mode { get; set; } = mode;

    /// <summary>In nanoseconds, and no finer than the world's clock: two changes at one moment look the same.</summary>
    public long Changed { get; set; }

    /// <summary>In nanoseconds: the last change of the content, or what somebody set.</summary>
    public long Modified { get; set; }

    public int Length { get; private set; }

    /// <summary>How much of the content, from its start, survives a power cut.</summary>
    public int Flushed { get; private set; }

    public bool IsDirty => _cutFrom is not null || Flushed < Length;

    /// <summary>Of a folder.</summary>
    public Dictionary<string, Inode> Names { get; } = kind is FileKind.Folder ? new(StringComparer.Ordinal) : null!;

    /// <summary>Of a link.</summary>
    public string Target { get; init; } = "";

    public SimLock? Lock { get; set; }

    public ReadOnlySpan<byte> Content => _bytes.AsSpan(0, Length);

    public int Read(Span<byte> into, long offset)
    {
        if (offset >= Length) { return 0; }
        var from = Content[(int)offset..];
        var count = Math.Min(from.Length, into.Length);
        from[..count].CopyTo(into);
        return count;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (Length + bytes.Length > _bytes.Length) { Array.Resize(ref _bytes, Math.Max(Length + bytes.Length, _bytes.Length * 2)); }
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    public void Truncate(int length)
    {
        if (length > Length)
        {
            Append(new byte[length - Length]);
            return;
        }
        if (length < Flushed)
        {
            _cutFrom ??= Content[..Flushed].ToArray();
            Flushed = length;
        }
        Length = length;
        _lost = _lost.From >= length ? default : (_lost.From, Math.Min(_lost.To, length));
    }

    public void Flush()
    {
        _cutFrom = null;
        Flushed = Length;
    }

    /// <summary>The disk failed to write: the pages count as clean from now on, and are lost with the power.</summary>
    public void FailFlush()
    {
        if (Flushed < Length) { _lost = (_lost.To > 0 ? _lost.From : Flushed, Length); }
        Flush();
    }

    /// <summary>Changes one byte where it lies, as a failing medium does: no time, no size tells.</summary>
    public void Rot(int at) => _bytes[at] ^= 0x20;

    /// <summary>Keeps what was flushed, and of the rest what the dice leave: nothing, a part, all of it, or its length alone.</summary>
    public void LosePower(Dice dice)
    {
        if (_cutFrom is { } before && dice.OneIn(2))
        {
            _bytes = before;
            Length = before.Length;
        }
        else if (Length > Flushed)
        {
            var kept = dice.Next(4) switch
            {
                0 => Flushed,
                1 => Flushed + dice.Next(Length - Flushed + 1),
                _ => Length,
            };
            if (kept > Flushed && dice.OneIn(3)) { Array.Clear(_bytes, Flushed, kept - Flushed); }
            Length = kept;
        }
        if (_lost.From < Length && _lost.To > 0)
        {
            Array.Clear(_bytes, _lost.From, Math.Min(_lost.To, Length) - _lost.From);
            if (_lost.To >= Length && dice.OneIn(2)) { Length = _lost.From; }
        }
        _lost = default;
        Flush();
    }
}
