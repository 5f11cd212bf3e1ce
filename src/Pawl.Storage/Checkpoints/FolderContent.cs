using System.Collections.Immutable;
using Pawl.Core.Checkpoints;
using Pawl.Storage.Files;

namespace Pawl.Storage.Checkpoints;

/// <summary>The files of a checkpoint folder that were whole when somebody looked, and what told them apart then.</summary>
/// <param name="Files">By ordinal order of their paths.</param>
public sealed record FolderContent(ImmutableArray<WholeFile> Files, ImmutableArray<CheckpointLink> Links)
{
    /// <summary>The target of a link as it is kept: one that names the folder itself leads to the same file from wherever it is restored.</summary>
    /// <param name="folder">Without a slash at its end.</param>
    /// <param name="link">Path of the link below it.</param>
    public static string TargetOf(string folder, string link, string target) => target.StartsWith(folder + "/", StringComparison.Ordinal)
        ? Path.GetRelativePath(Path.GetDirectoryName($"{folder}/{link}")!, target)
        : target;
}

/// <param name="Path">Relative to the checkpoint folder, slash-separated.</param>
/// <param name="Facts">When the file was found whole; it counts only if they are the same after it was read.</param>
public sealed record WholeFile(string Path, FileFacts Facts);
