using Pawl.Supervision.Reports;

namespace Pawl.Simulation.Processes;

/// <summary>Lines between the trainers and the supervisors of a made-up world.</summary>
public sealed class SimLines(SimProcess supervisor) : ITrainerLines
{
    public ITrainerLine Open(string attemptFolder)
    {
        var line = new SimLine(supervisor, $"/run/pawl/report{attemptFolder}");
        supervisor.World.Lines[line.Path] = line;
        return line;
    }
}

/// <summary>The kernel keeps what is said until it is taken; what is said to nobody is lost.</summary>
public sealed class SimLine(SimProcess supervisor, string path) : ITrainerLine
{
    private readonly World _world = supervisor.World;
    private List<Report> _said = [];
    private TaskCompletionSource _arrived = new();
    private (SimProcess Trainer, Action<Word> Hear)? _listener;
    private bool _isClosed;

    public string Path => path;

    public long Malformed => 0;

    public Task Arrived => _arrived.Task;

    public IReadOnlyList<Report> Take()
    {
        if (_arrived.Task.IsCompleted) { _arrived = new(); }
        var taken = _said;
        _said = [];
        return taken;
    }

    public void Tell(Word word)
    {
        if (_isClosed || _listener is not { } listener) { return; }
        _world.Ready(new Parked(listener.Trainer, () =>
        {
            _world.Note(listener.Trainer, "told", word.ToString());
            listener.Hear(word);
        }));
    }

    /// <summary>The trainer listens from now on.</summary>
    public void Connect(SimProcess trainer, Action<Word> hear) => _listener = (trainer, hear);

    /// <summary>From the trainer; never waits.</summary>
    public void Send(Report report)
    {
        if (_isClosed || supervisor.IsDead) { return; }
        if (report is Report.StepDone && _said is [.., Report.StepDone]) { _said[^1] = report; }
        else { _said.Add(report); }
        _world.Ready(new Parked(supervisor, () =>
        {
            _world.Note(supervisor, "report", report.GetType().Name);
            _arrived.TrySetResult();
        }));
    }

    public void Dispose() => _isClosed = true;
}
