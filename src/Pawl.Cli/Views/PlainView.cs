using System.Globalization;
using System.Threading.Channels;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;

namespace Pawl.Cli.Views;

/// <summary>One line for each change: <c>12:03:04 train(0)  Running  attempt 2</c>. For pipes and files; never a control sequence.</summary>
public sealed class PlainView : IProgressView
{
    // Lines pile up here and not in the run's way when their reader has stopped.
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Task _writing;

    public PlainView(Screen screen)
    {
        _writing = Task.Run(() => WriteAsync(screen));
    }

    public void Turned(RunState run, IReadOnlyList<RunEvent> events)
    {
        foreach (var e in events)
        {
            if (Line(run, e) is { } line) { _lines.Writer.TryWrite(line); }
        }
    }

    public void Say(string line) => _lines.Writer.TryWrite(line);

    public Task EndAsync()
    {
        _lines.Writer.TryComplete();
        return _writing;
    }

    /// <returns>Null of what is of no interest by itself.</returns>
    public static string? Line(RunState run, RunEvent e) => e switch
    {
        RunEvent.NodeStarted { Kind: NodeType.Suspend } s => At(e, Name(run, s.Id), "Running", "waits for a resume"),
        RunEvent.NodeSkipped s => At(e, Name(run, s.Id), s.Phase.ToString(), s.Message),
        RunEvent.AttemptStarted a => At(e, Name(run, a.Node), "Running", a.Number > 1 ? Number("attempt", a.Number) : ""),
        // A success and a failure end their node too, and that is said there.
        RunEvent.AttemptEnded { Outcome.Kind: Core.Attempts.OutcomeKind.Preempted or Core.Attempts.OutcomeKind.Lost } a =>
            At(e, Name(run, a.Node), a.Outcome.Kind.ToString(), $"{Number("attempt", a.Number)}: {a.Outcome.Message}"),
        RunEvent.AttemptPostponed p => At(e, Name(run, p.Node), "Pending", p.Message),
        RunEvent.BackoffBegan b => At(e, Name(run, b.Node), "Running", b.Message),
        RunEvent.NodeEnded n when run.Find(n.Id) is not { Type: NodeType.StepGroup or NodeType.TaskGroup } =>
            At(e, Name(run, n.Id), n.Phase.ToString(), n.Message),
        RunEvent.Paused p => At(e, run.Name, "Paused", p.Reason),
        RunEvent.Leaving l => At(e, run.Name, "Leaving", $"{l.Source}: {l.Message}; the machine goes by {l.Deadline.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)}, nothing new starts"),
        RunEvent.Stays s => At(e, run.Name, "Stays", s.Message),
        RunEvent.Hinted h => At(e, run.Name, "Hint", $"{h.Source}: {h.Message}"),
        RunEvent.PreemptionBegan p => At(e, Name(run, p.Node), "Preempting", p.Message),
        RunEvent.Suspended => At(e, run.Name, "Suspended", ""),
        RunEvent.Resumed => At(e, run.Name, "Resumed", ""),
        RunEvent.ShutdownBegan s => At(e, run.Name, "Stopping", s.Message),
        RunEvent.Retried r => At(e, run.Name, "Retried", string.Create(CultureInfo.InvariantCulture, $"{r.Removed.Length} nodes run again")),
        _ => null,
    };

    private static string At(RunEvent e, string name, string word, string message)
    {
        var time = e.At.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        return message.Length == 0 ? $"{time} {name}  {word}" : $"{time} {name}  {word}  {Text.Clean(message)}";
    }

    private static string Name(RunState run, NodeId id) => Text.Clean(run.Find(id)?.DisplayName ?? id.Value);

    private static string Number(string what, int number) => string.Create(CultureInfo.InvariantCulture, $"{what} {number}");

    private async Task WriteAsync(Screen screen)
    {
        await foreach (var line in _lines.Reader.ReadAllAsync())
        {
            await screen.Writer.WriteAsync(line + "\n");
            if (!_lines.Reader.TryPeek(out _)) { await screen.Writer.FlushAsync(); }
        }
    }
}
