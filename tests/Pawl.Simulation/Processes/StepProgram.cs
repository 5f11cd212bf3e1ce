using System.Globalization;
using System.Text;
using Pawl.Simulation.Disk;
using Pawl.Supervision;

namespace Pawl.Simulation.Processes;

/// <summary>A step's program: reads its inputs, takes its time, writes its outputs, exits. It says what it did in the ledger.</summary>
public sealed class StepProgram(World world, Script script, StepStart start, Start entry)
{
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
        var parts = 3;
        for (var i = 0; i < parts; i++)
        {
            await Task.WhenAny(Task.Delay(script.Takes / parts, clock), _stopSignal.Task);
            if (_stopSignal.Task.IsCompleted)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), clock);
                await WriteHalfAsync(disk);
                ExitCode = script.OnStop is OnStop.LeavesWithZero ? 0 : 75;
                return;
            }
        }
        await WriteOutputsAsync(disk);
        if (script.LeavesChild) { _container.Add(LaunchChild()); }
        ExitCode = script.ExitOf(Nodes.RetryOf(entry.Node));
    }

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
