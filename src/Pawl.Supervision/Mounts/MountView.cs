using System.Collections.Immutable;

namespace Pawl.Supervision.Mounts;

/// <summary>What a step sees as its file system.</summary>
/// <param name="Root">The folder that is its <c>/</c>. What is written where nothing is bound lands here.</param>
/// <param name="Links">Symbolic links of this machine, such as <c>/bin</c>, that are the same links in <paramref name="Root"/>.</param>
/// <param name="Binds">In the order in which they are made: a folder before what is bound below it.</param>
public sealed record MountView(string Root, ImmutableArray<string> Links, ImmutableArray<Bind> Binds)
{
    /// <summary>Where a path of the step is for everybody else.</summary>
    /// <param name="path">Absolute and normal.</param>
    public string Outside(string path)
    {
        if (Links.Any(l => Paths.IsAtOrBelow(path, l))) { return path; }
        var bound = Binds.LastOrDefault(b => Paths.IsAtOrBelow(path, b.Target));
        return bound is null ? Paths.Move(path, "/", Root) : Paths.Move(path, bound.Target, bound.Source);
    }
}

/// <summary>A file or folder of this machine that a step sees under a name, with all that is mounted below it.</summary>
public sealed record Bind(string Source, string Target, bool ReadOnly = false);
