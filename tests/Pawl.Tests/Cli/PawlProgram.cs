using System.Diagnostics;
using System.Runtime.InteropServices;
using Xunit;

namespace Pawl.Tests.Cli;

/// <summary>The real program in a folder of its own.</summary>
public abstract partial class PawlProgram : IDisposable
{
    protected const int Interrupt = 2;
    protected const int Kill = 9;

    private static readonly string Runtime = Path.GetFullPath(Path.Join(Path.GetDirectoryName(typeof(object).Assembly.Location), "../../.."));

    protected string Folder { get; } = Directory.CreateTempSubdirectory("pawl-cli-").FullName;

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected string Write(string name, string text)
    {
        var path = Path.Join(Folder, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Runs it to its end.</summary>
    protected async Task<Ended> PawlAsync(params string[] args)
    {
        using var process = Start(args);
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Ended(process.ExitCode, output, await error);
    }

    protected Process Start(params string[] args)
    {
        // A test may itself be started with SIGINT ignored, and that is inherited.
        var start = new ProcessStartInfo("python3")
        {
            ArgumentList = { "-c", "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])", Path.Join(AppContext.BaseDirectory, "pawl") },
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var arg in args) { start.ArgumentList.Add(arg); }
        start.Environment["DOTNET_ROOT"] = Runtime;
        start.Environment["PAWL_HOME"] = Path.Join(Folder, "home");
        start.Environment.Remove("TRANSIENT_ERROR_PATTERN");
        return Process.Start(start)!;
    }

    protected static async Task<string> UntilAsync(Process process, string text)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains(text, StringComparison.Ordinal)) { return line; }
        }
        Assert.Fail($"it ended without '{text}': {await process.StandardError.ReadToEndAsync()}");
        return "";
    }

    protected static void Send(Process process, int signal) => Assert.Equal(0, SendSignal(process.Id, signal));

    protected static async Task<Ended> EndAsync(Process process)
    {
        var output = await process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Ended(process.ExitCode, output, error);
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int pid, int signal);
}

public sealed record Ended(int Code, string Output, string Error);
