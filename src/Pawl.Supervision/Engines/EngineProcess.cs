using System.Collections.Immutable;
using System.Globalization;
using Pawl.Supervision.Logs;
using Pawl.Supervision.Processes;

namespace Pawl.Supervision.Engines;

/// <summary>A container as the main process of an attempt. It is made first and then attached to, so that what keeps it from starting is heard.</summary>
internal sealed class EngineProcess : IStepProcess
{
    private const int NotFound = 64;
    private const int Killed = 137;

    // Of the engine's own environment: given to the container by value, so that the engine keeps its own.
    private static readonly string[] OfEngine = ["PATH", "HOME", "TMPDIR", "XDG_RUNTIME_DIR", "CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF", "DOCKER_HOST"];

    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(1);

    private readonly StepStart _start;
    private readonly EngineRecord _record;
    private readonly string _folder;
    private readonly LogFile _log;
    private readonly LogTails _tails = new();
    private readonly List<LogPump> _pumps = [];
    private readonly TaskCompletionSource<ProcessEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private Task<StepOutput>? _closed;

    private EngineProcess(StepStart start, EngineRecord record, string folder, LogFile log) => (_start, _record, _folder, _log) = (start, record, folder, log);

    /// <summary>Of the engine's program that is attached to the container.</summary>
    public int Pid { get; private set; }

    public string Containment => Path.GetFileName(_record.Engine.Program);

    public Task<ProcessEnd> Ended => _ended.Task;

    /// <exception cref="StepStartException">The engine has no such image, or cannot make the container.</exception>
    public static EngineProcess Start(ContainerEngine engine, StepStart start, ImageStart image)
    {
        // Podman leaves its word on memory in the folder it is called from.
        var folder = Path.Combine(start.Folder, "engine");
        Directory.CreateDirectory(folder);
        var record = EngineRecord.Write(engine, start.Folder);
        record.Empty();
        var (words, environment) = Words(record, start, image);
        var (code, said) = engine.Run(words, folder, environment);
        if (code != 0) { throw new IOException($"{Path.GetFileName(engine.Program)} cannot make a container of the image {image.Image}: {said.Trim()}"); }
        var process = new EngineProcess(start, record, folder, new LogFile(AttemptFiles.LogOf(start.AttemptFolder, start.Container)));
        process.Start();
        new Thread(process.Wait) { IsBackground = true, Name = "step" }.Start();
        return process;
    }

    public void Note(string text) => _log.Note(text);

    public async ValueTask TerminateAsync() => await Task.Factory.StartNew(
        () => _record.Engine.Run(["kill", "--signal", "TERM", _record.Token], _folder), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    public async ValueTask<int> RunBesideAsync(ImmutableArray<string> command, CancellationToken stop)
    {
        int pid;
        int handle;
        using (var output = Pipe.Open())
        {
            pid = _record.Engine.Start(["exec", _record.Token, .. command], _folder, [], output.WriteEnd, output.WriteEnd);
            handle = Native.OpenProcess(pid);
            lock (_gate) { _pumps.Add(new LogPump(output.TakeReadEnd(), "stderr", _log, _tails)); }
        }
        try
        {
            await using (stop.Register(() => _ = Native.Signal(handle, Native.SigKill)))
            {
                return await Task.Factory.StartNew(() => Spawn.Wait(pid).ExitCode, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }
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

    private static (List<string> Words, List<string> Environment) Words(EngineRecord record, StepStart start, ImageStart image)
    {
        var environment = new List<string>();
        List<string> words =
        [
            "create", "--name", record.Token, "--label", record.LabelText, "--network", "host", "--workdir", start.WorkingFolder, "--pull", PullOf(image.PullPolicy),
        ];
        if (start.HasTerminal) { words.Add("--tty"); }
        foreach (var variable in start.Environment)
        {
            var byValue = OfEngine.Contains(variable.Name);
            words.AddRange(["--env", byValue ? $"{variable.Name}={variable.Value}" : variable.Name]);
            if (!byValue) { environment.Add($"{variable.Name}={variable.Value}"); }
        }
        foreach (var bind in start.View?.Binds ?? []) { words.AddRange(["--volume", $"{bind.Source}:{bind.Target}{(bind.ReadOnly ? ":ro" : "")}"]); }
        foreach (var name in image.Hosts.SelectMany(h => h.Names.Select(n => $"{n}:{h.Ip}"))) { words.AddRange(["--add-host", name]); }
        words.AddRange(GpusOf(record.Engine, image.Gpus));
        if (start.MemoryLimit is { } memory) { words.AddRange(["--memory", $"{memory}b", "--memory-swap", $"{memory}b"]); }
        if (start.CpuLimit is { } cpu) { words.AddRange(["--cpus", (cpu / 1000m).ToString("0.###", CultureInfo.InvariantCulture)]); }
        if (!image.Entrypoint.IsEmpty) { words.AddRange(["--entrypoint", image.Entrypoint[0]]); }
        words.Add(image.Image);
        words.AddRange(image.Entrypoint.Skip(1));
        words.AddRange(image.Args);
        return (words, environment);
    }

    // Podman knows them from the CDI files that NVIDIA's toolkit writes; docker has a word of its own.
    internal static IEnumerable<string> GpusOf(ContainerEngine engine, ImmutableArray<int> gpus) =>
        gpus.IsEmpty ? []
        : Path.GetFileName(engine.Program) == "docker" ? ["--gpus", $"\"device={string.Join(',', gpus)}\""]
        : gpus.SelectMany(g => (string[])["--device", $"nvidia.com/gpu={g}"]);

    private static string PullOf(string? policy) => policy switch
    {
        "Always" => "always",
        "Never" => "never",
        _ => "missing",
    };

    private void Start()
    {
        using var stdout = Pipe.Open();
        using var stderr = Pipe.Open();
        Pid = _record.Engine.Start(["start", "--attach", _record.Token], _folder, [], stdout.WriteEnd, stderr.WriteEnd);
        _pumps.Add(new LogPump(stdout.TakeReadEnd(), "stdout", _log, _tails));
        _pumps.Add(new LogPump(stderr.TakeReadEnd(), "stderr", _log, _tails));
    }

    private void Wait()
    {
        try
        {
            var (code, _) = Spawn.Wait(Pid);
            var (_, state) = _record.Engine.Run(["inspect", "--format", "{{.State.Status}} {{.State.ExitCode}} {{.State.OOMKilled}}", _record.Token], _folder);
            _ended.SetResult(EndOf(code, state.Trim().Split(' ')));
        }
        catch (Exception e)
        {
            _ended.SetException(e);
        }
    }

    // What is attached may be gone before the container is; the engine's own word on it counts.
    private ProcessEnd EndOf(int attached, string[] state)
    {
        if (state is ["created" or "initialized" or "configured", ..])
        {
            var why = _tails.Output(0).LogTail.Trim();
            return new ProcessEnd(NotFound, null, OutOfMemory: false)
            {
                Judged = Classify.NotStarted(new StepStartException(why.Length > 0 ? why : "the container could not be started", NotFound), _start.Container),
            };
        }
        var code = state is ["exited" or "stopped", var told, ..] && int.TryParse(told, CultureInfo.InvariantCulture, out var number) ? number : attached;
        var outOfMemory = code == Killed && (state is [_, _, "true"] || File.Exists(Path.Combine(_folder, "oom")));
        return new ProcessEnd(code, code == Killed ? Native.SigKill : null, outOfMemory);
    }

    private StepOutput Close()
    {
        if (Ended.IsCompleted)
        {
            WaitForPumps(Drain);
            CopyOutputs();
        }
        _record.Empty();
        WaitForPumps(Drain);
        foreach (var pump in _pumps) { pump.Dispose(); }
        _log.Dispose();
        return _tails.Output(_log.Dropped);
    }

    // What is not there is not copied: whether it must be is for those who look.
    private void CopyOutputs()
    {
        foreach (var (inside, outside, _) in _start.Image!.Outputs)
        {
            _record.Engine.Run(["cp", $"{_record.Token}:{inside}", outside], _folder);
        }
    }

    private void WaitForPumps(TimeSpan atMost)
    {
        var until = Environment.TickCount64 + (long)atMost.TotalMilliseconds;
        foreach (var pump in _pumps) { pump.WaitForEnd(TimeSpan.FromMilliseconds(Math.Max(0, until - Environment.TickCount64))); }
    }
}
