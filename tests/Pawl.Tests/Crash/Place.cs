using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Pawl.Core.Chains;
using Pawl.Core.Workflows;
using Pawl.Storage.Chains;
using Pawl.Storage.Files;
using Pawl.Storage.Stores;
using Pawl.Supervision.Processes;
using Xunit;

namespace Pawl.Tests.Crash;

/// <summary>A line that a step wrote when it began.</summary>
/// <param name="Node">Full node name, retry suffix included.</param>
internal sealed record Began(string Step, string Node, int Attempt, int Pid);

/// <summary>A home, a manifest and a ledger of a test's own, and the real program on them.</summary>
/// <remarks>
/// Every step first appends a line to the ledger, then waits for the file <c>go/STEP</c>. Whoever finds a process of an earlier try of the
/// same step alive writes that to <c>overlap</c>.
/// </remarks>
internal sealed partial class Place : IAsyncDisposable
{
    private readonly List<PawlProcess> _started = [];
    private readonly Disk _disk = new();

    public Place(string manifest, params string[] open)
    {
        Folder = Directory.CreateTempSubdirectory("pawl-crash-").FullName;
        foreach (var folder in (string[])["project", "go", "marks"]) { Directory.CreateDirectory(Path.Combine(Folder, folder)); }
        File.WriteAllText(Manifest, manifest.Replace("$PLACE", Folder, StringComparison.Ordinal));
        foreach (var step in open) { Open(step); }
    }

    public string Folder { get; }

    public string Home => Path.Combine(Folder, "home");

    /// <summary>Variables of every process that is started, beside those of the place.</summary>
    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    public string Manifest => Path.Combine(Folder, "project", "workflow.yaml");

    /// <summary>Uid of the only run.</summary>
    public string Run => Path.GetFileName(Assert.Single(Directory.GetDirectories(Path.Combine(Home, "runs"))));

    /// <summary>Everything that was printed so far, for failures.</summary>
    public string Printed => string.Join('\n', _started.Select(p => $"$ {p.What}\n{p.Printed}")) + SupervisorLogs();

    /// <summary>Lets a step go on.</summary>
    public void Open(string step) => File.WriteAllText(Path.Combine(Folder, "go", step), "");

    public PawlProcess Start(string verb, params string[] rest) => Start("", verb, rest);

    /// <param name="crash">Where it, and the supervisors that it starts, kill themselves; see <see cref="CrashPoint"/>.</param>
    public PawlProcess StartCrashing(string crash, string verb, params string[] rest) => Start(crash, verb, rest);

    private PawlProcess Start(string crash, string verb, string[] rest)
    {
        var environment = new Dictionary<string, string>(Environment, StringComparer.Ordinal)
        {
            ["PAWL_HOME"] = Home,
            [CrashPoint.Variable] = crash,
            [CrashPoint.MarksVariable] = Path.Combine(Folder, "marks"),
        };
        var process = PawlProcess.Start(Folder, environment, [verb, .. rest]);
        _started.Add(process);
        return process;
    }

    /// <summary>Runs a verb to its end, which must have this exit code.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> DoAsync(int exitCode, string verb, params string[] rest)
    {
        var process = Start(verb, rest);
        await EndsAsync(process, exitCode);
        return process.Printed;
    }

    public async Task EndsAsync(PawlProcess process, int exitCode)
    {
        var code = await process.EndAsync();
        Assert.True(code == exitCode, $"{process.What} ended with {code}, not {exitCode}\n{Printed}");
    }

    public Task Until(Func<bool> fact, string what) => Eventually.True(fact, what, () => Printed);

    public Task UntilPrinted(PawlProcess process, string text) =>
        Until(() => process.Printed.Contains(text, StringComparison.Ordinal), $"{process.What} printed '{text}'");

    /// <summary>Waits until a step began for the n-th time.</summary>
    public async Task<Began> UntilBegan(string step, int times = 1)
    {
        await Until(() => Ledger(step).Count >= times, $"{step} began {times} times");
        return Ledger(step)[times - 1];
    }

    public IReadOnlyList<Began> Ledger(string? step = null) =>
        [.. Lines("ledger").Select(l => l.Split(' ')).Select(l => new Began(l[0], l[1], Number(l[2]), Number(l[3]))).Where(b => step is null || b.Step == step)];

    /// <summary>What an attempt found alive of an earlier one.</summary>
    public IReadOnlyList<string> Overlaps => Lines("overlap");

    /// <summary>Lines that daemons wrote: their pids.</summary>
    public IReadOnlyList<int> Daemons => [.. Lines("daemons").Select(Number)];

    public bool WasReached(CrashPoint point) => File.Exists(Path.Combine(Folder, "marks", point.Mark));

    /// <summary>The checked chain of a step.</summary>
    public async Task<IReadOnlyList<Entry>> ChainAsync(string node)
    {
        var store = new LocalStore(_disk, $"{Home}/store", () => Guid.NewGuid().ToString("N"), await Boot.IdAsync(_disk));
        return (await Chain.OpenAsync(store, Run, node)).Entries;
    }

    /// <summary>The file of a promoted output.</summary>
    public string Artifact(string node, string name) =>
        Assert.Single(Directory.GetFiles(Path.Combine(Home, "store", "artifacts", Run, Names.Folder(node)), name, SearchOption.AllDirectories));

    /// <summary>The supervisor of the running attempt of a step.</summary>
    public int Supervisor(string node) => Assert.Single(
        Processes(), p => Text($"/proc/{p}/cmdline").Split('\0') is var words && words.Contains("supervise") && words.Any(w => w.Contains($"/{Names.Folder(node)}/", StringComparison.Ordinal)));

    /// <summary>Living processes that belong to this home.</summary>
    public IReadOnlyList<int> Processes() => [.. ProcessTable.WithEnvironment($"PAWL_HOME={Home}")];

    /// <summary>The process that says in the run's lock that it owns it; 0 where nobody has said so yet.</summary>
    public int Owner()
    {
        // Through our own disk: the runtime's files take a lock of their own on what they read.
        if (_disk.OpenReadAsync($"{Home}/runs/{Run}/lock").AsTask().GetAwaiter().GetResult() is not { } file) { return 0; }
        var bytes = new byte[4096];
        var length = file.ReadAsync(bytes, 0).AsTask().GetAwaiter().GetResult();
        file.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return Pid().Match(Encoding.UTF8.GetString(bytes, 0, length)) is { Success: true } pid ? Number(pid.Value) : 0;
    }

    public static bool Lives(int pid) => ProcessTable.Find(pid) is { IsDead: false };

    public static void Kill(params IEnumerable<int> pids)
    {
        foreach (var pid in pids) { _ = Native.Kill(pid, Native.SigKill); }
    }

    /// <summary>Nothing of this home runs any more, and no two tries of a step ever ran beside each other.</summary>
    public async Task NothingIsLeftAsync()
    {
        await Until(() => Processes().Count == 0, "no process of the home is left");
        Assert.True(Overlaps.Count == 0, $"{string.Join('\n', Overlaps)}\n{Printed}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _started) { process.Dispose(); }
        while (Processes() is { Count: > 0 } left) { Kill(left); }
        await _disk.RemoveTreeAsync(Folder);
    }

    private List<string> Lines(string name)
    {
        var path = Path.Combine(Folder, name);
        return File.Exists(path) ? [.. File.ReadAllLines(path)] : [];
    }

    private string SupervisorLogs()
    {
        var text = new StringBuilder();
        if (!Directory.Exists(Path.Combine(Home, "runs"))) { return ""; }
        foreach (var log in Directory.EnumerateFiles(Path.Combine(Home, "runs"), "*.log", SearchOption.AllDirectories))
        {
            if (Text(log) is { Length: > 0 } content) { text.Append(CultureInfo.InvariantCulture, $"\n{log}:\n{content}"); }
        }
        return text.ToString();
    }

    private static string Text(string path)
    {
        try { return File.ReadAllText(path); }
        catch (IOException) { return ""; }      // it ended meanwhile
    }

    [GeneratedRegex("(?<=\"pid\":)[0-9]+")]
    private static partial Regex Pid();

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
