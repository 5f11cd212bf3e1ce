using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Pawl.Core.Workflows;
using Pawl.Storage.Files;

namespace Pawl.Supervision.Remote;

/// <summary>Clones with the git program. Nobody is asked for a password, and no credential stands on a command line.</summary>
internal static class GitClone
{
    private const int LongestError = 500;

    public static async ValueTask RunAsync(ArtifactLocation.Git from, Credentials credentials, string path, CancellationToken stop)
    {
        foreach (var text in (string?[])[from.Repo, from.Revision, from.Branch, .. from.Fetch])
        {
            if (text is ['-', ..]) { throw new IOException($"'{text}' cannot be part of a git address: it begins with a '-'"); }
        }
        var keyFile = credentials.SshKey is { } key ? await KeyFileAsync(path, key) : null;
        try
        {
            var environment = Environment(from, credentials, keyFile);
            List<string> clone = ["clone", "--quiet", "--no-checkout"];
            if (from.Depth is { Length: > 0 } depth && long.TryParse(depth, NumberStyles.None, CultureInfo.InvariantCulture, out var commits) && commits > 0) { clone.AddRange(["--depth", depth]); }
            if (from.Branch is { Length: > 0 } branch) { clone.AddRange(["--branch", branch]); }
            if (from.SingleBranch) { clone.Add("--single-branch"); }
            await GitAsync([.. clone, "--", from.Repo, path], environment, stop);
            if (!from.Fetch.IsEmpty) { await GitAsync(["-C", path, "fetch", "--quiet", "origin", .. from.Fetch], environment, stop); }
            await CheckOutAsync(from, path, environment, stop);
            if (from.Submodules && File.Exists(Path.Combine(path, ".gitmodules")))
            {
                await GitAsync(["-C", path, "submodule", "update", "--quiet", "--init", "--recursive", "--force"], environment, stop);
            }
        }
        finally
        {
            if (keyFile is not null) { File.Delete(keyFile); }
        }
    }

    // A commit that no branch of a shallow clone leads to must be fetched by itself.
    private static async ValueTask CheckOutAsync(ArtifactLocation.Git from, string path, Dictionary<string, string> environment, CancellationToken stop)
    {
        if (from.Revision is not { Length: > 0 } revision)
        {
            await GitAsync(["-C", path, "checkout", "--quiet", "--force"], environment, stop);
            return;
        }
        var remote = await IsThereAsync($"refs/remotes/origin/{revision}") ? $"refs/remotes/origin/{revision}" : revision;
        if (!await IsThereAsync(remote))
        {
            await GitAsync(["-C", path, "fetch", "--quiet", "origin", revision], environment, stop);
            remote = "FETCH_HEAD";
        }
        await GitAsync(["-C", path, "checkout", "--quiet", "--force", "--detach", remote], environment, stop);

        async ValueTask<bool> IsThereAsync(string name)
        {
            try
            {
                await GitAsync(["-C", path, "rev-parse", "--quiet", "--verify", $"{name}^{{commit}}"], environment, stop);
                return true;
            }
            catch (IOException) { return false; }
        }
    }

    private static Dictionary<string, string> Environment(ArtifactLocation.Git from, Credentials credentials, string? keyFile)
    {
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["GIT_TERMINAL_PROMPT"] = "0", ["GIT_ASKPASS"] = "true" };
        if (credentials.User is not null || credentials.Password is not null)
        {
            environment["GIT_CONFIG_COUNT"] = "1";
            environment["GIT_CONFIG_KEY_0"] = "http.extraHeader";
            environment["GIT_CONFIG_VALUE_0"] = $"Authorization: Basic {HttpRemote.Basic(credentials)}";
        }
        var hosts = from.AnyHostKey ? "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null" : "-o StrictHostKeyChecking=accept-new";
        environment["GIT_SSH_COMMAND"] = $"ssh -o BatchMode=yes {hosts}{(keyFile is null ? "" : $" -o IdentitiesOnly=yes -i '{keyFile.Replace("'", "'\\''", StringComparison.Ordinal)}'")}";
        return environment;
    }

    private static async ValueTask<string> KeyFileAsync(string path, string key)
    {
        var file = $"{path}.pawl-key";
        var disk = new Disk();
        await disk.RemoveAsync(file);
        await using var written = await disk.CreateAsync(file, 0b110_000_000);
        await written.WriteAsync(Encoding.UTF8.GetBytes(key.EndsWith('\n') ? key : key + "\n"));
        return file;
    }

    private static async ValueTask GitAsync(IEnumerable<string> arguments, Dictionary<string, string> environment, CancellationToken stop)
    {
        var start = new ProcessStartInfo("git", arguments) { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false };
        foreach (var (name, value) in environment) { start.Environment[name] = value; }
        try
        {
            using var git = Process.Start(start)!;
            git.StandardInput.Close();
            var output = git.StandardOutput.ReadToEndAsync(stop);
            var error = git.StandardError.ReadToEndAsync(stop);
            try
            {
                await git.WaitForExitAsync(stop);
            }
            catch (OperationCanceledException)
            {
                git.Kill(entireProcessTree: true);
                throw;
            }
            _ = await output;
            var said = (await error).Trim();
            if (git.ExitCode != 0) { throw new IOException($"git {arguments.First(a => a is not "-C" && !a.StartsWith('/'))}: {(said.Length <= LongestError ? said : said[..LongestError] + "…").ReplaceLineEndings("; ")}"); }
        }
        catch (Win32Exception e) { throw new IOException($"the git program cannot be started: {e.Message}; install git", e); }
    }
}
