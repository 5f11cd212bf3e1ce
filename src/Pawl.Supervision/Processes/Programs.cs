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
    /// <param name="outside">From a path as the program will see it to where it is.</param>
    /// <returns>The program's absolute path, as it will see it itself.</returns>
    /// <exception cref="StepStartException">There is no such program, or it may not be executed.</exception>
    public static string Find(string name, ImmutableArray<EnvVar> environment, string folder, Func<string, string> outside)
    {
        var path = environment.LastOrDefault(v => v.Name == "PATH")?.Value ?? DefaultPath;
        var found = Find(name, path, folder, outside);

        // Many machines have no `python` any more, and most manifests still say it.
        found ??= name == "python" ? Find("python3", path, folder, outside) : null;
        return found switch
        {
            null => throw new StepStartException($"command '{name}' was not found{(name.Contains('/') ? "" : $" in PATH {path}")}", NotFound),
            _ when Native.Access(outside(found), Executable) != 0 => throw new StepStartException($"command '{found}' is not executable", NotExecutable),
            _ => found,
        };
    }

    private static string? Find(string name, string path, string folder, Func<string, string> outside)
    {
        if (name.Contains('/'))
        {
            var at = Path.GetFullPath(Path.Combine(folder, name));
            return File.Exists(outside(at)) ? at : Directory.Exists(outside(at)) ? throw new StepStartException($"command '{name}' is a folder", NotExecutable) : null;
        }
        if (name.Length == 0) { throw new StepStartException("the command is empty", NotFound); }
        var candidates = path.Split(':').Select(p => Path.GetFullPath(Path.Combine(folder, p, name))).Where(p => File.Exists(outside(p))).ToList();
        return candidates.Find(c => Native.Access(outside(c), Executable) == 0) ?? candidates.FirstOrDefault();
    }
}
