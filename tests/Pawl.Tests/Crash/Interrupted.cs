using System.Globalization;
using Pawl.Core.Workflows;
using Pawl.Supervision.Processes;
using Xunit;

namespace Pawl.Tests.Crash;

/// <summary>A run with one step that trains, whose processes are killed again and again: each time after a new checkpoint and a random while.</summary>
/// <param name="node">Of the step, without its retry suffix.</param>
/// <param name="program">A text in the command line of the trainer, and of nothing else that is in the home.</param>
internal sealed class Interrupted(Place place, string node, string program, int seed)
{
    private const int Terminate = 15;

    // Some find nobody to kill, since an attempt has just ended or is about to start.
    private const int MostTries = 4;

    private static readonly string[] Kinds =
        ["SIGKILL of the trainer", "SIGTERM of the trainer", "SIGKILL of the supervisor", "SIGKILL of the trainer", "SIGKILL of the engine", "SIGKILL of all"];

    private readonly Random _random = new(seed);
    private readonly Dictionary<int, bool> _entries = [];
    private PawlProcess? _engine;

    /// <summary>What was done to it, in order.</summary>
    public List<string> Kills { get; } = [];

    /// <param name="longest">Random whiles are shorter: some steps more than one interval between checkpoints takes.</param>
    public async Task KillAsync(PawlProcess engine, int times, TimeSpan longest)
    {
        _engine = engine;
        var before = 0;
        for (var tries = 0; Kills.Count < times; tries++)
        {
            Assert.True(tries < MostTries * times, $"only {Kills.Count} of {times} kills hit\n{place.Printed}");
            await place.Until(() => Goes() && NewestCheckpoint() > before && Trainers().Count > 0, $"there was a checkpoint after entry {before} ({Kills.Count} kills)");
            await Task.Delay(longest * _random.NextDouble());
            var kind = Kinds[_random.Next(Kinds.Length)];
            if (!Strike(kind)) { continue; }
            Kills.Add(kind);
            before = NewestCheckpoint();
        }
    }

    /// <summary>Lets it go on to its end, which must be a success.</summary>
    public async Task EndsAsync()
    {
        if (_engine!.HasEnded) { _engine = place.Start("resume", "@latest"); }
        await place.EndsAsync(_engine, 0);
        await place.NothingIsLeftAsync();
    }

    // Whoever killed the engine starts another.
    private bool Goes()
    {
        if (!_engine!.HasEnded) { return true; }
        Assert.True(_engine.EndAsync().Result == PawlProcess.Killed, $"the run ended after {Kills.Count} kills\n{place.Printed}");
        _engine = place.Start("resume", "@latest");
        return true;
    }

    private bool Strike(string kind) => kind switch
    {
        "SIGKILL of the trainer" => Send(Trainers(), Native.SigKill),
        "SIGTERM of the trainer" => Send(Trainers(), Terminate),
        "SIGKILL of the supervisor" => Send(Supervisors(), Native.SigKill),
        "SIGKILL of the engine" => Send([_engine!.Pid], Native.SigKill) && HasDied(),
        _ => Send([_engine!.Pid, .. Supervisors(), .. Trainers()], Native.SigKill) && HasDied(),
    };

    private bool HasDied() => _engine!.EndAsync().Result == PawlProcess.Killed;

    private static bool Send(IReadOnlyList<int> pids, int signal)
    {
        var hit = false;
        foreach (var pid in pids) { hit |= Native.Kill(pid, signal) == 0; }
        return hit;
    }

    private List<int> Trainers() => Named(program);

    private List<int> Supervisors() => Named("\0supervise\0");

    private List<int> Named(string text) => [.. place.Processes().Where(p => Place.Lives(p) && CommandLine(p).Contains(text, StringComparison.Ordinal))];

    private static string CommandLine(int pid)
    {
        try { return File.ReadAllText($"/proc/{pid}/cmdline"); }
        catch (IOException) { return ""; }      // it ended meanwhile
    }

    // By the bytes of the chain: it is looked at too often to be checked each time.
    private int NewestCheckpoint()
    {
        var chains = Path.Combine(place.Home, "store", "steps");
        if (!Directory.Exists(chains)) { return 0; }
        var chain = Directory.GetDirectories(chains).Select(run => Path.Combine(run, Names.Folder(node))).Where(Directory.Exists);
        foreach (var file in chain.SelectMany(c => Directory.EnumerateFiles(c, "*.json")))
        {
            var number = int.Parse(Path.GetFileNameWithoutExtension(file), CultureInfo.InvariantCulture);
            if (!_entries.ContainsKey(number)) { _entries[number] = File.ReadAllText(file).StartsWith("{\"type\":\"Checkpointed\"", StringComparison.Ordinal); }
        }
        return _entries.Where(e => e.Value).Select(e => e.Key).DefaultIfEmpty(0).Max();
    }
}
