using System.Collections.Immutable;
using Pawl.Supervision.Logs;

namespace Pawl.Supervision.Processes;

/// <summary>The main process of an attempt; one thread waits for it and reaps it.</summary>
internal sealed class StepProcess : IStepProcess
{
    private const int Refused = 126;

    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(1);

    // Nothing may run before it is in its groups, so a shell joins them and becomes the program; `env` since a shell drops
    // variables whose names it cannot say.
    private const string Join = """while [ "$1" != -- ]; do echo $$ >"$1" || exit 126; shift; done; shift; exec /usr/bin/env -i "$@" """;

    private readonly StepStart _start;
    private readonly Container _container;
    private readonly bool _wholeProcess;
    private readonly LogFile _log;
    private readonly LogTails _tails = new();
    private readonly List<LogPump> _pumps = [];
    private readonly TaskCompletionSource<ProcessEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private Task<StepOutput>? _closed;
    private int _handle = -1;

    private StepProcess(StepStart start, Container container, bool wholeProcess, LogFile log) =>
        (_start, _container, _wholeProcess, _log) = (start, container, wholeProcess, log);

    public int Pid { get; private set; }

    public string Containment => _start.View is null ? _container.Kind : $"{_container.Kind}+view";

    public Task<ProcessEnd> Ended => _ended.Task;

    /// <param name="wholeProcess">This process runs nothing but the attempt: every child it has belongs to it.</param>
    /// <exception cref="StepStartException">Nothing runs.</exception>
    public static StepProcess Start(StepStart start, Cgroups groups, bool wholeProcess)
    {
        var program = Find(start.Command, start);
        var notes = new List<string>();
        var container = Container.Create(start.Folder, groups, start.MemoryLimit, start.CpuLimit, notes);
        var log = new LogFile(AttemptFiles.LogOf(start.AttemptFolder, start.Container));
        foreach (var note in notes) { log.Note(note); }

        var process = new StepProcess(start, container, wholeProcess && !start.HasOthers, log);
        process.Start(program);
        new Thread(process.Wait) { IsBackground = true, Name = "step" }.Start();
        return process;
    }

    public void Note(string text) => _log.Note(text);

    public ValueTask TerminateAsync()
    {
        lock (_gate)
        {
            if (_handle >= 0) { StopSignal.Send(Pid, _handle); }
        }
        return ValueTask.CompletedTask;
    }

    public async ValueTask<int> RunBesideAsync(ImmutableArray<string> command, CancellationToken stop)
    {
        var program = Find(command, _start);
        int pid;
        int handle;
        var ended = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        using (var output = Pipe.Open())
        {
            pid = Spawn(program, command, output.WriteEnd, output.WriteEnd);
            handle = Native.OpenProcess(pid);
            lock (_gate) { _pumps.Add(new LogPump(output.TakeReadEnd(), "stderr", _log, _tails)); }
        }
        new Thread(() => WaitBeside(pid, ended)) { IsBackground = true, Name = "beside" }.Start();
        try
        {
            await using (stop.Register(() => _ = Native.Signal(handle, Native.SigKill))) { return await ended.Task; }
        }
        finally
        {
            _ = Native.Close(handle);
        }
    }

    public async ValueTask<StepOutput> CloseAsync()
    {
        Task<StepOutput> closed;
        lock (_gate) { closed = _closed ??= Task.Factory.StartNew(Close, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default); }
        return await closed;
    }

    public async ValueTask DisposeAsync() => await CloseAsync();

    private static string Find(ImmutableArray<string> command, StepStart start)
    {
        string Outside(string path) => start.View?.Outside(path) ?? path;
        if (!Directory.Exists(Outside(start.WorkingFolder)))
        {
            throw new StepStartException($"the working folder {start.WorkingFolder} is absent", Refused);
        }
        return Programs.Find(command.IsEmpty ? "" : command[0], start.Environment, start.WorkingFolder, Outside);
    }

    private static void WaitBeside(int pid, TaskCompletionSource<int> ended)
    {
        try
        {
            ended.SetResult(Processes.Spawn.Wait(pid).ExitCode);
        }
        catch (IOException e)
        {
            ended.SetException(e);
        }
    }

    private void Start(string program)
    {
        try
        {
            if (_start.HasTerminal)
            {
                using var terminal = Terminal.Open();
                Pid = Spawn(program, _start.Command, terminal.Inside, terminal.Inside, terminal.Inside);
                _handle = Native.OpenProcess(Pid);
                terminal.CloseInside();
                _pumps.Add(new LogPump(terminal.TakeOutside(), "stdout", _log, _tails));
                return;
            }
            using var stdout = Pipe.Open();
            using var stderr = Pipe.Open();
            Pid = Spawn(program, _start.Command, stdout.WriteEnd, stderr.WriteEnd);
            _handle = Native.OpenProcess(Pid);
            _pumps.Add(new LogPump(stdout.TakeReadEnd(), "stdout", _log, _tails));
            _pumps.Add(new LogPump(stderr.TakeReadEnd(), "stderr", _log, _tails));
        }
        catch
        {
            _log.Dispose();
            Container.Empty(_start.Folder);
            throw;
        }
    }

    private void Wait()
    {
        try
        {
            var (code, signal) = Processes.Spawn.Wait(Pid);
            lock (_gate)
            {
                // The pid is free for others from here on.
                _ = Native.Close(_handle);
                _handle = -1;
            }
            _ended.SetResult(new ProcessEnd(code, signal, _container.RanOutOfMemory));
        }
        catch (Exception e)
        {
            _ended.SetException(e);
        }
    }

    /// <param name="stdin">Null is empty.</param>
    private int Spawn(string program, ImmutableArray<string> command, int stdout, int stderr, int? stdin = null)
    {
        var environment = _start.Environment.Select(v => $"{v.Name}={v.Value}").Append($"{Container.Variable}={_container.Token}").ToList();
        string[] doors = [.. _container.Doors];
        string[] joined = [.. doors, "--", .. environment, program, .. command.Skip(1)];
        Handover[] streams = [.. stdin is { } input ? (Handover[])[new(input, 0)] : [], new(stdout, 1), new(stderr, 2)];
        try
        {
            return _start.View is { } view
                ? Bubblewrap.Start(view, _start.WorkingFolder, ["-c", Bubblewrap.Enter + Join, "sh", .. joined], [environment[^1]], stdout, stderr, stdin)
                : Processes.Spawn.Start(doors.Length == 0
                    ? new SpawnRequest(program, [.. command], environment, _start.WorkingFolder, streams)
                    : new SpawnRequest("/bin/sh", ["sh", "-c", Join, "sh", .. joined], [environment[^1]], _start.WorkingFolder, streams));
        }
        catch (SpawnException e)
        {
            throw new StepStartException(e.Message, Refused);
        }
    }

    private StepOutput Close()
    {
        // Whoever ended by itself may have a child that still writes its last lines; a killed one gets no time.
        if (Ended.IsCompleted) { WaitForPumps(Drain); }
        lock (_gate)
        {
            if (_handle >= 0) { _ = Native.Signal(_handle, Native.SigKill); }
        }
        Container.Empty(_start.Folder, _container.Kind == "subreaper" ? Ours : null);
        WaitForPumps(Drain);
        foreach (var pump in _pumps) { pump.Dispose(); }
        _log.Dispose();
        return _tails.Output(_log.Dropped);
    }

    private void WaitForPumps(TimeSpan atMost)
    {
        var until = Environment.TickCount64 + (long)atMost.TotalMilliseconds;
        foreach (var pump in _pumps) { pump.WaitForEnd(TimeSpan.FromMilliseconds(Math.Max(0, until - Environment.TickCount64))); }
    }

    private IEnumerable<int> Ours(IEnumerable<ProcessTable.Row> living) =>
        living.Where(r => r.Session == Pid || (_wholeProcess && r.Parent == Environment.ProcessId)).Select(r => r.Pid);
}
