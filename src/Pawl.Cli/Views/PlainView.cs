using System.Globalization;
using System.Threading.Channels;
using Pawl.Core.Attempts;
using Pawl.Core.Scheduling;
using Pawl.Core.Workflows;
using Pawl.Engine.Homes;
using Pawl.Storage.Files;

namespace Pawl.Cli.Views;

/// <summary>One line for each change: <c>12:03:04 train(0)  Running  attempt 2</c>. For pipes and files; never a control sequence.</summary>
public sealed class PlainView : IProgressView, IDisposable
{
    // Often enough to see that it goes on, seldom enough not to bury what happens.
    private const int LooksBetweenTellings = 30;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    // Lines pile up here and not in the run's way when their reader has stopped.
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Dictionary<NodeId, string> _told = [];
    private readonly CancellationTokenSource _end = new();
    private readonly Task _writing;
    private readonly Task _telling;
    private RunState? _run;

    public PlainView(Screen screen, IDisk disk, Home home, TimeProvider clock)
    {
        _writing = Task.Run(() => WriteAsync(screen));
        _telling = Task.Run(() => TellAsync(disk, home, clock));
    }

    public void Turned(RunState run, IReadOnlyList<RunEvent> events)
    {
        Volatile.Write(ref _run, run);
        foreach (var e in events)
        {
            if (Line(run, e) is { } line) { _lines.Writer.TryWrite(line); }
        }
    }

    public void Say(string line) => _lines.Writer.TryWrite(line);

    public async Task EndAsync()
    {
        await _end.CancelAsync();
        await _telling;
        Dispose();
        _lines.Writer.TryComplete();
        await _writing;
    }

    public void Dispose() => _end.Dispose();

    /// <returns>Null of what is of no interest by itself.</returns>
    public static string? Line(RunState run, RunEvent e) => e switch
    {
        RunEvent.NodeStarted { Kind: NodeType.Suspend, Locks: null } s => At(e, Name(run, s.Id), "Running", "waits for a resume"),
        RunEvent.NodeSkipped s => At(e, Name(run, s.Id), s.Phase.ToString(), s.Message),
        RunEvent.LocksBusy { Node: { } id } l => At(e, Name(run, id), "Pending", l.Message),
        RunEvent.LocksBusy l => At(e, run.Name, "Pending", l.Message),
        RunEvent.AttemptStarted a => At(e, Name(run, a.Node), "Running", a.Number > 1 ? Number("attempt", a.Number) : ""),
        // A success and a failure end their node too, and that is said there.
        RunEvent.AttemptEnded { Outcome.Kind: OutcomeKind.Preempted or OutcomeKind.Lost } a =>
            At(e, Name(run, a.Node), a.Outcome.Kind.ToString(), $"{Number("attempt", a.Number)}{Reached(a.Outcome)}: {a.Outcome.Message}"),
        RunEvent.AttemptPostponed p => At(e, Name(run, p.Node), "Pending", p.Message),
        RunEvent.BackoffBegan b => At(e, Name(run, b.Node), "Running", b.Message),
        RunEvent.NodeEnded n when run.Find(n.Id) is not { Type: NodeType.StepGroup or NodeType.TaskGroup } =>
            At(e, Name(run, n.Id), n.Phase.ToString(), n.Message),
        RunEvent.Paused p => At(e, run.Name, "Paused", p.Reason),
        RunEvent.Leaving l => At(e, run.Name, "Leaving", $"{l.Source}: {l.Message}; the machine goes by {l.Deadline.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture)}, nothing new starts"),
        RunEvent.Stays s => At(e, run.Name, "Stays", s.Message),
        RunEvent.Hinted h => At(e, run.Name, "Hint", $"{h.Source}: {h.Message}"),
        RunEvent.PreemptionBegan p => At(e, Name(run, p.Node), "Preempting", p.Message),
        RunEvent.GateSupplied s => At(e, Name(run, s.Id), "Running", string.Join(", ", ((string[])[.. s.Outputs.Select(o => $"{o.Key} = {o.Value}"), s.Message ?? ""]).Where(t => t.Length > 0))),
        RunEvent.Suspended => At(e, run.Name, "Suspended", ""),
        RunEvent.Resumed => At(e, run.Name, "Resumed", ""),
        RunEvent.ShutdownBegan s => At(e, run.Name, "Stopping", s.Message),
        RunEvent.Retried r => At(e, run.Name, "Retried", string.Create(CultureInfo.InvariantCulture, $"{r.Removed.Length} nodes run again")),
        _ => null,
    };

    private static string At(RunEvent e, string name, string word, string message) => At(e.At, name, word, message);

    private static string At(DateTimeOffset at, string name, string word, string message)
    {
        var time = at.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture);
        return message.Length == 0 ? $"{time} {name}  {word}" : $"{time} {name}  {word}  {Text.Clean(message)}";
    }

    private static string Reached(Outcome outcome) => outcome.Training is { } training && Trainings.Line(training) is { Length: > 0 } line ? $" at {line}" : "";

    private static string Name(RunState run, NodeId id) => Text.Clean(run.Find(id)?.DisplayName ?? id.Value);

    private static string Number(string what, int number) => string.Create(CultureInfo.InvariantCulture, $"{what} {number}");

    /// <summary>What each running step waits for, and now and then how far its training is, where that has changed.</summary>
    private async Task TellAsync(IDisk disk, Home home, TimeProvider clock)
    {
        using var timer = new PeriodicTimer(BetweenLooks, clock);
        try
        {
            for (var look = 1; await timer.WaitForNextTickAsync(_end.Token); look++)
            {
                if (Volatile.Read(ref _run) is not { } run) { continue; }
                foreach (var id in run.Running)
                {
                    var line = await Waits.OfAsync(disk, home, run, run.Nodes[id]) ?? (look % LooksBetweenTellings == 0 ? await TrainedAsync(disk, home, run, id) : "");
                    if (line.Length == 0 || _told.GetValueOrDefault(id) == line) { continue; }
                    _told[id] = line;
                    _lines.Writer.TryWrite(At(clock.GetUtcNow(), Name(run, id), "Running", line));
                }
            }
        }
        catch (OperationCanceledException) { }
    }

    private static async ValueTask<string> TrainedAsync(IDisk disk, Home home, RunState run, NodeId id) =>
        await Trainings.RunningAsync(disk, home, run, run.Nodes[id]) is { } training ? Trainings.Line(training) : "";

    private async Task WriteAsync(Screen screen)
    {
        await foreach (var line in _lines.Reader.ReadAllAsync())
        {
            await screen.Writer.WriteAsync(line + "\n");
            if (!_lines.Reader.TryPeek(out _)) { await screen.Writer.FlushAsync(); }
        }
    }
}
