using System.Collections.Immutable;
using Pawl.Supervision;

namespace Pawl.Simulation.Processes;

/// <summary>Starts scripted programs for one supervisor.</summary>
/// <param name="host">Empty, or the other machine this supervisor runs on: it can neither see nor empty the containers here.</param>
public sealed class SimContainment(SimProcess supervisor, string host) : IContainment
{
    private readonly World _world = supervisor.World;

    public async ValueTask EmptyAsync(string attemptFolder)
    {
        await _world.Turn(supervisor, "empty", attemptFolder);
        _world.Containers.Empty(attemptFolder);
    }

    public async ValueTask<IStepProcess> StartAsync(StepStart start)
    {
        await _world.Turn(supervisor, "spawn", start.AttemptFolder);
        var entry = _world.Ledger.Began(start.Labels.Node, start.Command[1], start.Labels.Attempt, start.AttemptFolder, _world.Timeline.Now, host);
        _world.Starting?.Invoke(entry);
        var program = new StepProgram(_world, _world.Scripts[start.Command[1]], start, entry);
        return new SimStepProcess(supervisor, start, program, program.Launch());
    }

    private sealed class SimStepProcess : IStepProcess
    {
        private readonly World _world;
        private readonly SimProcess _supervisor;
        private readonly StepStart _start;
        private readonly StepProgram _program;
        private readonly SimProcess _process;
        private readonly TaskCompletionSource<ProcessEnd> _ended = new();

        public SimStepProcess(SimProcess supervisor, StepStart start, StepProgram program, SimProcess process)
        {
            (_world, _supervisor, _start, _program, _process) = (supervisor.World, supervisor, start, program, process);
            process.Ended += () => _world.Ready(new Parked(supervisor, () =>
            {
                _world.Note(supervisor, "exited", $"{program.Entry} {program.ExitCode}");
                _ended.TrySetResult(End());
            }));
        }

        public int Pid => _process.Id;

        public string Containment => "simulated";

        public Task<ProcessEnd> Ended => _ended.Task;

        public void Note(string text) { }

        public async ValueTask TerminateAsync()
        {
            await _world.Turn(_supervisor, "terminate", _start.AttemptFolder);
            if (_process.IsDead) { return; }
            _world.Stopping?.Invoke(_program.Entry);
            _program.Signal(_process);
        }

        public async ValueTask<int> RunBesideAsync(ImmutableArray<string> command, CancellationToken stop)
        {
            await _world.Turn(_supervisor, "beside", _start.AttemptFolder);
            try { await Task.Delay(TimeSpan.FromSeconds(1), new SimClock(_supervisor), stop); }
            catch (OperationCanceledException) { return 137; }
            return 0;
        }

        public async ValueTask<StepOutput> CloseAsync()
        {
            await _world.Turn(_supervisor, "close", _start.AttemptFolder);
            _world.Containers.Empty(_start.AttemptFolder);
            await _ended.Task;
            return new StepOutput(_program.Printed, "the end of the log", DroppedLines: 0);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        private ProcessEnd End() => _program switch
        {
            { ExitCode: { } code } => new ProcessEnd(code, null, OutOfMemory: false),
            { Entry.WasAsked: true } => new ProcessEnd(143, 15, OutOfMemory: false),
            _ => new ProcessEnd(137, 9, _world.Faults?.TookMemory(_program.Entry) ?? false),
        };
    }
}
