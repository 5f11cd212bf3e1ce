using System.Diagnostics;
using System.Text;
using Pawl.Supervision.Processes;

namespace Pawl.Tests.Crash;

/// <summary>The real program, started for one verb; what it prints is kept.</summary>
internal sealed class PawlProcess : IDisposable
{
    /// <summary>Exit code of a process that SIGKILL ended.</summary>
    public const int Killed = 137;

    private const int SigInt = 2;

    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "pawl");

    private readonly Process _process;
    private readonly StringBuilder _printed = new();

    private PawlProcess(Process process, string what)
    {
        (_process, What) = (process, what);
        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>The command line, for messages.</summary>
    public string What { get; }

    public int Pid => _process.Id;

    public bool HasEnded => _process.HasExited;

    /// <summary>stdout and stderr as they came.</summary>
    public string Printed
    {
        get { lock (_printed) { return _printed.ToString(); } }
    }

    public static PawlProcess Start(string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment) { start.Environment[name] = value; }
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{Program} was not started");
        process.StandardInput.Close();
        return new PawlProcess(process, $"pawl {string.Join(' ', arguments)}");
    }

    public void Kill()
    {
        _ = Native.Kill(Pid, Native.SigKill);
        _process.WaitForExit();
    }

    /// <summary>As Ctrl-C at its terminal, but for this process alone.</summary>
    public void Interrupt() => _ = Native.Kill(Pid, SigInt);

    /// <returns>Its exit code, 137 where it was killed.</returns>
    public async Task<int> EndAsync()
    {
        await Eventually.True(() => _process.HasExited, $"{What} ended", () => Printed);

        // Until both pipes are read to their end.
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited) { Kill(); }
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        if (line is null) { return; }
        lock (_printed) { _printed.AppendLine(line); }
    }
}
