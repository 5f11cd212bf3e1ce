using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace Pawl.Tests.Storage;

/// <summary>One storage operation in another process under strace, which breaks or stops it at a chosen system call.</summary>
internal sealed partial class Probe : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _strace;
    private readonly string _log;
    private readonly Task<string> _output;

    private Probe(Process strace, string log) => (_strace, _log, _output) = (strace, log, strace.StandardOutput.ReadToEndAsync());

    public static void SkipWithoutStrace() =>
        Assert.SkipUnless(File.Exists("/usr/bin/strace"), "strace is not installed; ./test installs it");

    public static Probe Start(TempFolder folder, string[] strace, params string[] arguments)
    {
        var log = folder[$"trace-{Guid.NewGuid():N}"];
        var start = new ProcessStartInfo("/usr/bin/strace") { RedirectStandardOutput = true };
        string[] all = ["-f", "-qq", "-o", log, .. strace, "dotnet", Path.Combine(AppContext.BaseDirectory, "Pawl.Probe.dll"), .. arguments];
        foreach (var argument in all) { start.ArgumentList.Add(argument); }
        // Fewer threads and no files in /tmp that have nothing to do with the operation.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["DOTNET_TieredCompilation"] = "0";
        return new(Process.Start(start)!, log);
    }

    /// <summary>The calls of the main thread so far, in order: name, and which of that name it is in the process, from 1.</summary>
    public List<(string Name, int Number, string Text)> Calls()
    {
        var counts = new Dictionary<string, int>(StringComparer.Ordinal);
        var calls = new List<(string, int, string)>();
        var main = "";
        foreach (var line in File.ReadLines(_log))
        {
            if (Call().Match(line) is not { Success: true } call) { continue; }
            if (main.Length == 0) { main = call.Groups["pid"].Value; }
            if (call.Groups["pid"].Value != main) { continue; }
            var name = call.Groups["name"].Value;
            counts[name] = counts.GetValueOrDefault(name) + 1;
            calls.Add((name, counts[name], line));
        }
        return calls;
    }

    /// <summary>Waits until the whole process stands still.</summary>
    /// <returns>Its pid; null where it ended without having been stopped.</returns>
    public async Task<int?> StoppedAsync()
    {
        var waited = Stopwatch.StartNew();
        while (waited.Elapsed < Patience)
        {
            var ended = _strace.HasExited;
            var text = File.Exists(_log) ? await File.ReadAllTextAsync(_log) : "";
            if (Stopped().Match(text) is { Success: true } stop && int.Parse(stop.Groups["pid"].Value) is var pid)
            {
                // The trace's first line is the main thread's; every thread stands still in state T or t.
                pid = int.Parse(text[..text.IndexOf(' ', StringComparison.Ordinal)]);
                if (Directory.GetDirectories($"/proc/{pid}/task").All(task => State(task) is 'T' or 't')) { return pid; }
            }
            if (ended) { return null; }
            await Task.Delay(5);
        }
        throw new TimeoutException("the probe neither stopped nor ended");
    }

    /// <summary>The last line of its output.</summary>
    public async Task<string> ResultAsync()
    {
        var output = await _output.WaitAsync(Patience);
        await _strace.WaitForExitAsync().WaitAsync(Patience);
        return output.TrimEnd().Split('\n')[^1];
    }

    public static void Continue(int pid) => Assert.Equal(0, Kill(pid, 18));

    public void Dispose()
    {
        if (!_strace.HasExited) { _strace.Kill(entireProcessTree: true); }
        _strace.Dispose();
    }

    private static char State(string task)
    {
        var stat = File.ReadAllText($"{task}/stat");
        return stat[stat.LastIndexOf(')') + 2];
    }

    [GeneratedRegex(@"^(?<pid>\d+) +(?<name>[a-z_0-9]+)\(")]
    private static partial Regex Call();

    [GeneratedRegex(@"^(?<pid>\d+) +--- stopped by SIGSTOP ---", RegexOptions.Multiline)]
    private static partial Regex Stopped();

    [System.Runtime.InteropServices.LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int pid, int signal);
}
