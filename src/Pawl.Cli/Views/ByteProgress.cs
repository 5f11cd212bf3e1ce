namespace Pawl.Cli.Views;

/// <summary>How far a long reading is: one line, drawn again in place from its second second on; nothing where there is no terminal.</summary>
internal sealed class ByteProgress : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(200);

    private readonly Screen _screen;
    private readonly ITimer? _timer;
    private readonly Lock _lock = new();
    private string _what = "";
    private long _total;
    private long _done;
    private bool _drawn;
    private bool _over;

    public ByteProgress(Screen screen, TimeProvider clock)
    {
        _screen = screen;
        if (screen.IsLive) { _timer = clock.CreateTimer(_ => Draw(), null, Patience, Frame); }
    }

    /// <param name="what">Such as <c>verifying train</c>.</param>
    /// <param name="total">Bytes.</param>
    public void Begin(string what, long total)
    {
        lock (_lock) { (_what, _total, _done) = (what, total, 0); }
    }

    public void Add(int bytes) => Interlocked.Add(ref _done, bytes);

    /// <summary>Takes the line away, to print something else; it comes again with the next frame.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            if (!_drawn) { return; }
            _drawn = false;
            Write("\r\e[K");
        }
    }

    public void Dispose()
    {
        _timer?.Dispose();
        lock (_lock) { _over = true; }
        Clear();
    }

    private void Draw()
    {
        lock (_lock)
        {
            if (_over || _what.Length == 0) { return; }
            _drawn = true;
            Write(Text.Cut($"{_what}: {Text.Size(Interlocked.Read(ref _done))} of {Text.Size(_total)}", Screen.Size.Width - 1));
        }
    }

    private void Write(string text)
    {
        try
        {
            _screen.Writer.Write(text.StartsWith('\r') ? text : $"\r\e[K{text}");
            _screen.Writer.Flush();
        }
        catch (IOException) { }     // the terminal is gone; the work is not
    }
}
