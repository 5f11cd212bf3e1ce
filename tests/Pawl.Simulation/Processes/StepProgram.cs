using System.Globalization;
using System.Text;
using Pawl.Simulation.Disk;
using Pawl.Supervision;
using Pawl.Supervision.Reports;

namespace Pawl.Simulation.Processes;

/// <summary>A step's program: reads its inputs, takes its time, writes its outputs, exits. It says what it did in the ledger.</summary>
public sealed class StepProgram(World world, Script script, StepStart start, Start entry)
{
    /// <summary>The variable that says what to train.</summary>
    public const string Recipe = "RECIPE";

    private readonly TaskCompletionSource _stopSignal = new();
    private readonly List<SimProcess> _container = world.Containers.Of(start.AttemptFolder);

    /// <summary>Null while it runs, and for ever where it was killed.</summary>
    public int? ExitCode { get; private set; }

    public Start Entry => entry;

    public string Printed => ExitCode is null ? "" : $"s{entry.Id}";

    public SimProcess Launch()
    {
        var process = world.Start(Role.Step, $"step {entry.Node}", RunAsync);
        _container.Add(process);
        process.Ended += () =>
        {
            _container.Remove(process);
            entry.EndedAt = world.Timeline.Now;
            entry.ExitCode = ExitCode;
            entry.WasKilled |= ExitCode is null;
        };
        return process;
    }

    /// <summary>SIGTERM.</summary>
    public void Signal(SimProcess process)
    {
        entry.WasAsked = true;
        if (script.OnStop is OnStop.Ignores) { return; }
        if (script.OnStop is OnStop.Dies) { process.Kill(); }
        else { _stopSignal.TrySetResult(); }
    }

    private async Task RunAsync(SimProcess me)
    {
        var disk = new SimDisk(me) { IsPerfect = true };
        var clock = new SimClock(me);
        await ReadInputsAsync(disk);
        if (!await (script.Training is { } training ? TrainAsync(me, training) : WorkAsync(clock)))
        {
            await WriteHalfAsync(disk);
            ExitCode = script.OnStop is OnStop.LeavesWithZero ? 0 : 75;
            return;
        }
        await WriteOutputsAsync(disk);
        if (script.LeavesChild) { _container.Add(LaunchChild()); }
        ExitCode = script.ExitOf(Nodes.RetryOf(entry.Node));
    }

    private async Task<bool> WorkAsync(SimClock clock)
    {
        const int Parts = 3;
        for (var i = 0; i < Parts; i++)
        {
            await Task.WhenAny(Task.Delay(script.Takes / Parts, clock), _stopSignal.Task);
            if (!_stopSignal.Task.IsCompleted) { continue; }
            await Task.Delay(TimeSpan.FromSeconds(1), clock);
            return false;
        }
        if (Variable(Recipe) is null) { return true; }
        await _stopSignal.Task;
        return false;
    }

    private Task<bool> TrainAsync(SimProcess me, Training training)
    {
        var recipe = Variable(Recipe) ?? Trained.OwnRecipe;
        var line = training.Reports && Variable("PAWL_REPORT") is { } path ? world.Lines.GetValueOrDefault(path) : null;
        var trainer = new Trainer(world, me, training, entry, Variable("PAWL_CHECKPOINT_DIR")!, recipe, line, _stopSignal.Task);
        line?.Connect(me, word => Hear(word, trainer));

        // What has other parameters must not complete the step for those who want these.
        var hangs = recipe != Trained.OwnRecipe || script.ExitOf(Nodes.RetryOf(entry.Node)) == Script.Hangs;
        return trainer.RunAsync(hangs, savesAtStop: script.OnStop is OnStop.LeavesWithTempFail);
    }

    private void Hear(Word word, Trainer trainer)
    {
        if (word is Word.Checkpoint) { trainer.Ask(); }
        if (word is not Word.Notice || script.OnStop is not OnStop.LeavesWithTempFail) { return; }
        entry.WasAsked = true;
        _stopSignal.TrySetResult();
    }

    private string? Variable(string name) => start.Environment.FirstOrDefault(v => v.Name == name)?.Value;

    private async Task ReadInputsAsync(SimDisk disk)
    {
        foreach (var path in script.Inputs)
        {
            await using var file = await disk.OpenReadAsync(Where(path));
            if (file is null)
            {
                world.Break("whole", $"{entry} started without its input {path}");
                return;
            }
            var bytes = new byte[(await file.FactsAsync()).Size];
            for (int at = 0, read; at < bytes.Length && (read = await file.ReadAsync(bytes.AsMemory(at), at)) > 0;) { at += read; }
            if (Ledger.WrittenBy(bytes) is not { } source) { world.Break("whole", $"{entry} read {path}: {bytes.Length} bytes that nobody wrote like this"); }
            else { world.Ledger.WasRead(entry, source.Start, source.Output); }
        }
    }

    private async Task WriteOutputsAsync(SimDisk disk)
    {
        await WriteAsync(disk, "out/id", Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"s{entry.Id}\n")));
        foreach (var (name, path) in script.Outputs) { await WriteAsync(disk, path, Ledger.Content(entry.Id, name)); }
    }

    private async Task WriteHalfAsync(SimDisk disk)
    {
        foreach (var (name, path) in script.Outputs)
        {
            var whole = Ledger.Content(entry.Id, name);
            await WriteAsync(disk, path, whole.AsMemory(0, whole.Length / 2));
        }
    }

    // A program that is careless: no flush, written where it lies, in two pieces.
    private async Task WriteAsync(SimDisk disk, string path, ReadOnlyMemory<byte> bytes)
    {
        var where = Where(path);
        await disk.MakeFolderAsync(where[..where.LastIndexOf('/')]);
        await disk.RemoveAsync(where);
        await using var file = await disk.CreateAsync(where, 0x1A4);
        await file.WriteAsync(bytes[..(bytes.Length / 2)]);
        await file.WriteAsync(bytes[(bytes.Length / 2)..]);
    }

    private string Where(string path) => path.StartsWith('/') ? path : $"{start.WorkingFolder}/{path}";

    private SimProcess LaunchChild()
    {
        var child = world.Start(Role.Step, $"child {entry.Node}", async me =>
        {
            var disk = new SimDisk(me) { IsPerfect = true };
            for (var i = 0; i < 100; i++)
            {
                await Task.Delay(TimeSpan.FromSeconds(3), new SimClock(me));
                await disk.MakeFolderAsync(start.WorkingFolder);
                await using var file = await disk.OpenAppendAsync(Where("scribble"));
                await file.WriteAsync("still here"u8.ToArray());
            }
        });
        child.Ended += () => _container.Remove(child);
        return child;
    }
}
