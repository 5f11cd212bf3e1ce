using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Pawl.Tests.Training;

/// <summary>The trainer of tests/Pawl.Trainer as a process, one after the other in the same folder as attempts of one step are.</summary>
internal sealed partial class TrainerProcess : IDisposable
{
    private const int Terminate = 15;
    private const int KillNow = 9;

    private readonly Process _process;
    private readonly Task<string> _errors;

    private TrainerProcess(Process process) => (_process, _errors) = (process, process.StandardError.ReadToEndAsync());

    /// <param name="every">As <c>PAWL_CHECKPOINT_EVERY</c> says it.</param>
    public static TrainerProcess Start(string folder, long steps, long stopAt = -1, string every = "steps:5", string? report = null)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "Pawl.Trainer.dll"), folder, $"{steps}", $"{stopAt}" },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PAWL_CHECKPOINT_DIR"] = $"{folder}/checkpoints";
        start.Environment["PAWL_CHECKPOINT_EVERY"] = every;
        start.Environment["PAWL_RUN_ID"] = "run";
        start.Environment["PAWL_FINGERPRINT"] = "print";
        start.Environment.Remove("PAWL_REPORT");
        if (report is not null) { start.Environment["PAWL_REPORT"] = report; }
        return new(Process.Start(start)!);
    }

    /// <summary>The steps that were done in this folder, in order, with the samples of each; repeated ones repeat.</summary>
    public static List<(long Step, string Batch)> Steps(string folder) => !File.Exists($"{folder}/steps")
        ? []
        : [.. File.ReadAllLines($"{folder}/steps").Select(line => line.Split(' ')).Select(words => (long.Parse(words[0]), words[1]))];

    public static string? Model(string folder) => File.Exists($"{folder}/model") ? File.ReadAllText($"{folder}/model") : null;

    /// <summary>A training from end to end that nobody disturbs.</summary>
    public static async Task<(string Model, List<(long Step, string Batch)> Steps)> UndisturbedAsync(string folder, long steps)
    {
        Directory.CreateDirectory(folder);
        using var trainer = Start(folder, steps);
        var (code, errors) = await trainer.EndAsync();
        return code == 0 ? (Model(folder)!, Steps(folder)) : throw new InvalidOperationException($"the undisturbed training ended with {code}: {errors}");
    }

    /// <summary>Reads its output up to a line that begins so.</summary>
    /// <returns>The rest of that line; null where it ended before.</returns>
    public async Task<string?> UntilAsync(string beginning)
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(beginning, StringComparison.Ordinal)) { return line[beginning.Length..]; }
        }
        return null;
    }

    public void Stop() => Send(Terminate);

    public void Kill() => Send(KillNow);

    public async Task<(int Code, string Errors)> EndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        return (_process.ExitCode, await _errors);
    }

    public void Dispose()
    {
        if (!_process.HasExited) { _process.Kill(); }
        _process.Dispose();
    }

    private void Send(int signal)
    {
        // A process that has just ended is no failure of the test.
        if (!_process.HasExited) { _ = SendSignal(_process.Id, signal); }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int SendSignal(int pid, int signal);
}
