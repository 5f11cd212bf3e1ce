using System.Text;

namespace Pawl.Supervision.Logs;

/// <summary>The ends of a step's output that are kept apart from its log: stdout for the result, both for matching errors.</summary>
internal sealed class LogTails
{
    private const int ResultBytes = 256 << 10;
    private const int LogBytes = 8 << 10;

    private readonly Tail _stdout = new(ResultBytes);
    private readonly Tail _both = new(LogBytes);
    private readonly Lock _gate = new();

    public void Add(string stream, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (stream == "stdout") { _stdout.Add(bytes); }
            _both.Add(bytes);
        }
    }

    public StepOutput Output(long dropped)
    {
        lock (_gate)
        {
            var result = _stdout.Text();
            return new StepOutput(result.EndsWith('\n') ? result[..^1] : result, _both.Text(), dropped);
        }
    }

    /// <summary>The last bytes of a stream; cut in the middle of a character, that character is left out.</summary>
    private sealed class Tail(int size)
    {
        private readonly byte[] _ring = new byte[size];
        private long _seen;

        public void Add(ReadOnlySpan<byte> bytes)
        {
            var kept = bytes.Length > size ? bytes[^size..] : bytes;
            _seen += bytes.Length - kept.Length;
            var at = (int)(_seen % size);
            var first = Math.Min(kept.Length, size - at);
            kept[..first].CopyTo(_ring.AsSpan(at));
            kept[first..].CopyTo(_ring);
            _seen += kept.Length;
        }

        public string Text()
        {
            if (_seen <= size) { return Encoding.UTF8.GetString(_ring, 0, (int)_seen); }
            var at = (int)(_seen % size);
            byte[] all = [.. _ring[at..], .. _ring[..at]];
            var start = 0;
            while (start < 4 && (all[start] & 0xC0) == 0x80) { start++; }
            return Encoding.UTF8.GetString(all, start, all.Length - start);
        }
    }
}
