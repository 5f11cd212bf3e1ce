using System.Collections.Immutable;
using Pawl.Core.Checkpoints;
using Pawl.Storage.Files;

namespace Pawl.Storage.Checkpoints;

/// <summary>The files of a checkpoint folder that were whole when somebody looked, and what told them apart then.</summary>
/// <param name="Files">By ordinal order of their paths.</param>
public sealed record FolderContent(ImmutableArray<WholeFile> Files, ImmutableArray<CheckpointLink> Links);

/// <param name="Path">Relative to the checkpoint folder, slash-separated.</param>
/// <param name="Facts">When the file was found whole; it counts only if they are the same after it was read.</param>
public sealed record WholeFile(string Path, FileFacts Facts);
