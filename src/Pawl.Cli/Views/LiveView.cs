using System.Globalization;
using System.Text;
using Pawl.Core.Scheduling;
using Pawl.Engine.Homes;
using Pawl.Storage.Files;
using Pawl.Supervision;

namespace Pawl.Cli.Views;

/// <summary>The tree of nodes on a terminal, drawn again in place as it changes; sentences scroll by above it.</summary>
/// <remarks>
/// The cursor stays visible and no mode outlives a frame, so that even a killed program leaves a usable terminal. A frame is written by one
/// thread at a time, never by the run's, so that a terminal that stops reading stops nothing else.
/// </remarks>
public sealed class LiveView : IProgressView, IDisposable
{
    private const int MostRowsAtEnd = 200;
    private const int NameColumn = 44;
    private const int Faint = 2;
    private const string NoWrap = "\e[?7l";
    private const string Wrap = "\e[?7h";

    private static readonly TimeSpan Frame = TimeSpan.FromMilliseconds(200);

    private readonly Screen _screen;
    private readonly IDisk _disk;
    private readonly Home _home;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private readonly List<string> _said = [];
    private readonly Task _drawing;
    private RunState? _run;
    private int _drawn;

    public LiveView(Screen screen, IDisk disk, Home home, TimeProvider clock)
    {
        (_screen, _disk, _home, _clock) = (screen, disk, home, clock);
        _drawing = Task.Run(DrawAsync);
    }

    public void Turned(RunState run, IReadOnlyList<RunEvent> events) => Volatile.Write(ref _run, run);

    public void Say(string line)
    {
        lock (_lock) { _said.Add(line); }
    }

    public async Task EndAsync()
    {
        await _end.CancelAsync();
        await _drawing;
        Dispose();
        try { Draw(MostRowsAtEnd); }
        catch (IOException) { }     // the terminal is gone; how the run ended is in its journal
    }

    public void Dispose() => _end.Dispose();

    /// <summary>The lines of one frame.</summary>
    /// <param name="most">Lines at most.</param>
    /// <param name="lastLine">What a running leaf waits for, or how far its training is, else the last line of its log; empty where there is none of these.</param>
    public static IReadOnlyList<string> Lines(RunState run, Screen screen, int width, int most, DateTimeOffset now, Func<Node, string> lastLine)
    {
        var rows = Tree.Bounded(Tree.Rows(run), most - 1, out var left);
        var nameColumn = rows.Count == 0 ? 0 : Math.Min(NameColumn, rows.Max(r => r.Prefix.Length + 2 + r.Node.DisplayName.Length));
        var lines = new List<string>(rows.Count + 1);
        foreach (var (prefix, node) in rows)
        {
            var look = Look.Of(node);
            var name = Text.Cut($"{prefix}{look.Mark} {Text.Clean(node.DisplayName)}", nameColumn).PadRight(nameColumn);
            var duration = RunViews.Duration(node, now) is { } time ? Text.Duration(time) : "";
            var message = RunViews.Message(node, now);
            var tail = node is { Type: NodeType.Pod, AttemptRuns: true, IsEnded: false } ? Text.Clean(lastLine(node)) : "";
            var rest = string.Join("  ", ((string[])[message, tail]).Where(t => t.Length > 0));
            var head = $"{look.Word,-9} {duration,8}";
            lines.Add($"{screen.Paint(name, look.Colour)}  {head}  {screen.Paint(Text.Cut(rest, width - nameColumn - 22), rest.Length > 0 ? Faint : 0)}".TrimEnd());
        }
        lines.Add(Text.Cut(Counts(run, left), width));
        return lines;
    }

    private static string Counts(RunState run, int left)
    {
        var leaves = run.Nodes.Values.Where(n => n.Type is NodeType.Pod or NodeType.Suspend or NodeType.Skipped).GroupBy(n => Look.Of(n).Word)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Count()} {g.Key}"));
        var hidden = left > 0 ? string.Create(CultureInfo.InvariantCulture, $"  (… {left} more nodes not shown)") : "";
        return $"{Look.Status(run)}: {string.Join(", ", leaves)}{hidden}";
    }

    private async Task DrawAsync()
    {
        using var timer = new PeriodicTimer(Frame, _clock);
        try
        {
            while (true)
            {
                var before = Volatile.Read(ref _run);
                Draw(Screen.Size.Height - 1);
                // What ticks while nothing happens are seconds.
                for (var idle = 0; idle < 5; idle++)
                {
                    await timer.WaitForNextTickAsync(_end.Token);
                    if (!ReferenceEquals(before, Volatile.Read(ref _run)) || HasSaid()) { break; }
                }
            }
        }
        catch (OperationCanceledException) { }
        catch (IOException) { }     // the terminal is gone; the run goes on without it
    }

    private bool HasSaid()
    {
        lock (_lock) { return _said.Count > 0; }
    }

    private void Draw(int most)
    {
        var frame = new StringBuilder();
        if (_drawn > 0) { frame.Append(CultureInfo.InvariantCulture, $"\e[{_drawn}A"); }
        frame.Append("\r\e[J");
        lock (_lock)
        {
            foreach (var line in _said) { frame.Append(line).Append('\n'); }
            _said.Clear();
        }
        frame.Append(NoWrap);
        _drawn = 0;
        if (Volatile.Read(ref _run) is { } run)
        {
            var width = Screen.Size.Width;
            foreach (var line in Lines(run, _screen, width, most, _clock.GetUtcNow(), node => LastLine(run, node)))
            {
                frame.Append(line).Append('\n');
                _drawn++;
            }
        }
        frame.Append(Wrap);
        _screen.Writer.Write(frame.ToString());
        _screen.Writer.Flush();
    }

    // The disk answers at once.
    private string LastLine(RunState run, Node node) =>
        Waits.OfAsync(_disk, _home, run, node).AsTask().GetAwaiter().GetResult() is { } waits ? waits
        : Trainings.RunningAsync(_disk, _home, run, node).AsTask().GetAwaiter().GetResult() is { } training && Trainings.Line(training) is { Length: > 0 } line
            ? line
            : LogTail.Last($"{_home.Run(run.RunId).AttemptFolder(run.StepOf(node).Value, node.CurrentAttempt)}/{AttemptFiles.Log}");
}
