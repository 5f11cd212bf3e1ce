using System.Collections.Immutable;
using Pawl.Core.Attempts;
using Pawl.Storage.Files;
using Pawl.Supervision.Mounts;

namespace Pawl.Supervision;

/// <summary>Where the paths that a step declares are: as the step sees them, and from outside.</summary>
internal sealed class Declared
{
    private static readonly string[] Forbidden = ["proc", "sys", "dev", "etc", "usr", "bin", "sbin", "boot"];

    private readonly string _home;
    private readonly IStepRoot? _root;

    /// <param name="root">Holds absolute paths; null where they are the machine's own.</param>
    /// <exception cref="UnsafePathException">A relative working folder leaves the attempt's folder.</exception>
    public Declared(string attemptFolder, AttemptSpec spec, string home, IStepRoot? root = null)
    {
        (_home, _root) = (home, root);
        Work = Path.Combine(attemptFolder, AttemptFiles.Work);
        Working = Work;
        if (spec.WorkingDir is { Length: > 0 } own)
        {
            Working = Path.IsPathRooted(own) ? Paths.Normal(own) : Beneath(Work, own);
        }
    }

    /// <summary>The attempt's own folder for files, made anew for it; the same path for the step and from outside.</summary>
    public string Work { get; }

    /// <summary>Where the step starts and relative paths begin, as the step sees it.</summary>
    public string Working { get; }

    /// <summary>The paths of all inputs and outputs, as the step sees them.</summary>
    /// <param name="found">Files of the system that the step gives out as they are.</param>
    /// <exception cref="UnsafePathException">One leaves the working folder, or is the system's own.</exception>
    public static IEnumerable<string> All(AttemptSpec spec, Declared declared, ImmutableArray<string> found) =>
        spec.Inputs.Select(i => i.Path)
            .Concat(spec.OutputParameters.Select(p => p.Path).Where(p => !Path.IsPathRooted(p) || !found.Contains(Paths.Normal(p))))
            .Concat(spec.OutputArtifacts.Select(a => a.Path))
            .Select(declared.Inside);

    /// <summary>Output parameters that are among the system's files: an image has most of those, such as <c>/etc/hosts</c>.</summary>
    public static IEnumerable<string> AmongSystem(AttemptSpec spec) =>
        spec.OutputParameters.Select(p => p.Path).Where(Path.IsPathRooted).Select(Paths.Normal).Where(p => Paths.Top(p) is "etc" or "usr").Distinct();

    /// <summary>A path as the step sees it.</summary>
    /// <exception cref="UnsafePathException">The path leaves the working folder, or is the system's own.</exception>
    public string Inside(string path) => Allowed(Path.IsPathRooted(path) ? Paths.Normal(path) : Beneath(Working, path), path);

    /// <summary>A path of the step from outside.</summary>
    /// <exception cref="UnsafePathException">The path leaves the working folder, or is the system's own.</exception>
    public string Resolve(string path) => Outside(Inside(path));

    /// <summary>Where a path that the step sees is from outside.</summary>
    public string Outside(string inside) => !Paths.IsAtOrBelow(inside, Work) && _root?.Place(inside) is { } place ? place : inside;

    /// <summary>True for a path of the attempt's own, from outside; every other is shared with the rest of the machine.</summary>
    public bool IsOwn(string resolved) => OwnFolder(resolved) is not null;

    /// <summary>The folder to stay beneath when reading a resolved path, and the rest of it.</summary>
    public (string Root, string Relative) Beneath(string resolved)
    {
        var root = OwnFolder(resolved) is { } own && own != resolved ? own : Path.GetDirectoryName(resolved)!;
        return (root, Path.GetRelativePath(root, resolved));
    }

    private string? OwnFolder(string resolved) => Paths.IsAtOrBelow(resolved, Work) ? Work : _root?.FolderOf(resolved);

    private static string Beneath(string root, string path)
    {
        var full = Paths.Normal(Path.Combine(root, path));
        return Paths.IsAtOrBelow(full, root) ? full : throw new UnsafePathException($"path '{path}' leaves the working folder");
    }

    /// <summary>Where a volume is seen: also among files of the system, and the home may be below it, which stays in sight.</summary>
    /// <exception cref="UnsafePathException">It is the whole file system, or pawl's own.</exception>
    public string MountPoint(string path)
    {
        var full = Paths.Normal(Path.Combine("/", path));
        return full == "/" ? throw new UnsafePathException($"a volume cannot be mounted at '{path}', the whole file system")
            : Paths.IsAtOrBelow(full, _home) ? throw new UnsafePathException($"a volume cannot be mounted at '{path}', among pawl's own files in {_home}")
            : full;
    }

    private string Allowed(string full, string path)
    {
        if (Paths.IsAtOrBelow(full, Work)) { return full; }
        if (_root is { IsOfImage: true }) { return full == "/" ? throw new UnsafePathException("the path '/' is the whole file system; write a path below it") : full; }
        if (_root?.IsShared(full) is true) { return full; }
        var top = Paths.Top(full);
        if (top.Length == 0 || top.StartsWith("lib", StringComparison.Ordinal) || Forbidden.Contains(top))
        {
            throw new UnsafePathException(
                $"path '{path}' is the system's own; without a container a step may not declare it: use a relative path, or one below /tmp");
        }
        return Paths.Overlap(full, _home)
            ? throw new UnsafePathException($"path '{path}' touches pawl's own files in {_home}; use a relative path, or one below /tmp")
            : full;
    }
}
