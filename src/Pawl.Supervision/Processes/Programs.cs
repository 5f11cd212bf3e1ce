using System.Collections.Immutable;
using Pawl.Core.Workflows;

namespace Pawl.Supervision.Processes;

/// <summary>Finds programs the way execvp does.</summary>
internal static class Programs
{
    private const int Executable = 1;
    private const int NotFound = 64;
    private const int NotExecutable = 126;
    private const string DefaultPath = "/usr/local/bin:/usr/bin:/bin";

    /// <param name="folder">Where a relative name with a slash begins.</param>
    /// <returns>The program's absolute path.</returns>
    /// <exception cref="StepStartException">There is no such program, or it may not be executed.</exception>
    public static string Find(string name, ImmutableArray<EnvVar> environment, string folder)
    {
        var path = environment.LastOrDefault(v => v.Name == "PATH")?.Value ?? DefaultPath;
        var found = Find(name, path, folder);

        // Many machines have no `python` any more, and most manifests still say it.
        found ??= name == "python" ? Find("python3", path, folder) : null;
        return found switch
        {
            null => throw new StepStartException($"command '{name}' was not found{(name.Contains('/') ? "" : $" in PATH {path}")}", NotFound),
            _ when Native.Access(found, Executable) != 0 => throw new StepStartException($"command '{found}' is not executable", NotExecutable),
            _ => found,
        };
    }

    private static string? Find(string name, string path, string folder)
    {
        if (name.Contains('/'))
        {
            var at = Path.GetFullPath(Path.Combine(folder, name));
            return File.Exists(at) ? at : Directory.Exists(at) ? throw new StepStartException($"command '{name}' is a folder", NotExecutable) : null;
        }
        if (name.Length == 0) { throw new StepStartException("the command is empty", NotFound); }
        var candidates = path.Split(':').Select(p => Path.GetFullPath(Path.Combine(folder, p, name))).Where(File.Exists).ToList();
        return candidates.Find(c => Native.Access(c, Executable) == 0) ?? candidates.FirstOrDefault();
    }
}
