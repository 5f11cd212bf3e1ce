using System.Diagnostics;
using System.Text;

namespace Pawl.Conformance;

/// <summary>A home of its own for one row, and the real program to use it with.</summary>
internal sealed class Home : IAsyncDisposable
{
    private static readonly string Runtime = Path.GetFullPath(Path.Join(Path.GetDirectoryName(typeof(object).Assembly.Location), "../../.."));

    private readonly string _folder = Directory.CreateTempSubdirectory("pawl-conformance-").FullName;

    private readonly CancellationTokenSource _late;
    private int _asides;

    /// <param name="limit">Of all commands together.</param>
    /// <param name="library">Has what the row refers to.</param>
    public Home(Row row, Library library, TimeSpan limit)
    {
        // In a folder without anything else: what stands beside a manifest is given to every step.
        var work = Directory.CreateDirectory(Path.Join(_folder, "work")).FullName;
        Manifest = Path.Join(work, Path.GetFileName(row.Path));
        File.Copy(row.File, Manifest);
        if (!StandIns.HasNoConfigMaps(row))
        {
            File.Copy(Checkout.Own("StandIns", "configmaps.yaml"), Path.Join(Directory.CreateDirectory(Path.Join(Own, "configmaps")).FullName, "configmaps.yaml"));
        }
        File.WriteAllText(Path.Join(Directory.CreateDirectory(Path.Join(Own, "secrets", "my-secret")).FullName, "mypassword"), "not a secret");
        // Every bucket is the one that the repository of the cluster is in, and somebody's objects are in it.
        foreach (var bucket in StandIns.BucketsOf(row, library))
        {
            Directory.CreateSymbolicLink(Path.Join(Directory.CreateDirectory(Path.Join(Own, "buckets")).FullName, bucket), Path.Join(Own, "repository"));
        }
        foreach (var folder in (string[])["1", "2"])
        {
            File.WriteAllText(Path.Join(Directory.CreateDirectory(Path.Join(Own, "repository", folder)).FullName, "main.log"), $"log {folder}\n");
        }
        File.Copy(Checkout.Own("StandIns", "limits.yaml"), Path.Join(Own, "limits.yaml"));
        _late = new CancellationTokenSource(limit);
    }

    public string Manifest { get; }

    private string Own => Path.Join(_folder, "home");

    /// <summary>Runs a command to its end.</summary>
    /// <exception cref="OperationCanceledException">The time of the row is over; the command goes on until the home is disposed of.</exception>
    public Task<Ended> PawlAsync(params IEnumerable<string> args) => EndedAsync(args, _late.Token);

    /// <summary>A file that lies beside nothing.</summary>
    public string Write(string text)
    {
        var file = Path.Join(Directory.CreateDirectory(Path.Join(_folder, $"aside-{_asides++}")).FullName, "aside.yaml");
        File.WriteAllText(file, text);
        return file;
    }

    public Task WaitAsync(TimeSpan time) => Task.Delay(time, _late.Token);

    /// <summary>Lets every container that pauses go on, until the home is disposed of.</summary>
    public async void PassPauses()
    {
        try
        {
            while (true)
            {
                if (Directory.Exists(Path.Join(Own, "runs")))
                {
                    foreach (var paused in Directory.EnumerateDirectories(Path.Join(Own, "runs"), "ctr", SearchOption.AllDirectories).SelectMany(Directory.EnumerateDirectories))
                    {
                        foreach (var marker in (string[])["before", "after"]) { await File.WriteAllTextAsync(Path.Join(paused, marker), "", _late.Token); }
                    }
                }
                await Task.Delay(200, _late.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or IOException)
        {
            // The row is over, and its files with it.
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _late.CancelAsync();
        _late.Dispose();
        // What the row left running would be in the way of the next one. An engine that is killed writes its run no more.
        for (var round = 0; round < 50 && Processes() is { Count: > 0 } left; round++)
        {
            foreach (var process in left) { using (process) { process.Kill(); } }
            await Task.Delay(20);
        }
        if (Environment.GetEnvironmentVariable("PAWL_CONFORMANCE_KEEP") is { Length: > 0 }) { return; }
        try { Directory.Delete(_folder, recursive: true); }
        catch (IOException) { Directory.Delete(_folder, recursive: true); }
    }

    private async Task<Ended> EndedAsync(IEnumerable<string> args, CancellationToken stop)
    {
        var start = new ProcessStartInfo(Path.Join(AppContext.BaseDirectory, "pawl"), args)
        {
            WorkingDirectory = Path.GetDirectoryName(Manifest),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["DOTNET_ROOT"] = Runtime;
        start.Environment["PAWL_HOME"] = Own;
        start.Environment.Remove("TRANSIENT_ERROR_PATTERN");
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(stop), process.StandardError.ReadToEndAsync(stop));
        await process.WaitForExitAsync(stop);
        return new Ended(process.ExitCode, await output, await error);
    }

    // Engines and supervisors outlive the command that started them, and all carry the home in their environment.
    private List<Process> Processes()
    {
        var found = new List<Process>();
        var mark = Encoding.UTF8.GetBytes($"PAWL_HOME={Own}\0");
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var id)) { continue; }
            try
            {
                if (File.ReadAllBytes(Path.Join(folder, "environ")).AsSpan().IndexOf(mark) >= 0) { found.Add(Process.GetProcessById(id)); }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
            {
                // It has ended meanwhile, or is somebody else's.
            }
        }
        return found;
    }
}

internal sealed record Ended(int Code, string Output, string Error);
