using System.Net.Sockets;
using System.Text.Json;

namespace Pawl.Training.Reports;

/// <summary>The two-way talk with pawl, on a thread of its own: the training loop leaves its newest numbers here and goes on.</summary>
/// <remarks>Steps come by the thousand a second and only the newest matters, so they are sent ten times a second; what the other side does not read is dropped.</remarks>
internal sealed class ReportSocket : IDisposable
{
    private const int PollMicroseconds = 100_000;

    // Checkpoint lines that wait for the socket; nobody reads for so long who still wants the older ones.
    private const int Waiting = 16;

    // As many as pawl takes of one step.
    private const int MostMetrics = 256;

    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private readonly Action<Instruction> _told;
    private readonly Thread _thread;
    private readonly Lock _gate = new();
    private readonly Queue<byte[]> _lines = new();
    private readonly List<(string Name, double Value)> _metrics = [];
    private (long Step, long Total) _measured;
    private (long Step, long Total)? _step;
    private volatile bool _ended;

    // Of the socket's thread alone.
    private readonly byte[] _incoming = new byte[ReportLines.Longest];
    private int _received;
    private bool _skipping;
    private ReadOnlyMemory<byte> _half;

    private ReportSocket(Socket socket, Action<Instruction> told)
    {
        (_socket, _told) = (socket, told);
        _thread = new Thread(Talk) { IsBackground = true, Name = "pawl-report" };
        _thread.Start();
    }

    /// <summary>Pawl is there, as far as is known.</summary>
    public bool IsOpen => _thread.IsAlive;

    /// <param name="told">Called on the socket's thread.</param>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    public static ReportSocket Connect(string path, Action<Instruction> told)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            socket.Blocking = false;
            return new ReportSocket(socket, told);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The newest step wins, and of each metric the newest figure; the newest numbers keep the step they belong to.</summary>
    public void Step(long step, long total, ReadOnlySpan<(string Name, double Value)> metrics)
    {
        lock (_gate)
        {
            if (metrics.Length == 0)
            {
                _step = (step, total);
                return;
            }
            foreach (var metric in metrics)
            {
                var known = _metrics.FindIndex(m => m.Name == metric.Name);
                if (known >= 0) { _metrics[known] = metric; }
                else if (_metrics.Count < MostMetrics) { _metrics.Add(metric); }
            }
            _measured = (step, total);
        }
    }

    public void Send(byte[] line)
    {
        lock (_gate)
        {
            if (_lines.Count == Waiting) { _lines.Dequeue(); }
            _lines.Enqueue(line);
        }
    }

    /// <summary>Says what is left to say, as long as somebody reads, but no longer than a second.</summary>
    public void Dispose()
    {
        _ended = true;
        _thread.Join(LastWords + LastWords);
        _socket.Dispose();
    }

    private void Talk()
    {
        try
        {
            while (!_ended)
            {
                if (_socket.Poll(PollMicroseconds, SelectMode.SelectRead) && !Hear()) { return; }
                Speak();
            }
            var deadline = Environment.TickCount64 + (long)LastWords.TotalMilliseconds;
            while (!Speak() && Environment.TickCount64 < deadline) { _socket.Poll(PollMicroseconds / 10, SelectMode.SelectWrite); }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The supervisor is gone, and with it whoever would have listened; the training goes on.
        }
    }

    /// <returns>False once the other side has closed.</returns>
    private bool Hear()
    {
        var count = _socket.Receive(_incoming.AsSpan(_received), SocketFlags.None, out var error);
        if (error == SocketError.WouldBlock) { return true; }
        if (error != SocketError.Success || count == 0) { return false; }
        _received += count;
        var rest = _incoming.AsSpan(0, _received);
        for (int end; (end = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..])
        {
            if (!_skipping && Instruction.Parse(rest[..end]) is { } instruction) { _told(instruction); }
            _skipping = false;
        }
        if (rest.Length == _incoming.Length)
        {
            _skipping = true;
            rest = default;
        }
        rest.CopyTo(_incoming);
        _received = rest.Length;
        return true;
    }

    /// <returns>Whether nothing is left to say.</returns>
    private bool Speak()
    {
        while (true)
        {
            if (_half.IsEmpty) { _half = NextLine(); }
            if (_half.IsEmpty) { return true; }
            var sent = _socket.Send(_half.Span, SocketFlags.None, out var error);
            if (error is SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable) { return false; }
            if (error != SocketError.Success) { throw new SocketException((int)error); }
            _half = _half[sent..];
        }
    }

    private byte[] NextLine()
    {
        lock (_gate)
        {
            if (_lines.TryDequeue(out var line)) { return line; }
            if (_metrics.Count > 0)
            {
                var text = ReportLines.Step(_measured.Step, _measured.Total, _metrics);
                _metrics.Clear();
                if (_step is { } done && done.Step <= _measured.Step) { _step = null; }
                return text.Length <= ReportLines.Longest ? text : ReportLines.Step(_measured.Step, _measured.Total, []);
            }
            if (_step is not { } newest) { return []; }
            _step = null;
            return ReportLines.Step(newest.Step, newest.Total, []);
        }
    }
}

/// <summary>A line from pawl to the trainer.</summary>
/// <param name="Kind"><c>interval</c>, <c>checkpoint</c> or <c>notice</c>.</param>
/// <param name="Seconds">Of an interval or a notice.</param>
internal readonly record struct Instruction(string Kind, double Seconds)
{
    /// <returns>Null where it is malformed or of a kind that this version does not know: both are dropped.</returns>
    public static Instruction? Parse(ReadOnlySpan<byte> line)
    {
        try
        {
            var reader = new Utf8JsonReader(line);
            using var document = JsonDocument.ParseValue(ref reader);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("kind", out var kind) || kind.ValueKind != JsonValueKind.String) { return null; }
            return kind.GetString() switch
            {
                "checkpoint" => new("checkpoint", 0),
                "interval" when Number(root, "seconds") is { } seconds and > 0 => new("interval", seconds),
                "notice" when Number(root, "secondsLeft") is { } left => new("notice", Math.Max(0, left)),
                _ => null,
            };
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static double? Number(JsonElement of, string name) =>
        of.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && number < 1e9 ? number : null;
}
