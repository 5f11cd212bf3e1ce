using System.Collections.Immutable;
using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Pawl.Engine.Homes;

/// <summary>Asks git which files of a folder belong to the project.</summary>
internal static class GitFiles
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static bool IsWorkTree(string folder)
    {
        for (var at = folder; at is not null; at = Path.GetDirectoryName(at))
        {
            if (Path.Exists(Path.Join(at, ".git"))) { return true; }
        }
        return false;
    }

    /// <returns>
    /// Tracked and untracked paths that are not ignored, relative to the folder; a submodule or nested repository is named as its folder,
    /// and a tracked file may be gone. Or why git cannot tell.
    /// </returns>
    public static async Task<(ImmutableArray<string> Paths, string? Trouble)> ListAsync(string folder, TimeProvider clock)
    {
        var start = new ProcessStartInfo("git")
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // A project's own configuration may name a program to be run as a file system monitor.
        foreach (var word in (string[])["-c", "core.fsmonitor=false", "ls-files", "-co", "--exclude-standard", "--deduplicate", "-z"])
        {
            start.ArgumentList.Add(word);
        }
        // Set by git for its hooks, they would name another repository.
        foreach (var name in (string[])["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"]) { start.Environment.Remove(name); }
        try
        {
            using var git = Process.Start(start)!;
            using var late = new CancellationTokenSource(Patience, clock);
            try
            {
                git.StandardInput.Close();
                using var paths = new MemoryStream();
                var errors = git.StandardError.ReadToEndAsync(late.Token);
                await git.StandardOutput.BaseStream.CopyToAsync(paths, late.Token);
                await git.WaitForExitAsync(late.Token);
                if (git.ExitCode != 0) { return ([], (await errors).Split('\n')[0].Trim()); }
                var names = Encoding.UTF8.GetString(paths.GetBuffer(), 0, (int)paths.Length);
                return ([.. names.Split('\0', StringSplitOptions.RemoveEmptyEntries)], null);
            }
            catch (OperationCanceledException)
            {
                git.Kill();
                return ([], $"git ls-files did not end within {Patience.TotalSeconds:0} s");
            }
        }
        catch (Win32Exception e)
        {
            return ([], $"git cannot be started: {e.Message}");
        }
    }
}
