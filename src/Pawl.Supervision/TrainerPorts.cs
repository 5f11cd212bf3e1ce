using Pawl.Core.Checkpoints;
using Pawl.Storage.Checkpoints;
using Pawl.Supervision.Checkpoints;
using Pawl.Supervision.Notices;
using Pawl.Supervision.Reports;

namespace Pawl.Supervision;

/// <summary>How a supervisor meets its trainer, besides starting and stopping it.</summary>
/// <param name="Aside">Lets reading and writing of checkpoints overlap.</param>
/// <param name="LowerPriority">Called once, before the first checkpoint is carried to the store beside a running trainer.</param>
public sealed record TrainerPorts(ITrainerLines Lines, ICheckpointFolders Folders, INotices Notices, Aside Aside, Action LowerPriority)
{
    /// <summary>Bytes of a chunk; tests take smaller ones.</summary>
    public int ChunkSize { get; init; } = 8 << 20;
}

/// <summary>Watches checkpoint folders.</summary>
public interface ICheckpointFolders
{
    /// <summary>To be called when the folder is restored and before its trainer starts.</summary>
    /// <param name="folder">Absolute; exists.</param>
    /// <exception cref="IOException">It cannot be watched.</exception>
    ValueTask<ICheckpointFolder> OpenAsync(string folder, CheckpointPolicy policy);

    /// <summary>What is whole in a folder whose trainer was killed while nobody watched.</summary>
    /// <param name="known">Was whole when somebody looked last; what is as it was then still is.</param>
    /// <param name="saved">Paths of the newest checkpoint in the store.</param>
    /// <param name="fingerprint">Of the step.</param>
    /// <returns>Null where nothing is, or taking it would tear apart what belongs together.</returns>
    /// <exception cref="IOException">It cannot be read.</exception>
    ValueTask<FolderContent?> LookBackAsync(string folder, CheckpointPolicy policy, FolderContent known, IReadOnlySet<string> saved, string fingerprint);
}
