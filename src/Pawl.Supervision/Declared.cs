using Pawl.Core.Attempts;
using Pawl.Storage.Files;

namespace Pawl.Supervision;

/// <summary>Where the paths that a step declares are on this machine.</summary>
internal sealed class Declared
{
    private static readonly string[] Forbidden = ["/proc", "/sys", "/dev", "/etc", "/usr", "/bin", "/sbin", "/boot"];

    private readonly string _home;

    /// <exception cref="UnsafePathException">A relative working folder leaves the attempt's folder.</exception>
    public Declared(string attemptFolder, AttemptSpec spec, string home)
    {
        _home = home;
        Work = Path.Combine(attemptFolder, AttemptFiles.Work);
        Working = Work;
        if (spec.WorkingDir is { Length: > 0 } own)
        {
            Working = Path.IsPathRooted(own) ? Normal(own) : Beneath(Work, own);
        }
    }

    /// <summary>The attempt's own folder for files, made anew for it.</summary>
    public string Work { get; }

    /// <summary>Where the step starts and relative paths begin.</summary>
    public string Working { get; }

    /// <exception cref="UnsafePathException">The path leaves the working folder, or is the system's own.</exception>
    public string Resolve(string path) => Allowed(Path.IsPathRooted(path) ? Normal(path) : Beneath(Working, path), path);

    /// <summary>True for a path of the attempt's own; every other is shared with the rest of the machine.</summary>
    public bool IsOwn(string resolved) => IsAtOrBelow(resolved, Work);

    /// <summary>The folder to stay beneath when reading a resolved path, and the rest of it.</summary>
    public (string Root, string Relative) Beneath(string resolved)
    {
        var root = IsOwn(resolved) && resolved != Work ? Work : Path.GetDirectoryName(resolved)!;
        return (root, Path.GetRelativePath(root, resolved));
    }

    private static string Beneath(string root, string path)
    {
        var full = Normal(Path.Combine(root, path));
        return IsAtOrBelow(full, root) ? full : throw new UnsafePathException($"path '{path}' leaves the working folder");
    }

    private string Allowed(string full, string path)
    {
        if (IsOwn(full)) { return full; }
        var top = "/" + full.Split('/')[1];
        if (full == "/" || top.StartsWith("/lib", StringComparison.Ordinal) || Forbidden.Contains(top))
        {
            throw new UnsafePathException(
                $"path '{path}' is the system's own; without a container a step may not declare it: use a relative path, or one below /tmp");
        }
        return IsAtOrBelow(full, _home) || IsAtOrBelow(_home, full)
            ? throw new UnsafePathException($"path '{path}' touches pawl's own files in {_home}; use a relative path, or one below /tmp")
            : full;
    }

    private static bool IsAtOrBelow(string path, string folder) =>
        path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal);

    private static string Normal(string path) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
}
